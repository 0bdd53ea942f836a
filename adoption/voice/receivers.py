"""What adoption holds of a person: his facts by key, and what he wrote in the contact form; what waits for a rep."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from typing import Any

from django.db.models import Q
from django.dispatch import receiver
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import SoldTo, User
from accounts.needs import DeskAnswer, Need, Urgency
from accounts.signals import PersonErased, desk_wanted, person_erased, personal_data_wanted
from adoption.events.models import Event
from adoption.voice import selectors
from adoption.voice.models import ContactRequest, Lead

FIELDS = ("occurred_at", "kind", "session_id", "account_id", "object_type", "object_id", "props")


@receiver(personal_data_wanted, dispatch_uid="adoption.voice.personal_data")
def hand_out(person: User, **_kwargs: Any) -> dict[str, Any]:
    """Answer with his facts and messages."""
    key = str(person.person_key)
    wrote = ContactRequest.objects.filter(Q(person_key=key) | Q(email__iexact=person.email)).order_by("pk")
    events = Event.objects.filter(user_id=key).order_by("occurred_at")
    return {
        "facts": list(events.values(*FIELDS)),
        "contact_requests": list(
            wrote.values("lead__created_at", "lead__source", "name", "email", "company", "text", "answer")
        ),
    }


@receiver(person_erased, dispatch_uid="adoption.voice.erase")
def forget(event: PersonErased, **_kwargs: Any) -> None:
    """Delete what he wrote; the lead stays as one of nobody, and facts keep a key that names nobody."""
    ContactRequest.objects.filter(Q(person_key=event.person_key) | Q(email__iexact=event.email)).delete()
    Lead.objects.filter(identity_key__iexact=event.email).update(identity_key=f"erased-{uuid.uuid4().hex}")


@receiver(desk_wanted, dispatch_uid="adoption.voice.desk")
def requests_of_customers(companies: Sequence[SoldTo], now: dt.datetime, **_kwargs: Any) -> DeskAnswer:
    """Answer with what people of each customer wrote and nobody has answered (1 query)."""
    by_account = {company.erp_id: company.pk for company in companies}
    needs: dict[int, list[Need]] = {}
    for one in selectors.waiting_of(account_ids=by_account):
        is_late = one.answer_by is not None and one.answer_by < now
        words = _("%(name)s wrote to us") % {"name": one.name}
        need = Need(
            Urgency.LATE if is_late else Urgency.TODAY, words, reverse("rep-request", args=[one.pk]), one.answer_by
        )
        needs.setdefault(by_account[one.lead.account_id], []).append(need)
    return DeskAnswer(needs=needs)
