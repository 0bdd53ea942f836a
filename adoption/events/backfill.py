"""Finds the facts that could not be written down when they happened."""

from __future__ import annotations

import datetime as dt

import structlog
from django.db.models import Max

from accounts.signals import facts_wanted as account_facts_wanted
from adoption.events.models import Event
from shop.signals import facts_wanted as shop_facts_wanted

log = structlog.get_logger("adoption.events")

# What lasts in the senders' own rows. A search or a look at a page is told once: lost, it stays lost.
LASTING = (
    "impersonation_start", "impersonation_end", "order_submitted", "quote_requested", "quote_answered", "quote_decided",
    "quote_accepted", "payment_online_succeeded",
)  # fmt: skip


def backfill(*, since: dt.datetime) -> int:
    """Let everybody announce his lasting facts since then again; return how many were missing.

    A fact that is known counts once, so it may run at any time and as often as one likes.
    """
    last = Event.objects.aggregate(last=Max("pk"))["last"] or 0
    for signal in (account_facts_wanted, shop_facts_wanted):
        signal.send(sender=backfill, since=since)
    found = Event.objects.filter(pk__gt=last, kind__in=LASTING).count()
    log.info("events_backfilled", since=since.isoformat(), found=found)
    return found
