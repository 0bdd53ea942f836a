"""Tasks of the books: sums by the hour; at night days are closed, held against the facts, and restated."""

from __future__ import annotations

import datetime as dt

import structlog
from celery import shared_task
from django.utils import timezone

from adoption.books import days, reconciling, retention, rollups, touched
from adoption.books.models import DayBook
from adoption.reports import headlines

log = structlog.get_logger("adoption.books")
LOOK_BACK = 35
# All sums anew, and holding them against the facts, take minutes where there are many millions of facts.
PATIENCE_S = 3000


@shared_task(soft_time_limit=PATIENCE_S - 60, time_limit=PATIENCE_S)
def refresh_sums() -> None:
    """Bring the sums up to date, and with them what the administration's first page says."""
    now = timezone.now()
    frame = rollups.Frame.at(now)
    rollups.bring_up_to_date(frame=frame, now=now)
    headlines.keep(frame=frame, now=now)


@shared_task(soft_time_limit=PATIENCE_S - 60, time_limit=PATIENCE_S)
def close_books() -> None:
    """Close the days that are over, restate those that late facts changed, hold the sums against the facts."""
    now = timezone.now()
    frame = rollups.Frame.at(now)
    touched = _touched_since_closing(frame)
    rollups.bring_up_to_date(frame=frame, now=now)
    closed = days.close_days(frame=frame, now=now)
    recent = {frame.today - dt.timedelta(days=count) for count in range(1, LOOK_BACK + 1)}
    restated = days.restate(frame=frame, now=now, days=recent | touched)
    differences = reconciling.reconcile(frame=frame, now=now)
    log.info("books_closed", days=closed, restated=len(restated))
    if differences:
        log.error("sums_differed_from_facts", count=len(differences), first=differences[0])


def _touched_since_closing(frame: rollups.Frame) -> set[dt.date]:
    """Return the days with facts that came or changed since days were last closed; all of them when nobody knows."""
    last = rollups.run_of_last_closing()
    if last is None:
        return set(DayBook.objects.values_list("day", flat=True))
    return set(touched.touched_days(frame, last))


@shared_task
def forget_old_events() -> None:
    """Delete raw events after the agreed months."""
    retention.forget_old(now=timezone.now())
