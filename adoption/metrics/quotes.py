"""M26 quotes: how fast they are answered, and what becomes of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from adoption.metrics.book import Book
from adoption.metrics.orders import Order
from adoption.metrics.period import Period
from adoption.metrics.rows import Quote
from adoption.metrics.shares import Share, share_of
from worktime.hours import OpeningHours, worked_between

MET, BREACHED, PENDING = "met", "breached", "pending"
WON = "won"
DECIDED = frozenset({"won", "lost", "expired"})
# Nobody's allowance of business minutes is longer than what this many days hold, if they hold any.
SOON = dt.timedelta(days=60)


@dataclass(frozen=True, slots=True)
class Spread:
    """Median and 90th percentile of minutes; None without any."""

    minutes: tuple[Decimal, ...]

    @property
    def median(self) -> Decimal | None:
        """The middle one, or the mean of the two in the middle.

        >>> Spread((Decimal(75), Decimal(240))).median
        Decimal('157.5')
        """
        ordered = sorted(self.minutes)
        middle = len(ordered) // 2
        if not ordered:
            return None
        return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2

    @property
    def p90(self) -> Decimal | None:
        """By nearest rank: the smallest that at least 90 % do not exceed."""
        rank = -(-len(self.minutes) * 9 // 10)
        return sorted(self.minutes)[rank - 1] if self.minutes else None


@dataclass(frozen=True, slots=True)
class Quotes:
    """M26. `sla`: ids of the quotes requested in the period by met, breached and pending."""

    requested: tuple[str, ...]
    unanswered: tuple[str, ...]
    clock: Spread
    business: Spread
    sla: Mapping[str, tuple[str, ...]]
    won: Share
    to_order: Share

    @property
    def sla_rate(self) -> Share:
        """Met / (met + breached)."""
        return share_of(self.sla[MET], [*self.sla[MET], *self.sla[BREACHED]], {PENDING: len(self.sla[PENDING])})


def quotes(book: Book, period: Period) -> Quotes:
    """Return M26 for the quotes requested in the period; `won` for those decided in it."""
    known = book.indexed(known_quotes)
    ours = [one for one in known if book.day(one.requested_at) in period]
    answered = [one for one in ours if answered_at(book, one) is not None]
    minutes = {one.quote_id: business_minutes(book, one) for one in answered}
    return Quotes(
        requested=tuple(one.quote_id for one in ours),
        unanswered=tuple(one.quote_id for one in ours if answered_at(book, one) is None),
        clock=Spread(tuple(_clock_minutes(book, one) for one in answered)),
        business=Spread(tuple(minutes.values())),
        sla=_by_sla(book, ours, minutes),
        won=_won(book, known, period),
        to_order=_to_order(book, ours),
    )


def known_quotes(book: Book) -> list[Quote]:
    """Index: quotes requested before `as_of`, oldest first, each once, without tests."""
    once = {one.quote_id: one for one in book.quotes}.values()
    kept = [
        one
        for one in once
        if one.requested_at < book.as_of
        and not book.is_test_account(one.account_id)
        and not book.is_test_user(one.requested_by)
    ]
    return sorted(kept, key=lambda one: (one.requested_at, one.quote_id))


def answered_at(book: Book, quote: Quote) -> dt.datetime | None:
    """Return when a person first answered, as far as that is known; None without an answer."""
    at = quote.first_response_at
    return at if at is not None and at < book.as_of else None


def _clock_minutes(book: Book, quote: Quote) -> Decimal:
    return _minutes((answered_at(book, quote) or book.as_of) - quote.requested_at)


def business_minutes(book: Book, quote: Quote) -> Decimal:
    """Return the company's open minutes from the request to the first answer, or to `as_of` without one."""
    end = answered_at(book, quote) or book.as_of
    return _minutes(worked_between(_hours(book), quote.requested_at, end))


def _minutes(elapsed: dt.timedelta) -> Decimal:
    return Decimal(elapsed // dt.timedelta(microseconds=1)) / 60_000_000


def _hours(book: Book) -> OpeningHours:
    calendar = book.company_calendar
    return OpeningHours(book.timezone, calendar.intervals, calendar.holidays)


def _by_sla(book: Book, ours: Iterable[Quote], minutes: Mapping[str, Decimal]) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {MET: [], BREACHED: [], PENDING: []}
    for one in ours:
        found[_sla(book, one, minutes.get(one.quote_id))].append(one.quote_id)
    return {state: tuple(ids) for state, ids in found.items()}


def _sla(book: Book, quote: Quote, minutes: Decimal | None) -> str:
    """Return where a quote stands that was answered after so many minutes; None = not yet."""
    limit = book.settings.sla_minutes
    if minutes is not None:
        return MET if minutes <= limit else BREACHED
    soon = min(book.as_of, quote.requested_at + SOON)
    if _minutes(worked_between(_hours(book), quote.requested_at, soon)) > limit:
        return BREACHED
    return BREACHED if business_minutes(book, quote) > limit else PENDING


def _won(book: Book, known: Iterable[Quote], period: Period) -> Share:
    decided = [one for one in known if one.status in DECIDED and _is_decided_in(book, one, period)]
    return share_of([one.quote_id for one in decided if one.status == WON], [one.quote_id for one in decided])


def _is_decided_in(book: Book, quote: Quote, period: Period) -> bool:
    at = quote.decided_at
    return at is not None and at < book.as_of and book.day(at) in period


def _to_order(book: Book, ours: Sequence[Quote]) -> Share:
    """Of the quotes that are old enough, those with a counted order soon after the request."""
    span = dt.timedelta(days=book.settings.quote_to_order_days)
    mature = [one for one in ours if book.day(one.requested_at) + span < book.today]
    waiting = len(ours) - len(mature)
    return share_of(
        [one.quote_id for one in mature if became(book, one)],
        [one.quote_id for one in mature],
        {"too early to tell": waiting} if waiting else {},
    )


def became(book: Book, quote: Quote) -> list[Order]:
    """Return the counted orders soon after the request that name the quote, or that it names."""
    until = quote.requested_at + dt.timedelta(hours=24 * book.settings.quote_to_order_days)
    own = [*book.indexed(_orders_of_quote).get(quote.quote_id, ()), quote.order_id]
    orders = [book.order_of_id[key] for key in own if key in book.order_of_id]
    return [one for one in orders if one.is_counted and quote.requested_at <= one.placed_at < until]


def _orders_of_quote(book: Book) -> Mapping[str, list[str]]:
    """Index: keys of the orders that name a quote."""
    found: dict[str, list[str]] = {}
    for order in book.all_orders:
        for row in order.rows:
            if row.quote_id:
                found.setdefault(row.quote_id, []).append(order.key)
    return found
