"""Self-service instead of a call: M3 tracking, M4 invoices paid online, M5 invoice searches, M6 offline enquiries."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from adoption.metrics.adoption import accounts_left_out, keys_of
from adoption.metrics.book import Book, by_day, in_period
from adoption.metrics.orders import Order
from adoption.metrics.period import Period
from adoption.metrics.rounding import divided
from adoption.metrics.rows import Enquiry, Invoice, Payment
from adoption.metrics.shares import Share, share_of

WEB = "web"
SERVICE_TOPICS = frozenset({"order_status", "invoice", "return"})
OFFLINE_MEDIA = frozenset({"phone", "email", "visit", "fax"})


@dataclass(frozen=True, slots=True)
class Tracking:
    """M3 overall and for each strategic account."""

    overall: Share
    strategic: dict[str, Share]


def tracking(book: Book, period: Period) -> Tracking:
    """Return M3: orders whose status a buyer of the same account opened within the tracking window."""
    eligible = book.eligible(period)
    orders = book.orders_in(period, of=eligible)
    tracked = tracked_of(book, orders)
    by_account, tracked_by_account = _keys_by_account(orders), _keys_by_account(tracked)
    strategic = {
        account: share_of(tracked_by_account.get(account, ()), by_account.get(account, ()))
        for account in sorted(eligible)
        if book.accounts[account].is_strategic
    }
    return Tracking(share_of(keys_of(tracked), keys_of(orders), accounts_left_out(book, eligible)), strategic)


def _keys_by_account(orders: Iterable[Order]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for order in orders:
        found.setdefault(order.account_id, []).append(order.key)
    return found


def tracked_of(book: Book, orders: Iterable[Order]) -> list[Order]:
    """Return those of the orders that their own account tracked in time."""
    opened = book.indexed(_openings)
    window = dt.timedelta(hours=24 * book.settings.tracking_days)
    return [order for order in orders if _is_tracked(order, opened, window)]


def _openings(book: Book) -> Mapping[tuple[str, str], list[dt.datetime]]:
    """Index: when an order was opened, by (account, order id or reference)."""
    found: dict[tuple[str, str], list[dt.datetime]] = {}
    for event in book.events_of("order_tracked"):
        found.setdefault((event.account_id, event.object_id), []).append(event.occurred_at)
    return found


def _is_tracked(order: Order, opened: Mapping[tuple[str, str], list[dt.datetime]], window: dt.timedelta) -> bool:
    times = (at for key in order.ids for at in opened.get((order.account_id, key), ()))
    return any(order.placed_at <= at < order.placed_at + window for at in times)


@dataclass(frozen=True, slots=True)
class PaidOnline:
    """M4: invoices fully paid in the period, and those paid mostly through the shop, by count and by value."""

    count: Share
    value: Share


def invoices_paid_online(book: Book, period: Period) -> PaidOnline:
    """Return M4. An invoice is online when web payments are more than half of all its succeeded payments."""
    return paid_online_of(book, paid_in(book, period))


def paid_in(book: Book, period: Period) -> list[Invoice]:
    """Return the invoices (no credits) that were fully paid in the period."""
    return in_period(book.indexed(_paid_by_day), period)


def _paid_by_day(book: Book) -> Mapping[dt.date, list[Invoice]]:
    """Index: invoices dated before today (C2), by the day on which they were paid; some are before their own date."""
    dated = (one for own in book.documents_by_day.values() for one in own if one.kind == "invoice")
    paid = ((one.paid_at, one) for one in dated if one.paid_at is not None)
    return by_day((book.day(at), one) for at, one in paid if at < book.as_of)


def paid_online_of(book: Book, paid: Sequence[Invoice]) -> PaidOnline:
    """Return M4 of some paid invoices."""
    received = {one.invoice_id: book.received.get(one.invoice_id, ()) for one in paid}
    online = [key for key, payments in received.items() if _is_mostly_web(book, payments)]
    keys = tuple(sorted(received))
    amounts = [(one.via, _company_money(book, one)) for own in received.values() for one in own]
    unconverted = sum(amount is None for _via, amount in amounts)
    return PaidOnline(
        count=share_of(online, keys),
        value=Share(
            sum((amount for via, amount in amounts if via == WEB and amount is not None), Decimal(0)),
            sum((amount for _via, amount in amounts if amount is not None), Decimal(0)),
            tuple(sorted(online)),
            keys,
            {"no exchange rate": unconverted} if unconverted else {},
        ),
    )


def _is_mostly_web(book: Book, payments: Sequence[Payment]) -> bool:
    """Compare in the payments' own currency if it is one: the rate of the day must not decide who paid more."""
    is_one = len({one.currency for one in payments}) == 1
    amounts = [(one.via, one.amount if is_one else _company_money(book, one) or Decimal(0)) for one in payments]
    web = sum((amount for via, amount in amounts if via == WEB), Decimal(0))
    return web * 2 > sum((amount for _via, amount in amounts), Decimal(0))


