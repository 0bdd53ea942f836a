"""Reads an order pad: a page of its rows, ready to show, and how all of them stand."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from django.core.paginator import Page, Paginator
from django.db.models import Count, F, Min, Q, QuerySet, Sum
from django.utils.translation import get_language

from accounts.actors import Actor
from accounts.selectors import price_context
from erp_sync import gateway
from erp_sync.mirror import selectors as mirror
from erp_sync.mirror.models import Item
from erp_sync.mirror.suggest import suggest
from erp_sync.records import Expected
from shop.carts.quantities import rule_of
from shop.catalogue.texts import item_name
from shop.money.formats import plain_quantity
from shop.orders.reconcile import ReconciledLine, Verdict, Wanted
from shop.orders.substitutions import Accepted, accepted
from shop.pricing.units import unit_words
from shop.quick.matching import problem_of
from shop.quick.models import Pad, PadRow, RowState

PER_PAGE = 100
EXAMPLES = 3
SHOWN = ("all", "wrong", "ready")


@dataclass(frozen=True, slots=True)
class Choice:
    """An item that a typed text may mean."""

    sku: str
    name: str


@dataclass(frozen=True, slots=True)
class PadLine:
    """A row as it is shown.

    Attributes:
        line: What the one reconcile engine says of it, for the words of its verdicts; None while it is wrong or new.
        problem: What must be put right, "" when nothing must.
        is_quantity_bad: The problem is the quantity.
        choices: Items that fit what was typed, when several do.
    """

    row: PadRow
    line: ReconciledLine | None
    name: str
    unit: str
    problem: str
    is_quantity_bad: bool
    choices: tuple[Choice, ...]
    amount: Decimal | None

    @property
    def tone(self) -> str:
        """Of the mark at its left: bad, attention, good, or info while it is being checked."""
        if self.row.state == RowState.NEW:
            return "info"
        if self.row.state == RowState.WRONG or "not_available" in self.row.verdicts:
            return "bad"
        return "good" if self.row.verdicts == ["same"] else "attention"


@dataclass(frozen=True, slots=True)
class PadCounts:
    """How the rows stand: all, to be checked, ready, wrong, those that would go into the basket; their oldest price."""

    total: int = 0
    new: int = 0
    ready: int = 0
    wrong: int = 0
    taken: int = 0
    priced_at: dt.datetime | None = None

    @property
    def checked(self) -> int:
        """How many have a verdict."""
        return self.total - self.new


@dataclass(frozen=True)
class PadPage:
    """A page of the pad, and how the whole of it stands; `goods_total` is of the priced lines to be taken."""

    pad: Pad | None
    counts: PadCounts
    currency: str
    show: str
    page: Page[PadRow]
    lines: tuple[PadLine, ...]
    goods_total: Decimal | None

    @cached_property
    def is_empty(self) -> bool:
        """Nothing on it."""
        return not self.counts.total


def pad_page(*, actor: Actor, page: int = 1, show: str = "all") -> PadPage:
    """Return a page of the actor's pad; the ERP is not asked. Six queries, whatever the number of rows."""
    pad = Pad.objects.filter(user=actor.user, sold_to=actor.sold_to).first()
    rows = PadRow.objects.filter(pad=pad) if pad else PadRow.objects.none()
    show = show if show in SHOWN else "all"
    shown = rows if show == "all" else rows.filter(state=show)
    found = Paginator(shown, PER_PAGE).get_page(page)
    lines = _lines(actor, list(found.object_list))
    counts, total = _counts(rows) if pad else (PadCounts(), None)
    return PadPage(
        pad=pad,
        counts=counts,
        currency=price_context(sold_to=actor.sold_to).currency,
        show=show,
        page=found,
        lines=lines,
        goods_total=total,
    )


def pad_counts(*, actor: Actor) -> PadCounts:
    """Return how the rows of the actor's pad stand (1 query)."""
    return _counts(PadRow.objects.filter(pad__user=actor.user, pad__sold_to=actor.sold_to))[0]


def pad_line(*, actor: Actor, pk: int) -> PadLine | None:
    """Return one row of the actor's pad, None when it is not there."""
    row = PadRow.objects.filter(pad__user=actor.user, pad__sold_to=actor.sold_to, pk=pk).first()
    return _lines(actor, [row])[0] if row else None


