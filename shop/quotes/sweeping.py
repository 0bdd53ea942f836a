"""What happens to quotes by the clock: they expire, they are about to, nobody has answered, it is night."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.db.models import F, Q

from accounts.selectors import company_day
from shop.quotes import answering, facts, from_erp, states, told
from shop.quotes.acceptance import is_over
from shop.quotes.models import Quote, QuoteState
from shop.quotes.services import decide

# Buyers are told when so many days are left.
WARNED_BEFORE = dt.timedelta(days=2)
MOST = 500


def sweep(*, now: dt.datetime) -> dict[str, int]:
    """Do all that time does to quotes; safe to run twice, each thing happens once."""
    return {
        "taken over": from_erp.take_over(now=now),
        "expired": expire(now=now),
        "warned": warn(now=now),
        "escalated": escalate(now=now),
        "answered": answering.answer_after_hours(now=now),
    }


def expire(*, now: dt.datetime) -> int:
    """Let quotes expire whose last day, by our own clock, is over; return how many.

    One whose change was asked for waits for us: it stays open.
    """
    late = Quote.objects.filter(state=QuoteState.ANSWERED, valid_until__lt=company_day(now))
    return sum(_expire(quote, now) for quote in late[:MOST])


def _expire(quote: Quote, now: dt.datetime) -> bool:
    with transaction.atomic():
        quote = states.locked(quote)
        if quote.state != QuoteState.ANSWERED or not is_over(quote, now):
            return False
        states.move(quote=quote, to=QuoteState.EXPIRED, now=now)
        decide(quote=quote, by=None, now=now)
        facts.decided(quote=quote, now=now)
        told.expired(quote=quote, now=now)
    return True


def warn(*, now: dt.datetime) -> int:
    """Tell the buyers of quotes that end soon, once for each last day; return how many."""
    today = company_day(now)
    ending = Quote.objects.filter(
        state=QuoteState.ANSWERED, valid_until__gte=today, valid_until__lte=today + WARNED_BEFORE
    )
    unwarned = ending.filter(Q(warned_for=None) | ~Q(warned_for=F("valid_until")))
    return sum(_warn(quote, now) for quote in unwarned.select_related("sold_to")[:MOST])


def _warn(quote: Quote, now: dt.datetime) -> bool:
    with transaction.atomic():
        same = Quote.objects.filter(pk=quote.pk, state=QuoteState.ANSWERED, valid_until=quote.valid_until)
        if not same.update(warned_for=quote.valid_until):
            return False
        told.expiring(quote=quote, now=now)
    return True


def escalate(*, now: dt.datetime) -> int:
    """Tell reps and managers of quotes whose clock has run out, once for each clock; return how many."""
    overdue = Quote.objects.filter(state__in=states.OPEN, answer_by_at__lte=now, escalated_at=None)
    return sum(_escalate(quote, now) for quote in overdue.select_related("sold_to")[:MOST])


def _escalate(quote: Quote, now: dt.datetime) -> bool:
    with transaction.atomic():
        same = Quote.objects.filter(pk=quote.pk, state__in=states.OPEN, answer_by_at=quote.answer_by_at)
        if not same.filter(escalated_at=None).update(escalated_at=now):
            return False
        states.note(quote=quote, now=now, message="escalated")
        told.escalated(quote=quote, now=now)
    return True
