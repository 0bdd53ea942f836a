"""M12 migration, M13 channel retention, M16 basket, M18 off-hours."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from zoneinfo import ZoneInfo

from adoption.metrics.facts import Account, Book, Calendar, Order, Period
from adoption.metrics.shares import Share, share_of

REP = "rep"
IN_HOURS = "in_hours"


def migration(book: Book, period: Period) -> Share:
    """Return M12: of those who ordered offline in the year before and never online, who ordered online now."""
    look_back = Period(
        period.first - dt.timedelta(days=book.settings.migration_look_back_days), period.first - dt.timedelta(days=1)
    )
    base, migrated = set(), set()
    for account in book.eligible(period):
        orders = book.orders_by_account.get(account, ())
        came_offline = any(book.is_offline(order) and order.placed_on in look_back for order in orders)
        online_on = [order.placed_on for order in orders if book.is_online(order)]
        if came_offline and not any(day < period.first for day in online_on):
            base.add(account)
            if any(day in period for day in online_on):
                migrated.add(account)
    return share_of(migrated, base, {"already online, or no offline order": len(book.eligible(period)) - len(base)})


@dataclass(frozen=True, slots=True)
class Retention:
    """M13: what became of the accounts that moved online in the period, by account id."""

    horizon_days: int
    retained: tuple[str, ...]
    leaked: tuple[str, ...]
    inactive: tuple[str, ...]
    immature: tuple[str, ...]

    @property
    def rate(self) -> Share:
        """Retained / (retained + leaked); the inactive left us, not the channel."""
        excluded = {"inactive": len(self.inactive), "too early to tell": len(self.immature)}
        return share_of(self.retained, [*self.retained, *self.leaked], excluded)


def channel_retention(book: Book, period: Period, *, horizon_days: int | None = None) -> Retention:
    """Return M13 for the accounts whose first online order ever lies in the period and who came from offline."""
    days = book.settings.retention_days if horizon_days is None else horizon_days
    fates: dict[str, list[str]] = {"retained": [], "leaked": [], "inactive": [], "immature": []}
    for account, orders in sorted(book.orders_by_account.items()):
        first = next((order for order in orders if book.is_online(order)), None)
        if first is not None and first.placed_on in period and _came_from_offline(book, first, orders):
            fates[_fate(book, first, orders, days)].append(account)
    return Retention(
        horizon_days=days,
        retained=tuple(fates["retained"]),
        leaked=tuple(fates["leaked"]),
        inactive=tuple(fates["inactive"]),
        immature=tuple(fates["immature"]),
    )


def _came_from_offline(book: Book, first: Order, orders: Sequence[Order]) -> bool:
    earliest = first.placed_on - dt.timedelta(days=book.settings.migration_look_back_days)
    return any(
        book.is_offline(order) and order.placed_at < first.placed_at and order.placed_on >= earliest for order in orders
    )


def _fate(book: Book, first: Order, orders: Sequence[Order], days: int) -> str:
    end = first.placed_on + dt.timedelta(days=days)
    if end >= book.today:
        return "immature"
    later = [order for order in orders if order.placed_at > first.placed_at and order.placed_on <= end]
    online = sum(book.is_online(order) for order in later)
    offline = sum(book.is_offline(order) for order in later)
    if online + offline == 0:
        return "inactive"
    return "retained" if Decimal(online) / (online + offline) >= book.settings.retained_share else "leaked"


@dataclass(frozen=True, slots=True)
class Basket:
    """M16 of a channel. `aov` is money an order, `upt` pieces an order."""

    orders: int
    value: Decimal
    units: Decimal
    unconverted: int
    rows: tuple[str, ...] = ()

    @property
    def aov(self) -> Decimal | None:
        """Average order value in the company's currency."""
        return self.value / self.orders if self.orders else None

    @property
    def upt(self) -> Decimal | None:
        """Units per transaction."""
        return self.units / self.orders if self.orders else None


@dataclass(frozen=True, slots=True)
class Baskets:
    """M16 by channel and for all of ONLINE."""

    channels: dict[str, Basket]
    online: Basket

    @property
    def rep_vs_online_aov(self) -> Decimal | None:
        """(aov of reps - aov online) / aov online; None when either has no orders."""
        rep = self.channels.get(REP)
        if rep is None or rep.aov is None or not self.online.aov:
            return None
        return (rep.aov - self.online.aov) / self.online.aov


def basket(book: Book, period: Period) -> Baskets:
    """Return M16 over counted orders placed in the period by all accounts."""
    orders = book.orders_in(period)
    channels = sorted({order.channel for order in orders})
    return Baskets(
        channels={channel: _basket([o for o in orders if o.channel == channel]) for channel in channels},
        online=_basket([order for order in orders if book.is_online(order)]),
    )


def _basket(orders: Sequence[Order]) -> Basket:
    """Orders without a rate leave both sides of AOV and UPT (C6)."""
    valued = [order for order in orders if order.value is not None]
    return Basket(
        orders=len(valued),
        value=sum((order.value for order in valued if order.value is not None), Decimal(0)),
        units=sum((order.units for order in valued), Decimal(0)),
        unconverted=len(orders) - len(valued),
        rows=tuple(order.key for order in orders),
    )


@dataclass(frozen=True, slots=True)
class OffHours:
    """M18: when online orders came, by the customer's own clock and calendar."""

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
    """Return holiday, weekend, before_open, after_close or in_hours, by the customer's clock."""
    account = book.accounts.get(order.account_id)
    local = local_time(book, order, account)
    calendar = _calendar(book, account)
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


def _calendar(book: Book, account: Account | None) -> Calendar:
    own = book.calendars.get(account.calendar) if account and account.calendar else None
    return own or book.calendars.get(book.calendar) or Calendar()
