"""Places orders and carries their results back from the ERP."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from dataclasses import asdict, dataclass
from functools import cache
from uuid import UUID, uuid4

from django.conf import settings
from django.db import transaction
from django.db.models import Count, F
from django.utils.translation import gettext as _

from accounts.actors import Actor, who_of
from accounts.audit import audit
from accounts.selectors import price_context
from accounts.signals import Fact, Who, announce
from erp_sync.mirror.models import Address
from erp_sync.outbox.services import queue_order
from erp_sync.outbox.signals import WriteSettled
from erp_sync.records import NewOrder, WrittenOrder
from erp_sync.statements import columns, fetch, from_row
from shop.carts.models import Cart, CartLine
from shop.carts.selectors import Basket, BasketLine
from shop.carts.services import cart_for_update
from shop.errors import BasketChanged, OrderKeyReused, ShopError
from shop.orders import states, telling
from shop.orders.checkout import Checkout, Fingerprint, checkout, new_lines
from shop.orders.models import Order, OrderLine, OrderMove, OrderState
from shop.orders.references import new_reference
from shop.pricing.receipts import receipt_of
from shop.signals import shop_fact


@dataclass(frozen=True, slots=True)
class CheckoutData:
    """What a buyer typed at checkout. `shown` is the fingerprint of the prices he saw; no price comes from him."""

    ship_to_erp_id: str
    customer_reference: str
    requested_on: dt.date | None
    note: str
    shown: str

    def content_hash(self) -> str:
        """Return the hash that tells a repeated submit from a different one with the same key."""
        content = json.dumps(asdict(self), default=str, sort_keys=True)
        return hashlib.sha256(content.encode()).hexdigest()


class CheckoutBlocked(ShopError):
    """Something must be put right first; `obstacles` says what."""

    def __init__(self, obstacles: tuple[str, ...]) -> None:
        self.obstacles = obstacles
        super().__init__(" ".join(obstacles))


def place_order(*, actor: Actor, key: UUID, data: CheckoutData, now: dt.datetime) -> Order:
    """Place the order in the actor's basket, once for each key; the ERP gets it right after the commit.

    The same key with the same content returns the order that is there already.

    Raises:
        OrderKeyReused: the key was used for something else.
        CheckoutBlocked: the order can't be placed as it is.
        BasketChanged: lines or prices are not those that the buyer accepted.
    """
    placed = _placed_before(actor, key, data)
    if placed is not None:
        return placed
    current = checkout(actor=actor, now=now)
    try:
        _refuse_unless_ready(current, data)
    except ShopError:
        # A twin of this request may have won in the meantime: the basket is empty, and its order is the answer.
        placed = _placed_before(actor, key, data)
        if placed is None:
            raise
        return placed
    with transaction.atomic():
        cart = cart_for_update(actor=actor)
        placed = _placed_before(actor, key, data)
        if placed is not None:
            return placed
        _refuse_unless_same_lines(cart, current.basket)
        order = _create(actor=actor, key=key, data=data, current=current, now=now)
        _empty(cart)
        _hand_to_erp(actor=actor, order=order, current=current, now=now)
        announce_submitted(order=order, who=who_of(actor), line_count=len(current.basket.lines))
        if actor.is_assisted:
            audit(
                actor=actor, action="order.place", object_type="order", object_id=order.reference,
                detail={"total": str(order.total)}, now=now,
            )  # fmt: skip
    return order


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
    if not Fingerprint.read(data.shown).agrees_with(current.fingerprint):
        raise BasketChanged(
            _("Prices or lines have changed since you opened this page. Please check the new total and confirm.")
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
    order = Order.objects.create(
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
        currency=current.basket.currency,
        untaxed_total=totals.untaxed if totals else None,
        tax_total=totals.tax if totals else None,
        freight_total=totals.freight if totals else None,
        total=totals.total if totals else None,
        placed_at=now,
        prices_valid_until=now + settings.PRICE_VALIDITY,
    )
    OrderMove.objects.create(order=order, to_state=state, at=now, by=str(actor.user)[:120])
    price_list = price_context(sold_to=actor.sold_to).price_list
    OrderLine.objects.bulk_create(
        _receipt(order, number, line, price_list) for number, line in enumerate(current.basket.lines, start=1)
    )
    return order


def _one_line(place: Address) -> str:
    return str(place)[:500]


def _receipt(order: Order, number: int, line: BasketLine, price_list: str) -> OrderLine:
    """Return the order line with what the ERP answered for it, kept for ever."""
    receipt = receipt_of(line.offer, line.quantity, price_list=price_list) if line.offer else None
    if receipt is None or line.item is None:
        raise BasketChanged(_("A price is missing. Please check your basket."))
    return OrderLine(
        order=order,
        line_no=number,
        sku=line.sku,
        item_erp_id=line.item.erp_id,
        name=line.name[:300],
        quantity=line.quantity,
        note=line.line.note,
        **asdict(receipt),
    )


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


# --- what the ERP answered ---------------------------------------------------------------------------------------


def settle(*, event: WriteSettled, now: dt.datetime, is_from_basket: bool = True) -> None:
    """Carry the result of a write into its order; runs in the transaction that records the result.

    The lines of a refused order go back into the basket it came from; one that came from a quote has none.
    """
    order = Order.objects.select_for_update(of=("self",)).filter(reference=event.reference).first()
    if order is None:
        return
    if event.state == "done":
        _confirm(order=order, event=event, now=now)
    elif event.state == "rejected":
        _reject(order=order, event=event, now=now, is_from_basket=is_from_basket)
    else:
        _needs_review(order=order, message=event.message, now=now)


def _confirm(*, order: Order, event: WriteSettled, now: dt.datetime) -> None:
    written = event.written
    if not isinstance(written, WrittenOrder):
        _needs_review(order=order, message=event.message, now=now)
        return
    promised, totals = order.total, written.totals
    order.erp_id, order.erp_number = written.erp_id, written.number
    order.untaxed_total, order.tax_total = totals.untaxed, totals.tax
    order.freight_total, order.total = totals.freight, totals.total
    order.erp_message = event.message
    order.save(
        update_fields=[
            "erp_id", "erp_number", "untaxed_total", "tax_total", "freight_total", "total", "erp_message",
        ]
    )  # fmt: skip
    if promised is not None and totals.total > promised:
        _needs_review(
            order=order,
            message=f"The ERP's total {totals.total} is above the {promised} that was shown.",
            now=now,
        )
        return
    if states.move(order=order, to=OrderState.CONFIRMED, now=now, message=event.message):
        is_lower = promised is not None and totals.total < promised
        telling.tell_confirmed(order=order, now=now, lower_than=promised if is_lower else None)


def _reject(*, order: Order, event: WriteSettled, now: dt.datetime, is_from_basket: bool) -> None:
    order.erp_message = event.message
    order.save(update_fields=["erp_message"])
    moved = states.move(order=order, to=OrderState.REJECTED, now=now, message=event.message)
    if moved and is_from_basket:
        _put_back(order=order, now=now)
        telling.tell_rejected(order=order, now=now)


def _put_back(*, order: Order, now: dt.datetime) -> None:
    """The ERP said no: the lines go back into the basket they came from, without touching what is there now."""
    cart, _made = Cart.objects.get_or_create(
        user=order.placed_by, sold_to=order.sold_to, defaults={"order_key": uuid4()}
    )
    cart = Cart.objects.select_for_update(of=("self",)).get(pk=cart.pk)
    present = set(cart.lines.values_list("sku", flat=True))
    CartLine.objects.bulk_create(
        CartLine(
            cart=cart, sku=line.sku, quantity=line.quantity, note=line.note, position=1_000 + line.line_no,
            added_at=now, seen_price=line.net_price, seen_currency=line.currency, seen_at=line.price_as_of,
        )
        for line in order.lines.all()
        if line.sku not in present
    )  # fmt: skip


def _needs_review(*, order: Order, message: str, now: dt.datetime) -> None:
    if states.move(order=order, to=OrderState.NEEDS_REVIEW, now=now, message=message):
        telling.tell_review(order=order, now=now)
