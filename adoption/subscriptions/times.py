"""When weekly mails go."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from django.conf import settings

MORNING = dt.time(7, 0)
# Longer than writing and sending a batch may take; who claims mails and dies leaves them to the next sweep after it.
LEASE = dt.timedelta(minutes=10)
FIRST_WAIT = dt.timedelta(minutes=1)
LONGEST_WAIT = dt.timedelta(hours=1)
GIVE_UP_AFTER = 30


def next_due(*, weekday: int, now: dt.datetime) -> dt.datetime:
    """Return seven o'clock at our company of the next such weekday, also across a change of clocks.

    >>> next_due(weekday=1, now=dt.datetime(2026, 3, 27, 12, tzinfo=dt.UTC)).isoformat()
    '2026-03-30T05:00:00+00:00'
    >>> next_due(weekday=1, now=dt.datetime(2026, 3, 30, 5, tzinfo=dt.UTC)).isoformat()
    '2026-04-06T05:00:00+00:00'
    """
    zone = ZoneInfo(settings.COMPANY_TZ)
    day = now.astimezone(zone).date()
    day += dt.timedelta(days=(weekday - day.isoweekday()) % 7)
    due = dt.datetime.combine(day, MORNING, tzinfo=zone)
    if due <= now:
        due = dt.datetime.combine(day + dt.timedelta(days=7), MORNING, tzinfo=zone)
    return due.astimezone(dt.UTC)


def wait_after(attempts: int) -> dt.timedelta:
    """Return how long to wait after this many failed tries.

    >>> [int(wait_after(tries).total_seconds()) for tries in (1, 2, 3, 9)]
    [60, 120, 240, 3600]
    """
    doublings: int = 2 ** min(attempts - 1, 12)
    return min(FIRST_WAIT * doublings, LONGEST_WAIT)
