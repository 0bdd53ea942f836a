"""What becomes of a payment: the provider's word, the ERP's word, the mirror. Each step happens once.

A provider is asked outside of any transaction; what it says is carried over under the payment's lock.
"""

from __future__ import annotations

import datetime as dt

import structlog
from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import SoldTo
from erp_sync import records as r
from erp_sync.outbox.services import queue_payment
from erp_sync.outbox.signals import WriteSettled
from shop.invoices.selectors import company_today
from shop.payments import given_back, providers, selectors, states, telling
from shop.payments.allocate import ZERO
from shop.payments.errors import ProviderError, ProviderRefused, ProviderUnavailable
from shop.payments.models import OPEN, Payment, PaymentState
from shop.payments.providers.base import Found, Held, Standing

log = structlog.get_logger(__name__)
S = PaymentState
# Before the provider is asked again: it doubles each time.
SOONEST, LATEST = dt.timedelta(seconds=30), dt.timedelta(minutes=15)
# Money that was received is asked about once a day for so long.
DAY, WATCHED = dt.timedelta(days=1), dt.timedelta(days=60)
UNFINISHED = (S.STARTED, S.PENDING, S.FAILED, S.ABANDONED)


def held(payment: Payment) -> Held:
    """Return what a provider needs to know of a payment."""
    return Held(
        reference=payment.reference,
        provider_reference=payment.provider_reference,
        charge=payment.charge,
        amount=payment.amount,
        currency=payment.currency,
    )


def look(*, payment: Payment, now: dt.datetime, has_returned: bool = False) -> Payment:
    """Ask the provider how the payment stands, carry it over, and return the payment as it is then.

    A provider that does not answer changes nothing; `message` says so.
    """
    if payment.state not in UNFINISHED or not payment.provider_reference:
        return _never_begun(payment, now)
    try:
        found = providers.provider(payment.provider).confirm(held(payment), has_returned=has_returned)
    except ProviderUnavailable as error:
        return _ask_later(payment, str(error), now)
    except ProviderRefused as error:
        log.error("payment_unknown_to_provider", reference=payment.reference, error=str(error))  # noqa: TRY400
        return _ask_later(payment, str(error), now)
    with transaction.atomic():
        return apply(payment=payment, found=found, now=now)


def look_again(*, payment: Payment, now: dt.datetime) -> Payment:
    """Ask about money that is ours: somebody may have given it back there, and a message can get lost."""
    watched = payment.captured_at is not None and payment.captured_at > now - WATCHED
    Payment.objects.filter(pk=payment.pk).update(next_look_at=now + DAY if watched else None)
    try:
        found = providers.provider(payment.provider).confirm(held(payment))
    except ProviderError as error:
        log.warning("payment_not_looked_at", reference=payment.reference, error=str(error))
        return payment
    with transaction.atomic():
        return apply(payment=payment, found=found, now=now)


def _never_begun(payment: Payment, now: dt.datetime) -> Payment:
    """A payment that its provider never heard of (the process died in between) was seen by nobody: it is given up."""
    if payment.state == S.STARTED and not payment.provider_reference and now - payment.created_at > SOONEST:
        with transaction.atomic():
            states.move(payment=payment, to=S.FAILED, now=now, message="it never reached the provider")
    return payment


def _ask_later(payment: Payment, error: str, now: dt.datetime) -> Payment:
    wait = min(SOONEST * 2 ** min(payment.looks, 10), LATEST)
    payment.looks, payment.message = payment.looks + 1, error[:500]
    payment.next_look_at = now + wait if payment.state in OPEN else None
    payment.save(update_fields=["looks", "message", "next_look_at"])
    return payment


def apply(*, payment: Payment, found: Found, now: dt.datetime, claimed: Found | None = None) -> Payment:
    """Carry over what the provider says; call inside a transaction. Saying it again changes nothing.

    Args:
        payment: Which one.
        found: What the provider answered when it was asked.
        now: The current time.
        claimed: What its message said, where a message was the reason to ask.
    """
    company = SoldTo.objects.select_for_update(of=("self",), no_key=True).get(pk=payment.sold_to_id)
    locked = Payment.objects.select_for_update(of=("self",)).select_related("by", "sold_to").get(pk=payment.pk)
    told = _differences(locked, found) + (_differences(locked, claimed) if claimed else [])
    differences = list(dict.fromkeys(told))
    if locked.state not in UNFINISHED:
        if differences:
            _alarm(locked, "; ".join(differences))
        given_back.take_over(payment=locked, found=found, now=now)
        return locked
    if differences:
        if found.standing == Standing.CAPTURED:
            locked.captured_at, locked.charge = now, found.charge[:200]
            locked.save(update_fields=["captured_at", "charge"])
        _review(locked, "; ".join(differences), now)
    elif found.standing == Standing.CAPTURED:
        _capture(locked, company, found, now)
        given_back.take_over(payment=locked, found=found, now=now)
    else:
        _not_captured(locked, found, now)
    return locked


