"""What a buyer still wants of an order that the ERP has: let it go, or change its date, place or PO number.

The shop changes nothing itself: it asks the ERP, which may refuse, and says what the ERP answered.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.audit import audit
from accounts.permissions import Action, may, require
from accounts.signals import announce
from erp_sync.outbox.services import queue_cancellation, queue_order_change
from erp_sync.outbox.signals import WriteSettled
from erp_sync.records import Cancellation, OrderChange
from shop.approvals import takings
from shop.errors import ShopError
from shop.orders import states
from shop.orders.models import OPEN_WISHES, Order, OrderState, OrderWish, WishKind, WishState
from shop.orders.references import new_reference
from shop.orders.selectors import delivery_places
from shop.orders.shown import OrderView
from shop.signals import Told, shop_told

CANCEL, DATE, PLACE, PO_NUMBER = "cancel", "requested_on", "ship_to", "customer_reference"
CHANGES = (DATE, PLACE, PO_NUMBER)
KINDS = {"cancel": WishKind.CANCEL, "order_change": WishKind.CHANGE}
STATE_OF = {"done": WishState.DONE, "rejected": WishState.REFUSED}


class WishRefused(ShopError):
    """It can't be asked for as things stand; nothing was sent to the ERP."""


@dataclass(frozen=True, slots=True)
class Change:
    """What an order shall become; None = leave it. `ship_to_erp_id` is one of the company's own places."""

    requested_on: dt.date | None = None
    ship_to_erp_id: str | None = None
    customer_reference: str | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The fields that shall change, as the ERP's permissions are called."""
        values = (self.requested_on, self.ship_to_erp_id, self.customer_reference)
        return tuple(name for name, value in zip(CHANGES, values, strict=True) if value is not None)


@dataclass(frozen=True, slots=True)
class Wishes:
    """What was asked for on an order, and what may be asked for now.

    Attributes:
        latest: The last one, whatever became of it; None = nothing was ever asked for.
        can_cancel, can_change: The ERP allows it, nothing is open, and the actor's role allows it.
        is_shut: It is in the ERP, still open, and nothing can be asked for any more.
    """

    latest: OrderWish | None
    can_cancel: bool
    can_change: bool
    is_shut: bool


def wishes_of(*, actor: Actor, order: OrderView) -> Wishes:
    """Return what was asked for on the order and what may be asked for now."""
    latest = order.latest_wish
    is_free = latest is None or latest.state not in OPEN_WISHES
    can_cancel = is_free and CANCEL in order.allowed and may(actor, Action.CANCEL)
    can_change = is_free and bool(set(CHANGES) & set(order.allowed)) and may(actor, Action.ORDER)
    is_shut = is_free and bool(order.erp_id) and order.is_open and not order.allowed and not order.is_return
    return Wishes(latest=latest, can_cancel=can_cancel, can_change=can_change, is_shut=is_shut)


def cancel_order(*, actor: Actor, order: OrderView, reason: str, now: dt.datetime) -> OrderWish:
    """Ask the ERP to cancel the order, once: who comes second is told who asked.

    Raises:
        NotPermitted: his role does not allow it.
        WishRefused: the ERP no longer allows it, or something is asked for already.
    """
    require(actor, Action.CANCEL)
    _refuse_unless_allowed(order, (CANCEL,))
    with transaction.atomic():
        wish = _keep(_wish(actor, order, WishKind.CANCEL, now, reason=reason[:300]))
        queue_cancellation(
            cancellation=Cancellation(
                reference=wish.reference,
                order_erp_id=order.erp_id,
                order_reference=order.reference,
                customer_erp_id=actor.sold_to.erp_id,
                reason=wish.reason,
            ),
            now=now,
        )
        _audit(actor, wish, now)
    return wish


def change_order(*, actor: Actor, order: OrderView, change: Change, now: dt.datetime) -> OrderWish:
    """Ask the ERP to change date, place or PO number of the order.

    Raises:
        NotPermitted: his role does not allow it.
        WishRefused: nothing differs, the ERP no longer allows it, or something is asked for already.
    """
    require(actor, Action.ORDER)
    change = _what_differs(order, change)
    if not change.names:
        raise WishRefused(_("Nothing differs from the order as it is. Change a field, then send it."))
    _refuse_unless_allowed(order, change.names)
    place = _place(actor, change)
    with transaction.atomic():
        wish = _keep(
            _wish(
                actor, order, WishKind.CHANGE, now, requested_on=change.requested_on, ship_to=place,
                ship_to_erp_id=change.ship_to_erp_id, customer_reference=change.customer_reference,
            )
        )  # fmt: skip
        queue_order_change(
            change=OrderChange(
                reference=wish.reference,
                order_erp_id=order.erp_id,
                order_reference=order.reference,
                customer_erp_id=actor.sold_to.erp_id,
                requested_on=change.requested_on,
                ship_to_erp_id=change.ship_to_erp_id,
                customer_reference=change.customer_reference,
            ),
            now=now,
        )
        _audit(actor, wish, now)
    return wish


def _what_differs(order: OrderView, change: Change) -> Change:
    return Change(
        requested_on=change.requested_on if change.requested_on != order.requested_on else None,
        ship_to_erp_id=change.ship_to_erp_id if change.ship_to_erp_id != order.ship_to_erp_id else None,
        customer_reference=(
            change.customer_reference if change.customer_reference != order.customer_reference else None
        ),
    )


