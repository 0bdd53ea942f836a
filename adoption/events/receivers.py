"""Receivers of the facts that accounts and the shop announce."""

from typing import Any

from django.dispatch import receiver

from accounts.signals import Fact, account_fact
from adoption.events.recorder import write
from shop.signals import shop_fact


@receiver([account_fact, shop_fact], dispatch_uid="adoption.events.record")
def record_fact(event: Fact, **_kwargs: Any) -> None:
    """Write the fact down, in the savepoint of whoever announces it; a failure is logged there and ends here."""
    write(event)
