"""M18 off-hours: orders that came when nobody answers the phone, by the customer's own clock."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from adoption.metrics.book import Book
from adoption.metrics.orders import Order
from adoption.metrics.period import Period
from adoption.metrics.rows import Account
from adoption.metrics.shares import Share, share_of

IN_HOURS = "in_hours"


@dataclass(frozen=True, slots=True)
class OffHours:
    """M18: keys of online orders by class (holiday, weekend, before_open, after_close, in_hours)."""

    classes: dict[str, tuple[str, ...]]
    time_unknown: int

    @property
    def share(self) -> Share:
        """Orders outside opening hours / online orders with a known time."""
        known = [key for keys in self.classes.values() for key in keys]
        outside = [key for name, keys in self.classes.items() if name != IN_HOURS for key in keys]
        return share_of(outside, known, {"time unknown": self.time_unknown} if self.time_unknown else {})


def off_hours(book: Book, period: Period) -> OffHours:
    """Return M18 over counted online orders placed in the period (the period by the company's date)."""
    online = [order for order in book.orders_in(period) if book.is_online(order)]
    classes: dict[str, list[str]] = {}
    for order in online:
        if order.time_known:
            classes.setdefault(hour_class(book, order), []).append(order.key)
    return OffHours(
        classes={name: tuple(keys) for name, keys in sorted(classes.items())},
        time_unknown=sum(not order.time_known for order in online),
    )


def hour_class(book: Book, order: Order) -> str:
    """Return holiday, weekend, before_open, after_close or in_hours, by the customer's clock.

    A holiday wins over a weekend; a closed lunch break is after_close.
    """
    local = local_time(book, order, book.accounts.get(order.account_id))
    calendar = book.calendar_of(order.account_id)
    if local.date() in calendar.holidays:
        return "holiday"
    intervals = calendar.intervals.get(local.isoweekday(), ())
    if not intervals:
        return "weekend"
    clock = local.time()
    if any(opens <= clock < closes for opens, closes in intervals):
        return IN_HOURS
    return "before_open" if clock < min(opens for opens, _closes in intervals) else "after_close"


def local_time(book: Book, order: Order, account: Account | None) -> dt.datetime:
    """Return when the order came by the customer's own clock."""
    return order.placed_at.astimezone(ZoneInfo(account.timezone) if account and account.timezone else book.zone)
