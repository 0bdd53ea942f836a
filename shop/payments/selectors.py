"""Reads what can be paid and what was, for the actor's company only."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.core.paginator import Page, Paginator
from django.db.models import F, Q, Sum
from django.http import Http404
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.models import SoldTo
from accounts.permissions import Action, may
from erp_sync import gateway
from erp_sync.mirror import selectors as mirror
from erp_sync.mirror.models import Invoice
from erp_sync.mirror.models import Payment as MirrorPayment
from shop.payments import providers
from shop.payments.allocate import ZERO, Due
from shop.payments.models import HOLDING, OPEN, WRITTEN, Allocation, Payment, PaymentState

PER_PAGE = 25
MOVING = (*OPEN, PaymentState.CAPTURED, PaymentState.SENT_TO_ERP, PaymentState.REFUNDING)


@dataclass(frozen=True, slots=True)
class Way:
    """A way to pay, as the page offers it; `reason` says why it can't be chosen now ("" = it can)."""

    name: str
    label: str
    is_online: bool
    reason: str


def reserved(*, sold_to: SoldTo, without: Payment | None = None) -> dict[str, Decimal]:
    """Return what payments on their way hold of each document, by its ERP id (2 queries).

    A payment that the ERP has holds on until the invoices were pulled after that: before, the mirror does not show it.
    """
    pulled_at = mirror.freshness("invoices")
    unseen = Q(payment__state__in=WRITTEN)
    if pulled_at is not None:
        unseen &= Q(payment__written_at__gte=pulled_at)
    rows = Allocation.objects.filter(Q(payment__state__in=HOLDING) | unseen, payment__sold_to=sold_to)
    if without is not None:
        rows = rows.exclude(payment=without)
    sums = rows.values_list("invoice_erp_id").annotate(held=Sum(F("amount") + F("discount")))
    return dict(sums.order_by())


def open_documents(*, sold_to: SoldTo, without: Payment | None = None) -> list[Due]:
    """Return every open invoice and credit note with what of it is free, longest due first (3 queries)."""
    held = reserved(sold_to=sold_to, without=without)
    rows = mirror.open_invoices(customer_erp_id=sold_to.erp_id)
    return [_due(row, held.get(row.erp_id, ZERO)) for row in rows]


def _due(row: Invoice, held: Decimal) -> Due:
    return Due(
        erp_id=row.erp_id,
        number=row.number,
        currency=row.currency,
        due=row.amount_due,
        free=max(row.amount_due - held, ZERO),
        is_credit=row.kind == "credit",
        invoiced_on=row.invoiced_on,
        due_on=row.due_on,
        discount=row.discount_amount or ZERO,
        discount_until=row.discount_until,
        references=tuple(row.customer_references),
    )


def chosen(documents: Iterable[Due], numbers: Collection[str]) -> list[Due]:
    """Return the documents with these numbers, in the order of the list."""
    wanted = set(numbers)
    return [one for one in documents if one.number in wanted]


def ways(*, currency: str) -> list[Way]:
    """Return the ways to pay in a currency; one that can't be chosen now says why."""
    found = []
    for one in providers.switched_on():
        reason = ""
        if not one.takes(currency):
            reason = _("It does not take %(currency)s.") % {"currency": currency}
        elif providers.is_down(one.name):
            reason = _("It does not answer at the moment. Try again in a minute, or choose another way.")
        found.append(Way(one.name, providers.label(one.name), one.is_online, reason))
    return found


def why_not_pay(*, actor: Actor) -> str:
    """Return why nothing can be paid online by this actor now, "" when it can."""
    if actor.is_assisted:
        return _("Paying stays with the customer.")
    if not may(actor, Action.PAY):
        return _("Your role in this company does not allow paying.")
    if not gateway.takes_payments():
        return _("Payments can't be booked from the shop. Pay by transfer with the invoice's number.")
    names = [one.name for one in providers.switched_on()]
    if not names:
        return _("Paying online is not switched on in this shop.")
    if all(providers.is_down(name) for name in names):
        return _("The payment provider does not answer at the moment. Your invoices stay as they are; try again soon.")
    return ""


def payments_for(*, actor: Actor, page: int) -> Page[Payment]:
    """Return the company's payments, latest first, with what they pay (3 queries)."""
    rows = Payment.objects.filter(sold_to=actor.sold_to).select_related("by").prefetch_related("allocations")
    return Paginator(rows, PER_PAGE).get_page(page)


def get_payment(*, actor: Actor, reference: str) -> Payment:
    """Return one payment of the company with its parts, moves and refunds (4 queries).

    Raises:
        Http404: there is none such, or it is another company's: both look the same.
    """
    rows = Payment.objects.filter(sold_to=actor.sold_to, reference=reference).select_related("by", "sold_to")
    payment = rows.prefetch_related("allocations", "moves", "refunds").first()
    if payment is None:
        raise Http404
    return payment


def on_their_way(*, actor: Actor) -> dict[str, str]:
    """Return which documents payments on their way hold: the document's ERP id -> the payment's reference (1 query)."""
    rows = Allocation.objects.filter(payment__sold_to=actor.sold_to, payment__state__in=HOLDING)
    return dict(rows.values_list("invoice_erp_id", "payment__reference"))


def is_moving(payment: Payment) -> bool:
    """Whether it may change by itself within moments."""
    return payment.state in MOVING and not (payment.state == PaymentState.PENDING and is_transfer(payment))


def is_transfer(payment: Payment) -> bool:
    """Whether the payer sends the money by his bank."""
    return payment.provider == "bank_transfer"


def in_the_books(references: Collection[str]) -> set[str]:
    """Return those of these payments that the mirror shows as received (1 query)."""
    rows = MirrorPayment.objects.filter(reference__in=list(references), state="succeeded", gone_at=None)
    return set(rows.values_list("reference", flat=True))


def written_since(*, payment: Payment) -> dict[str, Decimal]:
    """Return what other payments of ours have settled of each document since this one was started (1 query)."""
    rows = Allocation.objects.filter(
        payment__sold_to=payment.sold_to_id, payment__state__in=WRITTEN, payment__written_at__gte=payment.created_at
    ).exclude(payment=payment)
    sums = rows.values_list("invoice_erp_id").annotate(settled=Sum(F("amount") + F("discount")))
    return dict(sums.order_by())


def to_look_at(*, now: dt.datetime, most: int) -> list[Payment]:
    """Return payments whose time to ask the provider has come, those waiting longest first (1 query)."""
    rows = Payment.objects.filter(next_look_at__lte=now).order_by("next_look_at")
    return list(rows.select_related("sold_to", "by")[:most])