def _company_money(book: Book, payment: Payment) -> Decimal | None:
    return book.converted(payment.amount, payment.currency, book.day(payment.paid_at))


@dataclass(frozen=True, slots=True)
class InvoiceSearches:
    """M5: searches for invoices, repeated ones dropped, and of how many accounts; by account where that is known."""

    total: int
    accounts: int
    per_account: dict[str, int] = field(default_factory=dict)
    repeated: int = 0


def invoice_searches(book: Book, period: Period) -> InvoiceSearches:
    """Return M5: the same query in the same session within the window of the last kept one counts once."""
    kept_at: dict[tuple[str, str], dt.datetime] = {}
    window = dt.timedelta(seconds=book.settings.search_window_s)
    per_account: dict[str, int] = {}
    repeated = 0
    for event in book.events_of("invoice_searched"):
        session = event.session_id or f"{event.account_id} {event.user_id}"
        key = (session, str(event.props.get("query", "")))
        last = kept_at.get(key)
        is_inside = book.day(event.occurred_at) in period
        if last is not None and event.occurred_at - last < window:
            repeated += is_inside
            continue
        kept_at[key] = event.occurred_at
        if is_inside:
            per_account[event.account_id] = per_account.get(event.account_id, 0) + 1
    return InvoiceSearches(sum(per_account.values()), len(per_account), dict(sorted(per_account.items())), repeated)


@dataclass(frozen=True, slots=True)
class OfflineEnquiries:
    """M6: questions that the shop answers, asked by phone, e-mail, fax or visit. `rows`: their ids, where known."""

    enquiries: int
    orders: int
    rows: tuple[str, ...] = ()

    @property
    def per_100_orders(self) -> Decimal | None:
        """Enquiries for each hundred counted orders of all accounts."""
        return divided(100 * self.enquiries, self.orders)

    def trend_since(self, before: OfflineEnquiries) -> Decimal | None:
        """Return the relative change; negative is good; None when there is nothing to compare with."""
        now, was = self.per_100_orders, before.per_100_orders
        return None if now is None or not was else (now - was) / was


def offline_enquiries(book: Book, period: Period) -> OfflineEnquiries:
    """Return M6; it is told beside the previous month, quarter or year, or as many days just before."""
    rows = tuple(one.enquiry_id for one in _service_enquiries(book, period))
    return OfflineEnquiries(len(rows), len(book.orders_in(period)), rows)


def _service_enquiries(book: Book, period: Period) -> list[Enquiry]:
    return [one for one in in_period(book.indexed(enquiries_by_day), period) if is_service(one)]


def is_service(enquiry: Enquiry) -> bool:
    """Say whether somebody asked a person what the shop could have answered."""
    return enquiry.topic in SERVICE_TOPICS and enquiry.medium in OFFLINE_MEDIA


def enquiries_by_day(book: Book) -> Mapping[dt.date, list[Enquiry]]:
    """Index: enquiries before `as_of` by their date, oldest first, each once, without test accounts."""
    once = {one.enquiry_id: one for one in book.enquiries}.values()
    kept = [one for one in once if one.occurred_at < book.as_of and not book.is_test_account(one.account_id)]
    kept.sort(key=lambda one: (one.occurred_at, one.enquiry_id))
    return by_day((book.day(one.occurred_at), one) for one in kept)
