"""Shapes of documents of every channel, as the ERP holds them. Re-exported by `records`."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum


class Channel(StrEnum):
    """Where an order was born, as the ERP knows it (metrics.md, section 2, rules 5 and 6)."""

    SHOP = "shop"
    EDI = "edi"
    PHONE = "phone"
    EMAIL = "email"
    REP = "rep"
    FAX = "fax"
    COUNTER = "counter"
    UNKNOWN = "unknown"


def channel_of(hint: str, web_reference: str = "") -> str:
    """Return the channel of an order by what the ERP says of it; the shop's are web_self or, for a rep, web_assisted.

    >>> channel_of("shop"), channel_of("rep", "WEB-1"), channel_of("rep"), channel_of("phone")
    ('web_self', 'web_assisted', 'rep', 'phone')
    """
    if hint == Channel.SHOP:
        return "web_self"
    return "web_assisted" if hint == Channel.REP and web_reference else hint


@dataclass(frozen=True, slots=True)
class OrderLineRecord:
    """One line. Quantities are in `unit`; `quantity_delivered` and `quantity_cancelled` in the same unit.

    Attributes:
        item_type: goods, service, discount or freight (metrics.md, section 3).
    """

    line_no: int
    erp_id: str
    sku: str
    description: str
    quantity: Decimal
    unit: str
    net_price: Decimal
    list_price: Decimal | None = None
    unit_cost: Decimal | None = None
    quantity_delivered: Decimal = Decimal(0)
    quantity_cancelled: Decimal = Decimal(0)
    item_type: str = "goods"
    promised_on: dt.date | None = None
    amount: Decimal | None = None


@dataclass(frozen=True, slots=True)
class OrderRecord:
    """An order of any channel. `status`: draft, quotation, open, completed, cancelled.

    Attributes:
        web_reference: The shop's own key (`WEB-…`) when the shop sent it, else "".
        channel_hint: What the ERP says about its origin, mapped by settings.
        placed_at: Aware UTC; `time_known` False when the ERP keeps only the date.
        step: Where it stands for a buyer: received, confirmed, picking, shipped, delivered, cancelled.
        allowed: What the ERP still lets a buyer do: cancel, requested_on, ship_to, customer_reference, lines.
        quote_erp_id: The quote that it came from or still is, "" when the ERP knows of none.
        forgotten: Fields of which the ERP keeps the next best only by now (the day of the first invoice for that of the
            order): what it told of them before counts.
    """

    erp_id: str
    version: dt.datetime
    number: str
    customer_erp_id: str
    status: str
    placed_at: dt.datetime
    currency: str
    channel_hint: Channel = Channel.UNKNOWN
    time_known: bool = True
    web_reference: str = ""
    customer_reference: str = ""
    untaxed_total: Decimal | None = None
    tax_total: Decimal | None = None
    total: Decimal | None = None
    step: str = "received"
    requested_on: dt.date | None = None
    is_return: bool = False
    ship_to: str = ""
    ship_to_erp_id: str = ""
    placed_by: str = ""
    lines: tuple[OrderLineRecord, ...] = ()
    allowed: tuple[str, ...] = ()
    quote_erp_id: str = ""
    forgotten: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DeliveryLineRecord:
    """What a delivery brings of an order line, in `unit`."""

    order_erp_id: str
    order_line_erp_id: str
    sku: str
    quantity: Decimal
    unit: str


@dataclass(frozen=True, slots=True)
class DeliveryRecord:
    """A shipment. `state`: waiting, picking, shipped, delivered, cancelled."""

    erp_id: str
    version: dt.datetime
    number: str
    customer_erp_id: str
    state: str
    shipped_on: dt.date | None = None
    delivered_on: dt.date | None = None
    planned_on: dt.date | None = None
    carrier: str = ""
    tracking_number: str = ""
    tracking_url: str = ""
    lines: tuple[DeliveryLineRecord, ...] = ()


@dataclass(frozen=True, slots=True)
class InvoiceLineRecord:
    """A billed line; quantities are positive in credit notes too."""

    line_no: int
    erp_id: str
    sku: str
    description: str
    quantity: Decimal
    unit: str
    net_price: Decimal
    amount: Decimal
    list_price: Decimal | None = None
    unit_cost: Decimal | None = None
    item_type: str = "goods"
    order_erp_id: str = ""
    order_line_erp_id: str = ""


@dataclass(frozen=True, slots=True)
class InvoiceRecord:
    """An invoice (`kind` "invoice") or credit note ("credit"); totals of a credit are positive.

    `state`: open, paid, cancelled. `amount_due` is what is still to be paid. Until `discount_until` the ERP takes
    `discount_amount` less for early payment; both None when it grants none.
    """

    erp_id: str
    version: dt.datetime
    number: str
    customer_erp_id: str
    kind: str
    state: str
    invoiced_on: dt.date
    currency: str
    untaxed_total: Decimal
    tax_total: Decimal
    total: Decimal
    amount_due: Decimal
    due_on: dt.date | None = None
    paid_on: dt.date | None = None
    order_numbers: tuple[str, ...] = ()
    customer_references: tuple[str, ...] = ()
    lines: tuple[InvoiceLineRecord, ...] = ()
    discount_until: dt.date | None = None
    discount_amount: Decimal | None = None


@dataclass(frozen=True, slots=True)
class PaymentRecord:
    """Money received, negative where a credit note was used up.

    `via`: web, bank or cash; `state`: succeeded or reversed.
    """

    erp_id: str
    version: dt.datetime
    customer_erp_id: str
    paid_on: dt.date
    amount: Decimal
    currency: str
    via: str = "bank"
    state: str = "succeeded"
    invoice_erp_id: str = ""
    reference: str = ""


@dataclass(frozen=True, slots=True)
class ReturnRecord:
    """Goods that came back. `state`: requested, approved, rejected, done; `reference` is the shop's key, or ""."""

    erp_id: str
    version: dt.datetime
    number: str
    customer_erp_id: str
    state: str
    order_erp_id: str = ""
    order_line_erp_id: str = ""
    sku: str = ""
    quantity: Decimal = Decimal(0)
    reason: str = ""
    requested_on: dt.date | None = None
    reference: str = ""
    credit_number: str = ""
