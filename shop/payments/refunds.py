"""What staff do with a payment: give it back, take it up again, or settle it by hand."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import structlog
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.audit import audit
from accounts.models import User
from erp_sync.outbox.services import queue_payment
from shop.money import formats
from shop.orders.references import new_reference
from shop.payments import given_back, providers, settling, states
from shop.payments.errors import PaymentRefused, ProviderRefused, ProviderUnavailable
from shop.payments.models import Payment, PaymentState, Refund, RefundState
from shop.payments.providers.base import GiveBack, digits

log = structlog.get_logger(__name__)
S = PaymentState
REFUNDABLE = (S.SENT_TO_ERP, S.BOOKED, S.NEEDS_REVIEW)


def refund(*, payment: Payment, by: User, reason: str, now: dt.datetime, amount: Decimal | None = None) -> Payment:
    """Give a payment back at its provider, all that is left of it or a part, then take that out of the ERP's books.

    Raises:
        PaymentRefused: no reason is given, nothing was captured, it is on its way to the ERP, or it is too much.
    """
    if not reason.strip():
        raise PaymentRefused(_("Say why the money is given back. Nothing was changed."))
    with transaction.atomic():
        locked = _locked(payment)
        if locked.state not in REFUNDABLE or locked.captured_at is None:
            raise PaymentRefused(_("There is nothing to give back: the payment is %s.") % locked.get_state_display())
        asked = _ask(locked, by, reason.strip()[:200], amount, now)
        locked.next_look_at = now + settling.SOONEST
        locked.save(update_fields=["next_look_at"])
        states.move(payment=locked, to=S.REFUNDING, now=now, by=str(by), message=reason)
        _note(locked, by, "payment.refund", reason, now, amount=asked.amount)
    return go_on(payment=locked, now=now)


def left(payment: Payment) -> Decimal:
    """Return what of a payment can still be given back (1 query)."""
    return payment.amount - given_back.given(payment)


def _ask(payment: Payment, by: User, reason: str, amount: Decimal | None, now: dt.datetime) -> Refund:
    most = left(payment)
    wanted = most if amount is None else amount
    if not wanted.is_finite() or wanted != round(wanted, digits(payment.currency)) or not 0 < wanted <= most:
        words = _("At most %(amount)s can be given back. Nothing was changed.")
        raise PaymentRefused(words % {"amount": formats.money(most, payment.currency)})
    if wanted != payment.amount and not payment.erp_id:
        raise PaymentRefused(
            _("The ERP does not have this payment, so only all of it can be given back. Nothing was changed.")
        )
    return Refund.objects.create(
        payment=payment, reference=new_reference(now), amount=wanted, reason=reason, by=str(by)[:120], created_at=now
    )


def go_on(*, payment: Payment, now: dt.datetime) -> Payment:
    """Go on with a refund: ask the provider once more (same key, so it happens once), then tell the ERP."""
    asked = payment.refunds.filter(state=RefundState.ASKED).first()
    if asked is None:
        return _only_the_erp(payment, now)
    try:
        amount = None if asked.amount == payment.amount else asked.amount
        back = GiveBack(amount, asked.reference, before=given_back.given(payment) - asked.amount)
        providers.provider(payment.provider).refund(settling.held(payment), back)
    except ProviderUnavailable as error:
        log.warning("refund_unanswered", reference=payment.reference, error=str(error))
        Payment.objects.filter(pk=payment.pk, state=S.REFUNDING).update(
            next_look_at=now + settling.LATEST, message=str(error)[:500]
        )
        return payment
    except ProviderRefused as error:
        return _refused(payment, asked, str(error), now)
    with transaction.atomic():
        locked = given_back.locked(payment)
        moved = Refund.objects.filter(pk=asked.pk, state=RefundState.ASKED).update(state=RefundState.GIVEN)
        if moved:
            given_back.went(refund=asked, payment=locked, now=now)
        return locked


def _only_the_erp(payment: Payment, now: dt.datetime) -> Payment:
    with transaction.atomic():
        locked = given_back.locked(payment)
        Payment.objects.filter(pk=locked.pk).update(next_look_at=None)
        if locked.state == S.REFUNDING:
            given_back.queue_next(payment=locked, now=now)
    return locked


def _refused(payment: Payment, asked: Refund, words: str, now: dt.datetime) -> Payment:
    with transaction.atomic():
        locked = given_back.locked(payment)
        Refund.objects.filter(pk=asked.pk).update(state=RefundState.REFUSED, settled_at=now)
        states.move(payment=locked, to=S.NEEDS_REVIEW, now=now, message=f"not refunded: {words}")
    return locked


def send_again(*, payment: Payment, by: User, reason: str, now: dt.datetime) -> Payment:
    """Send captured money that was held back to the ERP: somebody has looked, and it is right.

    Raises:
        PaymentRefused: it is not waiting for a decision, nothing was captured, or it was sent already.
    """
    with transaction.atomic():
        locked = _waiting(payment)
        if locked.captured_at is None or locked.refunds.exists() or locked.moves.filter(to_state=S.CAPTURED).exists():
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
        locked.refunds.filter(state=RefundState.GIVEN).update(state=RefundState.BOOKED, settled_at=now)
        if given_back.given(locked) >= locked.amount:
            to = S.REFUNDED
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


def _note(
    payment: Payment, by: User, action: str, reason: str, now: dt.datetime, *, amount: Decimal | None = None
) -> None:
    audit(
        actor=by,
        action=action,
        object_type="payment",
        object_id=payment.reference,
        detail={"amount": str(amount or payment.amount), "currency": payment.currency, "reason": reason[:200]},
        now=now,
        sold_to=payment.sold_to,
    )
