"""What an order's page shows, whichever channel it came through."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from erp_sync.mirror.models import Delivery
from shop.catalogue.documents import Document
from shop.orders.billed import BilledLine
from shop.orders.models import OrderLine, OrderState, OrderWish
from shop.orders.steps import Step


@dataclass(frozen=True, slots=True)
class OrderLineView:
    """A line of an order; quantities in `unit`.

    Attributes:
        amount: Untaxed, by the ERP where it says so.
        to_come: Still to be delivered.
        receipt: The price proof of a line ordered in the shop.
        first_promised_on: What was promised at first for a line; None when the ERP never promised.
        sheet: The safety data sheet that was in force on the day of the order.
    """

    line_no: int
    sku: str
    name: str
    item_type: str
    quantity: Decimal
    unit: str
    net_price: Decimal
    amount: Decimal | None
    delivered: Decimal
    to_come: Decimal
    promised_on: dt.date | None
    receipt: OrderLine | None
    first_promised_on: dt.date | None = None
    sheet: Document | None = None

    @property
    def is_moved(self) -> bool:
        """What is to come is promised for later than at first."""
        return bool(self.first_promised_on and self.promised_on and self.promised_on > self.first_promised_on)

    @property
    def can_be_returned(self) -> bool:
        """Something of it was delivered; how much may still go back is the returns' business."""
        return self.item_type == "goods" and bool(self.sku) and self.delivered > 0


@dataclass(frozen=True, slots=True)
class OrderView:
    """Everything an order's page shows.

    Attributes:
        number: What people call it; `reference` the shop's key ("" for other channels).
        invoices: (number, kind) of what bills it.
        billed: Receipts beside what was billed; empty for orders of other channels.
        as_of: How fresh the mirror's orders are.
        state: The shop's own, "" for other channels; "handed" while it is with the ERP and has no number yet.
        allowed: What the ERP still lets a buyer do: cancel, requested_on, ship_to, customer_reference, lines.
        latest_wish: What was asked for on it last, with who asked.
    """

    number: str
    reference: str
    erp_id: str
    placed_at: dt.datetime
    time_known: bool
    channel: str
    placed_by: str
    customer_reference: str
    ship_to: str
    requested_on: dt.date | None
    note: str
    state: str
    erp_message: str
    currency: str
    untaxed_total: Decimal | None
    tax_total: Decimal | None
    total: Decimal | None
    is_return: bool
    lines: tuple[OrderLineView, ...]
    steps: tuple[Step, ...]
    deliveries: tuple[Delivery, ...]
    invoices: tuple[tuple[str, str], ...]
    billed: tuple[BilledLine, ...]
    as_of: dt.datetime | None
    ship_to_erp_id: str = ""
    cost_centre: str = ""
    approved_by: str = ""
    allowed: tuple[str, ...] = ()
    latest_wish: OrderWish | None = None

    @property
    def to_come(self) -> tuple[OrderLineView, ...]:
        """Lines with something still to be delivered."""
        return tuple(line for line in self.lines if line.to_come > 0)

    @property
    def is_open(self) -> bool:
        """It is in the ERP's hands and not finished."""
        return self.state not in (OrderState.REJECTED, OrderState.CANCELLED) and bool(self.to_come)

    @property
    def can_be_repeated(self) -> bool:
        """It has goods that may be ordered again."""
        return not self.is_return and any(line.item_type == "goods" and line.sku for line in self.lines)
