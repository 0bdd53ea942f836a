"""Sends the mails that notices owe.

The rows are the queue: a lost message, a dead worker, a mail server that is down for a day cost time, never a mail; and
a mail that went is never sent again.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from smtplib import SMTPException

import structlog
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.db.models import F

from shop.notices import mails
from shop.notices.events import EVENTS
from shop.notices.models import Channel, Notice
from shop.notices.selectors import may_be_told
from shop.notices.times import GIVE_UP_AFTER, LEASE, wait_after

BATCH = 25
LONGEST_DIGEST = 200
MAIL_TROUBLE = (SMTPException, OSError)

log = structlog.get_logger("shop.notices")


def send_due(*, now: dt.datetime) -> int:
    """Send one batch of what is due; return how many mails went."""
    batches = _claim(now=now)
    if not batches:
        return 0
    connection = get_connection()
    try:
        connection.open()
    except MAIL_TROUBLE as error:
        for batch in batches:
            _postpone(batch, str(error), now=now)
        log.warning("mail_server_down", error=str(error), waiting=len(batches))
        return 0
    try:
        return sum(_send(batch, connection, now=now) for batch in batches)
    finally:
        connection.close()


@transaction.atomic
def _claim(*, now: dt.datetime) -> list[list[Notice]]:
    """Take what is due, so that nobody else sends it, and return it mail by mail."""
    due = Notice.objects.filter(mail_due_at__lte=now).order_by("mail_due_at", "pk")
    free = due.select_for_update(skip_locked=True, of=("self",)).select_related("person", "sold_to")
    batches = [[notice] for notice in free.filter(mail=Channel.MAIL)[:BATCH]]
    batches += [
        list(free.filter(mail=Channel.DIGEST, person=person).order_by("occurred_at", "pk")[:LONGEST_DIGEST])
        for person in _people_with_digest(now)
    ]
    taken = [notice.pk for batch in batches for notice in batch]
    Notice.objects.filter(pk__in=taken).update(mail_due_at=now + LEASE, mail_attempts=F("mail_attempts") + 1)
    for batch in batches:
        for notice in batch:
            notice.mail_attempts += 1
    return [batch for batch in batches if batch]


def _people_with_digest(now: dt.datetime) -> list[int]:
    due = Notice.objects.filter(mail=Channel.DIGEST, mail_due_at__lte=now)
    return list(due.order_by("person").values_list("person", flat=True).distinct()[:BATCH])


def _send(batch: Sequence[Notice], connection: BaseEmailBackend, *, now: dt.datetime) -> bool:
    wanted = [one for one in batch if one.event in EVENTS and may_be_told(one.person, one.sold_to, now=now)]
    _drop([notice for notice in batch if notice not in wanted])
    if not wanted:
        return False
    mail = _written(wanted)
    mail.connection = connection
    try:
        mail.send()
    except MAIL_TROUBLE as error:
        _postpone(wanted, str(error), now=now)
        log.warning("mail_not_sent", notices=[notice.pk for notice in wanted], error=str(error))
        return False
    _settle(wanted, mailed_at=now, mail_due_at=None, mail_error="")
    return True


def _written(notices: Sequence[Notice]) -> EmailMultiAlternatives:
    return mails.digest(notices) if notices[0].mail == Channel.DIGEST else mails.single(notices[0])


def _drop(notices: Sequence[Notice]) -> None:
    """Send nothing to who was disabled or has left the company since."""
    _settle(notices, mail_due_at=None, mail_error="may not be told any more")


def _postpone(notices: Sequence[Notice], error: str, *, now: dt.datetime) -> None:
    for notice in notices:
        gives_up = now - notice.created_at > GIVE_UP_AFTER
        later = None if gives_up else now + wait_after(notice.mail_attempts)
        _settle([notice], mail_due_at=later, mail_error=error[:200])
        if gives_up:
            log.error("mail_given_up", notice=notice.pk, error=error)


def _settle(notices: Sequence[Notice], **changes: object) -> None:
    """Write a result, unless somebody else has taken the mail in the meantime (our lease had run out)."""
    for notice in notices:
        Notice.objects.filter(pk=notice.pk, mail_attempts=notice.mail_attempts).update(**changes)
