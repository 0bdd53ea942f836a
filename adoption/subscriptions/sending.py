"""Sends the weekly mails that are due. The rows are the queue: a lost message or a dead worker costs time, no mail."""

from __future__ import annotations

import datetime as dt

import structlog
from django.db import transaction
from django.db.models import F

from adoption.mailing import MAIL_TROUBLE
from adoption.reports.errors import SumsAreMissing
from adoption.subscriptions import letters, selectors
from adoption.subscriptions.models import Subscription
from adoption.subscriptions.times import GIVE_UP_AFTER, LEASE, next_due, wait_after

BATCH = 10

log = structlog.get_logger("adoption.subscriptions")


def send_due(*, now: dt.datetime) -> int:
    """Send one batch of what is due; return how many mails went."""
    return sum(_send(one, now=now) for one in _claim(now=now))


@transaction.atomic
def _claim(*, now: dt.datetime) -> list[Subscription]:
    """Take what is due, so that nobody else sends it."""
    due = Subscription.objects.filter(due_at__lte=now).order_by("due_at", "pk")
    rows = list(due.select_for_update(skip_locked=True, of=("self",)).select_related("reader")[:BATCH])
    taken = [row.pk for row in rows]
    Subscription.objects.filter(pk__in=taken).update(due_at=now + LEASE, attempts=F("attempts") + 1)
    for row in rows:
        row.attempts += 1
    return rows


def _send(row: Subscription, *, now: dt.datetime) -> bool:
    if not selectors.may_get(row.reader, row.section):
        _settle(row, due_at=None, attempts=0, error="the reader may not see this page any more")
        return False
    try:
        letters.weekly(row, now=now).send()
    except (*MAIL_TROUBLE, SumsAreMissing) as error:
        _postpone(row, str(error) or "the sums are being made", now=now)
        return False
    _settle(row, due_at=next_due(weekday=row.weekday, now=now), sent_at=now, attempts=0, error="")
    return True


def _postpone(row: Subscription, error: str, *, now: dt.datetime) -> None:
    """Try again soon; after many tries the week is given up."""
    gives_up = row.attempts >= GIVE_UP_AFTER
    later = next_due(weekday=row.weekday, now=now) if gives_up else now + wait_after(row.attempts)
    _settle(row, due_at=later, attempts=0 if gives_up else row.attempts, error=error[:200])
    log.warning("report_mail_not_sent", subscription=row.pk, error=error, given_up=gives_up)


def _settle(row: Subscription, **changes: object) -> None:
    """Write a result, unless somebody else has taken the mail in the meantime (our lease had run out)."""
    Subscription.objects.filter(pk=row.pk, attempts=row.attempts).update(**changes)
