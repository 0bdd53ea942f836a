"""Receiver of what the shop announces of quotes."""

from typing import Any

from django.dispatch import receiver

from accounts.signals import Fact
from adoption.quotes.services import KINDS, fold
from shop.signals import shop_fact


@receiver(shop_fact, dispatch_uid="adoption.quotes.fold")
def fold_quote(event: Fact, **_kwargs: Any) -> None:
    """Write the quote's row anew; the event itself is written by adoption.events, which listens before this."""
    if event.kind in KINDS:
        fold(event.object_id[:64])
