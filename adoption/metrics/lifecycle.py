"""M9 life cycle, M14 cohorts, M15 returning buyers: what accounts do after their first self-service order."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from adoption.metrics.book import Book
from adoption.metrics.period import Period, month_of, months_after
from adoption.metrics.shares import Share, share_of


def online_days(book: Book) -> Mapping[str, list[dt.date]]:
    """Index: the days of an account's ONLINE orders, earliest first, a day for each order."""
    return {
        account: sorted(order.placed_on for order in orders if book.is_online(order))
        for account, orders in book.orders_by_account.items()
        if account in book.first_online
    }


def _online_months(book: Book) -> Mapping[str, frozenset[dt.date]]:
    """Index: first days of the months with an ONLINE order, by account."""
    return {
        account: frozenset(day.replace(day=1) for day in days) for account, days in book.indexed(online_days).items()
    }


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """M9 of a month, by account id."""

    new: tuple[str, ...]
    returning: tuple[str, ...]
    resurrected: tuple[str, ...]
    dormant: tuple[str, ...]


def lifecycle(book: Book, month: dt.date) -> Lifecycle:
    """Return M9 of the month that a day lies in, by ONLINE orders."""
    this = month.replace(day=1)
    last = months_after(this, -1)
    found: dict[str, list[str]] = {"new": [], "returning": [], "resurrected": [], "dormant": []}
    for account, months in sorted(book.indexed(_online_months).items()):
        state = state_of(is_active=this in months, was_active=last in months, is_first=min(months) == this)
        if state:
            found[state].append(account)
    return Lifecycle(**{name: tuple(accounts) for name, accounts in found.items()})


def state_of(*, is_active: bool, was_active: bool, is_first: bool) -> str:
    """Return the list of M9 that an account stands in: by ONLINE orders in the month, in the one before, and ever."""
    if not is_active:
        return "dormant" if was_active else ""
    if is_first:
        return "new"
    return "returning" if was_active else "resurrected"


@dataclass(frozen=True, slots=True)
class Cohort:
    """M14: accounts whose first ONLINE order was in a month.

    `back`: who ordered so in the month k = 0, 1, … later, `on_or_after`: how many then or later; None = not over.
    """

    month: dt.date
    accounts: tuple[str, ...]
    back: tuple[tuple[str, ...] | None, ...]
    on_or_after: tuple[int | None, ...]

    @property
    def return_on(self) -> tuple[int | None, ...]:
        """How many ordered so in the month k = 0, 1, … later."""
        return tuple(None if one is None else len(one) for one in self.back)

    def shares(self, counts: tuple[int | None, ...]) -> list[Decimal | None]:
        """Return counts as shares of the cohort."""
        return [None if count is None else Decimal(count) / len(self.accounts) for count in counts]


def cohorts(book: Book, *, within: Period | None = None, months: int = 12) -> list[Cohort]:
    """Return M14 for the months with a first ONLINE order, earliest first."""
    groups: dict[dt.date, list[str]] = {}
    for account, first in book.first_online.items():
        if within is None or first.placed_on in within:
            groups.setdefault(first.placed_on.replace(day=1), []).append(account)
    return [_cohort(book, month, sorted(accounts), months) for month, accounts in sorted(groups.items())]


def _cohort(book: Book, month: dt.date, accounts: list[str], months: int) -> Cohort:
    active = book.indexed(_online_months)
    later = [months_after(month, k) for k in range(months + 1)]
    over = [one if month_of(one).last < book.today else None for one in later]
    return Cohort(
        month=month,
        accounts=tuple(accounts),
        back=tuple(None if one is None else tuple(a for a in accounts if one in active[a]) for one in over),
        on_or_after=tuple(None if one is None else sum(max(active[a]) >= one for a in accounts) for one in over),
    )


@dataclass(frozen=True, slots=True)
class Returning:
    """M15, by account id."""

    cohort: tuple[str, ...]
    returned: tuple[str, ...]
    immature: tuple[str, ...]

    @property
    def rate(self) -> Share:
        """Returned / cohort."""
        return share_of(self.returned, self.cohort, {"too early to tell": len(self.immature)} if self.immature else {})


def returning(book: Book, period: Period) -> Returning:
    """Return M15 of the accounts whose first ONLINE order lies in the period.

    Another order on the same day is no return; one on the last day of the span is.
    """
    span = dt.timedelta(days=book.settings.returning_days)
    cohort, returned, immature = [], [], []
    for account, days in sorted(book.indexed(online_days).items()):
        first = days[0]
        if first not in period:
            continue
        if first + span >= book.today:
            immature.append(account)
            continue
        cohort.append(account)
        if any(first < day <= first + span for day in days):
            returned.append(account)
    return Returning(tuple(cohort), tuple(returned), tuple(immature))
