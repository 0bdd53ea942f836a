"""Two versions of a quote side by side, with what differs."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Prefetch
from django.http import Http404

from shop.orders.selectors import item_names
from shop.quotes.models import Quote, QuoteVersion, QuoteVersionLine


@dataclass(frozen=True, slots=True)
class Cell:
    """A line in one version; None where that version has no such line. `changed` names what differs from the other."""

    line: QuoteVersionLine | None
    changed: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class ComparedRow:
    """A line in two versions."""

    name: str
    sku: str
    old: Cell
    new: Cell

    @property
    def mark(self) -> str:
        """added, removed, changed or same."""
        if self.old.line is None:
            return "added"
        if self.new.line is None:
            return "removed"
        return "changed" if self.new.changed else "same"


def compare(old: QuoteVersion, new: QuoteVersion) -> list[ComparedRow]:
    """Return the lines of two versions side by side, in the order of the newer one; gone ones last (1 query)."""
    before = {_key(line): line for line in old.lines.all()}
    names = item_names(line.sku for line in (*old.lines.all(), *new.lines.all()))
    rows = []
    for line in new.lines.all():
        was = before.pop(_key(line), None)
        changed = _differences(was, line) if was else frozenset()
        rows.append(ComparedRow(names.get(line.sku) or line.name, line.sku, Cell(was), Cell(line, changed)))
    rows += [
        ComparedRow(names.get(line.sku) or line.name, line.sku, Cell(line), Cell(None)) for line in before.values()
    ]
    return rows


def _key(line: QuoteVersionLine) -> tuple[str, object]:
    return ("asked", line.asked_line_no) if line.asked_line_no is not None else ("sku", line.sku)


def _differences(old: QuoteVersionLine, new: QuoteVersionLine) -> frozenset[str]:
    names = ("sku", "quantity", "net_price", "delivery_on", "note")
    return frozenset(name for name in names if getattr(old, name) != getattr(new, name))


def version_of(quote: Quote, number: int) -> QuoteVersion:
    """Return one version with its lines.

    Raises:
        Http404: the quote has none such.
    """
    lines = Prefetch("lines", QuoteVersionLine.objects.order_by("line_no"))
    found = quote.versions.select_related("made_by").prefetch_related(lines).filter(number=number).first()
    if found is None:
        raise Http404
    return found
