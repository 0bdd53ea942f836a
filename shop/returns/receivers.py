"""What this room does when the outbox has settled a write."""

from typing import Any

from django.dispatch import receiver
from django.utils import timezone

from erp_sync.outbox.signals import WriteSettled, write_settled
from shop.returns import services


@receiver(write_settled, dispatch_uid="shop.returns.settle")
def settle_return(event: WriteSettled, **_kwargs: Any) -> None:
    """Carry the ERP's answer into the return, in the transaction that records it."""
    if event.kind == "return":
        services.settle(event=event, now=timezone.now())
