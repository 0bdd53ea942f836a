"""What of a payment was given back, by us or at the provider's own site, and how the ERP hears of it: once each.

The provider says how much it gave back in all. What is more than the refunds we know was begun there; so however often
and in whatever order its messages come, each refund is found once. The ERP gets one reversal after the other, each
with what stays of the payment after it. Everything here happens under the payment's lock.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import structlog
from django.utils.translation import gettext as _

from erp_sync import records as r
from erp_sync.outbox.models import OutboxRow
from erp_sync.outbox.services import queue_payment_reversal
from erp_sync.outbox.signals import WriteSettled
from shop.invoices.selectors import company_today
from shop.orders.references import new_reference
from shop.payments import states, telling
from shop.payments.models import Payment, PaymentState, Refund, RefundState
from shop.payments.providers.base import Found

log = structlog.get_logger(__name__)
S = PaymentState
# Money of these is in the ERP, or will be: what is given back of it is taken out there.
IN_ERP = (S.CAPTURED, S.SENT_TO_ERP, S.BOOKED)


def given(payment: Payment) -> Decimal:
    """Return how much was given back or is asked for (1 query)."""
    amounts = payment.refunds.exclude(state=RefundState.REFUSED).values_list("amount", flat=True)
    return sum(amounts, Decimal(0))


def locked(payment: Payment) -> Payment:
    """Return the payment as it is, nobody else moving it until the transaction ends."""
    return Payment.objects.select_for_update(of=("self",)).select_related("sold_to", "by").get(pk=payment.pk)


def take_over(*, payment: Payment, found: Found, now: dt.datetime) -> None:
    """Note what somebody gave back at the provider's own site."""
    if found.refunded is None or payment.captured_at is None:
        return
    known = given(payment)
    more = min(found.refunded, payment.amount) - known
    if more > 0:
        refund = Refund.objects.create(
            payment=payment,
            reference=new_reference(now),
            amount=more,
            reason=_("given back at the provider"),
            is_from_provider=True,
            state=RefundState.GIVEN,
            created_at=now,
        )
        log.warning("refund_from_provider", reference=payment.reference, amount=str(more))
        went(refund=refund, payment=payment, now=now)


def went(*, refund: Refund, payment: Payment, now: dt.datetime) -> None:
    """The money went back: tell the payer, and let the ERP know."""
    telling.tell_refund(payment=payment, refund=refund, now=now)
    if payment.state in IN_ERP:
        states.move(payment=payment, to=S.REFUNDING, now=now, by=refund.by, message=refund.reason)
    if payment.state == S.REFUNDING and (payment.erp_id or _came_from(payment) in IN_ERP):
        queue_next(payment=payment, now=now)
    else:
        _out_of_the_books(payment, now)


def _came_from(payment: Payment) -> str:
    """Return the state that the payment had before its money went back."""
    move = payment.moves.filter(to_state=S.REFUNDING).order_by("-at", "-pk").first()
    return move.from_state if move else ""


def _out_of_the_books(payment: Payment, now: dt.datetime) -> None:
    """The ERP never had it: nothing is to be taken out there. A part that went back leaves a person's decision."""
    Refund.objects.filter(payment=payment, state=RefundState.GIVEN).update(state=RefundState.BOOKED, settled_at=now)
    if given(payment) >= payment.amount:
        states.move(payment=payment, to=S.REFUNDED, now=now)
    elif payment.state == S.REFUNDING:
        states.move(payment=payment, to=S.NEEDS_REVIEW, now=now, message="a part was given back; the ERP has nothing")


def queue_next(*, payment: Payment, now: dt.datetime) -> None:
    """Queue the reversal of the refund that waits longest, unless one is on its way."""
    refunds = list(payment.refunds.exclude(state=RefundState.REFUSED))
    waiting = [one for one in refunds if one.state == RefundState.GIVEN]
    if not waiting or OutboxRow.objects.filter(reference=waiting[0].reference).exists():
        return
    first = waiting[0]
    before = sum((one.amount for one in refunds if one.state == RefundState.BOOKED), Decimal(0))
    Payment.objects.filter(pk=payment.pk).update(next_look_at=None, message="")
    queue_payment_reversal(
        reversal=r.PaymentReversal(
            reference=first.reference,
            payment_reference=payment.reference,
            customer_erp_id=payment.sold_to.erp_id,
            currency=payment.currency,
            amount=first.amount,
            reversed_on=company_today(now),
            reason=first.reason,
            kept=payment.amount - before - first.amount,
        ),
        now=now,
    )


def settle(*, event: WriteSettled, now: dt.datetime) -> None:
    """Carry the ERP's answer to a reversal into the payment."""
    refund = Refund.objects.select_related("payment").filter(reference=event.reference).first()
    if refund is None:
        return
    payment = locked(refund.payment)
    if event.state != "done":
        message = f"given back, but not yet in the ERP: {event.message}"
        states.move(payment=payment, to=S.NEEDS_REVIEW, now=now, message=message)
        return
    Refund.objects.filter(pk=refund.pk).update(state=RefundState.BOOKED, settled_at=now)
    if payment.refunds.filter(state=RefundState.GIVEN).exists():
        queue_next(payment=payment, now=now)
    elif not payment.refunds.filter(state=RefundState.ASKED).exists():
        _stand(payment, event.message, now)


def _stand(payment: Payment, message: str, now: dt.datetime) -> None:
    """Nothing more is on its way: all was given back, or the payment goes on from where it stood."""
    if given(payment) >= payment.amount:
        states.move(payment=payment, to=S.REFUNDED, now=now, message=message)
        return
    before = _came_from(payment)
    to = before if before in {S.BOOKED, S.NEEDS_REVIEW} else S.SENT_TO_ERP
    states.move(payment=payment, to=to, now=now, message=message)