def _counts(rows: QuerySet[PadRow]) -> tuple[PadCounts, Decimal | None]:
    taken = Q(state=RowState.READY, is_taken=True)
    found = rows.order_by().aggregate(
        total=Count("pk"),
        new=Count("pk", filter=Q(state=RowState.NEW)),
        ready=Count("pk", filter=Q(state=RowState.READY)),
        wrong=Count("pk", filter=Q(state=RowState.WRONG)),
        taken=Count("pk", filter=taken),
        priced_at=Min("priced_at", filter=taken),
        amount=Sum(F("net_price") * F("order_quantity"), filter=taken),
    )
    amount = found.pop("amount")
    return PadCounts(**found), None if amount is None else gateway.line_amount(amount, Decimal(1))


def _lines(actor: Actor, rows: list[PadRow]) -> tuple[PadLine, ...]:
    skus = {sku for row in rows for sku in (row.sku, row.order_sku, *row.choices) if sku}
    items = mirror.items_by_sku(skus) if skus else {}
    replaced = [row.sku for row in rows if row.order_sku and row.sku != row.order_sku]
    known = accepted(actor=actor, numbers=replaced)
    language = get_language() or "en"
    return tuple(_line(row, items, known, language) for row in rows)


def _line(row: PadRow, items: dict[str, Item], known: dict[str, Accepted], language: str) -> PadLine:
    item = items.get(row.order_sku or row.sku)
    is_ready = row.state == RowState.READY
    amount = None
    if is_ready and row.net_price is not None and row.order_quantity is not None:
        amount = gateway.line_amount(row.net_price, row.order_quantity)
    return PadLine(
        row=row,
        line=_reconciled(row, item, known.get(row.sku.upper())) if is_ready else None,
        name=item_name(item) if item else "",
        unit=unit_words(item.sales_unit) if item else "",
        problem=problem_of(row, language),
        is_quantity_bad=row.state == RowState.WRONG and row.quantity is None,
        choices=tuple(Choice(sku, item_name(items[sku])) for sku in row.choices if sku in items),
        amount=amount,
    )


def _reconciled(row: PadRow, item: Item | None, known: Accepted | None) -> ReconciledLine:
    """Return what the engine said when the row was checked, for the words of its verdicts."""
    verdicts = tuple(Verdict(verdict) for verdict in row.verdicts)
    quantity = row.order_quantity or Decimal(1)
    return ReconciledLine(
        wanted=Wanted(row=row.row, sku=row.sku, quantity=row.quantity or quantity),
        verdict=verdicts[0] if verdicts else Verdict.SAME,
        verdicts=verdicts or (Verdict.SAME,),
        item=item,
        quantity=quantity,
        offer=None,
        price_change=None,
        is_proposed=row.is_taken,
        missing=row.missing,
        expected=Expected(row.missing, row.expected_on) if row.expected_on else None,
        accepted_on=known.on if known and known.sku == row.order_sku else None,
    )


@dataclass(frozen=True, slots=True)
class Suggestion:
    """An item that somebody may mean while he types; `least` is what goes into the quantity box."""

    sku: str
    name: str
    own_numbers: tuple[str, ...]
    least: str
    unit: str


def suggestions(*, actor: Actor, query: str) -> tuple[Suggestion, ...]:
    """Return at most eight items for what was typed so far, in two statements; the ERP is not asked."""
    found = suggest(query=query, customer_erp_id=actor.sold_to.erp_id)
    language = get_language() or "en"
    return tuple(
        Suggestion(
            sku=item.sku,
            name=item_name(item),
            own_numbers=tuple(getattr(item, "own_numbers", ())),
            least=plain_quantity(rule_of(item).least, language),
            unit=unit_words(item.sales_unit),
        )
        for item in found
    )


def examples(*, actor: Actor) -> list[tuple[str, Decimal]]:
    """Return some items with a quantity for a list to fill in: what the company bought last, else any (2 queries)."""
    orders = mirror.orders_in_brief(customer_erp_id=actor.sold_to.erp_id, latest=EXAMPLES, steps=(), most=0)
    bought = {line.sku: line.quantity for order in orders for line in order.lines if line.sku}
    return list(bought.items())[:EXAMPLES]


def pad_as_lines(*, actor: Actor) -> list[tuple[str, Decimal | None]]:
    """Return item and quantity of every row of the actor's pad whose item is known (1 query)."""
    rows = PadRow.objects.filter(pad__user=actor.user, pad__sold_to=actor.sold_to).exclude(sku="")
    return [(row.order_sku or row.sku, row.order_quantity or row.quantity) for row in rows]
