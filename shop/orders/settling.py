"""Carries what the ERP answered into the shop's orders."""

from __future__ import annotations

import datetime as dt
from functools import cache
from uuid import uuid4

from erp_sync.outbox.signals import WriteSettled
from erp_sync.records import HANDED, WrittenOrder
from erp_sync.statements import columns, fetch, from_row, update
from shop.approvals import takings
from shop.carts.models import Cart, CartLine
from shop.orders import states, telling
from shop.orders.models import Order, OrderState


def settle(*, event: WriteSettled, now: dt.datetime, is_from_basket: bool = True) -> None:
    """Carry the result of a write into its order; runs in the transaction that records the result.

    The lines of a refused order go back into the basket it came from; one that came from a quote has none.
    """
    found = fetch(_lock_statement(), [event.reference])
    if not found:
        return
    order = from_row(Order, found[0])
    if event.state == "done":
        _confirm(order=order, event=event, now=now)
    elif event.state == HANDED:
        _is_with_the_erp(order=order, event=event)
    elif event.state == "rejected":
        _reject(order=order, event=event, now=now, is_from_basket=is_from_basket)
    else:
        _needs_review(order=order, message=event.message, now=now)


def _is_with_the_erp(*, order: Order, event: WriteSettled) -> None:
    """Keep that the ERP can take it: until it says its number, the order has an id there and no number."""
    if event.written is not None and not order.erp_number:
        order.erp_id = event.written.erp_id
        order.save(update_fields=["erp_id"])


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
    update(order, _FROM_ERP)
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


_FROM_ERP = ("erp_id", "erp_number", "untaxed_total", "tax_total", "freight_total", "total", "erp_message")


@cache
def _lock_statement() -> str:
    return f"SELECT {columns(Order, 'o')} FROM shop_order o WHERE o.reference = %s FOR UPDATE"  # noqa: S608 (names)


def _reject(*, order: Order, event: WriteSettled, now: dt.datetime, is_from_basket: bool) -> None:
    order.erp_message = event.message
    order.save(update_fields=["erp_message"])
    moved = states.move(order=order, to=OrderState.REJECTED, now=now, message=event.message)
    if moved:
        takings.give_back(sold_to_id=order.sold_to_id, order_key=order.order_key)
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
