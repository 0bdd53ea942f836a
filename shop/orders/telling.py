"""What people are told about an order of the shop; the words and the mails are the notices' (shop.signals.Told)."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from django.urls import reverse

from accounts.actors import Actor, who_of
from accounts.signals import announce
from erp_sync.statements import fetch
from shop.approvals.selectors import decider_of
from shop.orders.models import Order
from shop.signals import Told, friction, shop_fact, shop_told


def tell_confirmed(*, order: Order, now: dt.datetime, lower_than: Decimal | None = None) -> None:
    """Tell the person who ordered that the ERP has the order; with the former total when the ERP made it cheaper."""
    _tell(order, "order_accepted", now, {"lower_than": str(lower_than)} if lower_than is not None else {})


def tell_rejected(*, order: Order, now: dt.datetime) -> None:
    """Tell him that the ERP refused it, in its own words, and that the lines are back in the basket."""
    _tell(order, "order_rejected", now, {"reason": order.erp_message})
    who = who_of(actor_of(order))
    announce(shop_fact, friction(cause="order_refused", about=order.reference, key=order.reference, who=who, now=now))


def actor_of(order: Order) -> Actor:
    """Return who placed an order, as he was then."""
    return Actor(
        user=order.placed_by,
        sold_to=order.sold_to,
        rep=order.placed_by if order.assisted else None,
        assisted=order.assisted,
        session_id=order.session_id,
    )


def tell_review(*, order: Order, now: dt.datetime) -> None:
    """Tell him that one of us is looking at the order; never silent about money."""
    _tell(order, "order_review", now, {})


def _tell(order: Order, event: str, now: dt.datetime, more: dict[str, str]) -> None:
    """Tell who placed the order and who approved it; when a rep did so for the customer, the customer's people too."""
    moves = fetch("SELECT count(*) FROM shop_ordermove m WHERE m.order_id = %s", [order.pk])[0][0]
    for audience, person_id in _audiences(order):
        told = Told(
            key=f"order:{order.reference}:{event}:{moves}",
            event=event,
            sold_to_id=order.sold_to_id,
            audience=audience,
            person_id=person_id,
            occurred_at=now,
            path=reverse("order-detail", kwargs={"number": order.reference}),
            params={
                "number": order.erp_number or order.reference,
                "reference": order.customer_reference,
                "total": str(order.total) if order.total is not None else "",
                "currency": order.currency,
            }
            | more,
        )
        announce(shop_told, told)


def _audiences(order: Order) -> list[tuple[str, int | None]]:
    found: list[tuple[str, int | None]] = [("person", order.placed_by_id)]
    if order.assisted_id:
        found.append(("buyers", None))
    elif order.approved_by and (approver := decider_of(order.sold_to_id, order.order_key)):
        found.append(("person", approver))
    return found
