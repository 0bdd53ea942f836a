"""What changes a basket."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actors import Actor, who_of
from accounts.signals import Fact, announce
from erp_sync.mirror import selectors as mirror
from erp_sync.mirror.models import Item
from erp_sync.statements import columns, fetch, from_row
from shop.carts.models import Cart, CartLine
from shop.carts.quantities import MOST, check_quantity, rule_of
from shop.errors import BadQuantity, UnknownItem
from shop.money import formats
from shop.signals import shop_fact

MOST_LINES = 1_000


@dataclass(frozen=True, slots=True)
class SeenPrice:
    """The price a buyer was looking at, so that a change can be shown to him later."""

    net_price: Decimal
    currency: str
    seen_at: dt.datetime


@dataclass(frozen=True, slots=True)
class Adding:
    """One line to put into a basket; quantity in the item's sales unit."""

    sku: str
    quantity: Decimal
    seen: SeenPrice | None = None


def cart_for_update(*, actor: Actor) -> Cart:
    """Return the actor's basket, locked; made when there is none. Call inside a transaction."""
    whose = [actor.user.pk, actor.sold_to.pk]
    found = fetch(_lock_statement(), whose)
    if not found:
        Cart.objects.get_or_create(user=actor.user, sold_to=actor.sold_to, defaults={"order_key": uuid.uuid4()})
        found = fetch(_lock_statement(), whose)
    cart = from_row(Cart, found[0])
    cart.user, cart.sold_to = actor.user, actor.sold_to
    return cart


@cache
def _lock_statement() -> str:
    return f"SELECT {columns(Cart, 'c')} FROM shop_cart c WHERE c.user_id = %s AND c.sold_to_id = %s FOR UPDATE"  # noqa: S608


def orderable_item(sku: str) -> Item:
    """Return the item of this SKU that can be ordered now.

    Raises:
        UnknownItem: there is none, or it was withdrawn.
    """
    item = mirror.item(sku)
    if item is None:
        raise UnknownItem(_("We have no item %(sku)s. Check the number, or search for its name.") % {"sku": sku})
    if not item.is_active:
        raise UnknownItem(_withdrawn(item))
    return item


def _withdrawn(item: Item) -> str:
    if item.replaced_by:
        return _("%(sku)s is no longer sold. Its replacement is %(new)s.") % {
            "sku": item.sku,
            "new": item.replaced_by,
        }
    return _("%(sku)s is no longer sold.") % {"sku": item.sku}


@transaction.atomic
def add_line(
    *,
    actor: Actor,
    sku: str,
    quantity: Decimal,
    language: str,
    now: dt.datetime,
    seen: SeenPrice | None = None,
    item: Item | None = None,
) -> CartLine:
    """Put an item into the basket, on top of what is there of it; `item` is the `orderable_item` where it is known.

    The basket of the line that is returned has `line_count`.

    Raises:
        UnknownItem: it can't be ordered.
        BadQuantity: it can't be ordered in this quantity.
    """
    item = item or orderable_item(sku)
    check_quantity(quantity, rule=rule_of(item), language=language)
    cart = cart_for_update(actor=actor)
    line = _put(cart, item, quantity, language=language, now=now, seen=seen)
    _announce_added(actor=actor, line=line, now=now)
    return line


def _put(
    cart: Cart, item: Item, quantity: Decimal, *, language: str, now: dt.datetime, seen: SeenPrice | None
) -> CartLine:
    """Put an item on top of what is there of it; the basket is locked."""
    price = (seen.net_price, seen.currency, seen.seen_at) if seen else (None, "", None)
    rows = fetch(_PUT, [cart.pk, item.sku, quantity, now, *price, cart.pk, MOST_LINES, item.sku])
    if not rows:
        raise BadQuantity(_("A basket holds at most 1,000 lines. Order these first; nothing was lost."))
    pk, together, cart.line_count = rows[0]  # type: ignore[attr-defined] # told by `add_line`
    if together != quantity:  # the transaction undoes it
        check_quantity(together, rule=rule_of(item), language=language)
    return CartLine(pk=pk, cart=cart, sku=item.sku, quantity=together, added_at=now)


