"""What the shop does when the outbox has settled a write."""

import datetime as dt
from typing import Any

from django.dispatch import receiver
from django.utils import timezone

from erp_sync.outbox.signals import WriteSettled, write_settled
from shop.orders import services, settling, wishes
from shop.signals import facts_wanted


@receiver(write_settled, dispatch_uid="shop.orders.settle")
def settle_order(event: WriteSettled, **_kwargs: Any) -> None:
    """Carry the ERP's answer into the order, in the transaction that records it."""
    if event.kind == "order":
        settling.settle(event=event, now=timezone.now())
    elif event.kind in wishes.KINDS:
        wishes.settle(event=event, now=timezone.now())


@receiver(facts_wanted, dispatch_uid="shop.orders.facts_again")
def tell_again(since: dt.datetime, **_kwargs: Any) -> None:
    """Announce the orders again."""
    services.announce_again(since=since)
