"""Shapes of quotes: as the ERP holds them, and what is written to it about them. Re-exported by `records`."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class QuoteLineRecord:
    """One line of a quote; `sku` and `item_erp_id` are "" on a line of free text, `net_price` None until answered."""

    line_no: int
    erp_id: str
    sku: str
    item_erp_id: str
    description: str
    quantity: Decimal
    unit: str
    net_price: Decimal | None
    list_price: Decimal | None = None
    amount: Decimal | None = None
    delivery_on: dt.date | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class QuoteRecord:
    """A request for a price or a quotation, whoever made it.

    Attributes:
        reference: The shop's own key when the quote was asked for or accepted there, else "".
        state: draft (asked, not answered), quoted, accepted, declined.
        valid_until: Last day on which it may be accepted.
        forgotten: As `OrderRecord.forgotten`.
    """

    erp_id: str
    version: dt.datetime
    number: str
    reference: str
    customer_erp_id: str
    state: str
    currency: str
    requested_at: dt.datetime
    untaxed_total: Decimal | None = None
    tax_total: Decimal | None = None
    total: Decimal | None = None
    valid_until: dt.date | None = None
    customer_reference: str = ""
    note: str = ""
    terms: str = ""
    lines: tuple[QuoteLineRecord, ...] = ()
    forgotten: tuple[str, ...] = ()


# --- writes ---


@dataclass(frozen=True, slots=True)
class NewQuoteLine:
    """A line asked for or offered; without `item_erp_id` it is free text and `note` says what is wanted."""

    line_no: int
    sku: str
    item_erp_id: str
    quantity: Decimal
    net_price: Decimal
    note: str = ""
    delivery_on: dt.date | None = None


@dataclass(frozen=True, slots=True)
class NewQuote:
    """A request for a price, to be kept in the ERP as a draft; `reference` makes it happen once."""

    reference: str
    customer_erp_id: str
    price_list: str
    currency: str
    lines: tuple[NewQuoteLine, ...]
    note: str = ""
    customer_reference: str = ""
    ship_to_erp_id: str = ""
    requested_on: dt.date | None = None
    channel: str = "web_self"
    placed_by: str = ""


@dataclass(frozen=True, slots=True)
class QuoteAnswer:
    """The rep's answer: the quote's lines become exactly these.

    `reference` is unique for each version ("<quote reference>-V2"). Without `quote_erp_id` the quote is found by
    `quote_reference`.
    """

    reference: str
    quote_reference: str
    quote_erp_id: str
    customer_erp_id: str
    price_list: str
    currency: str
    lines: tuple[NewQuoteLine, ...]
    valid_until: dt.date
    terms: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class QuoteAcceptance:
    """The buyer's yes: the quote becomes the order `reference`, with exactly these lines at exactly these prices."""

    reference: str
    quote_reference: str
    quote_erp_id: str
    customer_erp_id: str
    currency: str
    lines: tuple[NewQuoteLine, ...]
    customer_reference: str = ""
    ship_to_erp_id: str = ""
    requested_on: dt.date | None = None
    channel: str = "web_self"
    placed_by: str = ""
    expected_total: Decimal | None = None


@dataclass(frozen=True, slots=True)
class QuoteDecline:
    """The buyer's no, with his reason."""

    reference: str
    quote_reference: str
    quote_erp_id: str
    reason: str = ""
