"""When mails go: at once, on the company's morning, and how long to wait after one that failed."""

from __future__ import annotations

import datetime as dt

from shop.money.formats import company_zone

MORNING = dt.time(7, 0)
FIRST_WAIT = dt.timedelta(seconds=30)
LONGEST_WAIT = dt.timedelta(hours=1)
# Longer than a batch may take; who claims mails and dies leaves them to the next sweep after it.
LEASE = dt.timedelta(minutes=6)
GIVE_UP_AFTER = dt.timedelta(hours=48)
# What is older when it is first heard of (an import, a long pause of the ERP) is no news.
NEWS_FOR = dt.timedelta(days=1)


def next_morning(now: dt.datetime) -> dt.datetime:
    """Return the next seven o'clock at our company, also across a change of clocks.

    >>> next_morning(dt.datetime(2026, 3, 28, 12, tzinfo=dt.UTC)).isoformat()
    '2026-03-29T05:00:00+00:00'
    """
    here = now.astimezone(company_zone())
    day = here.date() if here.time() < MORNING else here.date() + dt.timedelta(days=1)
    return dt.datetime.combine(day, MORNING, tzinfo=company_zone()).astimezone(dt.UTC)


def wait_after(attempts: int) -> dt.timedelta:
    """Return how long to wait after this many failed tries.

    >>> [int(wait_after(tries).total_seconds()) for tries in (1, 2, 3, 9)]
    [30, 60, 120, 3600]
    """
    doublings: int = 2 ** min(attempts - 1, 20)
    return min(FIRST_WAIT * doublings, LONGEST_WAIT)
