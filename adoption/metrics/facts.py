"""The facts that metrics are computed from: plain frozen values, no Django (docs/metrics.md, "Facts")."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from zoneinfo import ZoneInfo

OPEN_STATES = frozenset({"open", "completed"})
VALUE_TYPES = frozenset({"goods", "service", "discount"})


@dataclass(frozen=True, slots=True)
class Period:
    """First to last day, both included, by the company's date."""

    first: dt.date
    last: dt.date

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise ValueError(f"a period ends before it begins: {self.first} to {self.last}")

    def __contains__(self, day: dt.date) -> bool:
        return self.first <= day <= self.last

    @property
    def days(self) -> int:
        """Number of days."""
        return (self.last - self.first).days + 1

    def before(self) -> Period:
        """Return the period to compare with: the previous month, quarter or year, else as many days just before.

        >>> Period(dt.date(2024, 3, 1), dt.date(2024, 3, 31)).before()
        Period(first=datetime.date(2024, 2, 1), last=datetime.date(2024, 2, 29))
        >>> Period(dt.date(2024, 3, 4), dt.date(2024, 3, 10)).before()
        Period(first=datetime.date(2024, 2, 26), last=datetime.date(2024, 3, 3))
        """
        last = self.first - dt.timedelta(days=1)
        for months in (1, 3, 12):
            if self._is_whole(months):
                return Period(_months_back(self.first, months), last)
        return Period(self.first - dt.timedelta(days=self.days), last)

    def _is_whole(self, months: int) -> bool:
        starts = self.first.day == 1 and (self.first.month - 1) % months == 0
        return starts and _months_back(self.first, -months) == self.last + dt.timedelta(days=1)


