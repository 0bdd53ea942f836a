"""What a customer orders and how regularly, and what customers who order the same order besides."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from erp_sync.statements import fetch

_ORDERED = """
    o.gone_at IS NULL AND NOT o.is_return AND o.status NOT IN ('draft', 'quotation', 'cancelled')
    AND l.item_type = 'goods' AND l.sku <> '' AND l.quantity > l.quantity_cancelled
"""

_HABITS = f"""
SELECT l.sku, max(l.description), count(DISTINCT o.id), min(o.placed_at), max(o.placed_at),
    (array_agg(l.quantity ORDER BY o.placed_at DESC, l.id))[1],
    (array_agg(l.unit ORDER BY o.placed_at DESC, l.id))[1],
    (array_agg(o.channel_hint ORDER BY o.placed_at DESC, l.id))[1]
FROM erp_sync_order o JOIN erp_sync_orderline l ON l.order_id = o.id
WHERE o.customer_erp_id = %s AND o.placed_at >= %s AND {_ORDERED}
GROUP BY l.sku ORDER BY count(DISTINCT o.id) DESC, max(o.placed_at) DESC, l.sku
"""  # noqa: S608 (text of our own)

_ELSEWHERE = f"""
WITH mine AS (
    SELECT DISTINCT l.sku FROM erp_sync_order o JOIN erp_sync_orderline l ON l.order_id = o.id
    WHERE o.customer_erp_id = %s AND o.placed_at >= %s AND {_ORDERED}
), alike AS (
    SELECT o.customer_erp_id, count(DISTINCT l.sku) AS shared
    FROM erp_sync_orderline l JOIN erp_sync_order o ON l.order_id = o.id
    WHERE l.sku IN (SELECT sku FROM mine) AND o.customer_erp_id <> %s AND o.placed_at >= %s AND {_ORDERED}
    GROUP BY o.customer_erp_id ORDER BY shared DESC, o.customer_erp_id LIMIT %s
)
SELECT l.sku, max(l.description), count(DISTINCT o.customer_erp_id), (SELECT count(*) FROM alike)
FROM erp_sync_order o JOIN erp_sync_orderline l ON l.order_id = o.id
WHERE o.customer_erp_id IN (SELECT customer_erp_id FROM alike) AND o.placed_at >= %s AND {_ORDERED}
    AND l.sku NOT IN (SELECT sku FROM mine)
GROUP BY l.sku HAVING count(DISTINCT o.customer_erp_id) >= 2
ORDER BY count(DISTINCT o.customer_erp_id) DESC, count(*) DESC, l.sku LIMIT %s
"""  # noqa: S608 (text of our own)


@dataclass(frozen=True, slots=True)
class Habit:
    """An item that a customer orders, by whatever channel.

    Attributes:
        description: As the last lines called it.
        times: Orders with it.
        quantity, unit, channel: Of the latest of them.
        every: Usual time between two; None with fewer than three orders: two make no habit.
    """

    sku: str
    description: str
    times: int
    last_at: dt.datetime
    quantity: Decimal
    unit: str
    channel: str
    every: dt.timedelta | None


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """An item that `buyers` of `alike` similar customers order and this one does not."""

    sku: str
    description: str
    buyers: int
    alike: int


HABIT = 3


def habits(*, customer_erp_id: str, since: dt.datetime) -> list[Habit]:
    """Return what the customer ordered since then, most often first (1 query)."""
    found = []
    for sku, description, times, first_at, last_at, quantity, unit, channel in fetch(_HABITS, [customer_erp_id, since]):
        every = (last_at - first_at) / (times - 1) if times >= HABIT else None
        found.append(Habit(sku, description, times, last_at, quantity, unit, channel, every))
    return found


def ordered_elsewhere(*, customer_erp_id: str, since: dt.datetime, alike: int = 10, most: int = 20) -> list[Elsewhere]:
    """Return what the customers with most items in common order since then and this one does not (1 query)."""
    me = customer_erp_id
    values = [me, since, me, since, alike, since, most]
    return [Elsewhere(*row) for row in fetch(_ELSEWHERE, values)]
