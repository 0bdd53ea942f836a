"""Shapes of ERP facts: frozen, typed, free of Django and of any one ERP.

Every record that is mirrored carries `erp_id` (the ERP's own stable id as text) and `version` (the instant of its last
change by the ERP's clock, aware UTC). Money is `Decimal` with its currency beside it; a quantity travels with its unit.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Generic, TypeVar

from erp_sync.quote_records import NewQuote as NewQuote
from erp_sync.quote_records import NewQuoteLine as NewQuoteLine
from erp_sync.quote_records import QuoteAcceptance as QuoteAcceptance
from erp_sync.quote_records import QuoteAnswer as QuoteAnswer
from erp_sync.quote_records import QuoteDecline as QuoteDecline
from erp_sync.quote_records import QuoteLineRecord as QuoteLineRecord
from erp_sync.quote_records import QuoteRecord as QuoteRecord
from erp_sync.write_records import Allocation as Allocation
from erp_sync.write_records import Cancellation as Cancellation
from erp_sync.write_records import NewPayment as NewPayment
from erp_sync.write_records import NewReturn as NewReturn
from erp_sync.write_records import OrderChange as OrderChange
from erp_sync.write_records import PaymentReversal as PaymentReversal
from erp_sync.write_records import Write as Write
from erp_sync.write_records import WrittenDocument as WrittenDocument

R = TypeVar("R")


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


# --- catalogue -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Text:
    """Name and description of an item in one language."""

    name: str
    description: str = ""


@dataclass(frozen=True, slots=True)
class PackUnit:
    """A unit in which an item is sold: `factor` base units make one of it (a box of 100: 100)."""

    code: str
    names: dict[str, str]
    factor: Decimal = Decimal(1)
    digits: int = 0


@dataclass(frozen=True, slots=True)
class DocumentRef:
    """A file of an item that the ERP keeps.

    Attributes:
        kind: safety, data or document; of one kind, language and item the latest `dated_on` is in force.
        version: As the ERP calls it, "" where it counts none.
        size: In bytes, None when the ERP doesn't say.
    """

    erp_id: str
    name: str
    kind: str = "document"
    language: str = ""
    version: str = ""
    dated_on: dt.date | None = None
    size: int | None = None


@dataclass(frozen=True, slots=True)
class CategoryRecord:
    """A node of the catalogue's tree; `parent_erp_id` is "" at the root."""

    erp_id: str
    version: dt.datetime
    names: dict[str, str]
    parent_erp_id: str = ""
    code: str = ""


@dataclass(frozen=True, slots=True)
class ItemRecord:
    """An item as the ERP sells it.

    Attributes:
        texts: Language code to text; "en" or the ERP's own language is always there.
        sales_unit: The unit that prices and quantities are in.
        packs: Further units its price is told in (`factor` against `sales_unit`: box of 12 = 12, a piece of it < 1).
        minimum, multiple: Least quantity and step of an order line, in the sales unit; None = free.
        list_price: Untaxed, per sales unit, before customer conditions; in the company's currency.
        attributes: Technical facts for facets and the specification, label -> value per language:
            {"material": {"en": "Zinc-plated steel", "es": "Acero cincado"}}.
        attribute_labels: Name of an attribute -> its label per language: {"material": {"es": "Material"}}.
        replaced_by: SKU of the successor, or "".
        is_active: False once the ERP withdrew it from sale.
    """

    erp_id: str
    version: dt.datetime
    sku: str
    texts: dict[str, Text]
    sales_unit: PackUnit
    packs: tuple[PackUnit, ...] = ()
    category_erp_ids: tuple[str, ...] = ()
    barcodes: tuple[str, ...] = ()
    brand: str = ""
    attributes: dict[str, dict[str, str]] = field(default_factory=dict)
    minimum: Decimal | None = None
    multiple: Decimal | None = None
    list_price: Decimal | None = None
    image_url: str = ""
    documents: tuple[DocumentRef, ...] = ()
    replaced_by: str = ""
    is_active: bool = True
    attribute_labels: dict[str, dict[str, str]] = field(default_factory=dict)


