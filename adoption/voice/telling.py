"""Tells managers, and the customer's rep, that somebody wrote. The rows are the queue, as for all our mails."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

import structlog
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.db.models import F, Q
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.models import RepAssignment, StaffRole, User
from accounts.selectors import company_day
from adoption.mailing import MAIL_TROUBLE, written
from adoption.voice.models import ContactRequest

BATCH = 20
LEASE = dt.timedelta(minutes=6)
WAIT = dt.timedelta(minutes=5)
MOST_TRIES = 50
# For so long an answer is sent again and again, as mail servers do.
REPLY_TRIED = dt.timedelta(days=3)

log = structlog.get_logger("adoption.voice")


def tell_due(*, now: dt.datetime) -> int:
    """Tell of the requests that nobody was told of, and of broken promises; return how many were told."""
    _escalate(now=now)
    return sum(_tell(row, now=now) for row in _claim(now=now))


def _escalate(*, now: dt.datetime) -> None:
    """A promise that ran out unanswered is told once more, to the same people, with a louder subject."""
    late = ContactRequest.objects.filter(answered_at=None, answer_by__lte=now, escalated_at=None)
    late.update(escalated_at=now, due_at=now, told_at=None, attempts=0)


def send_replies(*, now: dt.datetime) -> int:
    """Send the answers that are owed; return how many went."""
    return sum(_reply(row, now=now) for row in _claim_replies(now=now))


@transaction.atomic
def _claim_replies(*, now: dt.datetime) -> list[ContactRequest]:
    due = ContactRequest.objects.filter(reply_due_at__lte=now).order_by("reply_due_at", "pk")
    rows = list(due.select_for_update(skip_locked=True, of=("self",))[:BATCH])
    ContactRequest.objects.filter(pk__in=[row.pk for row in rows]).update(reply_due_at=now + LEASE)
    return rows


def _reply(row: ContactRequest, *, now: dt.datetime) -> bool:
    try:
        reply(row).send()
    except MAIL_TROUBLE as error:
        is_over = _put_off(row, now=now)
        log.warning("contact_answer_not_sent", request=row.pk, error=str(error), given_up=is_over)
        return False
    ContactRequest.objects.filter(pk=row.pk).update(reply_due_at=None)
    return True


def _put_off(row: ContactRequest, *, now: dt.datetime) -> bool:
    """Try again later; an answer that nobody takes for days is none: the message waits for a person again."""
    is_over = row.answered_at is not None and now - row.answered_at > REPLY_TRIED
    undone = {"reply_due_at": None, "answered_at": None, "response_minutes": None}
    ContactRequest.objects.filter(pk=row.pk).update(**(undone if is_over else {"reply_due_at": now + WAIT}))
    return is_over


def reply(row: ContactRequest) -> EmailMultiAlternatives:
    """Return the answer as a mail, in the language in which he wrote to us."""
    with translation.override(row.language or settings.LANGUAGE_CODE):
        return written(
            to=row.email,
            subject=_("Our answer to your message"),
            template="reports/contact_answer",
            context={"row": row},
            key=f"contact-answer-{row.pk}",
        )


@transaction.atomic
def _claim(*, now: dt.datetime) -> list[ContactRequest]:
    due = ContactRequest.objects.filter(due_at__lte=now, told_at=None).order_by("due_at", "pk")
    rows = list(due.select_for_update(skip_locked=True, of=("self",)).select_related("lead")[:BATCH])
    taken = [row.pk for row in rows]
    ContactRequest.objects.filter(pk__in=taken).update(due_at=now + LEASE, attempts=F("attempts") + 1)
    return rows


def _tell(row: ContactRequest, *, now: dt.datetime) -> bool:
    try:
        for reader in readers(account_id=row.lead.account_id, now=now):
            letter(row, reader).send()
    except MAIL_TROUBLE as error:
        later = None if row.attempts >= MOST_TRIES else now + WAIT
        ContactRequest.objects.filter(pk=row.pk).update(due_at=later)
        log.warning("contact_request_not_told", request=row.pk, error=str(error), given_up=later is None)
        return False
    ContactRequest.objects.filter(pk=row.pk).update(due_at=None, told_at=now)
    return True


def readers(*, account_id: str, now: dt.datetime) -> Iterable[User]:
    """Return whom to tell: all managers, and the reps of the customer who wrote."""
    today = company_day(now)
    assigned = RepAssignment.objects.filter(Q(to_on=None) | Q(to_on__gte=today), from_on__lte=today)
    reps = assigned.filter(sold_to__erp_id=account_id).values("rep") if account_id else []
    wanted = Q(staff_role=StaffRole.MANAGER) | Q(pk__in=reps)
    return User.objects.filter(wanted, is_active=True).order_by("pk")


def letter(row: ContactRequest, reader: User) -> EmailMultiAlternatives:
    """Return the mail for one reader; an answer to it goes to who wrote."""
    with translation.override(reader.language or settings.LANGUAGE_CODE):
        is_late = row.escalated_at is not None
        subject = _("%(name)s still waits for an answer") if is_late else _("%(name)s wrote through the contact form")
        return written(
            to=reader.email,
            subject=subject % {"name": row},
            template="reports/contact",
            context={"row": row, "url": settings.SHOP_URL + reverse("rep-request", args=[row.pk]), "is_late": is_late},
            key=f"contact-{row.pk}-{reader.pk}{'-late' if is_late else ''}",
            headers={"Reply-To": row.email},
        )
