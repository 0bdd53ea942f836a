"""Places orders, or sends them for approval where the company's rules want that."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from dataclasses import asdict, dataclass
from functools import cache
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.db import transaction
from django.db.models import Count, F
from django.utils.translation import gettext as _

from accounts.actors import Actor, who_of
from accounts.audit import audit
from accounts.models import SoldTo
from accounts.permissions import Action, require
from accounts.selectors import price_context
from accounts.signals import Fact, Who, announce
from erp_sync.mirror.models import Address
from erp_sync.outbox.services import queue_order
from erp_sync.records import NewOrder
from erp_sync.statements import columns, fetch, from_row, insert, insert_all
from shop.approvals import services as approvals
from shop.approvals.deciding import needed
from shop.approvals.models import Approval, ApprovalLine
from shop.carts.models import Cart
from shop.carts.selectors import Basket, BasketLine
from shop.carts.services import cart_for_update
from shop.errors import BasketChanged, OrderKeyReused, ShopError
from shop.offers import services as offers
from shop.orders.checkout import Checkout, Fingerprint, checkout, new_lines
from shop.orders.models import Order, OrderLine, OrderMove, OrderState
from shop.orders.references import new_reference
from shop.pricing.receipts import receipt_of
from shop.signals import shop_fact


@dataclass(frozen=True, slots=True)
class CheckoutData:
    """What a buyer typed at checkout. `shown` is the fingerprint of the prices he saw; no price comes from him.

    Attributes:
        cost_centre: Code of his company's cost centre, "" for none.
        approval: What he was shown about approval (`Checkout.approval`); "" = that none is needed.
    """

    ship_to_erp_id: str
    customer_reference: str
    requested_on: dt.date | None
    note: str
    shown: str
    cost_centre: str = ""
    approval: str = ""

    def content_hash(self) -> str:
        """Return the hash that tells a repeated submit from a different one with the same key."""
        told = {name: value for name, value in asdict(self).items() if value or name not in {"cost_centre", "approval"}}
        content = json.dumps(told, default=str, sort_keys=True)
        return hashlib.sha256(content.encode()).hexdigest()


class CheckoutBlocked(ShopError):
    """Something must be put right first; `obstacles` says what."""

    def __init__(self, obstacles: tuple[str, ...]) -> None:
        self.obstacles = obstacles
        super().__init__(" ".join(obstacles))


def submit_order(*, actor: Actor, key: UUID, data: CheckoutData, now: dt.datetime) -> Order | Approval:
    """Place the order in the actor's basket, or send it for approval where his company's rules want that.

    Once for each key; the ERP gets an order right after the commit. The same key with the same content returns what is
    there already.

    Raises:
        NotPermitted: the actor may only read this company's documents.
        OrderKeyReused: the key was used for something else.
        CheckoutBlocked: the order can't be placed as it is.
        BasketChanged: lines, prices or who must approve are not what the buyer was shown; OfferGone: the offer is over.
        BudgetSpent: the cost centre's budget does not hold for it.
    """
    require(actor, Action.ORDER)
    done = _done_before(actor, key, data)
    if done is not None:
        return done
    current = checkout(actor=actor, now=now, cost_centre=data.cost_centre)
    try:
        _refuse_unless_ready(current, data)
    except ShopError:
        # A twin of this request may have won in the meantime: the basket is empty, and what it did is the answer.
        done = _done_before(actor, key, data)
        if done is None:
            raise
        return done
    with transaction.atomic():
        cart = cart_for_update(actor=actor)
        done = _done_before(actor, key, data)
        if done is not None:
            return done
        _refuse_unless_same_lines(cart, current.basket)
        if actor.is_under_rules and _must_be_approved(actor, current, data, now):
            return _ask(actor=actor, cart=cart, key=key, data=data, current=current, now=now)
        order = _create(actor=actor, key=key, data=data, current=current, now=now)
        offers.claim(sold_to=actor.sold_to, order_key=key, discount=current.basket.discount, now=now)
        _empty(cart)
        _hand_to_erp(actor=actor, order=order, current=current, now=now)
        announce_submitted(order=order, who=who_of(actor), line_count=len(current.basket.lines))
        if actor.is_under_rules:
            _commit(actor, _content(actor, key, data, current), order, now)
        if actor.is_assisted:
            audit(
                actor=actor, action="order.place", object_type="order", object_id=order.reference,
                detail={"total": str(order.total)}, now=now,
            )  # fmt: skip
    return order


def _done_before(actor: Actor, key: UUID, data: CheckoutData) -> Order | Approval | None:
    order = _placed_before(actor, key, data)
    if order is not None or not actor.is_under_rules:
        return order
    return approvals.asked_before(actor=actor, order_key=key, sent_hash=data.content_hash())


def _must_be_approved(actor: Actor, current: Checkout, data: CheckoutData, now: dt.datetime) -> bool:
    """Ask the rules again, one order of the company after the other, and refuse what the buyer was not told."""
    SoldTo.objects.select_for_update(no_key=True, of=("self",)).get(pk=actor.sold_to.pk)
    found = needed(actor=actor, purchase=current.purchase(), now=now)
    if (found.digest if found else "") != data.approval:
        raise BasketChanged(
            _("Look at who must approve this order: it has changed since you opened the page. Then send it again.")
        )
    return found is not None


def _ask(*, actor: Actor, cart: Cart, key: UUID, data: CheckoutData, current: Checkout, now: dt.datetime) -> Approval:
    if current.needed is None:  # pragma: no cover (`_must_be_approved` has just said so)
        raise BasketChanged(_("Your basket was changed in another window. Please check it and confirm again."))
    content = _content(actor, key, data, current)
    approval = approvals.ask(actor=actor, content=content, needed=current.needed, reference=new_reference(now), now=now)
    offers.claim(sold_to=actor.sold_to, order_key=key, discount=current.basket.discount, now=now)
    _empty(cart)
    return approval


def _content(actor: Actor, key: UUID, data: CheckoutData, current: Checkout) -> approvals.Content:
    place = next(place for place in current.places if place.erp_id == data.ship_to_erp_id)
    totals, price_list = current.totals, price_context(sold_to=actor.sold_to).price_list
    return approvals.Content(
        order_key=key,
        sent_hash=data.content_hash(),
        customer_reference=data.customer_reference,
        ship_to_erp_id=data.ship_to_erp_id,
        ship_to=_one_line(place),
        requested_on=data.requested_on,
        note=data.note,
        cost_centre=current.cost_centre,
        currency=current.basket.currency,
        untaxed_total=current.untaxed,
        tax_total=totals.tax if totals else None,
        total=totals.total if totals else None,
        lines=tuple(
            ApprovalLine(line_no=number, **_receipt_fields(line, price_list))
            for number, line in enumerate(current.basket.lines, start=1)
        ),
    )


def _commit(actor: Actor, content: approvals.Content, order: Order, now: dt.datetime) -> None:
    approvals.commit(actor=actor, content=content, now=now)
    approvals.settle_ordered(actor=actor, order_key=order.order_key, order=order.reference, now=now)


def _placed_before(actor: Actor, key: UUID, data: CheckoutData) -> Order | None:
    rows = fetch(_placed_statement(), [actor.sold_to.pk, key])
    order = from_row(Order, rows[0]) if rows else None
    if order is not None and order.content_hash != data.content_hash():
        raise OrderKeyReused(
            _("This checkout was already sent as order %(number)s. Open a new checkout to order more.")
            % {"number": order.erp_number or order.reference}
        )
    return order


@cache
def _placed_statement() -> str:
    return f"SELECT {columns(Order, 'o')} FROM shop_order o WHERE o.sold_to_id = %s AND o.order_key = %s"  # noqa: S608


def _refuse_unless_ready(current: Checkout, data: CheckoutData) -> None:
    if current.basket.is_empty:
        raise CheckoutBlocked((_("Your basket is empty. If you have just ordered, look under Orders."),))
    if current.obstacles:
        raise CheckoutBlocked(current.obstacles)
    if data.ship_to_erp_id not in {place.erp_id for place in current.places}:
        raise CheckoutBlocked((_("Choose one of your delivery addresses."),))
    if current.cost_centres and current.cost_centre is None:
        raise CheckoutBlocked((_("Choose a cost centre of your company."),))
    if not Fingerprint.read(data.shown).agrees_with(current.fingerprint):
        raise BasketChanged(
            _(
                "Prices, lines or an offer have changed since you opened this page. "
                "Please check the new total and confirm."
            )
        )


def _refuse_unless_same_lines(cart: Cart, basket: Basket) -> None:
    """The basket may have been changed in another tab while the ERP was asked."""
    now_there = fetch(_LINES_THERE, [cart.pk])
    if now_there != [(line.sku, line.quantity) for line in basket.lines]:
        raise BasketChanged(_("Your basket was changed in another window. Please check it and confirm again."))


_LINES_THERE = "SELECT l.sku, l.quantity FROM shop_cartline l WHERE l.cart_id = %s ORDER BY l.position, l.id"


def _create(*, actor: Actor, key: UUID, data: CheckoutData, current: Checkout, now: dt.datetime) -> Order:
    place = next(place for place in current.places if place.erp_id == data.ship_to_erp_id)
    totals = current.totals
    state = OrderState.PENDING_CONFIRMATION if current.is_offline else OrderState.PLACED
    order = Order(
        reference=new_reference(now),
        sold_to=actor.sold_to,
        placed_by=actor.user,
        assisted=actor.assisted,
        channel=actor.channel,
        session_id=actor.session_id,
        order_key=key,
        content_hash=data.content_hash(),
        state=state,
        customer_reference=data.customer_reference,
        ship_to_erp_id=data.ship_to_erp_id,
        ship_to=_one_line(place),
        requested_on=data.requested_on,
        note=data.note,
        cost_centre=str(current.cost_centre or ""),
        currency=current.basket.currency,
        untaxed_total=totals.untaxed if totals else None,
        tax_total=totals.tax if totals else None,
        freight_total=totals.freight if totals else None,
        total=totals.total if totals else None,
        placed_at=now,
        prices_valid_until=now + settings.PRICE_VALIDITY,
    )
    insert(order)
    insert(OrderMove(order=order, to_state=state, at=now, by=str(actor.user)[:120]))
    price_list = price_context(sold_to=actor.sold_to).price_list
    insert_all(
        [
            OrderLine(order=order, line_no=number, **_receipt_fields(line, price_list))
            for number, line in enumerate(current.basket.lines, start=1)
        ]
    )
    return order


def _one_line(place: Address) -> str:
    return str(place)[:500]


def _receipt_fields(line: BasketLine, price_list: str) -> dict[str, Any]:
    """Return what is kept of a line for ever: what was ordered, and what the ERP answered for it."""
    receipt = receipt_of(line.offer, line.quantity, price_list=price_list) if line.offer else None
    if receipt is None or line.item is None:
        raise BasketChanged(_("A price is missing. Please check your basket."))
    return {
        "sku": line.sku,
        "item_erp_id": line.item.erp_id,
        "name": line.name[:300],
        "quantity": line.quantity,
        "note": line.line.note,
        **asdict(receipt),
    }


def _empty(cart: Cart) -> None:
    fetch(_EMPTY, [cart.pk, uuid4(), cart.pk])


_EMPTY = """
WITH gone AS (DELETE FROM shop_cartline WHERE cart_id = %s)
UPDATE shop_cart SET order_key = %s, customer_reference = '', note = '', requested_on = NULL, updated_at = now()
WHERE id = %s RETURNING id
"""


def _hand_to_erp(*, actor: Actor, order: Order, current: Checkout, now: dt.datetime) -> None:
    context = price_context(sold_to=actor.sold_to)
    queue_order(
        order=NewOrder(
            reference=order.reference,
            customer_erp_id=context.customer_erp_id,
            price_list=context.price_list,
            currency=order.currency,
            lines=new_lines(current.basket),
            ship_to_erp_id=order.ship_to_erp_id,
            customer_reference=order.customer_reference,
            requested_on=order.requested_on,
            note=order.note,
            channel=order.channel,
            placed_by=str(actor.user),
            expected_total=order.total,
            discount=current.basket.discount.as_sent() if current.basket.discount else None,
        ),
        recheck=order.state == OrderState.PENDING_CONFIRMATION,
        prices_valid_until=order.prices_valid_until,
        now=now,
    )


def announce_submitted(*, order: Order, who: Who, line_count: int, quote: str = "") -> None:
    """Announce that an order was submitted in the shop, from a basket or by accepting the quote of this reference."""
    announce(
        shop_fact,
        Fact(
            event_id=f"order_submitted:{order.reference}",
            kind="order_submitted",
            occurred_at=order.placed_at,
            who=who,
            object_type="order",
            object_id=order.reference,
            props={
                "channel": order.channel,
                "key": str(order.order_key),
                "lines": str(line_count),
                "untaxed": str(order.untaxed_total if order.untaxed_total is not None else ""),
                "currency": order.currency,
                "quote": quote,
            },
        ),
    )


def announce_again(*, since: dt.datetime) -> None:
    """Announce the orders submitted since then once more, for who may have missed them; known ones count once."""
    orders = Order.objects.filter(placed_at__gte=since).select_related("placed_by", "sold_to", "assisted")
    counted = orders.annotate(line_count=Count("lines"), quote_reference=F("quote__reference"))
    for order in counted.iterator():
        actor = Actor(
            user=order.placed_by,
            sold_to=order.sold_to,
            rep=order.placed_by if order.assisted else None,
            assisted=order.assisted,
            session_id=order.session_id,
        )
        announce_submitted(
            order=order, who=who_of(actor), line_count=order.line_count, quote=order.quote_reference or ""
        )
