"""The book: everything known before an instant, indexed once."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import TypeVar, cast
from zoneinfo import ZoneInfo

from adoption.metrics.later import LaterByKind
from adoption.metrics.orders import Order, logical_orders
from adoption.metrics.period import Period
from adoption.metrics.rows import (
    Account,
    Calendar,
    Cost,
    Delivery,
    Enquiry,
    Event,
    Goal,
    Invoice,
    Lead,
    OrderRow,
    Payment,
    PlanAmount,
    Quote,
    User,
)
from adoption.metrics.settings import Settings

UNATTRIBUTED = "unattributed"
UNKNOWN = "unknown"
Row = TypeVar("Row")


@dataclass(frozen=True)
class Book:
    """Everything known before `as_of`, for one company. Facts at or after `as_of` are ignored (C2).

    A book is filled by adoption/facts.py (or by a test) with raw rows, in any order, repeated or not; the properties
    below give them checked, sorted and indexed, each computed once. Whoever fills it may leave out what nobody will ask
    it: kinds of facts, and facts of other days than a metric looks at (adoption/reports/behind.py knows how far one
    looks). What an account ever did (cohorts, migration, first log-ins) needs all of the past.

    Attributes:
        timezone, currency, calendar: The company's own.
        rates: Currency -> [(day, company units per foreign unit)], in any order.
        calendars: Opening hours and holidays by code.
        meta: What else a data set says about itself (first_day, end_exclusive).
        wider: The book that this one is a part of. Where a visit came from is told by its first event, which may be
            nobody's yet, before the log-in; a paper of a test order is one in every channel, also where it is left out.
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
    users: Mapping[str, User] = field(default_factory=dict)
    deliveries: Sequence[Delivery] = ()
    quotes: Sequence[Quote] = ()
    enquiries: Sequence[Enquiry] = ()
    leads: Sequence[Lead] = ()
    costs: Sequence[Cost] = ()
    plans: Sequence[PlanAmount] = ()
    goals: Sequence[Goal] = ()
    meta: Mapping[str, str] = field(default_factory=dict)
    wider: Book | None = None

    # Time

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

    # Orders

    @cached_property
    def all_orders(self) -> tuple[Order, ...]:
        """All logical orders before `as_of` that are no tests, oldest first; cancelled and draft ones too."""
        latest = {row.order_id: row for row in self.rows}
        rows = [row for row in latest.values() if row.placed_at < self.as_of]
        tests = {row.key for row in rows if self._is_test_order(row)}
        kept = (row for row in rows if row.key not in tests)
        return tuple(logical_orders(kept, day_of=self.day, convert=self.converted))

    @cached_property
    def test_order_ids(self) -> frozenset[str]:
        """Ids and references of test orders: no money of theirs counts either (C7)."""
        if self.wider is not None:
            return self.wider.test_order_ids
        tests = {row.key for row in self.rows if self._is_test_order(row)}
        return frozenset(tests | {row.order_id for row in self.rows if row.key in tests})

    @cached_property
    def orders(self) -> tuple[Order, ...]:
        """All counted logical orders before `as_of`, oldest first."""
        return tuple(order for order in self.all_orders if order.is_counted)

    @cached_property
    def orders_by_account(self) -> Mapping[str, tuple[Order, ...]]:
        """Counted orders by account, oldest first; orders without an account are in none."""
        found: dict[str, list[Order]] = {}
        for order in self.orders:
            if order.account_id:
                found.setdefault(order.account_id, []).append(order)
        return {account: tuple(orders) for account, orders in found.items()}

    @cached_property
    def _orders_by_day(self) -> Mapping[dt.date, list[Order]]:
        return by_day((order.placed_on, order) for order in self.orders)

    @cached_property
    def order_of_id(self) -> Mapping[str, Order]:
        """Logical order by each of its ids and its reference, counted or not."""
        return {key: order for order in self.all_orders for key in order.ids}

    def channel_of(self, order_id: str) -> str:
        """Return the channel of the order with this id or reference; `unattributed` when there is none."""
        order = self.order_of_id.get(order_id) if order_id else None
        return order.channel if order else UNATTRIBUTED

    def orders_in(self, period: Period, *, of: frozenset[str] | None = None) -> list[Order]:
        """Return the counted orders placed in the period, of all accounts or of those named."""
        found = in_period(self._orders_by_day, period)
        return found if of is None else [order for order in found if order.account_id in of]

    def is_online(self, order: Order) -> bool:
        """Its channel is self-service in the shop."""
        return order.channel in self.settings.online

    def is_neutral(self, order: Order) -> bool:
        """Digital, but not the shop: ignored by migration, retention and leak rules."""
        return order.channel in self.settings.neutral and not self.is_online(order)

    def is_offline(self, order: Order) -> bool:
        """Neither self-service nor neutral."""
        return order.channel not in self.settings.online and order.channel not in self.settings.neutral

    @cached_property
    def first_online(self) -> Mapping[str, Order]:
        """The first ONLINE order ever, by account."""
        found = {}
        for account, orders in self.orders_by_account.items():
            first = next((order for order in orders if self.is_online(order)), None)
            if first is not None:
                found[account] = first
        return found

    # Events

    def events_of(self, kind: str) -> tuple[Event, ...]:
        """Return buyer activity of a kind before `as_of`, each event once, oldest first."""
        if kind not in self._events_of:
            self._events_of[kind] = tuple(self._buyers_own(self._raw_events(kind)))
        return self._events_of[kind]

    @cached_property
    def _events_of(self) -> dict[str, tuple[Event, ...]]:
        return {}

    def _raw_events(self, kind: str) -> Sequence[Event]:
        return self.events.of(kind) if isinstance(self.events, LaterByKind) else self._grouped_events.get(kind, ())

    @cached_property
    def _grouped_events(self) -> Mapping[str, Sequence[Event]]:
        once = {event.event_id: event for event in self.events}
        found: dict[str, list[Event]] = {}
        for event in once.values():
            found.setdefault(event.kind, []).append(event)
        return found

    def _buyers_own(self, events: Iterable[Event]) -> list[Event]:
        once = {event.event_id: event for event in events}
        own = [e for e in once.values() if e.is_buyers and e.occurred_at < self.as_of]
        own = [e for e in own if not self.is_test_account(e.account_id) and not self.is_test_user(e.user_id)]
        return sorted(own, key=lambda event: (event.occurred_at, event.event_id))

    @cached_property
    def _events_by_day(self) -> dict[str, Mapping[dt.date, list[Event]]]:
        return {}

    def events_in(self, kind: str, period: Period) -> list[Event]:
        """Return the buyer events of a kind in the period, oldest first."""
        if kind not in self._events_by_day:
            self._events_by_day[kind] = by_day((self.day(event.occurred_at), event) for event in self.events_of(kind))
        return in_period(self._events_by_day[kind], period)

    @cached_property
    def session_sources(self) -> Mapping[str, str]:
        """Entry source by session, fixed at its first event; blank is `unknown` (section 2)."""
        if self.wider is not None:
            return self.wider.session_sources
        once = {event.event_id: event for event in self._raw_events("session_start")}
        starts = sorted(once.values(), key=lambda event: (event.occurred_at, event.event_id), reverse=True)
        return {one.session_id: source_of(one) for one in starts if one.session_id and one.occurred_at < self.as_of}

    # Documents

    @cached_property
    def documents(self) -> tuple[Invoice, ...]:
        """Invoices and credits, each once, without those of test accounts and test orders (C7, C8)."""
        once = {one.invoice_id: one for one in self.invoices}.values()
        return tuple(
            one for one in once if not self.is_test_account(one.account_id) and one.order_id not in self.test_order_ids
        )

    @cached_property
    def documents_by_day(self) -> Mapping[dt.date, list[Invoice]]:
        """Invoices and credits dated before today, by their date (C2)."""
        dated = ((one.invoiced_on, one) for one in self.documents if one.invoiced_on is not None)
        return by_day((day, one) for day, one in dated if day < self.today)

    def documents_in(self, period: Period) -> list[Invoice]:
        """Return invoices and credits dated in the period, before today."""
        return in_period(self.documents_by_day, period)

    @cached_property
    def received(self) -> Mapping[str, tuple[Payment, ...]]:
        """Succeeded payments before `as_of` by invoice; a reversed one never counts."""
        once = {one.payment_id or str(index): one for index, one in enumerate(self.payments)}
        found: dict[str, list[Payment]] = {}
        for one in once.values():
            if one.status == "succeeded" and one.paid_at < self.as_of:
                found.setdefault(one.invoice_id, []).append(one)
        return {invoice: tuple(payments) for invoice, payments in found.items()}

    # Accounts and people

    def eligible(self, period: Period) -> frozenset[str]:
        """Return E(P): who could buy online on at least one day of the period (C12)."""
        if period not in self._eligible:
            able = (key for key, account in self.accounts.items() if account.is_eligible(period))
            self._eligible[period] = frozenset(able)
        return self._eligible[period]

    @cached_property
    def _eligible(self) -> dict[Period, frozenset[str]]:
        """What `eligible` has found: a page asks for the same two periods again and again."""
        return {}

    def name_of(self, account_id: str) -> str:
        """Return an account's name; its id when it has none or is not known."""
        account = self.accounts.get(account_id)
        return account.name if account and account.name else account_id

    def is_test_account(self, account_id: str) -> bool:
        """Never counted anywhere (C7)."""
        account = self.accounts.get(account_id)
        return account is not None and account.is_test

    def is_test_user(self, user_id: str) -> bool:
        """Never counted anywhere (C7)."""
        user = self.users.get(user_id)
        return user is not None and user.is_test

    def calendar_of(self, account_id: str) -> Calendar:
        """Return the opening hours of an account; the company's when it has none of its own (M18)."""
        account = self.accounts.get(account_id)
        own = self.calendars.get(account.calendar) if account and account.calendar else None
        return own if own and own.intervals else self.company_calendar

    @cached_property
    def company_calendar(self) -> Calendar:
        """The company's opening hours and holidays."""
        return self.calendars.get(self.calendar) or Calendar()

    # Money

    @cached_property
    def _rates(self) -> Mapping[str, tuple[list[dt.date], list[Decimal]]]:
        found = {}
        for currency, given in self.rates.items():
            ordered = sorted(dict(given).items())
            found[currency] = [day for day, _ in ordered], [rate for _, rate in ordered]
        return found

    def rate(self, currency: str, day: dt.date) -> Decimal | None:
        """Return company units per unit of a currency: the latest rate on or before the day; None without one."""
        if currency == self.currency:
            return Decimal(1)
        days, rates = self._rates.get(currency, ((), ()))
        place = bisect_right(days, day)
        return rates[place - 1] if place else None

    def converted(self, amount: Decimal, currency: str, day: dt.date) -> Decimal | None:
        """Return an amount in the company's currency; None, never the amount itself, when there is no rate."""
        rate = self.rate(currency, day)
        return None if rate is None else amount * rate

    @cached_property
    def _indexes(self) -> dict[object, object]:
        return {}

    def indexed(self, build: Callable[[Book], Row]) -> Row:
        """Return what a metric's own index function makes of this book, computed once."""
        if build not in self._indexes:
            self._indexes[build] = build(self)
        return cast("Row", self._indexes[build])

    def _is_test_order(self, row: OrderRow) -> bool:
        return row.is_test or self.is_test_account(row.account_id) or self.is_test_user(row.submitted_by)


def source_of(event: Event) -> str:
    """Return the entry source of a session's first event."""
    return str(event.props.get("source") or UNKNOWN)


def by_day(pairs: Iterable[tuple[dt.date, Row]]) -> dict[dt.date, list[Row]]:
    """Return rows by day; each day in the order given."""
    found: dict[dt.date, list[Row]] = {}
    for day, row in pairs:
        found.setdefault(day, []).append(row)
    return found


def in_period(index: Mapping[dt.date, list[Row]], period: Period) -> list[Row]:
    """Return the rows of an index by day that lie in a period, day by day."""
    if period.days > len(index):
        return [row for day in sorted(index) if day in period for row in index[day]]
    return [row for day in period for row in index.get(day, ())]