# A new line at the end, unless there are too many; or more of the line that is there.
_PUT = """
INSERT INTO shop_cartline AS l (cart_id, sku, quantity, note, position, added_at, seen_price, seen_currency, seen_at)
SELECT %s, %s, %s, '', coalesce(max(old.position), 0) + 1, %s, %s::numeric, %s, %s::timestamptz
FROM shop_cartline old WHERE old.cart_id = %s HAVING count(*) < %s OR bool_or(old.sku = %s)
ON CONFLICT (cart_id, sku) DO UPDATE SET quantity = l.quantity + EXCLUDED.quantity,
    seen_price = CASE WHEN EXCLUDED.seen_at IS NULL THEN l.seen_price ELSE EXCLUDED.seen_price END,
    seen_currency = CASE WHEN EXCLUDED.seen_at IS NULL THEN l.seen_currency ELSE EXCLUDED.seen_currency END,
    seen_at = coalesce(EXCLUDED.seen_at, l.seen_at)
RETURNING l.id, l.quantity, (SELECT count(*) FROM shop_cartline c WHERE c.cart_id = l.cart_id) + (l.xmax = 0)::int
"""


def _remember(line: CartLine, seen: SeenPrice | None) -> None:
    if seen is not None:
        line.seen_price, line.seen_currency, line.seen_at = seen.net_price, seen.currency, seen.seen_at


def _announce_added(*, actor: Actor, line: CartLine, now: dt.datetime) -> None:
    announce(
        shop_fact,
        Fact(
            event_id=f"cart_add:{line.pk}:{now:%Y%m%d%H%M%S%f}",
            kind="cart_add",
            occurred_at=now,
            who=who_of(actor),
            object_type="item",
            object_id=line.sku,
            props={"quantity": str(line.quantity)},
        ),
    )


@transaction.atomic
def add_lines(*, actor: Actor, adding: Sequence[Adding], now: dt.datetime) -> int:
    """Put many checked lines into the basket at once (reorder), adding to what is there; return how many."""
    cart = cart_for_update(actor=actor)
    present = {line.sku: line for line in cart.lines.all()}
    position = max((line.position for line in present.values()), default=0)
    changed, new = [], []
    for one in adding:
        line = present.get(one.sku)
        if line is None:
            position += 1
            line = CartLine(cart=cart, sku=one.sku, quantity=one.quantity, position=position, added_at=now)
            present[one.sku] = line
            new.append(line)
            _remember(line, one.seen)
        else:
            line.quantity += one.quantity
            # Together they may reach another step of the ladder: that price he has not seen yet.
            line.seen_price, line.seen_currency, line.seen_at = None, "", None
            if line.pk:
                changed.append(line)
    _refuse_too_much(present.values())
    CartLine.objects.bulk_create(new)
    CartLine.objects.bulk_update(changed, ["quantity", "seen_price", "seen_currency", "seen_at"])
    return len(adding)


def _refuse_too_much(lines: Collection[CartLine]) -> None:
    if len(lines) > MOST_LINES:
        raise BadQuantity(_("A basket holds at most 1,000 lines. Order these first; nothing was lost."))
    if any(line.quantity > MOST for line in lines):
        raise BadQuantity(_("The most you can order in one line is %(most)s.") % {"most": formats.quantity(MOST)})


@transaction.atomic
def set_quantity(*, actor: Actor, sku: str, quantity: Decimal, language: str, now: dt.datetime) -> None:
    """Change how much of an item is in the basket; the buyer sees the price of this quantity anew.

    Raises:
        UnknownItem: it is not in the basket, or no longer sold.
        BadQuantity: it can't be ordered in this quantity.
    """
    item = orderable_item(sku)
    check_quantity(quantity, rule=rule_of(item), language=language)
    cart = cart_for_update(actor=actor)
    # The step of the ladder may change with the quantity, so the price seen before says nothing any more.
    changed = cart.lines.filter(sku=sku).update(quantity=quantity, seen_price=None, seen_currency="", seen_at=None)
    if not changed:
        raise UnknownItem(_("%(sku)s is not in your basket any more.") % {"sku": sku})
    _touch(cart, now)


