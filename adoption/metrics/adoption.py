"""M1 adoption, M2 strategic log-ins, M3 tracking, M4 invoices paid online, M5 invoice searches."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from adoption.metrics.facts import Book, Event, Order, Payment, Period
from adoption.metrics.shares import Share, share_of

ASSISTED = "web_assisted"
WEB = "web"
DIGITAL = "edi"


@dataclass(frozen=True, slots=True)
class Adoption:
    """M1: who, how many orders and how much revenue is self-service."""

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


def adoption(book: Book, period: Period) -> Adoption:
    """Return M1 over counted orders placed in the period by accounts of E(P)."""
    eligible = book.eligible(period)
    orders = book.orders_in(period, of=eligible)
    left_out = _left_out(book, period, eligible)
    online = [order for order in orders if book.is_online(order)]
    assisted = [order for order in orders if order.channel == ASSISTED]
    active, adopters = _accounts(orders), _accounts(online)
    online_only = active - _accounts(order for order in orders if not book.is_online(order))
    digital = [order for order in orders if order.channel == DIGITAL]
    return Adoption(
        customer=share_of(adopters, active, left_out),
        order=share_of(_keys(online), _keys(orders), left_out),
        revenue=_revenue(online, orders, left_out),
        penetration=share_of(adopters, eligible, left_out),
        online_only=share_of(online_only, active, left_out),
        activated=share_of(_activated(book, period) & eligible, eligible, left_out),
        customer_with_assisted=share_of(adopters | _accounts(assisted), active, left_out),
        order_with_assisted=share_of(_keys([*online, *assisted]), _keys(orders), left_out),
        order_digital=share_of(_keys([*online, *digital]), _keys(orders), left_out),
        unconverted_orders=sum(order.value is None for order in orders),
    )


def _revenue(online: Sequence[Order], orders: Sequence[Order], left_out: dict[str, int]) -> Share:
    """Orders without a rate leave both sides (C6)."""
    valued = [order for order in orders if order.value is not None]
    part = [order for order in online if order.value is not None]
    excluded = left_out | ({"no exchange rate": len(orders) - len(valued)} if len(valued) < len(orders) else {})
    return Share(_sum(part), _sum(valued), _keys(part), _keys(valued), excluded)


def _sum(orders: Iterable[Order]) -> Decimal:
    return sum((order.value for order in orders if order.value is not None), Decimal(0))


def _accounts(orders: Iterable[Order]) -> set[str]:
    return {order.account_id for order in orders}


def _keys(orders: Iterable[Order]) -> tuple[str, ...]:
    return tuple(sorted({order.key for order in orders}))


def _activated(book: Book, period: Period) -> set[str]:
    """Accounts with a buyer log-in ever up to the end of the period."""
    logins = (event for event in book.buyer_events if event.kind == "login")
    return {event.account_id for event in logins if book.day(event.occurred_at) <= period.last}


def _left_out(book: Book, period: Period, eligible: frozenset[str]) -> dict[str, int]:
    """Count the accounts that the metric leaves out, by reason."""
    reasons: dict[str, int] = {}
    for key, account in book.accounts.items():
        if key in eligible:
            continue
        never = "never enabled to buy online" if not account.enabled else "not enabled in this period"
        reason = "test account" if account.is_test else account.exclusion or never
        reasons[reason] = reasons.get(reason, 0) + 1
    return reasons


@dataclass(frozen=True, slots=True)
class Logins:
    """M2 of one account: different people, days with a log-in by a person, log-ins."""

    users: int
    login_days: int
    logins: int


def strategic_logins(book: Book, period: Period) -> dict[str, Logins]:
    """Return M2 for each strategic account of E(P); those without log-ins are there with 0."""
    logins = [e for e in book.buyer_events if e.kind == "login" and book.day(e.occurred_at) in period]
    return {
        account: _logins(book, [event for event in logins if event.account_id == account])
        for account in sorted(book.eligible(period))
        if book.accounts[account].is_strategic
    }


def _logins(book: Book, events: Sequence[Event]) -> Logins:
    users = {event.user_id for event in events}
    days = {(event.user_id, book.day(event.occurred_at)) for event in events}
    return Logins(users=len(users), login_days=len(days), logins=len(events))


@dataclass(frozen=True, slots=True)
class Tracking:
    """M3 overall and for each strategic account."""

    overall: Share
    strategic: dict[str, Share]


def tracking(book: Book, period: Period) -> Tracking:
    """Return M3: orders whose status a buyer of the same account opened within the tracking window."""
    eligible = book.eligible(period)
    orders = book.orders_in(period, of=eligible)
    opened = _openings(book)
    tracked = [order for order in orders if _is_tracked(book, order, opened)]
    strategic = {
        account: share_of(
            _keys(o for o in tracked if o.account_id == account), _keys(o for o in orders if o.account_id == account)
        )
        for account in sorted(eligible)
        if book.accounts[account].is_strategic
    }
    return Tracking(share_of(_keys(tracked), _keys(orders), _left_out(book, period, eligible)), strategic)


def _openings(book: Book) -> dict[tuple[str, str], list[dt.datetime]]:
    """Return when an order was opened, by (account, order id or reference)."""
    found: dict[tuple[str, str], list[dt.datetime]] = {}
    for event in book.buyer_events:
        if event.kind == "order_tracked":
            found.setdefault((event.account_id, event.object_id), []).append(event.occurred_at)
    return found


def _is_tracked(book: Book, order: Order, opened: dict[tuple[str, str], list[dt.datetime]]) -> bool:
    until = order.placed_at + dt.timedelta(hours=24 * book.settings.tracking_days)
    times = (at for key in order.ids for at in opened.get((order.account_id, key), ()))
    return any(order.placed_at <= at < until for at in times)


@dataclass(frozen=True, slots=True)
class PaidOnline:
    """M4: invoices fully paid in the period, and those paid mostly through the shop, by count and by value."""

    count: Share
    value: Share


def invoices_paid_online(book: Book, period: Period) -> PaidOnline:
    """Return M4. An invoice is online when web payments are more than half of all its succeeded payments."""
    paid = [
        one
        for one in book.invoices
        if one.kind == "invoice" and one.paid_at is not None and one.paid_at < book.as_of
        if book.day(one.paid_at) in period
        if not (one.account_id in book.accounts and book.accounts[one.account_id].is_test)
    ]
    payments = _received(book)
    received = {one.invoice_id: payments.get(one.invoice_id, []) for one in paid}
    online = [key for key, payments in received.items() if _is_mostly_web(payments)]
    keys = tuple(sorted(received))
    return PaidOnline(
        count=share_of(online, keys),
        value=Share(
            _company_money(book, [one for own in received.values() for one in own if one.via == WEB]),
            _company_money(book, [one for own in received.values() for one in own]),
            tuple(sorted(online)),
            keys,
        ),
    )


def _received(book: Book) -> dict[str, list[Payment]]:
    """Return the succeeded payments before `as_of` by invoice."""
    found: dict[str, list[Payment]] = {}
    for one in book.payments:
        if one.status == "succeeded" and one.paid_at < book.as_of:
            found.setdefault(one.invoice_id, []).append(one)
    return found


def _is_mostly_web(payments: Sequence[Payment]) -> bool:
    """Compare in the invoice's own currency: the rate of the day must not decide who paid more."""
    web = sum((one.amount for one in payments if one.via == WEB), Decimal(0))
    return web * 2 > sum((one.amount for one in payments), Decimal(0))


def _company_money(book: Book, payments: Sequence[Payment]) -> Decimal:
    amounts = (book.converted(one.amount, one.currency, book.day(one.paid_at)) for one in payments)
    return sum((amount for amount in amounts if amount is not None), Decimal(0))


@dataclass(frozen=True, slots=True)
class InvoiceSearches:
    """M5: searches for invoices, repeated ones dropped; by account."""

    total: int
    per_account: dict[str, int]


def invoice_searches(book: Book, period: Period) -> InvoiceSearches:
    """Return M5: the same query in the same session within the window of the last kept one counts once."""
    kept_at: dict[tuple[str, str], dt.datetime] = {}
    per_account: dict[str, int] = {}
    for event in book.buyer_events:
        if event.kind != "invoice_searched":
            continue
        key = (event.session_id, str(event.props.get("query", "")))
        last = kept_at.get(key)
        window = dt.timedelta(seconds=book.settings.search_window_s)
        if last is not None and event.occurred_at - last < window:
            continue
        kept_at[key] = event.occurred_at
        if book.day(event.occurred_at) in period:
            per_account[event.account_id] = per_account.get(event.account_id, 0) + 1
    return InvoiceSearches(total=sum(per_account.values()), per_account=per_account)
