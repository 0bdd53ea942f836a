"""Shapes of an order on its way into the ERP, and as it stands there then. Re-exported by `records`."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class NewOrderLine:
    """Quantity in the sales unit; `net_price` is the price that the buyer was shown and accepted."""

    line_no: int
    sku: str
    item_erp_id: str
    quantity: Decimal
    net_price: Decimal
    note: str = ""


@dataclass(frozen=True, slots=True)
class NewDiscount:
    """What an order costs less, as a line of its own; taxed as the lines that it is taken from.

    Attributes:
        amount: Untaxed and positive.
        words: What the line is called.
        line_nos: The lines that it is taken from; () = all.
    """

    amount: Decimal
    words: str
    line_nos: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class NewOrder:
    """An order to create in the ERP. `reference` (`WEB-` + ULID) is the key of exactly-once.

    `expected_total` is what the buyer accepted; an ERP that wants more is not confirmed (None = not
    compared). With `prices_agreed` the prices are those of a quote: no promotion of the ERP applies to them.
    """

    reference: str
    customer_erp_id: str
    price_list: str
    currency: str
    lines: tuple[NewOrderLine, ...]
    ship_to_erp_id: str = ""
    customer_reference: str = ""
    requested_on: dt.date | None = None
    note: str = ""
    channel: str = "web_self"
    placed_by: str = ""
    expected_total: Decimal | None = None
    prices_agreed: bool = False
    discount: NewDiscount | None = None


@dataclass(frozen=True, slots=True)
class Totals:
    """What an order costs by the ERP's own arithmetic, including freight and discounts it adds itself."""

    currency: str
    untaxed: Decimal
    tax: Decimal
    total: Decimal
    freight: Decimal = Decimal(0)
    line_amounts: tuple[Decimal, ...] = ()


HANDED = "handed"


@dataclass(frozen=True, slots=True)
class WrittenOrder:
    """An order as it stands in the ERP after a write or a look-up.

    Attributes:
        number: "" while it is "handed".
        state: draft, quotation, confirmed, cancelled; handed: it lies where the ERP takes it, and waits for its number;
            rejected: it was handed over, and the ERP said no.
        lines: line_no -> (quantity, net price) as the ERP now holds them.
        message: The ERP's own words, where it gives some.
    """

    erp_id: str
    number: str
    reference: str
    state: str
    totals: Totals
    lines: tuple[tuple[int, Decimal, Decimal], ...] = ()
    message: str = ""