@transaction.atomic
def remove_line(*, actor: Actor, sku: str, now: dt.datetime) -> Adding | None:
    """Take an item out; return what was there, so that it can be put back, or None."""
    cart = cart_for_update(actor=actor)
    line = cart.lines.filter(sku=sku).first()
    if line is None:
        return None
    line.delete()
    _touch(cart, now)
    return Adding(sku=line.sku, quantity=line.quantity)


@transaction.atomic
def put_back(*, actor: Actor, sku: str, quantity: Decimal, language: str, now: dt.datetime) -> None:
    """Put what was taken out into the basket again; pressed twice, or where there is some of it again, once is enough.

    Raises:
        UnknownItem, BadQuantity: see `add_line`.
    """
    item = orderable_item(sku)
    check_quantity(quantity, rule=rule_of(item), language=language)
    cart = cart_for_update(actor=actor)
    if not cart.lines.filter(sku=item.sku).exists():
        _put(cart, item, quantity, language=language, now=now, seen=None)


@transaction.atomic
def swap_for_replacement(*, actor: Actor, sku: str, language: str, now: dt.datetime) -> None:
    """Take an item that is no longer sold out of the basket and its replacement in, rounded up to its pack.

    Raises:
        UnknownItem: there is no replacement that can be ordered.
    """
    old = mirror.item(sku)
    item = orderable_item(old.replaced_by if old else sku)
    cart = cart_for_update(actor=actor)
    line = cart.lines.filter(sku=sku).first()
    if line is not None:
        line.delete()
        quantity = rule_of(item).round_up(line.quantity)
        _put(cart, item, quantity, language=language, now=now, seen=None)


@transaction.atomic
def clear(*, actor: Actor, now: dt.datetime) -> None:
    """Empty the basket."""
    cart = cart_for_update(actor=actor)
    cart.lines.all().delete()
    _touch(cart, now)


def keep_draft(
    *,
    actor: Actor,
    order_key: uuid.UUID,
    customer_reference: str,
    note: str,
    ship_to_erp_id: str,
    requested_on: dt.date | None,
    now: dt.datetime,
) -> None:
    """Keep what was typed at checkout with the basket, so that nothing typed is ever lost.

    A page of an order that is placed already (back button, double click) says nothing about the next one.
    """
    Cart.objects.filter(user=actor.user, sold_to=actor.sold_to, order_key=order_key).update(
        customer_reference=customer_reference[:120],
        note=note[:500],
        ship_to_erp_id=ship_to_erp_id[:64],
        requested_on=requested_on,
        updated_at=now,
    )


def remember_prices(*, actor: Actor, seen: dict[str, SeenPrice]) -> None:
    """Note the prices that the buyer has just been shown and has accepted, by SKU; at least one.

    One statement, which locks the basket as every change of it does.
    """
    prices, currencies, times = zip(*((one.net_price, one.currency, one.seen_at) for one in seen.values()), strict=True)
    whose = [actor.user.pk, actor.sold_to.pk]
    fetch(_REMEMBER, [*whose, list(seen), list(prices), list(currencies), list(times)])


_REMEMBER = """
WITH mine AS MATERIALIZED (SELECT c.id FROM shop_cart c WHERE c.user_id = %s AND c.sold_to_id = %s FOR UPDATE)
UPDATE shop_cartline l SET seen_price = shown.price, seen_currency = shown.currency, seen_at = shown.at
FROM mine, unnest(%s::varchar[], %s::numeric[], %s::varchar[], %s::timestamptz[]) shown(sku, price, currency, at)
WHERE l.cart_id = mine.id AND l.sku = shown.sku RETURNING l.id
"""


def _touch(cart: Cart, now: dt.datetime) -> None:
    Cart.objects.filter(pk=cart.pk).update(updated_at=now)
