"""Writes down enquiries and contact requests."""

from __future__ import annotations

import datetime as dt
import uuid

from django.core.cache import cache
from django.db import transaction
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.models import SoldTo, User
from adoption.voice import clock
from adoption.voice.errors import AnsweredAlready, TooMany
from adoption.voice.models import ContactRequest, Enquiry, Intent, Lead, Medium, Topic
from adoption.voice.selectors import to_undo

SALES = frozenset({Topic.PRICE, Topic.PRODUCT})
AN_HOUR_S = 3600
AN_HOUR_ONE, AN_HOUR_ALL = 5, 200


def log(*, by: User, sold_to: SoldTo, medium: Medium, topic: Topic, now: dt.datetime) -> Enquiry:
    """Write an enquiry down: prices and items are sales, the rest is service (M6, M10)."""
    return Enquiry.objects.create(
        enquiry_id=f"log-{uuid.uuid4().hex}",
        account_id=sold_to.erp_id,
        occurred_at=now,
        medium=medium,
        topic=topic,
        intent=Intent.SALES if topic in SALES else Intent.SERVICE,
        logged_by=str(by.person_key),
    )


def undo(*, by: User, sold_to: SoldTo, now: dt.datetime) -> bool:
    """Take back what he wrote down in the last minute, the latest; say whether there was anything."""
    found = to_undo(user=by, sold_to=sold_to, now=now)
    if found is None:
        return False
    found.delete()
    return True


@transaction.atomic
def contact(
    *,
    name: str,
    email: str,
    company: str,
    text: str,
    source: str,
    person: User | None,
    account_id: str,
    now: dt.datetime,
) -> ContactRequest:
    """Keep what somebody wrote; it is a lead with where he came from (M25), and staff is told by mail."""
    lead = Lead.objects.create(
        lead_id=f"form-{uuid.uuid4().hex}",
        created_at=now,
        source=source[:40],
        identity_key=email.lower(),
        account_id=account_id,
    )
    key = str(person.person_key) if person else ""
    return ContactRequest.objects.create(
        lead=lead, name=name, email=email, company=company, text=text, person_key=key, due_at=now,
        language=get_language() or "", answer_by=clock.answer_by(now),
    )  # fmt: skip


def answer(*, by: User, request: ContactRequest, text: str, now: dt.datetime) -> None:
    """Answer who wrote, once: the first answer is kept with its time, and goes by mail. "" notes it as answered.

    Raises:
        AnsweredAlready: somebody was quicker; nothing was sent.
    """
    text = text.strip()
    open_ones = ContactRequest.objects.filter(pk=request.pk, answered_at=None)
    won = open_ones.update(
        answered_at=now, answered_by=str(by)[:120], answer=text, reply_due_at=now if text else None,
        response_minutes=clock.business_minutes(request.lead.created_at, now),
    )  # fmt: skip
    if not won:
        request.refresh_from_db()
        raise AnsweredAlready(
            _("%(who)s has answered already. Nothing was sent; your text is kept here.")
            % {"who": request.answered_by or _("Somebody else")}
        )


def refuse_flood(*, who: str) -> None:
    """Pass, or refuse: five messages an hour for one address, 200 for all.

    Raises:
        TooMany: nothing was sent.
    """
    if _count(f"contact:{who}") > AN_HOUR_ONE or _count("contact") > AN_HOUR_ALL:
        raise TooMany(
            _("There were many messages from here within the hour. This one was not sent; your text is kept here. ")
            + _("Send it again later, or call us.")
        )


def _count(key: str) -> int:
    cache.add(key, 0, timeout=AN_HOUR_S)
    try:
        return cache.incr(key)
    except ValueError:  # it went out between the two calls
        return 1
