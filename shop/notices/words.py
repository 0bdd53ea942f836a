"""Writes a notice in the reader's language: numbers and dates as he reads them, nothing missing, no markup."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from django.utils.translation import get_language, gettext_lazy

from shop.money import formats
from shop.notices.events import EVENTS, Event, Text
from shop.orders.references import short_reference

LABELS: dict[str, Text] = {
    "amount": gettext_lazy("Amount"),
    "answer_by": gettext_lazy("Answer by"),
    "carrier": gettext_lazy("Carrier"),
    "company": gettext_lazy("Customer"),
    "count": gettext_lazy("Lines still to come"),
    "delivery": gettext_lazy("Delivery"),
    "due_on": gettext_lazy("Due on"),
    "invoices": gettext_lazy("Invoices"),
    "lower_than": gettext_lazy("You saw"),
    "note": gettext_lazy("What your sales rep says"),
    "now": gettext_lazy("New date"),
    "number": gettext_lazy("Number"),
    "order": gettext_lazy("Order"),
    "overdue": gettext_lazy("Lines overdue"),
    "person": gettext_lazy("Decided by"),
    "promised": gettext_lazy("Promised for"),
    "quantity": gettext_lazy("Quantity"),
    "reason": gettext_lazy("Reason"),
    "reference": gettext_lazy("Your PO number"),
    "sku": gettext_lazy("Item"),
    "total": gettext_lazy("Total"),
    "tracking": gettext_lazy("Tracking number"),
    "untaxed": gettext_lazy("Untaxed"),
    "valid_until": gettext_lazy("Valid until"),
    "what": gettext_lazy("What was changed"),
}
ISO_DAY = re.compile(r"\b\d{4}-\d\d-\d\d\b")
# What a text may be in the ERP: a title is one line.
LONGEST = 300


@dataclass(frozen=True, slots=True)
class Words:
    """A notice as its reader sees it: plain text, to be escaped by the template."""

    title: str
    what: str
    next: str
    action: str
    facts: tuple[tuple[str, str], ...]
    event: Event


def words_of(event: str, params: dict[str, str]) -> Words:
    """Return the words in the active language; what a param does not say is a dash.

    Raises:
        KeyError: there is no such event.
    """
    known = EVENTS[event]
    language = get_language()
    told = {name: params.get(f"{name}_{language}", text) for name, text in params.items()}
    said = _Said({name: _spoken(name, text, told) for name, text in told.items()})
    fitting = [one for one in known.variants if one.fits(params)]
    chosen = {
        field: next((getattr(one, field) for one in fitting if getattr(one, field)), getattr(known, field))
        for field in ("title", "what", "next")
    }
    return Words(
        title=str(chosen["title"]) % said,
        what=str(chosen["what"]) % said,
        next=str(chosen["next"]) % said,
        action=str(known.action),
        facts=tuple((str(LABELS[name]), said[name]) for name in known.facts if params.get(name)),
        event=known,
    )


class _Said(dict[str, str]):
    """Params in the reader's words; one that was not given is a dash, for a notice is never lost over a word."""

    def __missing__(self, name: str) -> str:
        return formats.NOTHING


def _spoken(name: str, text: str, params: dict[str, str]) -> str:
    """Return a param as people read it; what cannot be read as what it should be stays as it is."""
    text = " ".join(str(text).split())[:LONGEST]
    write = WRITERS.get(name)
    if not text or write is None:
        return text or formats.NOTHING
    try:
        return write(text, params)
    except (InvalidOperation, ValueError):
        return text


def _money(text: str, params: dict[str, str]) -> str:
    return formats.money(Decimal(text), params["currency"]) if params.get("currency") else text


def _day(text: str, _params: dict[str, str]) -> str:
    return formats.date_short(dt.date.fromisoformat(text))


def _moment(text: str, _params: dict[str, str]) -> str:
    return formats.datetime_short(dt.datetime.fromisoformat(text))


def _number(text: str, _params: dict[str, str]) -> str:
    return short_reference(text)


def _count(text: str, _params: dict[str, str]) -> str:
    return formats.quantity(Decimal(text))


def _quantity(text: str, params: dict[str, str]) -> str:
    return f"{formats.quantity(Decimal(text))} {params.get('unit', '')}".strip()


def _change(text: str, _params: dict[str, str]) -> str:
    """Return what was changed of an order: signs like "A-1: 10 → 8" as they are, days as the reader writes them."""
    return ISO_DAY.sub(lambda found: _day(found[0], {}), text)


WRITERS: dict[str, Callable[[str, dict[str, str]], str]] = {
    "amount": _money,
    "answer_by": _moment,
    "count": _count,
    "dated": _day,
    "due_on": _day,
    "lower_than": _money,
    "now": _day,
    "number": _number,
    "order": _number,
    "overdue": _count,
    "promised": _day,
    "quantity": _quantity,
    "quote": _number,
    "subject": _number,
    "total": _money,
    "untaxed": _money,
    "valid_until": _day,
    "what": _change,
}
