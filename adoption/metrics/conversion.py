"""M10 conversion, M11 revenue by channel and source, and ropo: researched online, bought offline (M28)."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from adoption.metrics.adoption import keys_of, value_of
from adoption.metrics.book import UNKNOWN, Book, by_day, in_period, source_of
from adoption.metrics.orders import Order
from adoption.metrics.period import Period
from adoption.metrics.rounding import divided
from adoption.metrics.rows import Enquiry, Event
from adoption.metrics.service import enquiries_by_day
from adoption.metrics.shares import Share, share_of

SALES = "sales"
CHANNEL_OF_MEDIUM = {"phone": "phone", "email": "email", "visit": "rep"}


@dataclass(frozen=True, slots=True)
class Conversion:
    """M10. Shares of buyer sessions (rows: session ids) and of sales contacts (rows: enquiry ids) by channel."""

    overall: Share
    by_source: dict[str, Share]
    visitors: int
    offline: dict[str, Share]


def conversion(book: Book, period: Period) -> Conversion:
    """Return M10: sessions that started in the period, and those that led to a counted ONLINE order."""
    sessions = sessions_in(book, period)
    bought = book.indexed(_sessions_with_order)
    by_source: dict[str, list[str]] = {}
    for one in sessions:
        by_source.setdefault(source_of(one), []).append(session_key(one))
    return Conversion(
        overall=_converted(map(session_key, sessions), bought),
        by_source={source: _converted(keys, bought) for source, keys in sorted(by_source.items())},
        visitors=len(visitors_of(book, sessions)),
        offline=_contacts(book, period),
    )


def sessions_in(book: Book, period: Period) -> list[Event]:
    """Return the buyer sessions, anonymous ones included, that started in the period: their first event."""
    return in_period(book.indexed(_sessions_by_day), period)


def _sessions_by_day(book: Book) -> Mapping[dt.date, list[Event]]:
    first: dict[str, Event] = {}
    for event in book.events_of("session_start"):
        first.setdefault(session_key(event), event)
    return by_day((book.day(event.occurred_at), event) for event in first.values())


def session_key(event: Event) -> str:
    """Return the session's id; an event without one is a session of its own."""
    return event.session_id or event.event_id


def _sessions_with_order(book: Book) -> frozenset[str]:
    """Index: sessions of counted ONLINE orders."""
    return frozenset(order.session_id for order in book.orders if order.session_id and book.is_online(order))


def _converted(keys: Iterable[str], bought: frozenset[str]) -> Share:
    all_keys = list(keys)
    return share_of([key for key in all_keys if key in bought], all_keys)


def visitors_of(book: Book, sessions: Sequence[Event]) -> set[str]:
    """Return the different people: the user, from the start or from the log-in on, else the session."""
    known = book.indexed(_user_of_session)
    return {one.user_id or known.get(one.session_id) or session_key(one) for one in sessions}


def _user_of_session(book: Book) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for event in book.events_of("login"):
        if event.session_id and event.user_id:
            found.setdefault(event.session_id, event.user_id)
    return found


def _contacts(book: Book, period: Period) -> dict[str, Share]:
    converted = book.indexed(converted_contacts)
    by_channel: dict[str, list[str]] = {}
    for one in in_period(book.indexed(enquiries_by_day), period):
        if is_sales(one):
            by_channel.setdefault(CHANNEL_OF_MEDIUM[one.medium], []).append(one.enquiry_id)
    return {channel: _converted(keys, converted) for channel, keys in sorted(by_channel.items())}


def is_sales(enquiry: Enquiry) -> bool:
    """Say whether somebody wanted to buy, on a way on which orders come too."""
    return enquiry.intent == SALES and enquiry.medium in CHANNEL_OF_MEDIUM


