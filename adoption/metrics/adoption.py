"""M1 adoption: who, how many orders and how much revenue is self-service."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from adoption.metrics.book import Book
from adoption.metrics.orders import Order
from adoption.metrics.period import Period
from adoption.metrics.shares import Share, share_of

ASSISTED = "web_assisted"
DIGITAL = "edi"


@dataclass(frozen=True, slots=True)
class Adoption:
    """M1: who, how many orders and how much revenue is self-service.

    `customer.whole` = A, `customer.part` = N, `penetration.whole` = |E|.
    """

    customer: Share
    order: Share
    revenue: Share
    penetration: Share
    online_only: Share
    activated: Share
    customer_with_assisted: Share
    order_with_assisted: Share
    order_digital: Share
    unconverted_orders: int


def adoption(book: Book, period: Period, *, with_excluded: bool = False) -> Adoption:
    """Return M1 over counted orders placed in the period by accounts of E(P).

    `with_excluded` counts all accounts that are no tests, as if nobody were left out: the honest comparison beside it.
    """
    eligible = everybody(book) if with_excluded else book.eligible(period)
    orders = book.orders_in(period, of=eligible)
    left_out = accounts_left_out(book, eligible)
    online = [order for order in orders if book.is_online(order)]
    assisted = [order for order in orders if order.channel == ASSISTED]
    digital = [order for order in orders if order.channel == DIGITAL and not book.is_online(order)]
    active, adopters = accounts_of(orders), accounts_of(online)
    online_only = active - accounts_of(order for order in orders if not book.is_online(order))
    return Adoption(
        customer=share_of(adopters, active, left_out),
        order=share_of(keys_of(online), keys_of(orders), left_out),
        revenue=_revenue(online, orders, left_out),
        penetration=share_of(adopters, eligible, left_out),
        online_only=share_of(online_only, active, left_out),
        activated=share_of(_activated(book, period) & eligible, eligible, left_out),
        customer_with_assisted=share_of(adopters | accounts_of(assisted), active, left_out),
        order_with_assisted=share_of(keys_of([*online, *assisted]), keys_of(orders), left_out),
        order_digital=share_of(keys_of([*online, *digital]), keys_of(orders), left_out),
        unconverted_orders=sum(order.value is None for order in orders),
    )


def _revenue(online: Sequence[Order], orders: Sequence[Order], left_out: dict[str, int]) -> Share:
    """Orders without a rate leave both sides (C6)."""
    valued = [order for order in orders if order.value is not None]
    part = [order for order in online if order.value is not None]
    excluded = left_out | ({"no exchange rate": len(orders) - len(valued)} if len(valued) < len(orders) else {})
    return Share(value_of(part), value_of(valued), keys_of(part), keys_of(valued), excluded)


def value_of(orders: Iterable[Order]) -> Decimal:
    """Add up order values; those without a rate add nothing (count them apart)."""
    return sum((order.value for order in orders if order.value is not None), Decimal(0))


def accounts_of(orders: Iterable[Order]) -> set[str]:
    """Return who ordered; an order without an account is nobody's."""
    return {order.account_id for order in orders if order.account_id}


def keys_of(orders: Iterable[Order]) -> tuple[str, ...]:
    """Return the keys of orders, sorted, each once."""
    return tuple(sorted({order.key for order in orders}))


def _activated(book: Book, period: Period) -> set[str]:
    """Accounts with a buyer log-in ever up to the end of the period."""
    return {account for account, day in book.indexed(first_login_on).items() if day <= period.last}


def first_login_on(book: Book) -> Mapping[str, dt.date]:
    """Index: the day of an account's first buyer log-in."""
    found: dict[str, dt.date] = {}
    for event in book.events_of("login"):
        day = book.day(event.occurred_at)
        found[event.account_id] = min(day, found.get(event.account_id, day))
    return found


def everybody(book: Book) -> frozenset[str]:
    """Return all accounts that are no tests."""
    return frozenset(key for key, account in book.accounts.items() if not account.is_test)


def accounts_left_out(book: Book, counted: frozenset[str]) -> dict[str, int]:
    """Count the accounts that a metric leaves out, by reason."""
    return dict(Counter(why_left_out(book, counted).values()))


def why_left_out(book: Book, counted: frozenset[str]) -> dict[str, str]:
    """Return the accounts that a metric leaves out, each with the reason."""
    reasons = {}
    for key, account in book.accounts.items():
        if key not in counted:
            never = "never enabled to buy online" if not account.enabled else "not enabled in this period"
            reasons[key] = "test account" if account.is_test else account.exclusion or never
    return reasons