# --- customers -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AddressRecord:
    """A place of a customer: ship-to when `is_delivery`, bill-to when `is_invoice`."""

    erp_id: str
    name: str
    street: str
    postal_code: str
    city: str
    country: str = ""
    is_delivery: bool = True
    is_invoice: bool = False


@dataclass(frozen=True, slots=True)
class ContactRecord:
    """A way to reach a customer; `kind` is email, phone or whatever the ERP calls it."""

    kind: str
    value: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class CustomerRecord:
    """A sold-to. `price_list` is the ERP's key of its price agreement ("" = list prices).

    `own_part_numbers` are pairs: our SKU, and the customer's own number for it.
    """

    erp_id: str
    version: dt.datetime
    number: str
    name: str
    tax_number: str = ""
    price_list: str = ""
    payment_term: str = ""
    currency: str = ""
    rep_name: str = ""
    addresses: tuple[AddressRecord, ...] = ()
    contacts: tuple[ContactRecord, ...] = ()
    own_part_numbers: tuple[tuple[str, str], ...] = ()
    is_active: bool = True


# --- documents of every channel ----------------------------------------------------------------------------------


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


# --- live answers ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PriceStep:
    """From this quantity (sales unit) the net price per sales unit is `net_price`."""

    quantity: Decimal
    net_price: Decimal


@dataclass(frozen=True, slots=True)
class WarehouseStock:
    """Stock of an item in one warehouse, in its sales unit; `available` is what can be promised."""

    warehouse: str
    on_hand: Decimal
    available: Decimal


@dataclass(frozen=True, slots=True)
class Expected:
    """Goods on their way in."""

    quantity: Decimal
    on: dt.date


@dataclass(frozen=True, slots=True)
class Ask:
    """One thing to ask a price for: the item and how much of it, in its sales unit."""

    sku: str
    erp_id: str
    quantity: Decimal = Decimal(1)


@dataclass(frozen=True, slots=True)
class Offer:
    """What the ERP answers for one item, one customer, one quantity.

    Attributes:
        net_price: Untaxed, per sales unit, 4 decimals, for the quantity asked; None = the ERP gives no price.
        list_price: Before customer conditions, where the ERP says so.
        steps: The whole ladder when it was asked for, ascending by quantity, else ().
        rule: Name of the price agreement behind it, for people.
        stock: Per warehouse; None = the ERP gives no stock.
        as_of: When the ERP exported these figures, aware UTC; None = they are of the moment of the answer.
    """

    sku: str
    erp_id: str
    quantity: Decimal
    unit: str
    currency: str
    net_price: Decimal | None
    list_price: Decimal | None = None
    steps: tuple[PriceStep, ...] = ()
    rule: str = ""
    valid_until: dt.date | None = None
    stock: tuple[WarehouseStock, ...] | None = None
    expected: tuple[Expected, ...] = ()
    is_salable: bool = True
    as_of: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class CreditPosition:
    """Money a customer may still owe. `limit` None = no limit."""

    currency: str
    used: Decimal
    open_items: Decimal
    overdue: Decimal
    limit: Decimal | None = None

    @property
    def left(self) -> Decimal | None:
        """What may still be ordered on account; None = no limit."""
        return None if self.limit is None else self.limit - self.used


@dataclass(frozen=True, slots=True)
class PriceContext:
    """For whom a price is asked; the only key of a price cache besides item, unit and quantity."""

    customer_erp_id: str
    price_list: str
    currency: str


# --- writes ------------------------------------------------------------------------------------------------------


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


# --- paging ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a pull stands: everything changed before (changed_at, last_id) was seen."""

    changed_at: dt.datetime | None = None
    last_id: str = ""


@dataclass(frozen=True, slots=True)
class Broken:
    """A row that could not be read: it is quarantined, the others go on."""

    erp_id: str
    reason: str
    raw: str = ""


@dataclass(frozen=True, slots=True)
class Page(Generic[R]):
    """One page of changed records, in the adapter's declared order. `next` None = the end."""

    records: tuple[R, ...]
    next: Cursor | None
    broken: tuple[Broken, ...] = ()
    total: int | None = None
