"""Forgets raw events after the agreed months; what companies did stays as sums of months (docs/operations.md)."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import TruncMonth

from adoption.books.rollups import Frame, refresh
from adoption.books.sums import ActivityDay, LoginDay
from adoption.books.sums_voice import AnswerDay, ResponseDay
from adoption.events.models import Event
from adoption.metrics.period import month_of, months_after

log = structlog.get_logger("adoption.books")


def forget_old(*, now: dt.datetime) -> int:
    """Delete raw events older than the agreed months; return how many.

    Their months are summed once more before they go. The first log-in of a company stays without its person, so that
    "activated" stays true (M1). Imported books keep what their files hold.
    """
    frame = Frame.at(now)
    if frame.company.as_of is not None:
        return 0
    until = months_after(frame.today.replace(day=1), -settings.EVENTS_KEPT_MONTHS)
    end = frame.parameters(month_of(until))["begin"]
    old = Event.objects.filter(occurred_at__lt=end)
    with transaction.atomic():
        for month in _months(frame, old):
            refresh(frame=frame, days=month_of(month))
        kept = _first_log_ins(end)
        Event.objects.filter(pk__in=kept).update(user_id="", session_id="", props={})
        count = old.exclude(pk__in=kept).delete()[0]
        for model in (ActivityDay, AnswerDay, LoginDay, ResponseDay):
            model._default_manager.filter(day__lt=until).delete()
    log.info("events_forgotten", before=until.isoformat(), count=count)
    return count


def _months(frame: Frame, old: QuerySet[Event]) -> list[dt.date]:
    """Return the months of events that still name people: their sums are made a last time."""
    zone = ZoneInfo(frame.company.timezone)
    months = old.exclude(user_id="").annotate(month=TruncMonth("occurred_at", tzinfo=zone)).order_by("month")
    return [month.date() for month in months.values_list("month", flat=True).distinct()]


def _first_log_ins(end: dt.datetime) -> list[int]:
    logins = Event.objects.filter(kind="login", actor="buyer", impersonator_id="", is_test=False, occurred_at__lt=end)
    first = logins.exclude(account_id="").order_by("account_id", "occurred_at", "pk").distinct("account_id")
    return list(first.values_list("pk", flat=True))
