"""What the shop does when the outbox has settled a write."""

from typing import Any

from django.dispatch import receiver
from django.utils import timezone

from erp_sync.outbox.signals import WriteSettled, write_settled
from shop.orders import services


@receiver(write_settled, dispatch_uid="shop.orders.settle")
def settle_order(event: WriteSettled, **_kwargs: Any) -> None:
    """Carry the ERP's answer into the order, in the transaction that records it."""
    if event.kind == "order":
        services.settle(event=event, now=timezone.now())
