"""Lists of orders: those of all channels from the mirror, and those of the shop that the ERP doesn't have yet."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any
from urllib.parse import quote

from django.urls import reverse

from accounts.actors import Actor
from erp_sync.mirror import selectors as mirror
from erp_sync.mirror.selectors import ListedOrder
from erp_sync.records import channel_of
from erp_sync.statements import fetch
from shop.numbers import DocumentNumber
from shop.orders.models import OrderState
from shop.orders.selectors import item_names, shop_channels

PER_PAGE = 25
NOT_IN_ERP_YET = (
    OrderState.PLACED, OrderState.PENDING_CONFIRMATION, OrderState.NEEDS_REVIEW, OrderState.REJECTED,
)  # fmt: skip
MOST_WAITING = 10
# Items that a row names.
NAMES = 2
_HERE = "HERE"


@cache
def _addresses() -> tuple[str, str]:
    """Return the addresses of an order and of ordering it again, with a place for its number: a list asks for many."""
    return reverse("order-detail", args=[_HERE]), reverse("order-reorder", args=[_HERE])


def _piece(number: str) -> str:
    """Return a number as a piece of an address, as `reverse` writes it."""
    return quote(DocumentNumber().to_url(number), safe="!*'(),;=+$&~:@")


@dataclass(frozen=True, slots=True)
class OrderRow:
    """An order in a list. `number` is what its page's address takes; `state` the shop's own, "" for others."""

    number: str
    label: str
    placed_at: dt.datetime
    time_known: bool
    channel: str
    customer_reference: str
    state: str
    step: str
    total: Decimal | None
    currency: str
    line_count: int
    first_names: tuple[str, ...]

    @property
    def can_repeat(self) -> bool:
        """There are goods in it that may be ordered again."""
        return self.line_count > 0

    @property
    def names(self) -> str:
        """The first items in it, and how many more there are."""
        more = self.line_count - NAMES
        return ", ".join(self.first_names) + (f" +{more}" if more > 0 else "")

    @property
    def url(self) -> str:
        """Address of its page."""
        return _addresses()[0].replace(_HERE, _piece(self.number))

    @property
    def reorder_url(self) -> str:
        """Address where it is ordered again."""
        return _addresses()[1].replace(_HERE, _piece(self.number))


@dataclass(frozen=True, slots=True)
class OrderPage:
    """A page of orders: `waiting` are the shop's own that the ERP hasn't confirmed yet (first page only)."""

    waiting: tuple[OrderRow, ...]
    rows: tuple[OrderRow, ...]
    total: int
    page: int
    pages: int
    per_page: int = PER_PAGE

    @property
    def all(self) -> tuple[OrderRow, ...]:
        """Every row of the page, those that wait first."""
        return (*self.waiting, *self.rows)

    @property
    def first(self) -> int:
        """Position of the first row of this page."""
        return (self.page - 1) * self.per_page + 1 if self.rows else 0

    @property
    def last(self) -> int:
        """Position of the last row of this page."""
        return self.first + len(self.rows) - 1 if self.rows else 0


def orders_for(*, actor: Actor, q: str = "", state: str = "", page: int = 1, per_page: int = PER_PAGE) -> OrderPage:
    """Return the orders of the actor's company, all channels, latest first: five queries, whatever the number."""
    found = mirror.listed_orders(
        customer_erp_id=actor.sold_to.erp_id,
        filters=mirror.OrderFilters(q=q, state=state),
        page=page,
        per_page=per_page,
    )
    references = [row.web_reference for row in found.rows if row.web_reference]
    channels = shop_channels(actor=actor, references=references) if references else {}
    waiting = _waiting(actor, q) if page <= 1 and state not in ("completed", "cancelled") else []
    names = item_names(
        [*(sku for row in found.rows for sku in row.first_skus), *(s for row in waiting for s in row[-1])]
    )
    return OrderPage(
        waiting=tuple(_waiting_row(row, names) for row in waiting),
        rows=tuple(_row(row, channels, names) for row in found.rows),
        total=found.total,
        page=found.page,
        pages=found.pages,
        per_page=per_page,
    )


def _row(row: ListedOrder, channels: dict[str, str], names: dict[str, str]) -> OrderRow:
    first = zip(row.first_skus, row.first_texts, strict=True)
    return OrderRow(
        number=row.number or row.web_reference,
        label=row.number,
        placed_at=row.placed_at,
        time_known=row.time_known,
        channel=channels.get(row.web_reference) or channel_of(row.channel_hint, row.web_reference),
        customer_reference=row.customer_reference,
        state="",
        step="part_shipped" if row.step == "shipped" and row.has_more else row.step,
        total=row.total,
        currency=row.currency,
        line_count=row.line_count,
        first_names=tuple(names.get(sku) or text or sku for sku, text in first),
    )


_WAITING = """
SELECT o.reference, o.erp_number, o.placed_at, o.channel, o.customer_reference,
    CASE WHEN o.erp_id <> '' AND o.erp_number = '' AND o.state IN ('placed', 'pending_confirmation') THEN 'handed'
        ELSE o.state END, o.total, o.currency,
    lines.n, lines.names, lines.skus
FROM shop_order o CROSS JOIN LATERAL (
    SELECT count(*) AS n, coalesce((array_agg(l.name ORDER BY l.line_no))[:2], '{}') AS names,
        coalesce((array_agg(l.sku ORDER BY l.line_no))[:2], '{}') AS skus
    FROM shop_orderline l WHERE l.order_id = o.id
) lines
WHERE o.sold_to_id = %s AND o.state = ANY(%s::varchar[])
    AND (%s = '' OR o.reference ILIKE %s OR o.customer_reference ILIKE %s
        OR EXISTS (SELECT 1 FROM shop_orderline l WHERE l.order_id = o.id AND (l.sku ILIKE %s OR l.name ILIKE %s)))
ORDER BY o.placed_at DESC LIMIT %s
"""


def _waiting(actor: Actor, q: str) -> list[tuple[Any, ...]]:
    """Return the shop's own orders that the mirror doesn't show; `q` is part of a number or a name, as in the list."""
    text = mirror.escaped(q)
    end = mirror.escaped(q.rpartition("…")[2] or q)
    looks_like = [q, f"%{end}", f"%{text}%", f"{text}%", f"%{text}%"]
    rows = fetch(_WAITING, [actor.sold_to.pk, [*NOT_IN_ERP_YET], *looks_like, MOST_WAITING])
    references = [row[0] for row in rows]
    known = mirror.orders_by_web_reference(customer_erp_id=actor.sold_to.erp_id, references=references)
    return [row for row in rows if row[0] not in known]


def _waiting_row(row: tuple[Any, ...], words: dict[str, str]) -> OrderRow:
    reference, erp_number, placed_at, channel, customer_reference, state, total, currency, line_count, names, skus = row
    return OrderRow(
        number=reference,
        label=erp_number or reference,
        placed_at=placed_at,
        time_known=True,
        channel=channel,
        customer_reference=customer_reference,
        state=state,
        step="received",
        total=total,
        currency=currency,
        line_count=line_count,
        first_names=tuple(words.get(sku) or name for sku, name in zip(skus, names, strict=True)),
    )
