"""Reads what is on its way to a company, over all its orders and channels."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from django.http import Http404

from accounts.actors import Actor
from erp_sync.mirror import selectors as mirror
from erp_sync.mirror import shipments
from erp_sync.mirror.models import Delivery, Order, OrderLine
from shop.catalogue.texts import ItemWords
from shop.orders.selectors import UNKNOWN_ITEM, words_of_items

PER_PAGE = 25
# Items that a row of the list names.
NAMES = 2


@dataclass(frozen=True, slots=True)
class Part:
    """What a delivery brings of an order line.

    Attributes:
        ordered: Of the whole line, less what was cancelled; None when the line is unknown.
        to_come: Of the line, after everything that was delivered so far.
        promised_on: When the rest is promised now; `first_promised_on` what was said at first.
    """

    sku: str
    name: str
    quantity: Decimal
    unit: str
    order_number: str
    customer_reference: str
    ordered: Decimal | None
    to_come: Decimal
    promised_on: dt.date | None
    first_promised_on: dt.date | None


@dataclass(frozen=True, slots=True)
class DeliveryView:
    """A delivery with its parts.

    Attributes:
        orders: (number, customer reference) of the orders it brings something of.
        is_partial: After it something of these lines is still to come, or came apart.
        to_come: Quantity of its lines that is still to come; `next_on` when it is promised.
    """

    row: Delivery
    parts: tuple[Part, ...]
    orders: tuple[tuple[str, str], ...]
    is_partial: bool
    to_come: Decimal
    next_on: dt.date | None

    @property
    def first_names(self) -> tuple[str, ...]:
        """Names for a row of a list."""
        return tuple(dict.fromkeys(part.name for part in self.parts))[:NAMES]

    @property
    def more(self) -> int:
        """How many items the row does not name."""
        return max(0, len({part.name for part in self.parts}) - NAMES)


@dataclass(frozen=True, slots=True)
class DeliveryPage:
    """A page of deliveries; `as_of` is how fresh the mirror's deliveries are."""

    rows: tuple[DeliveryView, ...]
    total: int
    page: int
    pages: int
    as_of: dt.datetime | None
    per_page: int = PER_PAGE

    @property
    def first(self) -> int:
        """Position of the first row of this page."""
        return (self.page - 1) * self.per_page + 1 if self.rows else 0

    @property
    def last(self) -> int:
        """Position of the last row of this page."""
        return self.first + len(self.rows) - 1 if self.rows else 0


def deliveries_for(*, actor: Actor, q: str = "", state: str = "", page: int = 1) -> DeliveryPage:
    """Return a page of the company's deliveries, the latest first (6 queries, whatever their number).

    `state` is "" (on its way), "delivered" or "all"; anything else counts as "".
    """
    known = state if state in shipments.STATES else ""
    filters = shipments.DeliveryFilters(q=q, state=known)
    found = shipments.deliveries_of(customer_erp_id=actor.sold_to.erp_id, filters=filters, page=page, per_page=PER_PAGE)
    return DeliveryPage(
        rows=_views(actor, found.rows),
        total=found.total,
        page=found.page,
        pages=found.pages,
        as_of=mirror.freshness("deliveries"),
    )


def get_delivery(*, actor: Actor, number: str) -> DeliveryView:
    """Return one delivery.

    Raises:
        Http404: there is none such, or it is another company's: both look the same.
    """
    row = shipments.delivery(customer_erp_id=actor.sold_to.erp_id, number=number)
    if row is None:
        raise Http404
    return _views(actor, [row])[0]


def _views(actor: Actor, rows: list[Delivery]) -> tuple[DeliveryView, ...]:
    erp_ids = {part.order_erp_id for row in rows for part in row.lines.all()}
    orders = shipments.orders_by_erp_id(customer_erp_id=actor.sold_to.erp_id, erp_ids=erp_ids) if erp_ids else {}
    lines = {line.erp_id: line for order in orders.values() for line in order.lines.all()}
    words = words_of_items(part.sku for row in rows for part in row.lines.all())
    return tuple(_view(row, orders, lines, words) for row in rows)


def _view(
    row: Delivery, orders: dict[str, Order], lines: dict[str, OrderLine], words: dict[str, ItemWords]
) -> DeliveryView:
    parts = tuple(
        _part(
            one.sku, one.quantity, one.unit,
            orders.get(one.order_erp_id), lines.get(one.order_line_erp_id), words.get(one.sku, UNKNOWN_ITEM),
        )
        for one in row.lines.all()
    )  # fmt: skip
    to_come = sum((part.to_come for part in parts), Decimal(0))
    return DeliveryView(
        row=row,
        parts=parts,
        orders=tuple(
            dict.fromkeys((part.order_number, part.customer_reference) for part in parts if part.order_number)
        ),
        is_partial=any(part.ordered is not None and part.quantity < part.ordered for part in parts),
        to_come=to_come,
        next_on=min((part.promised_on for part in parts if part.to_come and part.promised_on), default=None),
    )


def _part(
    sku: str, quantity: Decimal, unit: str, order: Order | None, line: OrderLine | None, item: ItemWords
) -> Part:  # fmt: skip
    ordered = line.quantity - line.quantity_cancelled if line else None
    to_come = max(Decimal(0), ordered - line.quantity_delivered) if line and ordered is not None else Decimal(0)
    return Part(
        sku=sku,
        name=item.name or (line.description if line else "") or sku,
        quantity=quantity,
        unit=item.unit(unit),
        order_number=(order.number or order.web_reference) if order else "",
        customer_reference=order.customer_reference if order else "",
        ordered=ordered,
        to_come=to_come,
        promised_on=line.promised_on if line else None,
        first_promised_on=line.first_promised_on if line else None,
    )
