"""What the connection's page shows, and what every page of the shop asks: the age of the copy, the announcement."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Q

from erp_sync.connection.models import Announcement, Pulse
from erp_sync.mirror import age
from erp_sync.mirror.models import SyncRun, in_language
from erp_sync.settling.models import Comparison, Difference, Round
from erp_sync.statements import fetch

DAYS = 30
FRESH = dt.timedelta(minutes=5)
# From here on it is late.
OLDEST_WRITE = dt.timedelta(minutes=15)
MIRROR_LAG = dt.timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Day:
    """One day of the connection; None where nothing was measured.

    Attributes:
        answered: Share of the minutes in which the ERP answered.
        latency_ms: Median of a call.
        failures: Calls of the web without a usable answer.
        parity: Share of sampled prices that were equal.
        mirror_lag_s, oldest_write_s: The worst of the day.
    """

    on: dt.date
    answered: Decimal | None = None
    latency_ms: float | None = None
    failures: int = 0
    parity: Decimal | None = None
    mirror_lag_s: int | None = None
    oldest_write_s: int | None = None


_DAYS = """
SELECT (at AT TIME ZONE %s)::date,
    avg((latency_ms IS NOT NULL)::int), percentile_cont(0.5) WITHIN GROUP (ORDER BY latency_ms),
    sum(failures)::int, max(mirror_lag_s), max(oldest_write_s)
FROM erp_sync_pulse WHERE at >= %s GROUP BY 1
"""
_PARITY = """
SELECT (started_at AT TIME ZONE %s)::date, sum(compared)::int, sum(different)::int
FROM erp_sync_comparison WHERE round = %s AND started_at >= %s AND compared > 0 GROUP BY 1
"""


def days(*, now: dt.datetime) -> list[Day]:
    """Return the last 30 days by the company's calendar, oldest first, today last."""
    zone = ZoneInfo(settings.COMPANY_TZ)
    today = now.astimezone(zone).date()
    first = today - dt.timedelta(days=DAYS - 1)
    since = dt.datetime.combine(first, dt.time.min, zone)
    pulses = {row[0]: row[1:] for row in fetch(_DAYS, [settings.COMPANY_TZ, since])}
    parity = {
        on: 1 - Decimal(different) / compared
        for on, compared, different in fetch(_PARITY, [settings.COMPANY_TZ, Round.PRICES.value, since])
    }
    return [_day(first + dt.timedelta(days=n), pulses, parity) for n in range(DAYS)]


def _day(on: dt.date, pulses: Mapping[dt.date, tuple[object, ...]], parity: Mapping[dt.date, Decimal]) -> Day:
    values = pulses.get(on)
    if values is None:
        return Day(on, parity=parity.get(on))
    answered, latency_ms, failures, lag, oldest = values
    return Day(on, answered, latency_ms, failures, parity.get(on), lag, oldest)  # type: ignore[arg-type]  # as selected


@dataclass(frozen=True, slots=True)
class Now:
    """How the connection is now.

    Attributes:
        pulse: The latest; None when nobody felt it for `FRESH` (no worker, no scheduler).
        away_since: Since when the ERP has not answered, None while it does.
        failures: Calls of the web without a usable answer in 24 h.
        parity: The latest sample of prices, None before the first.
        open_differences: How many wait for a person.
    """

    pulse: Pulse | None
    away_since: dt.datetime | None
    failures: int
    parity: Comparison | None
    open_differences: int

    @property
    def is_late(self) -> bool:
        """Whether the copy is older than it may be."""
        lag = self.pulse.mirror_lag_s if self.pulse else None
        return lag is None or lag > MIRROR_LAG.total_seconds()

    @property
    def waits_long(self) -> bool:
        """Whether a write waits longer than it may."""
        return self.pulse is not None and self.pulse.oldest_write_s > OLDEST_WRITE.total_seconds()


def now_of(*, now: dt.datetime) -> Now:
    """Return how the connection is."""
    latest = Pulse.objects.first()
    pulse = latest if latest is not None and now - latest.at <= FRESH else None
    failures = fetch("SELECT sum(failures) FROM erp_sync_pulse WHERE at >= %s", [now - dt.timedelta(hours=24)])[0][0]
    return Now(
        pulse=pulse,
        away_since=_away_since(pulse),
        failures=int(failures or 0),
        parity=Comparison.objects.filter(round=Round.PRICES, compared__gt=0).first(),
        open_differences=Difference.objects.filter(gone_at=None, settled_at=None).count(),
    )


def _away_since(pulse: Pulse | None) -> dt.datetime | None:
    if pulse is None or pulse.latency_ms is not None:
        return None
    answered = Pulse.objects.filter(latency_ms__isnull=False, at__lt=pulse.at).first()
    away = Pulse.objects.filter(latency_ms=None).order_by("at")
    first = away.filter(at__gt=answered.at).first() if answered else away.first()
    return first.at if first else pulse.at


def last_comparisons() -> list[Comparison]:
    """Return the last round of each kind."""
    found = (Comparison.objects.filter(round=round).first() for round in Round)
    return [one for one in found if one is not None]


def last_runs(count: int = 8) -> list[SyncRun]:
    """Return the last pulls that found something, were asked for, or failed."""
    is_worth_it = Q(changed__gt=0) | Q(quarantined__gt=0) | ~Q(error="") | ~Q(asked_by="") | Q(ended_at=None)
    return list(SyncRun.objects.filter(is_worth_it).order_by("-started_at")[:count])


def announcements(*, now: dt.datetime) -> list[Announcement]:
    """Return what is announced now or will be."""
    return list(Announcement.objects.filter(ends_at__gt=now).order_by("starts_at"))


# --- what every page asks ---


@dataclass(frozen=True, slots=True)
class Frame:
    """What the frame of every page shows of the connection: the age of the copy, and what is announced."""

    orders_as_of: dt.datetime | None
    texts: Mapping[str, str]
    ends_at: dt.datetime | None = None

    def text_in(self, language: str) -> str:
        """Return what is announced in this language, or the nearest that there is; "" = nothing is."""
        return in_language(dict(self.texts), language)


_FRAME = """
SELECT (SELECT last_success_at FROM erp_sync_syncstate WHERE kind = 'orders'), a.texts, a.ends_at
FROM (SELECT 1) one LEFT JOIN LATERAL (
    SELECT texts, ends_at FROM erp_sync_announcement
    WHERE starts_at <= %s AND ends_at > %s ORDER BY starts_at DESC LIMIT 1
) a ON true
"""


def frame(*, now: dt.datetime) -> Frame:
    """Return it in one statement."""
    pulled_at, texts, ends_at = fetch(_FRAME, [now, now])[0]
    return Frame(age.as_told("orders", pulled_at), json.loads(texts) if texts else {}, ends_at)