def _differences(payment: Payment, found: Found) -> list[str]:
    """Return in what captured money is not the money we asked for (A5)."""
    if found.standing != Standing.CAPTURED:
        return []
    asked = {"amount": payment.amount, "currency": payment.currency, "reference": payment.reference}
    got = {"amount": found.amount, "currency": found.currency, "reference": found.reference}
    wrong = [f"{name} is {got[name]}, asked for {value}" for name, value in asked.items() if got[name] != value]
    return wrong + ([] if found.is_our_account else ["the money went to another account"])


def _not_captured(payment: Payment, found: Found, now: dt.datetime) -> None:
    if found.standing == Standing.FAILED:
        if states.move(payment=payment, to=S.FAILED, now=now, message=found.message):
            telling.tell(payment=payment, what="failed", now=now)
        return
    ended = {Standing.EXPIRED: "it ran out at the provider", Standing.REFUNDED: "the provider gave it back"}
    if found.standing in ended:
        states.move(payment=payment, to=S.ABANDONED, now=now, message=ended[found.standing])
        return
    if found.standing == Standing.PENDING and payment.state != S.PENDING:
        states.move(payment=payment, to=S.PENDING, now=now)
    _wait_or_give_up(payment, now)


def _wait_or_give_up(payment: Payment, now: dt.datetime) -> None:
    patience = settings.TRANSFER_ABANDONED_AFTER if selectors.is_transfer(payment) else settings.PAYMENT_ABANDONED_AFTER
    is_over = now - payment.created_at > patience
    if is_over and (payment.state == S.STARTED or selectors.is_transfer(payment)):
        states.move(payment=payment, to=S.ABANDONED, now=now, message="nothing came in time")
        return
    if payment.state in OPEN:
        payment.looks += 1
        payment.next_look_at = now + min(SOONEST * 2 ** min(payment.looks, 10), LATEST)
        payment.message = ""
        payment.save(update_fields=["looks", "next_look_at", "message"])


def _capture(payment: Payment, company: SoldTo, found: Found, now: dt.datetime) -> None:
    """The money is there. It goes to the ERP, unless its invoices were paid otherwise meanwhile."""
    payment.captured_at, payment.charge = now, found.charge[:200]
    payment.save(update_fields=["captured_at", "charge"])
    too_much = _no_longer_due(payment, company)
    if too_much:
        words = "paid meanwhile: {}. Refund the payment, or book it in the ERP by hand and settle it here."
        _review(payment, words.format(", ".join(too_much)), now)
        return
    if states.move(payment=payment, to=S.CAPTURED, now=now):
        queue_payment(payment=new_payment(payment), now=now)
        telling.announce_succeeded(payment)
        telling.tell(payment=payment, what="captured", now=now)


def _no_longer_due(payment: Payment, company: SoldTo) -> list[str]:
    """Return the documents of which less is left, by the mirror and other payments, than this payment settles."""
    free = {one.erp_id: one.free for one in selectors.open_documents(sold_to=company, without=payment)}
    parts = payment.allocations.all()
    return [one.number for one in parts if free.get(one.invoice_erp_id, ZERO) < one.amount + one.discount]


def new_payment(payment: Payment) -> r.NewPayment:
    """Return the payment as the ERP is to write it; credit notes count as negative parts."""
    parts = payment.allocations.all()
    return r.NewPayment(
        reference=payment.reference,
        customer_erp_id=payment.sold_to.erp_id,
        currency=payment.currency,
        amount=payment.amount,
        paid_on=company_today(payment.captured_at or payment.created_at),
        provider=payment.provider,
        provider_reference=payment.charge or payment.provider_reference,
        allocations=tuple(
            r.Allocation(one.invoice_erp_id, -one.amount if one.is_credit else one.amount, one.discount)
            for one in parts
        ),
    )


def _review(payment: Payment, message: str, now: dt.datetime) -> None:
    """Keep it for a person; the payer hears that his money came, whatever becomes of it (never silent about money)."""
    if states.move(payment=payment, to=S.NEEDS_REVIEW, now=now, message=message):
        _alarm(payment, message)
        if payment.captured_at is not None:
            telling.tell(payment=payment, what="captured", now=now)


