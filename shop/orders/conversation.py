"""What an order's conversation hangs on."""

from __future__ import annotations

from django.urls import reverse

from accounts.actors import Actor
from shop.messages.selectors import Subject
from shop.orders.shown import OrderView


def subject_of(actor: Actor, order: OrderView) -> Subject:
    """Return the subject: the shop's reference where it has one, since an order gets its number only later."""
    return Subject(
        kind="order",
        key=order.reference or order.erp_id,
        sold_to=actor.sold_to,
        path=reverse("order-detail", kwargs={"number": order.number}),
        title=order.number,
    )
