"""Opening hours of a place, and arithmetic with them (docs/metrics.md, M26)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

# Who is closed for longer has no opening hours.
LONGEST_CLOSED = dt.timedelta(days=60)
ONE_DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class OpeningHours:
    """When somebody is there.

    Attributes:
        zone: Name of the time zone in which the clocks are read.
        intervals: [open, close) by ISO weekday (1 = Monday); no interval = closed.
        holidays: Days on which it is closed whatever the weekday.
    """

    zone: str
    intervals: Mapping[int, tuple[tuple[dt.time, dt.time], ...]] = field(default_factory=dict)
    holidays: frozenset[dt.date] = frozenset()

    def on(self, day: dt.date) -> list[tuple[dt.datetime, dt.datetime]]:
        """Return the open spans of a local day as aware UTC instants, earliest first."""
        if day in self.holidays:
            return []
        return [
            (self._at(day, opens), self._at(day, closes)) for opens, closes in self.intervals.get(day.isoweekday(), ())
        ]

    def _at(self, day: dt.date, clock: dt.time) -> dt.datetime:
        return dt.datetime.combine(day, clock, ZoneInfo(self.zone)).astimezone(dt.UTC)

    def midnight(self, day: dt.date) -> dt.datetime:
        """Return when a local day begins."""
        return self._at(day, dt.time.min)

    def day_of(self, at: dt.datetime) -> dt.date:
        """Return the local date of an instant."""
        return at.astimezone(ZoneInfo(self.zone)).date()


def is_open(hours: OpeningHours, at: dt.datetime) -> bool:
    """Say whether somebody is there at this instant."""
    return any(opens <= at < closes for opens, closes in hours.on(hours.day_of(at)))


def worked_between(hours: OpeningHours, start: dt.datetime, end: dt.datetime) -> dt.timedelta:
    """Return how much of [start, end) lies in opening hours; zero when `end` is not after `start`.

    >>> nine_to_six = ((dt.time(9), dt.time(18)),)
    >>> closed = frozenset({dt.date(2024, 11, 1)})
    >>> week = OpeningHours("Europe/Madrid", {day: nine_to_six for day in range(1, 6)}, closed)
    >>> asked = dt.datetime(2024, 10, 31, 16, 30, tzinfo=dt.UTC)     # Thursday, half an hour before closing
    >>> answered = dt.datetime(2024, 11, 4, 8, 45, tzinfo=dt.UTC)    # Monday; the Friday between was a holiday
    >>> worked_between(week, asked, answered)
    datetime.timedelta(seconds=4500)
    """
    if end <= start:
        return dt.timedelta(0)
    overlaps = (
        min(closes, end) - max(opens, start)
        for day in _days(hours.day_of(start), hours.day_of(end))
        for opens, closes in hours.on(day)
        if opens < end and closes > start
    )
    return sum(overlaps, dt.timedelta(0))


def passed_on_working_days(hours: OpeningHours, start: dt.datetime, end: dt.datetime) -> dt.timedelta:
    """Return how much of [start, end) passed on days that have opening hours, nights counted; all, where none has.

    >>> week = OpeningHours("Europe/Madrid", {day: ((dt.time(9), dt.time(18)),) for day in range(1, 6)})
    >>> friday, tuesday = dt.datetime(2024, 11, 8, 17, tzinfo=dt.UTC), dt.datetime(2024, 11, 12, 17, tzinfo=dt.UTC)
    >>> passed_on_working_days(week, friday, tuesday)
    datetime.timedelta(days=2)
    """
    if not hours.intervals:
        return end - start
    days = (day for day in _days(hours.day_of(start), hours.day_of(end)) if hours.on(day))
    spans = (min(hours.midnight(day + ONE_DAY), end) - max(hours.midnight(day), start) for day in days)
    return sum(spans, dt.timedelta(0))


def moment_after(hours: OpeningHours, start: dt.datetime, worked: dt.timedelta) -> dt.datetime | None:
    """Return when `worked` of opening time will have passed since `start`; None when it never opens."""
    left = worked
    first = hours.day_of(start)
    closed_since = first
    day = first
    while day - closed_since <= LONGEST_CLOSED:
        for opens, closes in hours.on(day):
            begins = max(opens, start)
            if closes <= begins:
                continue
            closed_since = day
            if closes - begins >= left:
                return begins + left
            left -= closes - begins
        day += ONE_DAY
    return None


def _days(first: dt.date, last: dt.date) -> Iterator[dt.date]:
    day = first
    while day <= last:
        yield day
        day += ONE_DAY