def _alarm(payment: Payment, message: str) -> None:
    log.error("payment_needs_review", reference=payment.reference, state=payment.state, reason=message[:500])


# --- the ERP ---------------------------------------------------------------------------------------------------------


def settle(*, event: WriteSettled, now: dt.datetime) -> None:
    """Carry the ERP's answer into the payment; runs in the transaction that records the answer."""
    rows = Payment.objects.select_for_update(of=("self",)).select_related("by", "sold_to")
    payment = rows.filter(reference=event.reference).first()
    if payment is None:
        return
    if event.state != "done" or not isinstance(event.written, r.WrittenDocument):
        _review(payment, event.message or "the ERP did not take it", now)
        return
    payment.erp_id, payment.erp_number, payment.written_at = event.written.erp_id, event.written.number, now
    payment.save(update_fields=["erp_id", "erp_number", "written_at"])
    if payment.state != S.REFUNDING:  # money that went back meanwhile is taken out after this
        states.move(payment=payment, to=S.SENT_TO_ERP, now=now, message=event.message)


def mark_booked(*, now: dt.datetime, only: Payment | None = None) -> int:
    """Mark as booked what the mirror shows; return how many."""
    rows = Payment.objects.filter(state=S.SENT_TO_ERP)
    waiting = list((rows.filter(pk=only.pk) if only else rows).select_related("by", "sold_to")[:500])
    if not waiting:
        return 0
    known = selectors.in_the_books([one.reference for one in waiting])
    return sum(_book(one, now) for one in waiting if one.reference in known)


def _book(payment: Payment, now: dt.datetime) -> bool:
    with transaction.atomic():
        if not states.move(payment=payment, to=S.BOOKED, now=now):
            return False
        look_at = None if selectors.is_transfer(payment) else now + DAY
        Payment.objects.filter(pk=payment.pk).update(booked_at=now, next_look_at=look_at)
        telling.tell(payment=payment, what="booked", now=now)
    return True


def arrived_transfers(*, now: dt.datetime) -> int:
    """Mark transfers as booked whose invoices the ERP shows as paid; return how many."""
    rows = Payment.objects.filter(provider="bank_transfer", state=S.PENDING).select_related("by", "sold_to")
    return sum(_arrived(one, now) for one in rows.prefetch_related("allocations")[:200])


def _arrived(payment: Payment, now: dt.datetime) -> bool:
    due = {one.erp_id: one.due for one in selectors.open_documents(sold_to=payment.sold_to)}
    others = selectors.written_since(payment=payment)
    return all(
        due.get(one.invoice_erp_id, ZERO) <= one.due - one.amount - others.get(one.invoice_erp_id, ZERO)
        for one in payment.allocations.all()
    ) and _book(payment, now)


def steps(payment: Payment) -> list[dict[str, object]]:
    """Return where the payment stands on its way, for the line of steps: received, sent to the ERP, booked."""
    reached = {
        S.CAPTURED: 1,
        S.SENT_TO_ERP: 2,
        S.BOOKED: 3,
    }.get(S(payment.state), 0)
    days = [payment.captured_at, payment.written_at, payment.booked_at]
    words = [_("Received"), _("Sent to the ERP"), _("Booked")]
    states_of = ["done" if at < reached else "now" if at == reached else "todo" for at in range(len(words))]
    return [
        {"state": state, "words": word, "on": day, "note": ""}
        for state, word, day in zip(states_of, words, days, strict=True)
    ]


def sentence(payment: Payment) -> str:
    """Say what the state means to the payer: what happened, what comes next, what he may do."""
    words = {
        S.STARTED: _("Nothing has been charged yet. Go on to the provider, or give the payment up."),
        S.PENDING: _("The provider has your payment and waits for the money. We keep asking; you can leave this page."),
        S.CAPTURED: _("We have your money. The ERP gets the payment next; if it is away, as soon as it is back."),
        S.SENT_TO_ERP: _("The ERP has your payment. Your invoices show it within a minute."),
        S.BOOKED: _("Your payment is booked: the invoices below show it."),
        S.FAILED: _("Nothing was charged. Your invoices are as before; you can try again or choose another way."),
        S.ABANDONED: _("Nothing was charged. The payment was given up and your invoices are free again."),
        S.REFUNDING: _("The money is on its way back to you."),
        S.REFUNDED: _("The money was given back. The invoices are open again."),
        S.NEEDS_REVIEW: _("One of us is checking your payment. Please do not pay again; we will tell you."),
    }
    if payment.state == S.PENDING and selectors.is_transfer(payment):
        return _("Send the money with the reference below. As soon as it is here, the invoices show it.")
    return words[S(payment.state)]
