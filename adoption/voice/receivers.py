"""What adoption holds of a person: his facts by key, and what he wrote in the contact form."""

from __future__ import annotations

import uuid
from typing import Any

from django.db.models import Q
from django.dispatch import receiver

from accounts.models import User
from accounts.signals import PersonErased, person_erased, personal_data_wanted
from adoption.events.models import Event
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
        "contact_requests": list(wrote.values("lead__created_at", "lead__source", "name", "email", "company", "text")),
    }


@receiver(person_erased, dispatch_uid="adoption.voice.erase")
def forget(event: PersonErased, **_kwargs: Any) -> None:
    """Delete what he wrote; the lead stays as one of nobody, and facts keep a key that names nobody."""
    ContactRequest.objects.filter(Q(person_key=event.person_key) | Q(email__iexact=event.email)).delete()
    Lead.objects.filter(identity_key__iexact=event.email).update(identity_key=f"erased-{uuid.uuid4().hex}")
