"""M17 alerts: accounts that leave the shop for the phone, stop buying, or come back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from adoption.metrics.adoption import value_of
from adoption.metrics.book import Book
from adoption.metrics.orders import Order
from adoption.metrics.period import Period, days_before
from adoption.metrics.rounding import divided

ONE_DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Leak:
    """An account that ordered online and now orders offline.

    Attributes:
        severity: OFFLINE value in the recent window, in the company's currency.
        baseline_share, recent_share: ONLINE share of its orders then and now.
        offline_orders: Keys of the recent OFFLINE orders, earliest first. `unconverted`: those without a rate.
    """

    account_id: str
    severity: Decimal
    baseline_share: Decimal
    recent_share: Decimal
    offline_orders: tuple[str, ...]
    unconverted: int = 0


@dataclass(frozen=True, slots=True)
class Alerts:
    """M17 as of today. `recent_shares`: ONLINE share of every account that ordered recently; it clears leaks."""

    channel_leak: dict[str, Leak]
    churn_risk: tuple[str, ...]
    reactivated: tuple[str, ...]
    recent_shares: Mapping[str, Decimal]


def alerts(book: Book) -> Alerts:
    """Return M17 as of today; the windows are the days just before it. NEUTRAL orders are ignored."""
    settings = book.settings
    recent = days_before(book.today, settings.leak_recent_days)
    baseline = days_before(book.today, settings.leak_baseline_days, gap=settings.leak_recent_days)
    yesterday = book.today - ONE_DAY
    eligible = book.eligible(Period(yesterday, yesterday))
    leaks, churn, back, shares = {}, [], [], {}
    for account, orders in sorted(book.orders_by_account.items()):
        ours = [order for order in orders if not book.is_neutral(order)]
        now = _within(ours, recent)
        share = _online_share(book, now)
        if share is not None:
            shares[account] = share
        if _is_reactivated(book, ours, recent):
            back.append(account)
        was = _habit(book, _within(ours, baseline))
        if account not in eligible or was is None:
            continue
        if not _within(orders, recent):
            churn.append(account)
        elif share is not None and len(now) >= settings.leak_min_recent and share <= settings.leak_recent_share:
            leaks[account] = _leak(book, account, now, was, share)
    return Alerts(leaks, tuple(churn), tuple(back), shares)


def _within(orders: Iterable[Order], window: Period) -> list[Order]:
    return [order for order in orders if order.placed_on in window]


def _online_share(book: Book, orders: Sequence[Order]) -> Decimal | None:
    return divided(sum(book.is_online(order) for order in orders), len(orders))


def _habit(book: Book, orders: Sequence[Order]) -> Decimal | None:
    """Return the ONLINE share of an account that used to order online; None when it did not."""
    share = _online_share(book, orders)
    online = sum(book.is_online(order) for order in orders)
    if share is None or online < book.settings.leak_min_online or share < book.settings.leak_share:
        return None
    return share


def _leak(book: Book, account: str, now: Sequence[Order], was: Decimal, share: Decimal) -> Leak:
    offline = [order for order in now if book.is_offline(order)]
    unconverted = sum(order.value is None for order in offline)
    return Leak(account, value_of(offline), was, share, tuple(order.key for order in offline), unconverted)


def _is_reactivated(book: Book, orders: Sequence[Order], recent: Period) -> bool:
    days = [order.placed_on for order in orders if book.is_online(order)]
    silence = dt.timedelta(days=book.settings.reactivation_days)
    return any(day in recent and day - before >= silence for before, day in pairwise(days))


@dataclass(frozen=True, slots=True)
class LeakState:
    """Leaks from one run to the next: a leak stays open until its account orders online again."""

    still_open: frozenset[str]
    fired: frozenset[str]
    cleared: frozenset[str]


def next_leak_state(was_open: frozenset[str], now: Alerts, *, clear_share: Decimal) -> LeakState:
    """Return which leaks are open after today's alerts: it clears at `clear_share`, and only then can fire again.

    >>> quiet = Alerts({}, (), (), {"A1": Decimal("0.4"), "A2": Decimal("0.5")})
    >>> next_leak_state(frozenset({"A1", "A2"}), quiet, clear_share=Decimal("0.5")).cleared
    frozenset({'A2'})
    """
    cleared = frozenset(a for a in was_open if now.recent_shares.get(a, Decimal(0)) >= clear_share)
    fired = frozenset(now.channel_leak) - was_open
    return LeakState((was_open - cleared) | fired, fired, cleared)
