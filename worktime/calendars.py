"""A company's own opening hours from its settings, with the public holidays of its country."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from functools import lru_cache
from zoneinfo import ZoneInfo

from worktime.hours import OpeningHours

Spans = tuple[tuple[int, tuple[tuple[str, str], ...]], ...]


def company_hours(zone: str, calendar: str, hours: Mapping[int, Sequence[tuple[str, str]]]) -> OpeningHours:
    """Return the hours; `hours`: ISO weekday -> spans of times as text, `calendar`: a country's code."""
    spans = tuple((day, tuple(tuple(one) for one in spans)) for day, spans in hours.items())
    return _hours(zone, calendar, spans, dt.datetime.now(ZoneInfo(zone)).year)


@lru_cache(maxsize=8)
def _hours(zone: str, calendar: str, spans: Spans, year: int) -> OpeningHours:
    import holidays  # 9 MiB, which no process needs before its first clock

    known = calendar in holidays.list_supported_countries()
    closed = holidays.country_holidays(calendar, years=range(year - 2, year + 3)) if known else {}
    intervals = {day: tuple((dt.time.fromisoformat(a), dt.time.fromisoformat(b)) for a, b in one) for day, one in spans}
    return OpeningHours(zone=zone, intervals=intervals, holidays=frozenset(closed))
