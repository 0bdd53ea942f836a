"""The trust score: how many of a customer's web orders came as they were promised."""

from __future__ import annotations

import datetime as dt

from django.db import connection, transaction

from erp_sync.settling.models import CustomerTrust

REACH = dt.timedelta(days=365)

# An order is over when it is completed, cancelled goods left aside, or the last day promised is past.
# price_kept: no round of comparison ever found another line or total. complete: everything that was ordered came
# (less what the buyer himself let go). on_time: every line by the day first promised. billed: each billed line at the
# order's price, and not more of it than was ordered.
_SQL = """
WITH orders AS (
    SELECT o.id, o.erp_id, o.customer_erp_id, o.web_reference, o.status,
        EXISTS (
            SELECT 1 FROM erp_sync_outboxrow w
            WHERE w.kind IN ('order_change', 'cancel') AND w.state = 'done'
                AND w.payload -> 'document' ->> 'order_reference' = o.web_reference
        ) AS was_changed
    FROM erp_sync_order o
    WHERE o.web_reference <> '' AND NOT o.is_return AND NOT o.is_test AND o.gone_at IS NULL
        AND o.status IN ('open', 'completed') AND o.placed_at >= %(since)s
), lines AS (
    SELECT l.order_id, l.erp_id, l.quantity, l.quantity_delivered, l.quantity_cancelled, l.net_price,
        l.first_promised_on,
        (SELECT max(coalesce(d.delivered_on, d.shipped_on)) FROM erp_sync_deliveryline dl
            JOIN erp_sync_delivery d ON d.id = dl.delivery_id
            WHERE dl.order_line_erp_id = l.erp_id AND d.state IN ('shipped', 'delivered')) AS came_on,
        (SELECT sum(il.quantity) FROM erp_sync_invoiceline il JOIN erp_sync_invoice i ON i.id = il.invoice_id
            WHERE il.order_line_erp_id = l.erp_id AND i.kind = 'invoice' AND i.state <> 'cancelled') AS billed,
        EXISTS (SELECT 1 FROM erp_sync_invoiceline il JOIN erp_sync_invoice i ON i.id = il.invoice_id
            WHERE il.order_line_erp_id = l.erp_id AND i.kind = 'invoice' AND i.state <> 'cancelled'
                AND round(il.net_price, 4) <> round(l.net_price, 4)) AS is_dearer
    FROM erp_sync_orderline l JOIN orders o ON o.id = l.order_id
    WHERE l.item_type = 'goods' AND l.quantity > 0
), judged AS (
    SELECT o.customer_erp_id,
        NOT EXISTS (
            SELECT 1 FROM erp_sync_difference d
            WHERE d.subject = 'order' AND d.kind IN ('line', 'total') AND d.reference = o.web_reference
        ) AS price_kept,
        bool_and(l.quantity_delivered >= l.quantity
            - CASE WHEN o.was_changed THEN l.quantity_cancelled ELSE 0 END) AS complete,
        bool_and(l.first_promised_on IS NULL OR coalesce(l.came_on, 'infinity') <= l.first_promised_on
            OR (o.was_changed AND l.quantity_cancelled >= l.quantity)) AS on_time,
        bool_and(NOT l.is_dearer AND coalesce(l.billed, 0) <= l.quantity) AS billed
    FROM orders o JOIN lines l ON l.order_id = o.id
    GROUP BY o.id, o.customer_erp_id, o.web_reference, o.status
    HAVING o.status = 'completed' OR max(l.first_promised_on) < %(today)s
)
INSERT INTO erp_sync_customertrust
    (customer_erp_id, name, orders, kept, price_kept, complete, on_time, billed, computed_at)
SELECT j.customer_erp_id, coalesce(max(c.name), j.customer_erp_id), count(*),
    count(*) FILTER (WHERE j.price_kept AND j.complete AND j.on_time AND j.billed),
    count(*) FILTER (WHERE j.price_kept), count(*) FILTER (WHERE j.complete),
    count(*) FILTER (WHERE j.on_time), count(*) FILTER (WHERE j.billed), %(now)s
FROM judged j LEFT JOIN erp_sync_customer c ON c.erp_id = j.customer_erp_id
GROUP BY j.customer_erp_id
"""


def compute_trust(*, now: dt.datetime, today: dt.date) -> int:
    """Write every customer's score anew, over the web orders of a year that are over; return how many customers."""
    with transaction.atomic(), connection.cursor() as cursor:
        CustomerTrust.objects.all().delete()
        cursor.execute(_SQL, {"since": now - REACH, "today": today, "now": now})
        return int(cursor.rowcount)