def _refuse_unless_allowed(order: OrderView, names: tuple[str, ...]) -> None:
    if not order.erp_id or not set(names) <= set(order.allowed):
        raise WishRefused(
            _("Our ERP no longer allows this for order %(number)s. Nothing was changed: write to us on this page.")
            % {"number": order.number}
        )


def _place(actor: Actor, change: Change) -> str:
    """Return the chosen place in words; only the company's own can be chosen."""
    if change.ship_to_erp_id is None:
        return ""
    for place in delivery_places(actor=actor):
        if place.erp_id == change.ship_to_erp_id:
            return str(place)[:500]
    raise WishRefused(_("Choose one of your delivery addresses."))


def _wish(actor: Actor, order: OrderView, kind: WishKind, now: dt.datetime, **more: object) -> OrderWish:
    return OrderWish(
        reference=new_reference(now),
        sold_to=actor.sold_to,
        kind=kind,
        order_number=order.number,
        order_erp_id=order.erp_id,
        order_reference=order.reference,
        asked_by=actor.user,
        assisted=actor.assisted,
        asked_at=now,
        **more,
    )


def _keep(wish: OrderWish) -> OrderWish:
    """Save the wish unless one of this order is still open: the database lets only one through."""
    try:
        with transaction.atomic():
            wish.save()
    except IntegrityError as error:
        first = OrderWish.objects.filter(
            sold_to=wish.sold_to, order_erp_id=wish.order_erp_id, state__in=OPEN_WISHES
        ).select_related("asked_by").first()  # fmt: skip
        if first is None:
            raise
        raise WishRefused(
            _("%(person)s has already asked for something on this order. Wait for our ERP's answer, then ask again.")
            % {"person": first.asked_by}
        ) from error
    return wish


def _audit(actor: Actor, wish: OrderWish, now: dt.datetime) -> None:
    if actor.is_assisted:
        audit(
            actor=actor, action=f"order.{wish.kind}", object_type="order", object_id=wish.order_erp_id,
            detail={"reference": wish.reference}, now=now,
        )  # fmt: skip


# --- what the ERP answered ---------------------------------------------------------------------------------------


def settle(*, event: WriteSettled, now: dt.datetime) -> None:
    """Carry the ERP's answer into the wish; runs in the transaction that records it."""
    wish = OrderWish.objects.select_for_update(of=("self",)).filter(reference=event.reference).first()
    if wish is None:
        return
    wish.state = STATE_OF.get(event.state, WishState.WITH_US)
    wish.erp_message = event.message[:500]
    wish.settled_at = now
    wish.save(update_fields=["state", "erp_message", "settled_at"])
    if wish.state == WishState.DONE:
        _apply(wish, now)
    elif wish.state == WishState.REFUSED:
        _tell(wish, "order_wish_refused", {"number": wish.order_number, "reason": wish.erp_message}, now)


def _apply(wish: OrderWish, now: dt.datetime) -> None:
    """Let the shop's own order say what the ERP's says now; a change is told by who watches the mirror."""
    order = Order.objects.select_for_update(of=("self",)).filter(sold_to=wish.sold_to, erp_id=wish.order_erp_id).first()
    if wish.kind == WishKind.CANCEL:
        if order is not None:
            states.move(order=order, to=OrderState.CANCELLED, now=now, by=str(wish.asked_by), message=wish.reason)
            takings.give_back(sold_to_id=order.sold_to_id, order_key=order.order_key)
        tell_cancelled(sold_to_id=wish.sold_to_id, order_erp_id=wish.order_erp_id, number=wish.order_number, now=now)
    elif order is not None:
        _change_own(order, wish)


def _change_own(order: Order, wish: OrderWish) -> None:
    if wish.requested_on is not None:
        order.requested_on = wish.requested_on
    if wish.ship_to_erp_id is not None:
        order.ship_to_erp_id, order.ship_to = wish.ship_to_erp_id, wish.ship_to
    if wish.customer_reference is not None:
        order.customer_reference = wish.customer_reference
    order.save(update_fields=["requested_on", "ship_to_erp_id", "ship_to", "customer_reference"])


def tell_cancelled(*, sold_to_id: int, order_erp_id: str, number: str, now: dt.datetime) -> None:
    """Tell the company that an order was cancelled, once, whoever finds it out first."""
    announce(
        shop_told,
        Told(
            key=f"order:{order_erp_id}:cancelled",
            event="order_cancelled",
            sold_to_id=sold_to_id,
            audience="buyers",
            occurred_at=now,
            path=reverse("order-detail", kwargs={"number": number}),
            params={"number": number},
        ),
    )


def _tell(wish: OrderWish, event: str, params: dict[str, str], now: dt.datetime) -> None:
    announce(
        shop_told,
        Told(
            key=f"wish:{wish.reference}:{wish.state}",
            event=event,
            sold_to_id=wish.sold_to_id,
            audience="person",
            person_id=wish.asked_by_id,
            occurred_at=now,
            path=reverse("order-detail", kwargs={"number": wish.order_number}),
            params=params,
        ),
    )
