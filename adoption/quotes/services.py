"""Keeps the one row a quote in step with what was announced of it."""

from __future__ import annotations

import logging

from django.db import DatabaseError, transaction

from adoption.events.models import Event
from adoption.quotes.models import Outcome, QuoteFact

log = logging.getLogger(__name__)
KINDS = ("quote_requested", "quote_answered", "quote_decided")


def fold(quote_id: str) -> None:
    """Write the quote's row anew from its events: in any order, repeated or late, they give the same row.

    A failure is logged and never reaches the sender; the next event of the quote mends it.
    """
    try:
        with transaction.atomic():
            _fold(quote_id)
    except DatabaseError:
        log.exception("the quote %s was not counted", quote_id)


def _fold(quote_id: str) -> None:
    events = list(Event.objects.filter(object_id=quote_id, kind__in=KINDS).order_by("occurred_at", "pk"))
    asked = next((one for one in events if one.kind == "quote_requested"), None)
    if asked is None:
        return  # the ERP's own quote: nobody asked for it here
    answers = [one for one in events if one.kind == "quote_answered" and one.props.get("human") == "yes"]
    decided = [one for one in events if one.kind == "quote_decided"]
    last = decided[-1] if decided else None
    status = str(last.props.get("status", Outcome.OPEN)) if last else Outcome.OPEN
    QuoteFact.objects.update_or_create(
        quote_id=quote_id,
        defaults={
            "account_id": asked.account_id,
            "requested_at": asked.occurred_at,
            "requested_by": asked.user_id,
            "first_response_at": answers[0].occurred_at if answers else None,
            "status": status if status in Outcome.values else Outcome.OPEN,
            "decided_at": last.occurred_at if last and status != Outcome.OPEN else None,
            "order_key": str(last.props.get("order", ""))[:64] if last else "",
            "is_test": asked.is_test,
        },
    )
