"""What payments do when the outbox has settled a write."""

import datetime as dt
from typing import Any

from django.dispatch import receiver
from django.utils import timezone

from erp_sync.outbox.signals import WriteSettled, write_settled
from shop.payments import given_back, settling, telling
from shop.signals import facts_wanted


@receiver(write_settled, dispatch_uid="shop.payments.settle")
def settle_payment(event: WriteSettled, **_kwargs: Any) -> None:
    """Carry the ERP's answer into the payment, in the transaction that records it."""
    if event.kind == "payment":
        settling.settle(event=event, now=timezone.now())
    elif event.kind == "payment_reversal":
        given_back.settle(event=event, now=timezone.now())


@receiver(facts_wanted, dispatch_uid="shop.payments.facts_again")
def tell_again(since: dt.datetime, **_kwargs: Any) -> None:
    """Announce the payments again."""
    telling.announce_again(since=since)
