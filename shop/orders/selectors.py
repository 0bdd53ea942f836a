"""Reads orders: those of all channels from the mirror, and those of the shop that the ERP doesn't have yet."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any

from django.db.models import Model, Q
from django.http import Http404
from django.utils.translation import get_language

from accounts.actors import Actor
from accounts.models import User
from accounts.selectors import company_day, ship_tos
from erp_sync.mirror import selectors as mirror
from erp_sync.mirror.models import Address, Delivery, InvoiceLine, Item
from erp_sync.mirror.models import Order as ErpOrder
from erp_sync.mirror.models import OrderLine as ErpOrderLine
from erp_sync.records import HANDED
from erp_sync.statements import columns, fetch, from_row, put_related, width
from shop.catalogue.documents import NOT_BOUGHT, valid_on
from shop.catalogue.texts import ItemWords, item_words
from shop.offers.selectors import taken_by
from shop.orders.billed import billed_lines
from shop.orders.models import Order, OrderLine, OrderState, OrderWish
from shop.orders.shown import OrderLineView, OrderView
from shop.orders.states import MOVING
from shop.orders.steps import Progress, Step, steps_of

UNKNOWN_ITEM = ItemWords("", {})


def shop_channels(*, actor: Actor, references: Sequence[str]) -> dict[str, str]:
    """Return the channel of the shop's own orders by reference; the ERP can't tell a buyer from his rep."""
    own = Order.objects.filter(sold_to=actor.sold_to, reference__in=references)
    return dict(own.values_list("reference", "channel"))


def item_names(skus: Iterable[str]) -> dict[str, str]:
    """Return what items are called in the reader's language, by SKU (1 query); an ERP's lines are in its own."""
    wanted = {sku for sku in skus if sku}
    named = mirror.item_names(wanted, language=(get_language() or "en").lower()) if wanted else {}
    return {sku: name or sku for sku, name in named.items()}


def words_of_items(skus: Iterable[str]) -> dict[str, ItemWords]:
    """Return what items and their units are called in the reader's language, by SKU (1 query)."""
    wanted = {sku for sku in skus if sku}
    return {item.sku: item_words(item) for item in mirror.item_words(wanted)} if wanted else {}


def get_shop_order(*, actor: Actor, number: str) -> Order:
    """Return an order placed in the shop by its reference or ERP number.

    Raises:
        Http404: there is none such, or it is another company's: both look the same.
    """
    own = Order.objects.filter(sold_to=actor.sold_to).select_related("placed_by", "assisted")
    found = own.filter(Q(reference=number) | Q(erp_number=number)).first() if number else None
    if found is None:
        raise Http404
    return found


def is_moving(order: Order) -> bool:
    """Say whether the ERP still owes an answer."""
    return order.state in MOVING


def get_order(*, actor: Actor, number: str) -> OrderView:
    """Return an order of any channel by the ERP's number or the shop's reference: at most five queries.

    Raises:
        Http404: there is none such, or it is another company's: both look the same.
    """
    erp_order = mirror.order(customer_erp_id=actor.sold_to.erp_id, number=number)
    own = _own(actor, erp_order, number)
    if erp_order is None and own.order is not None and own.order.erp_number:
        erp_order = mirror.order(customer_erp_id=actor.sold_to.erp_id, number=own.order.erp_number)
    if erp_order is not None:
        return _from_mirror(actor, erp_order, own)
    if own.order is None:
        raise Http404
    return _from_shop(own.order, own)


@dataclass(frozen=True, slots=True)
class _Own:
    """What the shop itself knows of an order.

    Attributes:
        order: With its lines and who placed it; None for an order of another channel.
        confirmed_at: When the ERP first had it.
        wish: The latest, with who asked.
    """

    order: Order | None
    confirmed_at: dt.datetime | None
    wish: OrderWish | None


def _own(actor: Actor, erp_order: ErpOrder | None, number: str) -> _Own:
    reference, erp_id = (erp_order.web_reference, erp_order.erp_id) if erp_order else (number, "")
    whose = actor.sold_to.pk
    rows = fetch(_own_statement(), [OrderState.CONFIRMED, whose, reference, number, whose, erp_id])
    order_row, placed_row, line_row, wish_row, asked_row = _cut(rows[0], Order, User, OrderLine, OrderWish, User)
    confirmed_at = rows[0][-1]
    wish = from_row(OrderWish, wish_row) if wish_row[0] is not None else None
    if wish is not None:
        wish.asked_by = from_row(User, asked_row)
    if order_row[0] is None:
        return _Own(None, None, wish)
    order = from_row(Order, order_row)
    order.placed_by = from_row(User, placed_row)
    lines = [from_row(OrderLine, _cut(row, Order, User, OrderLine)[-1]) for row in rows if line_row[0] is not None]
    put_related([order], "lines", {order.pk: lines}, back="order")
    return _Own(order, confirmed_at, wish)


