"""Weekly mails go with their reader."""

from __future__ import annotations

from typing import Any

from django.dispatch import receiver

from accounts.models import User
from accounts.signals import PersonErased, person_erased, personal_data_wanted
from adoption.subscriptions.models import Subscription


@receiver(personal_data_wanted, dispatch_uid="adoption.subscriptions.personal_data")
def hand_out(person: User, **_kwargs: Any) -> dict[str, Any]:
    """Answer with what he gets by mail."""
    rows = Subscription.objects.filter(reader=person).order_by("pk")
    return {"weekly_mails": list(rows.values("section", "query", "weekday", "created_at", "sent_at"))}


@receiver(person_erased, dispatch_uid="adoption.subscriptions.erase")
def forget(event: PersonErased, **_kwargs: Any) -> None:
    """Send nothing any more."""
    Subscription.objects.filter(reader_id=event.person_id).delete()
