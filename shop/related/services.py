"""Counts what is ordered together."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import connection, transaction

LOOKED_BACK = dt.timedelta(days=730)
# Twice may be chance; an order of the whole shelf says nothing of two items.
LEAST_ORDERS = 3
MOST_LINES = 60
KEPT = 12

_COUNT = """
WITH basket AS (
    SELECT l.order_id, l.sku FROM erp_sync_orderline l JOIN erp_sync_order o ON o.id = l.order_id
    WHERE o.placed_at >= %(since)s AND o.gone_at IS NULL AND NOT o.is_return
        AND o.status NOT IN ('draft', 'quotation', 'cancelled')
        AND l.item_type = 'goods' AND l.sku <> '' AND l.quantity > l.quantity_cancelled
    GROUP BY l.order_id, l.sku
), sized AS (
    SELECT order_id, sku, count(*) OVER (PARTITION BY order_id) AS lines FROM basket
), fit AS MATERIALIZED (
    SELECT order_id, sku FROM sized WHERE lines BETWEEN 2 AND %(most_lines)s
), times AS (
    SELECT sku, count(*) AS n FROM basket GROUP BY sku
), pair AS (
    SELECT a.sku, b.sku AS other, count(*) AS n
    FROM fit a JOIN fit b ON b.order_id = a.order_id AND b.sku <> a.sku
    GROUP BY a.sku, b.sku HAVING count(*) >= %(least)s
), ranked AS (
    SELECT p.sku, p.other, p.n, p.n / sqrt(s.n::float * t.n::float) AS likeness,
        row_number() OVER (
            PARTITION BY p.sku ORDER BY p.n / sqrt(s.n::float * t.n::float) DESC, p.n DESC, p.other
        ) AS place
    FROM pair p JOIN times s ON s.sku = p.sku JOIN times t ON t.sku = p.other
)
INSERT INTO shop_boughttogether (sku, other, place, orders, likeness)
SELECT sku, other, place, n, round(likeness::numeric, 4) FROM ranked WHERE place <= %(kept)s
"""


def count_together(*, now: dt.datetime) -> int:
    """Count anew what was ordered together in two years, in one statement; return how many pairs are kept.

    Readers see the former state until all is counted.
    """
    values: dict[str, Any] = {"since": now - LOOKED_BACK, "most_lines": MOST_LINES, "least": LEAST_ORDERS, "kept": KEPT}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM shop_boughttogether")
        cursor.execute(_COUNT, values)
        return int(cursor.rowcount)
