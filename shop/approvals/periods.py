"""When a month, quarter or year began, by the calendar of our own company."""

from __future__ import annotations

import datetime as dt

from accounts.models import Period


def start_of(period: str, on: dt.date) -> dt.date:
    """Return the first day of the period that a day lies in.

    >>> start_of("quarter", dt.date(2026, 11, 22)), start_of("year", dt.date(2026, 11, 22))
    (datetime.date(2026, 10, 1), datetime.date(2026, 1, 1))
    """
    if period == Period.YEAR:
        return on.replace(month=1, day=1)
    if period == Period.QUARTER:
        return on.replace(month=(on.month - 1) // 3 * 3 + 1, day=1)
    return on.replace(day=1)
