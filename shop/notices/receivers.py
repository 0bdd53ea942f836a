"""What notices listen to."""

from __future__ import annotations

from typing import Any

from django.dispatch import receiver
from django.utils import timezone

from shop.messages.signals import ThreadRead, thread_read
from shop.notices import services
from shop.signals import Told, shop_told


@receiver(shop_told, dispatch_uid="shop.notices.tell")
def tell(event: Told, **_kwargs: Any) -> None:
    """Write the notices, in the transaction of what they tell."""
    services.tell(told=event, now=timezone.now())


@receiver(thread_read, dispatch_uid="shop.notices.thread_read")
def read(event: ThreadRead, **_kwargs: Any) -> None:
    """Whoever has read the conversation has no new message."""
    services.mark_read_at(person_id=event.person_id, path=event.path, event="message", now=timezone.now())