def _cut(row: Sequence[Any], *models: type[Model]) -> list[Sequence[Any]]:
    """Return the parts of a row that belong to these models, in their order."""
    parts, start = [], 0
    for model in models:
        parts.append(row[start : start + width(model)])
        start += width(model)
    return parts


@cache
def _own_statement() -> str:
    """Return the statement that gives a row for each line of the own order, and one when there is none."""
    wanted = [columns(Order, "o"), columns(User, "u"), columns(OrderLine, "l"), columns(OrderWish, "w")]
    wanted.append(columns(User, "a"))
    return f"""
SELECT {", ".join(wanted)},
    (SELECT min(m.at) FROM shop_ordermove m WHERE m.order_id = o.id AND m.to_state = %s)
FROM (SELECT 1) always
LEFT JOIN LATERAL (
    SELECT * FROM shop_order o WHERE o.sold_to_id = %s AND (o.reference = %s OR o.erp_number = %s)
    ORDER BY o.placed_at DESC LIMIT 1
) o ON true
LEFT JOIN accounts_user u ON u.id = o.placed_by_id
LEFT JOIN LATERAL (
    SELECT * FROM shop_orderwish w
    WHERE w.sold_to_id = %s AND w.order_erp_id = coalesce(nullif(%s, ''), nullif(o.erp_id, ''))
    ORDER BY w.asked_at DESC, w.id DESC LIMIT 1
) w ON true
LEFT JOIN accounts_user a ON a.id = w.asked_by_id
LEFT JOIN shop_orderline l ON l.order_id = o.id
ORDER BY l.line_no
"""  # noqa: S608 (names of our own tables)


def _from_mirror(actor: Actor, row: ErpOrder, known: _Own) -> OrderView:
    own = known.order
    deliveries = tuple(
        one
        for one in mirror.deliveries_of_order(customer_erp_id=actor.sold_to.erp_id, order_erp_id=row.erp_id)
        # The ERP may keep the papers of what will never leave.
        if row.status != "cancelled" or one.state not in ("waiting", "picking")
    )
    invoiced = mirror.invoice_lines_of_order(customer_erp_id=actor.sold_to.erp_id, order_erp_id=row.erp_id)
    receipts = {line.sku: line for line in own.lines.all()} if own else {}
    bought_on = None if row.status in NOT_BOUGHT else company_day(row.placed_at)
    lines = tuple(_erp_line(line, receipts, bought_on) for line in row.lines.all())
    return OrderView(
        number=row.number or row.web_reference,
        reference=row.web_reference,
        erp_id=row.erp_id,
        placed_at=own.placed_at if own else row.placed_at,
        time_known=row.time_known,
        channel=own.channel if own else row.channel,
        placed_by=_placed_by(row, own),
        customer_reference=row.customer_reference,
        ship_to=row.ship_to or (own.ship_to if own else ""),
        requested_on=row.requested_on or (own.requested_on if own else None),
        note=own.note if own else "",
        state=own.state if own else "",
        erp_message=own.erp_message if own else "",
        currency=row.currency,
        untaxed_total=row.untaxed_total,
        tax_total=row.tax_total,
        total=row.total,
        is_return=row.is_return,
        lines=lines,
        steps=_steps(row.step, known, row.placed_at, deliveries, lines),
        deliveries=deliveries,
        invoices=_invoice_numbers(invoiced),
        billed=billed_lines(receipts.values(), [one for one in invoiced if one.invoice.kind == "invoice"]),
        as_of=row.as_of,  # type: ignore[attr-defined] # mirror.order tells it
        ship_to_erp_id=row.ship_to_erp_id or (own.ship_to_erp_id if own else ""),
        allowed=() if row.is_return else tuple(row.allowed),
        latest_wish=known.wish,
        cost_centre=own.cost_centre if own else "",
        approved_by=own.approved_by if own else "",
    )


def _placed_by(row: ErpOrder, own: Order | None) -> str:
    """Return who ordered; of an order that reached the ERP through a shop its user is a program, nobody."""
    if own is not None:
        return str(own.placed_by)
    return "" if row.channel in {"web_self", "web_assisted"} else row.placed_by


