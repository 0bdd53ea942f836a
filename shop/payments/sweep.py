"""Resolves by the clock what nobody came back for: unfinished payments, refunds, what the mirror shows by now."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from shop.payments import refunds, selectors, settling
from shop.payments.models import Payment, PaymentState

AT_ONCE = 50
# Nobody else asks about a payment while one sweep does.
CLAIM = dt.timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Swept:
    """What one sweep did."""

    asked: int
    booked: int


def sweep(*, now: dt.datetime) -> Swept:
    """Ask providers about the payments whose time has come, and mark what the ERP shows; safe to run twice at once."""
    asked = sum(_ask(payment, now) for payment in selectors.to_look_at(now=now, most=AT_ONCE))
    return Swept(asked, settling.mark_booked(now=now) + settling.arrived_transfers(now=now))


def look_if_due(*, payment: Payment, now: dt.datetime) -> None:
    """Ask about one payment, if its time has come: a page that waits for it is as good as the clock."""
    if payment.next_look_at is not None and payment.next_look_at <= now:
        _ask(payment, now)


def _ask(payment: Payment, now: dt.datetime) -> bool:
    claimed = Payment.objects.filter(pk=payment.pk, next_look_at=payment.next_look_at).update(next_look_at=now + CLAIM)
    if not claimed:
        return False
    payment.next_look_at = now + CLAIM
    if payment.state == PaymentState.REFUNDING:
        refunds.go_on(payment=payment, now=now)
    elif payment.state in settling.UNFINISHED:
        settling.look(payment=payment, now=now)
    else:
        settling.look_again(payment=payment, now=now)
    return True
