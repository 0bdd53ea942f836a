"""What notices listen to."""

from __future__ import annotations

from typing import Any

from django.dispatch import receiver
from django.utils import timezone

from accounts.models import User
from accounts.signals import PersonErased, person_erased, personal_data_wanted
from shop.messages.signals import ThreadRead, thread_read
from shop.notices import services
from shop.notices.models import Notice, Preference
from shop.signals import Told, shop_told


@receiver(shop_told, dispatch_uid="shop.notices.tell")
def tell(event: Told, **_kwargs: Any) -> None:
    """Write the notices, in the transaction of what they tell."""
    services.tell(told=event, now=timezone.now())


@receiver(thread_read, dispatch_uid="shop.notices.thread_read")
def read(event: ThreadRead, **_kwargs: Any) -> None:
    """Whoever has read the conversation has no new message."""
    services.mark_read_at(person_id=event.person_id, path=event.path, event="message", now=timezone.now())


@receiver(personal_data_wanted, dispatch_uid="shop.notices.personal_data")
def hand_out(person: User, **_kwargs: Any) -> dict[str, Any]:
    """Answer with what he was told."""
    return {"notices": list(Notice.objects.filter(person=person).values("event", "occurred_at", "read_at", "params"))}


@receiver(person_erased, dispatch_uid="shop.notices.erase")
def forget(event: PersonErased, **_kwargs: Any) -> None:
    """Delete what he was told and how he wished to be told; what others were told of him names nobody."""
    Notice.objects.filter(person_id=event.person_id).delete()
    Preference.objects.filter(person_id=event.person_id).delete()
    services.forget_name(name=event.name)
