"""What this room does when the outbox has settled a write, or facts are wanted again."""

import datetime as dt
from typing import Any

from django.dispatch import receiver
from django.utils import timezone

from erp_sync.outbox.signals import WriteSettled, write_settled
from shop.quotes import facts, outcome
from shop.signals import facts_wanted


@receiver(write_settled, dispatch_uid="shop.quotes.settle")
def settle_quote(event: WriteSettled, **_kwargs: Any) -> None:
    """Carry the ERP's answer into the quote, in the transaction that records it."""
    outcome.settle(event=event, now=timezone.now())


@receiver(facts_wanted, dispatch_uid="shop.quotes.facts_again")
def tell_again(since: dt.datetime, **_kwargs: Any) -> None:
    """Announce the quotes again."""
    facts.announce_again(since=since)
