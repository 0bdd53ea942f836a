"""What the ERP answered to the writes of a quote; runs in the transaction that records it."""

from __future__ import annotations

import datetime as dt

from django.db.models import QuerySet

from erp_sync.outbox.signals import WriteSettled
from erp_sync.records import WrittenDocument
from shop.orders import settling
from shop.quotes import facts, states, told
from shop.quotes.models import Quote, QuoteState, QuoteVersion

QUOTE, ANSWER, ACCEPT, DECLINE = "quote", "quote_answer", "quote_accept", "quote_decline"


def settle(*, event: WriteSettled, now: dt.datetime) -> None:
    """Carry the result of a write into its quote."""
    if event.kind == QUOTE:
        _asked(event)
    elif event.kind == ANSWER:
        _answered(event)
    elif event.kind == ACCEPT:
        _accepted(event, now)
    elif event.kind == DECLINE and event.state != "done":
        _noted(Quote.objects.filter(reference=event.reference.rpartition("-")[0]), event)


def _asked(event: WriteSettled) -> None:
    found = Quote.objects.select_for_update(of=("self",)).filter(reference=event.reference)
    _noted(found, event)


def _noted(found: QuerySet[Quote], event: WriteSettled) -> None:
    quote = found.first()
    if quote is None:
        return
    if isinstance(event.written, WrittenDocument) and event.state == "done":
        quote.erp_id, quote.erp_number = event.written.erp_id, event.written.number or quote.erp_number
    quote.erp_message = "" if event.state == "done" else event.message[:500]
    quote.save(update_fields=["erp_id", "erp_number", "erp_message"])


def _answered(event: WriteSettled) -> None:
    reference, _dash, what = event.reference.rpartition("-")
    found = Quote.objects.select_for_update(of=("self",)).filter(reference=reference)
    _noted(found, event)
    # "-V2" is a version; "-E1" wrote a longer validity of the current one.
    if not what.startswith("V") or not what[1:].isdigit():
        return
    version = QuoteVersion.objects.filter(quote__reference=reference, number=int(what[1:])).first()
    if version is None:
        return
    version.erp_state = "written" if event.state == "done" else "failed"
    version.erp_message = "" if event.state == "done" else event.message[:500]
    if isinstance(event.written, WrittenDocument) and event.written.total is not None:
        version.total = event.written.total
    version.save(update_fields=["erp_state", "erp_message", "total"])


def _accepted(event: WriteSettled, now: dt.datetime) -> None:
    """Carry it into the order; when the ERP refused it, the quote can be accepted again, or answered anew."""
    settling.settle(event=event, now=now, is_from_basket=False)
    found = Quote.objects.select_for_update(of=("self",)).select_related("sold_to", "decided_by", "order")
    quote = found.filter(order__reference=event.reference).first()
    if quote is None or event.state != "rejected":
        return
    number = event.reference
    quote.order, quote.decided_at, quote.decided_by = None, None, None
    quote.erp_message = event.message[:500]
    quote.save(update_fields=["order", "decided_at", "decided_by", "erp_message"])
    if states.move(quote=quote, to=QuoteState.ANSWERED, now=now, by="ERP", message=event.message):
        facts.decided(quote=quote, now=now)
        told.refused(quote=quote, order=number, reason=event.message, now=now)
