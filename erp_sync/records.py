"""Shapes of ERP facts: frozen, typed, free of Django and of any one ERP.

Every record that is mirrored carries `erp_id` (the ERP's own stable id as text) and `version` (the instant of its last
change by the ERP's clock, aware UTC). Money is `Decimal` with its currency beside it; a quantity travels with its unit.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Generic, TypeVar

from erp_sync.document_records import Channel as Channel
from erp_sync.document_records import DeliveryLineRecord as DeliveryLineRecord
from erp_sync.document_records import DeliveryRecord as DeliveryRecord
from erp_sync.document_records import InvoiceLineRecord as InvoiceLineRecord
from erp_sync.document_records import InvoiceRecord as InvoiceRecord
from erp_sync.document_records import OrderLineRecord as OrderLineRecord
from erp_sync.document_records import OrderRecord as OrderRecord
from erp_sync.document_records import PaymentRecord as PaymentRecord
from erp_sync.document_records import ReturnRecord as ReturnRecord
from erp_sync.document_records import channel_of as channel_of
from erp_sync.order_records import HANDED as HANDED
from erp_sync.order_records import NewDiscount as NewDiscount
from erp_sync.order_records import NewOrder as NewOrder
from erp_sync.order_records import NewOrderLine as NewOrderLine
from erp_sync.order_records import Totals as Totals
from erp_sync.order_records import WrittenOrder as WrittenOrder
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
