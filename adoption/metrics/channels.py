"""M12 migration and M13 channel retention: who moved online, and who stayed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from adoption.metrics.book import Book
from adoption.metrics.orders import Order
from adoption.metrics.period import Period, days_before
from adoption.metrics.shares import Share, share_of


def migration(book: Book, period: Period) -> Share:
    """Return M12: of those who ordered offline in the year before and never online, who ordered online now."""
    look_back = days_before(period.first, book.settings.migration_look_back_days)
    base, migrated = set(), set()
    eligible = book.eligible(period)
    for account in eligible:
        orders = book.orders_by_account.get(account, ())
        came_offline = any(book.is_offline(order) and order.placed_on in look_back for order in orders)
        online_on = [order.placed_on for order in orders if book.is_online(order)]
        if came_offline and not any(day < period.first for day in online_on):
            base.add(account)
            if any(day in period for day in online_on):
                migrated.add(account)
    return share_of(migrated, base, {"already online, or no offline order": len(eligible) - len(base)})


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
    for account, first in sorted(book.first_online.items()):
        orders = book.orders_by_account[account]
        if first.placed_on in period and is_migrated(book, first, orders):
            fates[_fate(book, first, orders, days)].append(account)
    return Retention(
        horizon_days=days,
        retained=tuple(fates["retained"]),
        leaked=tuple(fates["leaked"]),
        inactive=tuple(fates["inactive"]),
        immature=tuple(fates["immature"]),
    )


def is_migrated(book: Book, first: Order, orders: Sequence[Order]) -> bool:
    """Say whether an account came from offline: an OFFLINE order before its first ONLINE one, and not too old."""
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
