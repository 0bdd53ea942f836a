"""Days whose facts changed, as stretches of days with the accounts to look at."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping

from adoption.metrics.facts import Period

# Whose facts changed on each day; None = everybody's.
Touched = Mapping[dt.date, Collection[str] | None]


def spans(days: Touched, *, last: dt.date, before: int = 0) -> Iterator[tuple[Period, frozenset[str] | None]]:
    """Return one stretch for everybody and, before it, one for the accounts that changed, each up to the last day.

    `before`: how many days before its day a fact matters too.
    """
    window = dt.timedelta(days=before)
    every = min((day for day, accounts in days.items() if accounts is None), default=None)
    if every is not None:
        yield Period(every - window, last), None
    some = {day: accounts for day, accounts in days.items() if accounts and (every is None or day < every)}
    if some:
        yield Period(min(some) - window, last), frozenset[str]().union(*some.values())
