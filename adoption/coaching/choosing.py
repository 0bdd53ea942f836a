"""Whom to call this week: what could move online, in matched pairs of which one is left alone."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from adoption.metrics.book import Book
from adoption.metrics.orders import Order
from adoption.metrics.period import Period, days_before

LEAKED, NEVER, DECAY, PHONES = "leaked", "never", "decay", "phones"
A_WEEK = 5
WINDOW_DAYS = 90
ONE_DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A customer whose offline orders could move.

    Attributes:
        expected: Offline value of the last 90 days of items that the shop sells, in the company's currency.
        facts: What the reason's words name, as texts.
    """

    account_id: str
    rep_id: str
    reason: str
    expected: Decimal
    facts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Habits:
    """Who went back to the phone (M17), who logs in less than before (M8), who ever logged in."""

    leaked: frozenset[str]
    silent: frozenset[str]
    seen: frozenset[str]


@dataclass(frozen=True, slots=True)
class Chosen:
    """A candidate with his place: in which pair, and whether he is left alone."""

    candidate: Candidate
    pair: int
    is_control: bool


def monday_of(day: dt.date) -> dt.date:
    """Return the Monday of the ISO week.

    >>> monday_of(dt.date(2026, 11, 22))
    datetime.date(2026, 11, 16)
    """
    return day - dt.timedelta(days=day.weekday())


def offline_orders(book: Book) -> dict[str, list[Order]]:
    """Return the offline orders of the last 90 days of accounts that could have ordered online yesterday."""
    yesterday = book.today - ONE_DAY
    able = book.eligible(Period(yesterday, yesterday))
    found: dict[str, list[Order]] = {}
    for order in book.orders_in(days_before(book.today, WINDOW_DAYS), of=able):
        if book.is_offline(order):
            found.setdefault(order.account_id, []).append(order)
    return found


def candidates(book: Book, *, sold_online: Mapping[str, Decimal], habits: Habits) -> list[Candidate]:
    """Return who could move, the largest effect first.

    `sold_online` is, by order key, the share of its value in items that the shop sells today.
    """
    found = []
    for account, orders in offline_orders(book).items():
        expected = sum(((one.value or Decimal(0)) * sold_online.get(one.key, Decimal(0)) for one in orders), Decimal(0))
        if expected <= 0:
            continue
        reason = LEAKED if account in habits.leaked else NEVER if account not in habits.seen else PHONES
        if reason == PHONES and account in habits.silent:
            reason = DECAY
        rep = book.accounts[account].rep_user_id
        found.append(Candidate(account, rep, reason, expected, _facts(orders, expected)))
    return sorted(found, key=lambda one: (-one.expected, one.account_id))


def _facts(orders: Sequence[Order], expected: Decimal) -> dict[str, str]:
    value = sum((one.value or Decimal(0) for one in orders), Decimal(0))
    channels = [one.channel for one in orders]
    usual = max(sorted(set(channels)), key=channels.count)
    share = (expected / value * 100).quantize(Decimal(1)) if value else Decimal(0)
    return {"orders": str(len(orders)), "channel": usual, "share": str(share)}


def choose(
    found: Iterable[Candidate], *, week_on: dt.date, resting: Collection[str], a_week: int = A_WEEK
) -> list[Chosen]:
    """Return the week of every rep: neighbours in expected effect make a pair, one of which is nudged.

    The last one without a neighbour is nudged without a control, and then counts in no comparison. `resting` are those
    who were chosen in the last four weeks: a second nudge would blur what the first one did.
    """
    by_rep: dict[str, list[Candidate]] = {}
    for one in found:
        if one.account_id not in resting:
            by_rep.setdefault(one.rep_id, []).append(one)
    chosen = []
    for own in by_rep.values():
        for pair, start in enumerate(range(0, min(len(own), 2 * a_week), 2), start=1):
            chosen += _pair(own[start : start + 2], pair, week_on)
    return chosen


def _pair(two: Sequence[Candidate], pair: int, week_on: dt.date) -> list[Chosen]:
    """Return a pair with its control: decided by the week and the accounts alone, so nobody can choose."""
    drawn = sorted(two, key=lambda one: hashlib.sha256(f"{week_on}:{one.account_id}".encode()).hexdigest())
    return [Chosen(one, pair, is_control=place > 0) for place, one in enumerate(drawn)]
