"""What a buyer wants to know when he comes in: made of orders and invoices of all channels."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.actors import Actor
from erp_sync.mirror import selectors as mirror
from erp_sync.mirror.selectors import BriefLine, BriefOrder
from erp_sync.statements import columns, fetch, from_row
from shop.money import formats
from shop.orders.models import Order, OrderState
from shop.orders.selectors import item_names

# How far back the page looks for baskets, and how many it shows.
LOOKED_AT = 15
OPEN_LOOKED_AT = 50
BASKETS = 4
ALERTS = 6
OPEN_STEPS = ("received", "confirmed", "picking", "shipped")
NAMES = 2
# A refusal is news for so long.
REFUSED_FOR = dt.timedelta(days=14)


@dataclass(frozen=True, slots=True)
class PastBasket:
    """A basket that was ordered before, of any channel.

    Attributes:
        number: Of its last order; the one that is repeated.
        names: The first items in it; `more` is how many others there are.
        times: How often these same items were ordered among the orders looked at.
    """

    number: str
    names: tuple[str, ...]
    more: int
    times: int
    last_on: dt.date
    untaxed_total: Decimal | None
    currency: str


@dataclass(frozen=True, slots=True)
class OrderAlert:
    """An open order that somebody should look at.

    Attributes:
        tone: attention, bad or info.
        urgency: Sorts the most urgent first: refused, then the latest, then in doubt, then short.
    """

    number: str
    customer_reference: str
    tone: str
    words: str
    detail: str
    urgency: tuple[int, int]


@dataclass(frozen=True, slots=True)
class OpenOrders:
    """Open orders: those that need attention, and how many there are altogether."""

    alerts: tuple[OrderAlert, ...]
    total: int


@dataclass(frozen=True, slots=True)
class OrdersAtHome:
    """What the page tells of orders: baskets to repeat, and open orders."""

    baskets: tuple[PastBasket, ...]
    open_orders: OpenOrders


def orders_at_home(*, actor: Actor, now: dt.datetime) -> OrdersAtHome:
    """Return the company's last different baskets and its open orders that need attention (4 queries)."""
    found = mirror.orders_in_brief(
        customer_erp_id=actor.sold_to.erp_id, latest=LOOKED_AT, steps=OPEN_STEPS, most=OPEN_LOOKED_AT
    )
    still_open = [order for order in found if order.step in OPEN_STEPS][:OPEN_LOOKED_AT]
    return OrdersAtHome(_baskets(found[:LOOKED_AT]), _open_orders(actor, still_open, now))


def _baskets(latest: Sequence[BriefOrder]) -> tuple[PastBasket, ...]:
    groups: dict[frozenset[str], list[BriefOrder]] = {}
    for order in latest:
        skus = frozenset(line.sku for line in order.lines)
        if skus and not order.is_return and order.status != "cancelled" and order.number:
            groups.setdefault(skus, []).append(order)
    shown = list(groups.values())[:BASKETS]
    called = item_names(line.sku for same in shown for line in same[0].lines[:NAMES])
    return tuple(_basket(same, called) for same in shown)


def _open_orders(actor: Actor, orders: Sequence[BriefOrder], now: dt.datetime) -> OpenOrders:
    today = now.astimezone(formats.company_zone()).date()
    waiting = _in_shop(actor, now)
    still_open = [order for order in orders if not order.is_return and _to_come(order)]
    alerts = [*map(_shop_alert, waiting), *_erp_alerts(still_open, today)]
    alerts.sort(key=lambda alert: alert.urgency)
    confirming = [order for order in waiting if order.state != OrderState.REJECTED]
    return OpenOrders(alerts=tuple(alerts[:ALERTS]), total=len(still_open) + len(confirming))


def _in_shop(actor: Actor, now: dt.datetime) -> list[Order]:
    """Return the shop's own orders that wait for something, and those that were refused lately."""
    states = [OrderState.PENDING_CONFIRMATION.value, OrderState.NEEDS_REVIEW.value]
    return [from_row(Order, row) for row in fetch(_in_shop_statement(), [actor.sold_to.pk, states, now - REFUSED_FOR])]


@cache
def _in_shop_statement() -> str:
    return f"""
SELECT {columns(Order, "o")} FROM shop_order o
WHERE o.sold_to_id = %s AND (o.state = ANY(%s::varchar[]) OR o.state = 'rejected' AND o.placed_at >= %s)
ORDER BY o.placed_at DESC LIMIT {ALERTS}
"""  # noqa: S608 (names of our own table)


def _basket(same: list[BriefOrder], called: dict[str, str]) -> PastBasket:
    last = same[0]
    lines = last.lines
    return PastBasket(
        number=last.number,
        names=tuple(called.get(line.sku) or line.description or line.sku for line in lines[:NAMES]),
        more=max(0, len(lines) - NAMES),
        times=len(same),
        last_on=last.placed_at.astimezone(formats.company_zone()).date(),
        untaxed_total=last.untaxed_total,
        currency=last.currency,
    )


def _to_come(order: BriefOrder) -> list[BriefLine]:
    return [line for line in order.lines if line.to_come > 0]


def _erp_alerts(orders: Iterable[BriefOrder], today: dt.date) -> list[OrderAlert]:
    return [alert for order in orders if (alert := _late(order, today) or _short(order))]


def _late(order: BriefOrder, today: dt.date) -> OrderAlert | None:
    promised = [day for line in _to_come(order) if (day := line.promised_on or order.requested_on)]
    first = min(promised, default=None)
    if first is None or first >= today:
        return None
    days = (today - first).days
    words = ngettext("%(days)s day late", "%(days)s days late", days) % {"days": days}
    detail = _("due %(day)s") % {"day": formats.date_short(first)}
    return OrderAlert(order.number, order.customer_reference, "bad", words, detail, (1, -days))


def _short(order: BriefOrder) -> OrderAlert | None:
    lines = order.lines
    short = _to_come(order)
    if len(short) == len(lines) and not any(line.delivered for line in short):
        return None
    words = ngettext("%(count)s line still to come", "%(count)s lines still to come", len(short)) % {
        "count": len(short)
    }
    next_on = min((line.promised_on for line in short if line.promised_on), default=None)
    detail = _("next on %(day)s") % {"day": formats.date_short(next_on)} if next_on else ""
    return OrderAlert(order.number, order.customer_reference, "attention", words, detail, (3, 0))


def _shop_alert(order: Order) -> OrderAlert:
    tone, words, rank = {
        OrderState.REJECTED: ("bad", _("Refused by the ERP"), 0),
        OrderState.NEEDS_REVIEW: ("attention", _("We are checking it"), 2),
        OrderState.PENDING_CONFIRMATION: ("info", _("Waiting for confirmation"), 4),
    }[OrderState(order.state)]
    number = order.erp_number or order.reference
    return OrderAlert(number, order.customer_reference, tone, words, order.erp_message, (rank, 0))
