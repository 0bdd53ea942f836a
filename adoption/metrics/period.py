"""Periods of company days (docs/metrics.md, C1)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

ONE_DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Period:
    """First to last day, both included, by the company's date."""

    first: dt.date
    last: dt.date

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise ValueError(f"a period ends before it begins: {self.first} to {self.last}")

    def __contains__(self, day: dt.date) -> bool:
        return self.first <= day <= self.last

    def __iter__(self) -> Iterator[dt.date]:
        for count in range(self.days):
            yield self.first + dt.timedelta(days=count)

    @property
    def days(self) -> int:
        """Number of days."""
        return (self.last - self.first).days + 1

    def before(self) -> Period:
        """Return the period to compare with: the previous month, quarter or year, else as many days just before.

        >>> Period(dt.date(2024, 3, 1), dt.date(2024, 3, 31)).before()
        Period(first=datetime.date(2024, 2, 1), last=datetime.date(2024, 2, 29))
        >>> Period(dt.date(2024, 3, 4), dt.date(2024, 3, 10)).before()
        Period(first=datetime.date(2024, 2, 26), last=datetime.date(2024, 3, 3))
        """
        last = self.first - ONE_DAY
        for months in (1, 3, 12):
            if self._is_whole(months):
                return Period(months_after(self.first, -months), last)
        return Period(self.first - dt.timedelta(days=self.days), last)

    def until(self, day: dt.date) -> Period | None:
        """Return the part of the period that is over before this day; None when none is.

        >>> Period(dt.date(2024, 3, 1), dt.date(2024, 3, 31)).until(dt.date(2024, 3, 5))
        Period(first=datetime.date(2024, 3, 1), last=datetime.date(2024, 3, 4))
        """
        last = min(self.last, day - ONE_DAY)
        return Period(self.first, last) if last >= self.first else None

    def _is_whole(self, months: int) -> bool:
        starts = self.first.day == 1 and (self.first.month - 1) % months == 0
        return starts and months_after(self.first, months) == self.last + ONE_DAY


def months_after(first: dt.date, months: int) -> dt.date:
    """Return the first day of a month so many months later (earlier when negative).

    >>> months_after(dt.date(2024, 11, 1), 3), months_after(dt.date(2024, 1, 1), -1)
    (datetime.date(2025, 2, 1), datetime.date(2023, 12, 1))
    """
    index = first.year * 12 + first.month - 1 + months
    return dt.date(index // 12, index % 12 + 1, 1)


def month_of(day: dt.date) -> Period:
    """Return the calendar month of a day."""
    first = day.replace(day=1)
    return Period(first, months_after(first, 1) - ONE_DAY)


def days_before(today: dt.date, count: int, *, gap: int = 0) -> Period:
    """Return the `count` days before `today`, or before the `gap` days before it.

    >>> days_before(dt.date(2025, 1, 1), 28)
    Period(first=datetime.date(2024, 12, 4), last=datetime.date(2024, 12, 31))
    >>> days_before(dt.date(2025, 1, 1), 84, gap=28).last
    datetime.date(2024, 12, 3)
    """
    last = today - dt.timedelta(days=gap + 1)
    return Period(last - dt.timedelta(days=count - 1), last)