def _months_back(day: dt.date, months: int) -> dt.date:
    index = day.year * 12 + day.month - 1 - months
    return day.replace(year=index // 12, month=index % 12 + 1)


@dataclass(frozen=True, slots=True)
class Settings:
    """Settings of the definitions with their defaults (docs/metrics.md, "Settings")."""

    online: frozenset[str] = frozenset({"web_self", "punchout"})
    neutral: frozenset[str] = frozenset({"edi"})
    retention_days: int = 180
    migration_look_back_days: int = 365
    tracking_days: int = 90
    search_window_s: int = 60
    retained_share: Decimal = Decimal("0.5")


@dataclass(frozen=True, slots=True)
class Account:
    """A customer company. `enabled` holds the spans in which it could buy online (end None = still).

    `exclusion` is the ledger's reason, owner and review date while it can't.
    """

    account_id: str
    name: str = ""
    is_test: bool = False
    is_strategic: bool = False
    enabled: tuple[tuple[dt.date, dt.date | None], ...] = ()
    timezone: str = ""
    calendar: str = ""
    exclusion: str = ""

    def is_eligible(self, period: Period) -> bool:
        """It could buy online on at least one day of the period (C12)."""
        if self.is_test:
            return False
        return any(start <= period.last and (end is None or end >= period.first) for start, end in self.enabled)


@dataclass(frozen=True, slots=True)
class OrderLine:
    """A line; `net_price` after all discounts, per unit, in the order's currency."""

    item_type: str
    ordered: Decimal
    cancelled: Decimal
    net_price: Decimal
    sku: str = ""

    @property
    def due(self) -> Decimal:
        """Ordered less cancelled."""
        return self.ordered - self.cancelled


@dataclass(frozen=True, slots=True)
class OrderRow:
    """An order as the ERP or the shop holds it; several may be one logical order (C9).

    `channel` was decided when it was first seen (docs/metrics.md, "Channels").
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


@dataclass(frozen=True, slots=True)
class Order:
    """A logical order (C9) that counts (C10). `value` None = no rate for its currency (C6)."""

    key: str
    account_id: str
    channel: str
    placed_at: dt.datetime
    placed_on: dt.date
    time_known: bool
    value: Decimal | None
    units: Decimal
    ids: frozenset[str]
    session_id: str = ""
    label: str = ""


@dataclass(frozen=True, slots=True)
class Event:
    """An event of metrics.md section 3; `is_test` when person or account are."""

    event_id: str
    occurred_at: dt.datetime
    kind: str
    actor: str
    account_id: str = ""
    user_id: str = ""
    session_id: str = ""
    impersonator_id: str = ""
    object_id: str = ""
    props: Mapping[str, str] = field(default_factory=dict)
    is_test: bool = False

    @property
    def is_buyers(self) -> bool:
        """Buyer activity: no staff, no bot, no rep acting for him, no test (C7)."""
        return self.actor == "buyer" and not self.impersonator_id and not self.is_test


@dataclass(frozen=True, slots=True)
class Invoice:
    """A posted document; `paid_at` when it was fully paid."""

    invoice_id: str
    account_id: str
    kind: str
    currency: str
    paid_at: dt.datetime | None = None
    label: str = ""


@dataclass(frozen=True, slots=True)
class Payment:
    """Money received for an invoice."""

    invoice_id: str
    paid_at: dt.datetime
    amount: Decimal
    currency: str
    via: str
    status: str = "succeeded"


@dataclass(frozen=True, slots=True)
class Calendar:
    """Opening hours by ISO weekday as [open, close) intervals, and holidays; no interval = closed."""

    intervals: Mapping[int, tuple[tuple[dt.time, dt.time], ...]] = field(default_factory=dict)
    holidays: frozenset[dt.date] = frozenset()


@dataclass(frozen=True)
class Book:
    """Everything known before `as_of`, for one company. Facts at or after `as_of` are ignored (C2).

    Attributes:
        timezone, currency, calendar: The company's own.
        rates: Currency -> [(day, company units per foreign unit)], ascending by day.
    """

    as_of: dt.datetime
    timezone: str
    currency: str
    calendar: str = ""
    accounts: Mapping[str, Account] = field(default_factory=dict)
    rows: Sequence[OrderRow] = ()
    events: Sequence[Event] = ()
    invoices: Sequence[Invoice] = ()
    payments: Sequence[Payment] = ()
    calendars: Mapping[str, Calendar] = field(default_factory=dict)
    rates: Mapping[str, Sequence[tuple[dt.date, Decimal]]] = field(default_factory=dict)
    settings: Settings = field(default_factory=Settings)

    @cached_property
    def zone(self) -> ZoneInfo:
        """The company's zone."""
        return ZoneInfo(self.timezone)

    def day(self, instant: dt.datetime) -> dt.date:
        """Return the company's date of an instant (C1)."""
        return instant.astimezone(self.zone).date()

    @cached_property
    def today(self) -> dt.date:
        """The company's date of `as_of`; the last complete day is the one before."""
        return self.day(self.as_of)

    @cached_property
    def orders(self) -> tuple[Order, ...]:
        """All counted logical orders before `as_of`, oldest first."""
        groups: dict[str, list[OrderRow]] = {}
        for row in self.rows:
            if row.placed_at < self.as_of and not row.is_test and not self._is_test(row.account_id):
                groups.setdefault(row.shop_ref or row.order_id, []).append(row)
        found = [order for key, rows in groups.items() if (order := self._logical(key, rows))]
        return tuple(sorted(found, key=lambda order: (order.placed_at, order.key)))

    @cached_property
    def orders_by_account(self) -> Mapping[str, tuple[Order, ...]]:
        """Counted orders by account, oldest first."""
        found: dict[str, list[Order]] = {}
        for order in self.orders:
            found.setdefault(order.account_id, []).append(order)
        return {account: tuple(orders) for account, orders in found.items()}

    @cached_property
    def buyer_events(self) -> tuple[Event, ...]:
        """Buyer activity before `as_of`, each event once, oldest first (C7, C8)."""
        once = {event.event_id: event for event in self.events}
        kept = [e for e in once.values() if e.is_buyers and e.occurred_at < self.as_of]
        kept = [e for e in kept if not self._is_test(e.account_id)]
        return tuple(sorted(kept, key=lambda event: (event.occurred_at, event.event_id)))

    def eligible(self, period: Period) -> frozenset[str]:
        """Return E(P): who could buy online on at least one day of the period (C12)."""
        return frozenset(key for key, account in self.accounts.items() if account.is_eligible(period))

    def orders_in(self, period: Period, *, of: frozenset[str] | None = None) -> list[Order]:
        """Return the counted orders placed in the period, of all accounts or of those named."""
        return [order for order in self.orders if order.placed_on in period and (of is None or order.account_id in of)]

    def is_online(self, order: Order) -> bool:
        """Its channel is self-service in the shop."""
        return order.channel in self.settings.online

    def is_offline(self, order: Order) -> bool:
        """Neither self-service nor neutral."""
        return order.channel not in self.settings.online and order.channel not in self.settings.neutral

    def converted(self, amount: Decimal, currency: str, day: dt.date) -> Decimal | None:
        """Return an amount in the company's currency by the latest rate on or before the day; None without one."""
        if currency == self.currency:
            return amount
        rate = None
        for since, value in self.rates.get(currency, ()):
            if since > day:
                break
            rate = value
        return None if rate is None else amount * rate

    def _is_test(self, account_id: str) -> bool:
        account = self.accounts.get(account_id)
        return account is not None and account.is_test

    def _logical(self, key: str, rows: Sequence[OrderRow]) -> Order | None:
        counted = [row for row in rows if row.status in OPEN_STATES]
        lines = [line for row in counted for line in row.lines]
        if not any(line.item_type == "goods" and line.due > 0 for line in lines):
            return None
        first = min(rows, key=lambda row: (row.placed_at, row.order_id))
        from_shop = [row for row in rows if row.from_shop] or [first]
        return Order(
            key=key,
            account_id=first.account_id,
            channel=from_shop[0].channel,
            placed_at=first.placed_at,
            placed_on=self.day(first.placed_at),
            time_known=first.time_known,
            value=self._value(counted, self.day(first.placed_at)),
            units=sum((line.due for line in lines if line.item_type == "goods"), Decimal(0)),
            ids=frozenset({row.order_id for row in rows} | {key}),
            session_id=next((row.session_id for row in from_shop if row.session_id), ""),
            label=first.label or first.order_id,
        )

    def _value(self, rows: Sequence[OrderRow], day: dt.date) -> Decimal | None:
        total = Decimal(0)
        for row in rows:
            amount = sum((line.due * line.net_price for line in row.lines if line.item_type in VALUE_TYPES), Decimal(0))
            converted = self.converted(amount, row.currency, day)
            if converted is None:
                return None
            total += converted
        return total