def _erp_line(line: ErpOrderLine, receipts: dict[str, OrderLine], bought_on: dt.date | None) -> OrderLineView:
    known: Item | None = line.item  # type: ignore[attr-defined] # mirror.order tells it
    item = item_words(known) if known else UNKNOWN_ITEM
    to_come = line.quantity - line.quantity_cancelled - line.quantity_delivered
    return OrderLineView(
        line_no=line.line_no,
        sku=line.sku,
        name=item.name or line.description or line.sku,
        item_type=line.item_type,
        quantity=line.quantity,
        unit=item.unit(line.unit),
        net_price=line.net_price,
        amount=line.amount,
        delivered=line.quantity_delivered,
        to_come=max(Decimal(0), to_come) if line.item_type == "goods" else Decimal(0),
        promised_on=line.promised_on,
        receipt=receipts.get(line.sku),
        first_promised_on=line.first_promised_on,
        sheet=valid_on(known, kind="safety", day=bought_on) if bought_on and known and known.documents else None,
    )


def _steps(
    step: str,
    known: _Own,
    placed_at: dt.datetime,
    deliveries: Sequence[Delivery],
    lines: Sequence[OrderLineView],
) -> tuple[Step, ...]:
    own = known.order
    goods = [line for line in lines if line.item_type == "goods"]
    return steps_of(
        Progress(
            step=step,
            shop_state=own.state if own else "",
            placed_at=own.placed_at if own else placed_at,
            confirmed_at=known.confirmed_at,
            deliveries=deliveries,
            ordered=sum((line.delivered + line.to_come for line in goods), Decimal(0)),
            delivered=sum((line.delivered for line in goods), Decimal(0)),
        )
    )


def _invoice_numbers(lines: Sequence[InvoiceLine]) -> tuple[tuple[str, str], ...]:
    return tuple(dict.fromkeys((line.invoice.number, line.invoice.kind) for line in lines))


def _from_shop(own: Order, known: _Own) -> OrderView:
    words = words_of_items(line.sku for line in own.lines.all())
    lines = tuple(
        OrderLineView(
            line_no=line.line_no,
            sku=line.sku,
            name=line.name or line.sku,
            item_type="goods",
            quantity=line.quantity,
            unit=words.get(line.sku, UNKNOWN_ITEM).unit(line.unit),
            net_price=line.net_price,
            amount=None,
            delivered=Decimal(0),
            to_come=line.quantity,
            promised_on=None,
            receipt=line,
        )
        for line in own.lines.all()
    )
    lines += _discount_lines(own)
    return OrderView(
        number=own.erp_number or own.reference,
        reference=own.reference,
        erp_id="" if own.is_handed else own.erp_id,
        placed_at=own.placed_at,
        time_known=True,
        channel=own.channel,
        placed_by=str(own.placed_by),
        customer_reference=own.customer_reference,
        ship_to=own.ship_to,
        requested_on=own.requested_on,
        note=own.note,
        state=HANDED if own.is_handed else own.state,
        erp_message=own.erp_message,
        currency=own.currency,
        untaxed_total=own.untaxed_total,
        tax_total=own.tax_total,
        total=own.total,
        is_return=False,
        lines=lines,
        steps=_steps("confirmed" if own.state == OrderState.CONFIRMED else "received", known, own.placed_at, (), lines),
        deliveries=(),
        invoices=(),
        billed=(),
        as_of=None,
        latest_wish=known.wish,
        cost_centre=own.cost_centre,
        approved_by=own.approved_by,
    )


def _discount_lines(own: Order) -> tuple[OrderLineView, ...]:
    """Return the discount of an order that the mirror doesn't show yet, as the ERP will show it."""
    found = taken_by(sold_to_id=own.sold_to_id, order_key=own.order_key)
    if found is None:
        return ()
    line = OrderLineView(
        line_no=0,
        sku="",
        name=found.words,
        item_type="discount",
        quantity=Decimal(1),
        unit="",
        net_price=-found.amount,
        amount=-found.amount,
        delivered=Decimal(0),
        to_come=Decimal(0),
        promised_on=None,
        receipt=None,
    )
    return (line,)


def delivery_places(*, actor: Actor) -> tuple[Address, ...]:
    """Return where the actor's company can be delivered to."""
    return tuple(ship_tos(actor=actor))
