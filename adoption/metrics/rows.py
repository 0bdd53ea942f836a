"""The rows that facts come in: plain frozen values (docs/metrics.md, "Facts").

Ids are texts. Money is a `Decimal` in the row's own currency; instants are aware UTC and end in `_at`, days end in
`_on`. An empty text is "none". Of rows with the same id the last one in a sequence wins (C8).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from adoption.metrics.period import Period

GOODS = "goods"
VALUE_TYPES = frozenset({"goods", "service", "discount"})


@dataclass(frozen=True, slots=True)
class Account:
    """A customer company.

    Attributes:
        enabled: Spans in which it could buy online (end None = still); empty = never.
        timezone, calendar: Its own clock and opening hours (empty: the company's).
        exclusion: The eligibility ledger's reason while it can't buy online.
        country, currency, rep_user_id, region, segment: For filters; no metric depends on them.
    """

    account_id: str
    name: str = ""
    is_test: bool = False
    is_strategic: bool = False
    enabled: tuple[tuple[dt.date, dt.date | None], ...] = ()
    timezone: str = ""
    calendar: str = ""
    exclusion: str = ""
    country: str = ""
    currency: str = ""
    rep_user_id: str = ""
    region: str = ""
    segment: str = ""

    def is_eligible(self, period: Period) -> bool:
        """It could buy online on at least one day of the period (C12)."""
        if self.is_test:
            return False
        return any(start <= period.last and (end is None or end >= period.first) for start, end in self.enabled)


@dataclass(frozen=True, slots=True)
class User:
    """A person. `role` is buyer, rep or staff; staff have no account."""

    user_id: str
    account_id: str = ""
    role: str = "buyer"
    is_test: bool = False


@dataclass(frozen=True, slots=True)
class OrderLine:
    """A line; prices are per unit in the order's currency.

    Attributes:
        item_type: goods, service, discount or freight.
        net_price: After all discounts, without tax. `list_price`: before; None = unknown.
        unit_cost: None = the ERP gives no cost (never 0).
        promised_on: The first commitment, moved only when the customer asks (M23).
        line_no: Its number in the ERP's order; deliveries and invoice lines name it.
    """

    item_type: str
    ordered: Decimal
    cancelled: Decimal
    net_price: Decimal
    sku: str = ""
    line_no: str = ""
    list_price: Decimal | None = None
    unit_cost: Decimal | None = None
    promised_on: dt.date | None = None

    @property
    def due(self) -> Decimal:
        """Ordered less cancelled."""
        return self.ordered - self.cancelled


@dataclass(frozen=True, slots=True)
class OrderRow:
    """An order as the ERP or the shop holds it; several may be one logical order (C9).

    Attributes:
        channel: Decided when it was first seen (adoption/metrics/channel.py), never again.
        status: draft, open, completed, cancelled or rejected.
        time_known: False when the ERP gives only a date; `placed_at` is then the company's midnight (C3).
        from_shop: It was submitted in the shop; its channel is the logical order's.
        via: web or punchout (shop only). `submitted_by`, `impersonator_id`, `session_id`, `quote_id`: as recorded.
    """

    order_id: str
    shop_ref: str
    account_id: str
    channel: str
    placed_at: dt.datetime
    status: str
    currency: str
    lines: tuple[OrderLine, ...] = ()
    time_known: bool = True
    session_id: str = ""
    from_shop: bool = False
    is_test: bool = False
    label: str = ""
    quote_id: str = ""
    submitted_by: str = ""
    impersonator_id: str = ""
    via: str = ""

    @property
    def key(self) -> str:
        """The logical order's: the shop's reference, else the ERP's id (C9)."""
        return self.shop_ref or self.order_id


@dataclass(frozen=True, slots=True)
class Delivery:
    """Pieces of an order line that left. `delivered_on` None = only the day of shipping is known."""

    delivery_id: str
    order_id: str
    line_no: str
    quantity: Decimal
    shipped_on: dt.date | None = None
    delivered_on: dt.date | None = None

    @property
    def done_on(self) -> dt.date | None:
        """The day it arrived, else the day it left."""
        return self.delivered_on or self.shipped_on


@dataclass(frozen=True, slots=True)
class Event:
    """An event of metrics.md section 3; `is_test` when person or account are.

    `object_id`: order id or reference (order_tracked, order_submitted), SKU (product_view, cart_add), invoice, quote.
    `props`: source (session_start), query (invoice_searched), survey, score, found (surveys).
    """

    event_id: str
    occurred_at: dt.datetime
    kind: str
    actor: str
    account_id: str = ""
    user_id: str = ""
    session_id: str = ""
    impersonator_id: str = ""
    object_id: str = ""
    props: Mapping[str, object] = field(default_factory=dict)
    is_test: bool = False

    @property
    def is_buyers(self) -> bool:
        """Buyer activity: no staff, no bot, no rep acting for him, no test (C7)."""
        return self.actor == "buyer" and not self.impersonator_id and not self.is_test


@dataclass(frozen=True, slots=True)
class InvoiceLine:
    """A line of an invoice or credit; `quantity` is positive in credits too.

    `order_id` empty = the invoice's own, if it has one. `unit_cost` None = unknown; 0 in a credit = scrapped goods.
    """

    item_type: str
    quantity: Decimal
    net_price: Decimal
    list_price: Decimal | None = None
    unit_cost: Decimal | None = None
    order_id: str = ""
    order_line_no: str = ""
    line_no: str = ""


@dataclass(frozen=True, slots=True)
class Invoice:
    """A posted document; `kind` invoice or credit; `paid_at` when it was fully paid."""

    invoice_id: str
    account_id: str
    kind: str
    currency: str
    paid_at: dt.datetime | None = None
    label: str = ""
    order_id: str = ""
    invoiced_on: dt.date | None = None
    total: Decimal | None = None
    lines: tuple[InvoiceLine, ...] = ()


@dataclass(frozen=True, slots=True)
class Payment:
    """Money received for an invoice; `via` web, bank or cash; `status` succeeded or reversed."""

    invoice_id: str
    paid_at: dt.datetime
    amount: Decimal
    currency: str
    via: str
    status: str = "succeeded"
    payment_id: str = ""


@dataclass(frozen=True, slots=True)
class Quote:
    """A request for a quote and what became of it.

    `first_response_at` is the first human answer. `status`: open, won, lost, expired or withdrawn.
    """

    quote_id: str
    account_id: str
    requested_at: dt.datetime
    requested_by: str = ""
    first_response_at: dt.datetime | None = None
    status: str = "open"
    decided_at: dt.datetime | None = None
    order_id: str = ""


@dataclass(frozen=True, slots=True)
class Enquiry:
    """Somebody called or wrote.

    `medium`: phone, email, visit, fax, chat. `topic`: order_status, invoice, return, price, product. `intent`:
    service or sales.
    """

    enquiry_id: str
    account_id: str
    occurred_at: dt.datetime
    medium: str
    topic: str
    intent: str


@dataclass(frozen=True, slots=True)
class Lead:
    """A possible customer; `account_id` is empty until converted; `identity_key` is an address or number."""

    lead_id: str
    created_at: dt.datetime
    source: str
    identity_key: str
    account_id: str = ""


@dataclass(frozen=True, slots=True)
class Cost:
    """What a channel costs on a day; `channel` is a channel or `shared`."""

    on: dt.date
    channel: str
    kind: str
    amount: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class PlanAmount:
    """A year's plan of a metric; `scope` is total, online or a channel."""

    year: int
    metric: str
    scope: str
    amount: Decimal
    seasonality: bool = False


@dataclass(frozen=True, slots=True)
class Goal:
    """A SMART goal (M27). `metric` is a path like adoption.order; `period` None = the last complete month."""

    goal_id: str
    metric: str
    baseline: Decimal
    target: Decimal
    start: dt.date
    due: dt.date
    period: Period | None = None


@dataclass(frozen=True, slots=True)
class Calendar:
    """Opening hours by ISO weekday as [open, close) intervals, and holidays; no interval = closed.

    A place that closes at midnight closes at `dt.time.max`.
    """

    intervals: Mapping[int, tuple[tuple[dt.time, dt.time], ...]] = field(default_factory=dict)
    holidays: frozenset[dt.date] = frozenset()

    def is_business_day(self, day: dt.date) -> bool:
        """Open on that weekday, and no holiday."""
        return bool(self.intervals.get(day.isoweekday())) and day not in self.holidays
