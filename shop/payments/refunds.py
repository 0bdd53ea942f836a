"""What staff do with a payment: give it back, take it up again, or settle it by hand."""

from __future__ import annotations

import datetime as dt

import structlog
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.audit import audit
from accounts.models import User
from erp_sync import records as r
from erp_sync.outbox.models import OutboxRow
from erp_sync.outbox.services import queue_payment, queue_payment_reversal
from erp_sync.outbox.signals import WriteSettled
from shop.invoices.selectors import company_today
from shop.orders.references import new_reference
from shop.payments import providers, settling, states
from shop.payments.errors import PaymentRefused, ProviderRefused, ProviderUnavailable
from shop.payments.models import Payment, PaymentState

log = structlog.get_logger(__name__)
S = PaymentState
REFUNDABLE = (S.SENT_TO_ERP, S.BOOKED, S.NEEDS_REVIEW)


def refund(*, payment: Payment, by: User, reason: str, now: dt.datetime) -> Payment:
    """Give all of a payment back at its provider, then take it out of the ERP's books.

    Raises:
        PaymentRefused: no reason is given, nothing was captured, or it is on its way to the ERP.
    """
    if not reason.strip():
        raise PaymentRefused(_("Say why the money is given back. Nothing was changed."))
    with transaction.atomic():
        locked = _locked(payment)
        if locked.state not in REFUNDABLE or locked.captured_at is None:
            raise PaymentRefused(_("There is nothing to give back: the payment is %s.") % locked.get_state_display())
        locked.refund_reference, locked.refund_reason = new_reference(now), reason.strip()[:200]
        locked.next_look_at = now + settling.SOONEST
        locked.save(update_fields=["refund_reference", "refund_reason", "next_look_at"])
        states.move(payment=locked, to=S.REFUNDING, now=now, by=str(by), message=reason)
        _note(locked, by, "payment.refund", reason, now)
    return go_on(payment=locked, now=now)


def go_on(*, payment: Payment, now: dt.datetime) -> Payment:
    """Go on with a refund: ask the provider once more (same key, so it happens once), then tell the ERP."""
    try:
        provider = providers.provider(payment.provider)
        provider.refund(settling.held(payment), once=payment.refund_reference)
    except ProviderUnavailable as error:
        log.warning("refund_unanswered", reference=payment.reference, error=str(error))
        Payment.objects.filter(pk=payment.pk, state=S.REFUNDING).update(
            next_look_at=now + settling.LATEST, message=str(error)[:500]
        )
        return payment
    except ProviderRefused as error:
        with transaction.atomic():
            states.move(payment=payment, to=S.NEEDS_REVIEW, now=now, message=f"not refunded: {error}")
        return payment
    with transaction.atomic():
        locked = Payment.objects.select_for_update(of=("self",)).select_related("sold_to").filter(pk=payment.pk)
        return _given_back(locked.first() or payment, now)


def _given_back(payment: Payment, now: dt.datetime) -> Payment:
    if payment.state != S.REFUNDING or OutboxRow.objects.filter(reference=payment.refund_reference).exists():
        return payment
    if not payment.erp_id:  # the ERP never had it
        states.move(payment=payment, to=S.REFUNDED, now=now)
        return payment
    Payment.objects.filter(pk=payment.pk).update(next_look_at=None, message="")
    queue_payment_reversal(
        reversal=r.PaymentReversal(
            reference=payment.refund_reference,
            payment_reference=payment.reference,
            customer_erp_id=payment.sold_to.erp_id,
            currency=payment.currency,
            amount=payment.amount,
            reversed_on=company_today(now),
            reason=payment.refund_reason,
        ),
        now=now,
    )
    return payment


def settle(*, event: WriteSettled, now: dt.datetime) -> None:
    """Carry the ERP's answer to a reversal into the payment."""
    payment = Payment.objects.select_for_update(of=("self",)).filter(refund_reference=event.reference).first()
    if payment is None:
        return
    if event.state == "done":
        states.move(payment=payment, to=S.REFUNDED, now=now, message=event.message)
    else:
        message = f"given back, but not yet in the ERP: {event.message}"
        states.move(payment=payment, to=S.NEEDS_REVIEW, now=now, message=message)


def send_again(*, payment: Payment, by: User, reason: str, now: dt.datetime) -> Payment:
    """Send captured money that was held back to the ERP: somebody has looked, and it is right.

    Raises:
        PaymentRefused: it is not waiting for a decision, nothing was captured, or it was sent already.
    """
    with transaction.atomic():
        locked = _waiting(payment)
        if locked.captured_at is None or locked.refund_reference or locked.moves.filter(to_state=S.CAPTURED).exists():
            raise PaymentRefused(_("It can't be sent from here: look at its row among the writes to the ERP."))
        states.move(payment=locked, to=S.CAPTURED, now=now, by=str(by), message=reason)
        queue_payment(payment=settling.new_payment(locked), now=now)
        _note(locked, by, "payment.send", reason, now)
    return locked


def settle_by_hand(*, payment: Payment, by: User, reason: str, now: dt.datetime) -> Payment:
    """Close a payment that somebody has settled himself in the ERP or at the provider.

    Raises:
        PaymentRefused: no reason is given, or it is not waiting for a decision.
    """
    if not reason.strip():
        raise PaymentRefused(_("Say how it was settled. Nothing was changed."))
    with transaction.atomic():
        locked = _waiting(payment)
        to = S.BOOKED if locked.captured_at else S.ABANDONED
        Payment.objects.filter(pk=locked.pk).update(written_at=now if locked.captured_at else None)
        states.move(payment=locked, to=to, now=now, by=str(by), message=reason)
        _note(locked, by, "payment.settle", reason, now)
    return locked


def _waiting(payment: Payment) -> Payment:
    locked = _locked(payment)
    if locked.state != S.NEEDS_REVIEW:
        words = _("Nothing was changed: the payment is %s. Reload to see where it stands.")
        raise PaymentRefused(words % locked.get_state_display())
    return locked


def _locked(payment: Payment) -> Payment:
    return Payment.objects.select_for_update(of=("self",)).select_related("sold_to", "by").get(pk=payment.pk)


def _note(payment: Payment, by: User, action: str, reason: str, now: dt.datetime) -> None:
    audit(
        actor=by,
        action=action,
        object_type="payment",
        object_id=payment.reference,
        detail={"amount": str(payment.amount), "currency": payment.currency, "reason": reason[:200]},
        now=now,
        sold_to=payment.sold_to,
    )
