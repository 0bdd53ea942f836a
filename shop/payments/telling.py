"""What the shop announces about a payment: the fact that it succeeded online, and what its payer is told."""

from __future__ import annotations

import datetime as dt

from django.urls import reverse

from accounts.actors import Actor, who_of
from accounts.signals import Fact, announce
from shop.payments.models import Payment, Refund
from shop.signals import Told, friction, shop_fact, shop_told


def tell(*, payment: Payment, what: str, now: dt.datetime) -> None:
    """Tell the payer (his company, when he is no longer there): captured, booked or failed."""
    numbers = [part.number for part in payment.allocations.all() if not part.is_credit]
    params = {"amount": str(payment.amount), "currency": payment.currency, "invoices": ", ".join(numbers)}
    announce(
        shop_told,
        Told(
            key=f"payment:{payment.reference}:{what}",
            event=f"payment_{what}",
            sold_to_id=payment.sold_to_id,
            audience="person" if payment.by.is_active else "buyers",
            person_id=payment.by_id if payment.by.is_active else None,
            occurred_at=now,
            path=reverse("payment-detail", kwargs={"reference": payment.reference}),
            params=params,
        ),
    )
    if what == "failed":
        who = who_of(_payer(payment))
        trouble = friction(cause="payment_failed", about=params["invoices"], key=payment.reference, who=who, now=now)
        announce(shop_fact, trouble)


def tell_refund(*, payment: Payment, refund: Refund, now: dt.datetime) -> None:
    """Tell the payer (his company, when he is no longer there) that money went back to him."""
    numbers = [part.number for part in payment.allocations.all() if not part.is_credit]
    announce(
        shop_told,
        Told(
            key=f"payment:{payment.reference}:refund:{refund.reference}",
            event="payment_refunded",
            sold_to_id=payment.sold_to_id,
            audience="person" if payment.by.is_active else "buyers",
            person_id=payment.by_id if payment.by.is_active else None,
            occurred_at=now,
            path=reverse("payment-detail", kwargs={"reference": payment.reference}),
            params={
                "amount": str(refund.amount),
                "currency": payment.currency,
                "invoices": ", ".join(numbers),
                "reason": refund.reason,
            },
        ),
    )


def _payer(payment: Payment) -> Actor:
    return Actor(user=payment.by, sold_to=payment.sold_to, session_id=payment.session_id)


def announce_succeeded(payment: Payment) -> None:
    """Announce that money was paid online; however often, it counts once."""
    announce(
        shop_fact,
        Fact(
            event_id=f"payment_online_succeeded:{payment.reference}",
            kind="payment_online_succeeded",
            occurred_at=payment.captured_at or payment.created_at,
            who=who_of(_payer(payment)),
            object_type="payment",
            object_id=payment.reference,
            props={"amount": str(payment.amount), "currency": payment.currency},
        ),
    )


def announce_again(*, since: dt.datetime) -> None:
    """Announce the payments captured online since then once more, for who may have missed them."""
    rows = Payment.objects.filter(captured_at__gte=since).exclude(provider="bank_transfer")
    for payment in rows.select_related("by", "sold_to").iterator():
        announce_succeeded(payment)