def converted_contacts(book: Book) -> frozenset[str]:
    """Index: sales contacts that an order followed; in time order, each order satisfies one, earliest first."""
    waiting: dict[tuple[str, str], list[Order]] = {}
    for order in book.orders:
        waiting.setdefault((order.account_id, order.channel), []).append(order)
    found = set()
    window = dt.timedelta(days=book.settings.contact_days)
    by_date = book.indexed(enquiries_by_day)
    contacts = sorted((one for own in by_date.values() for one in own), key=lambda e: (e.occurred_at, e.enquiry_id))
    for one in filter(is_sales, contacts):
        day = book.day(one.occurred_at)
        orders = waiting.get((one.account_id, CHANNEL_OF_MEDIUM[one.medium]), [])
        match = next((order for order in orders if day <= order.placed_on <= day + window), None)
        if match is not None and one.account_id:
            orders.remove(match)
            found.add(one.enquiry_id)
    return frozenset(found)


def linked_contacts(book: Book, period: Period) -> list[Enquiry]:
    """Return the sales contacts of the period, and those before on which one of them hangs, from one to the next.

    A contact matters to the next one of its account and channel when that came within the window: both may be followed
    by the same order.
    """
    next_day: dict[tuple[str, str], dt.date] = {}
    found, gap = [], dt.timedelta(days=book.settings.contact_days)
    for one in sorted(filter(is_sales, book.enquiries), key=lambda enquiry: enquiry.occurred_at, reverse=True):
        key, day = (one.account_id, one.medium), book.day(one.occurred_at)
        if day in period or (one.account_id and key in next_day and next_day[key] - day <= gap):
            next_day[key] = day
            found.append(one)
    return found


@dataclass(frozen=True, slots=True)
class Revenue:
    """M11: order value by channel, and of ONLINE orders by entry source, in the company's currency.

    `orders`: how many by channel; `rows`: their keys, where they are known one by one. An order without a rate is in no
    amount; a channel or source that has no others is there with 0.
    """

    by_channel: dict[str, Decimal]
    online_by_source: dict[str, Decimal]
    unconverted_orders: int
    rows: dict[str, tuple[str, ...]]
    orders: dict[str, int]

    @property
    def total(self) -> Decimal:
        """All channels."""
        return sum(self.by_channel.values(), Decimal(0))

    def share(self, channel: str) -> Decimal | None:
        """Return a channel's part of the total; the parts add up to 1."""
        return divided(self.by_channel[channel], self.total)


def revenue(book: Book, period: Period) -> Revenue:
    """Return M11 over counted orders placed in the period by all accounts."""
    orders = book.orders_in(period)
    by_channel: dict[str, list[Order]] = {}
    by_source: dict[str, list[Order]] = {}
    for order in orders:
        by_channel.setdefault(order.channel, []).append(order)
        if book.is_online(order):
            by_source.setdefault(book.session_sources.get(order.session_id, UNKNOWN), []).append(order)
    return Revenue(
        by_channel={channel: value_of(own) for channel, own in sorted(by_channel.items())},
        online_by_source={source: value_of(own) for source, own in sorted(by_source.items())},
        unconverted_orders=sum(order.value is None for order in orders),
        rows={channel: keys_of(own) for channel, own in sorted(by_channel.items())},
        orders={channel: len(own) for channel, own in sorted(by_channel.items())},
    )


def ropo(book: Book, period: Period) -> Share:
    """Return the OFFLINE orders of the period that the same account had researched in the shop.

    Researched: a buyer of the account looked at one of the order's SKUs before the order was placed, on its day or on
    one of the 30 days before.
    """
    views = book.indexed(_views)
    offline = [order for order in book.orders_in(period) if book.is_offline(order)]
    return share_of(keys_of(o for o in offline if _is_researched(book, o, views)), keys_of(offline))


def _views(book: Book) -> Mapping[tuple[str, str], list[dt.datetime]]:
    """Index: when products were viewed, by (account, SKU), earliest first."""
    found: dict[tuple[str, str], list[dt.datetime]] = {}
    for event in book.events_of("product_view"):
        if event.account_id:
            found.setdefault((event.account_id, event.object_id), []).append(event.occurred_at)
    return found


def _is_researched(book: Book, order: Order, views: Mapping[tuple[str, str], list[dt.datetime]]) -> bool:
    since = order.placed_on - dt.timedelta(days=book.settings.ropo_days)
    for sku in {line.sku for row in order.rows for line in row.lines if line.sku}:
        times = views.get((order.account_id, sku), [])
        before = bisect_left(times, order.placed_at)
        if before and book.day(times[before - 1]) >= since:
            return True
    return False
