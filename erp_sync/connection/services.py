"""Feeling the pulse, and announcing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import structlog
from django.db.models import Min

from erp_sync import adapters, gateway
from erp_sync.connection.models import Announcement, Pulse
from erp_sync.errors import ErpError
from erp_sync.mirror.models import SyncState
from erp_sync.outbox.claims import MOVING
from erp_sync.outbox.models import OutboxRow, OutboxState
from erp_sync.ports import MIRRORED

KEPT = dt.timedelta(days=31)
PROBE_S = 5.0
# From here on it is an alarm.
OLDEST_WRITE_S = 15 * 60
MIRROR_LAG_S = 30 * 60
OPEN_FOR = dt.timedelta(minutes=5)
MINUTE = dt.timedelta(minutes=1)
log = structlog.get_logger("connection")
WORST_FIRST = ("open", "probing", "closed")


def feel_pulse(*, now: dt.datetime) -> Pulse:
    """Keep how the connection is at this minute; twice in a minute is once."""
    latency_ms, error = _probe()
    values = {
        "latency_ms": latency_ms,
        "error": error[:200],
        "breaker": _breaker(),
        "failures": gateway.take_failures(),
        "mirror_lag_s": _mirror_lag_s(now),
        "oldest_write_s": _oldest_write_s(now),
    }
    pulse, _made = Pulse.objects.update_or_create(at=now.replace(second=0, microsecond=0), defaults=values)
    for alarm in alarms(pulse):
        log.error("erp_connection_alarm", alarm=alarm, error=pulse.error)
    return pulse


def alarms(pulse: Pulse) -> list[str]:
    """Return what an operator must hear of: a write or the copy waits too long, the breaker stays open."""
    found = []
    if pulse.oldest_write_s > OLDEST_WRITE_S:
        found.append(f"the oldest write waits for {pulse.oldest_write_s} s")
    if pulse.mirror_lag_s is not None and pulse.mirror_lag_s > MIRROR_LAG_S:
        found.append(f"the copy is {pulse.mirror_lag_s} s old")
    if pulse.breaker == "open" and _was_open(pulse):
        found.append(f"the ERP was left alone for {OPEN_FOR}")
    return found


def _was_open(pulse: Pulse) -> bool:
    """Say whether every pulse of the last minutes found the breaker open (or probing)."""
    before = Pulse.objects.filter(at__lt=pulse.at, at__gte=pulse.at - OPEN_FOR)
    return before.count() >= OPEN_FOR // MINUTE - 1 and not before.filter(breaker="closed").exists()


def forget_pulses(*, now: dt.datetime) -> int:
    """Delete what is older than the page shows; return how many."""
    return Pulse.objects.filter(at__lt=now - KEPT).delete()[0]


def announce(
    *, texts: Mapping[str, str], starts_at: dt.datetime, ends_at: dt.datetime, by: str, now: dt.datetime
) -> Announcement:
    """Let buyers read this above every page for a while (the forms see that it ends after it starts).

    What runs or is planned for the same time stays; the one that began last is shown.
    """
    return Announcement.objects.create(
        texts={code: text.strip() for code, text in texts.items() if text.strip()},
        starts_at=starts_at,
        ends_at=ends_at,
        made_by=by[:254],
        made_at=now,
    )


def withdraw(*, announcement: Announcement, now: dt.datetime) -> None:
    """End an announcement now; one that has not begun is deleted."""
    if announcement.starts_at >= now:
        announcement.delete()
    elif announcement.ends_at > now:
        announcement.ends_at = now
        announcement.save(update_fields=["ends_at"])


def _probe() -> tuple[float | None, str]:
    """Ask the ERP how it is; what it complains of (a batch of files that was refused) counts as no answer."""
    try:
        health = adapters.load().health(deadline_s=PROBE_S)
    except ErpError as error:
        return None, str(error) or type(error).__name__
    return health.latency_ms, ""


def _breaker() -> str:
    states = {each.breaker for each in gateway.status()}
    return next((state for state in WORST_FIRST if state in states), "closed")


def _mirror_lag_s(now: dt.datetime) -> int | None:
    found = list(SyncState.objects.filter(kind__in=MIRRORED).values_list("last_success_at", flat=True))
    known = [at for at in found if at is not None]
    if not known or len(known) < len(found):
        return None
    return max(0, round((now - min(known)).total_seconds()))


def _oldest_write_s(now: dt.datetime) -> int:
    # What the ERP can take and has not answered waits for the ERP, not for us.
    ours = OutboxRow.objects.filter(state__in=MOVING).exclude(state=OutboxState.CHECK, erp_id__gt="")
    oldest = ours.aggregate(at=Min("created_at"))["at"]
    return max(0, round((now - oldest).total_seconds())) if oldest else 0
