"""How a payment moves: conditional updates, each with its line of history."""

from __future__ import annotations

import datetime as dt

from shop.payments.models import OPEN, Payment, PaymentMove, PaymentState

S = PaymentState
ALLOWED: dict[str, frozenset[str]] = {
    S.STARTED: frozenset({S.PENDING, S.CAPTURED, S.BOOKED, S.FAILED, S.ABANDONED, S.NEEDS_REVIEW}),
    S.PENDING: frozenset({S.CAPTURED, S.BOOKED, S.FAILED, S.ABANDONED, S.NEEDS_REVIEW}),
    # Money may still come after we had given up.
    S.FAILED: frozenset({S.PENDING, S.CAPTURED, S.NEEDS_REVIEW}),
    S.ABANDONED: frozenset({S.PENDING, S.CAPTURED, S.NEEDS_REVIEW}),
    S.CAPTURED: frozenset({S.SENT_TO_ERP, S.REFUNDING, S.NEEDS_REVIEW}),
    S.SENT_TO_ERP: frozenset({S.BOOKED, S.REFUNDING, S.NEEDS_REVIEW}),
    S.BOOKED: frozenset({S.REFUNDING, S.NEEDS_REVIEW}),
    # Staff decide: it goes on, it is given back, or it is settled by hand.
    S.NEEDS_REVIEW: frozenset({S.CAPTURED, S.SENT_TO_ERP, S.BOOKED, S.REFUNDING, S.REFUNDED, S.ABANDONED}),
    # After a part of it was given back it goes on from where it stood.
    S.REFUNDING: frozenset({S.REFUNDED, S.SENT_TO_ERP, S.BOOKED, S.NEEDS_REVIEW}),
    S.REFUNDED: frozenset(),
}


def move(*, payment: Payment, to: str, now: dt.datetime, by: str = "", message: str = "") -> bool:
    """Move the payment if its state allows it, and write who and why; False when it had moved already.

    The update is conditional in the database, so of two movers one wins. Call inside a transaction.
    """
    came_from = [state for state, targets in ALLOWED.items() if to in targets]
    before = payment.state
    # Only what is open is asked about by the clock.
    look_at = payment.next_look_at if to in OPEN or to == S.REFUNDING else None
    moved = Payment.objects.filter(pk=payment.pk, state__in=came_from).update(
        state=to, message=message[:500], next_look_at=look_at
    )
    if not moved:
        return False
    payment.state, payment.message, payment.next_look_at = to, message[:500], look_at
    note(payment=payment, before=before, now=now, by=by, message=message)
    return True


def note(*, payment: Payment, before: str, now: dt.datetime, by: str = "", message: str = "") -> None:
    """Write a line of history: how the payment came to its state, or what happened in it."""
    PaymentMove.objects.create(
        payment=payment, from_state=before, to_state=payment.state, at=now, by=by[:120], message=message[:500]
    )
