"""Which days must be summed anew: facts that came or changed since, and what only time made different."""

from __future__ import annotations

_PLACED = "(o.placed_at AT TIME ZONE %(zone)s)::date"
_DAY = "({0}.occurred_at AT TIME ZONE %(zone)s)::date"
_ASKED = "(q.requested_at AT TIME ZONE %(zone)s)::date"
_PAID = "coalesce((i.paid_at AT TIME ZONE %(zone)s)::date, i.paid_on)"

# New events, changed orders; then what each of them changes elsewhere. Deliveries and invoices of yesterday count
# since today. With each day whose it is; NULL = everybody's. What an order or a paper was before it changed nobody
# knows: that it moved to another day or account is found at night.
TOUCHED_DAYS = f"""
WITH news AS MATERIALIZED (
    SELECT id, kind, occurred_at, account_id, session_id, object_id FROM adoption_event WHERE id > %(last_event)s
), changed AS MATERIALIZED (
    SELECT o.id, o.erp_id, o.web_reference, o.customer_erp_id, o.quote_erp_id, {_PLACED} AS day FROM erp_sync_order o
     WHERE o.synced_at >= %(ran_at)s OR o.gone_at >= %(ran_at)s
), shipped AS MATERIALIZED (
    SELECT d.id FROM erp_sync_delivery d
     WHERE d.synced_at >= %(ran_at)s OR d.gone_at >= %(ran_at)s
        OR coalesce(d.delivered_on, d.shipped_on) >= %(covers_to)s
       AND coalesce(d.delivered_on, d.shipped_on) < %(today)s
), papers AS MATERIALIZED (
    SELECT i.invoiced_on, {_PAID} AS paid_day, i.customer_erp_id FROM erp_sync_invoice i
     WHERE i.synced_at >= %(ran_at)s OR i.gone_at >= %(ran_at)s
        OR i.invoiced_on >= %(covers_to)s AND i.invoiced_on < %(today)s
), quotes AS MATERIALIZED (
    SELECT object_id AS quote_id FROM news WHERE kind IN ('quote_requested', 'quote_answered', 'quote_decided')
     UNION SELECT quote_erp_id FROM changed
     UNION SELECT o.quote_erp_id
      FROM (SELECT DISTINCT web_reference FROM changed WHERE web_reference <> '') g
     CROSS JOIN LATERAL (SELECT * FROM erp_sync_order o WHERE o.web_reference = g.web_reference OFFSET 0) o
     UNION SELECT c.quote_id FROM changed g
      JOIN adoption_orderchannel c ON c.order_key = coalesce(nullif(g.web_reference, ''), g.erp_id)
), touched (day, account) AS (
    SELECT day, customer_erp_id FROM changed
     UNION
    SELECT {_PLACED}, o.customer_erp_id
      FROM (SELECT DISTINCT web_reference FROM changed WHERE web_reference <> '') g
     CROSS JOIN LATERAL (SELECT * FROM erp_sync_order o WHERE o.web_reference = g.web_reference OFFSET 0) o
     UNION
    SELECT {_DAY.format("news")}, account_id FROM news
     UNION
    SELECT {_DAY.format("e")}, e.account_id FROM news n
      JOIN adoption_event e ON e.session_id = n.session_id AND e.kind = 'session_start'
     WHERE n.kind = 'session_start' AND n.session_id <> ''
     UNION
    SELECT {_DAY.format("e")}, e.account_id FROM news n
      JOIN adoption_event e ON e.session_id = n.session_id AND e.kind = 'invoice_searched'
       AND e.occurred_at >= (SELECT min(occurred_at) FROM news WHERE kind = 'invoice_searched')
     WHERE n.kind = 'invoice_searched' AND n.session_id <> ''
     UNION
    SELECT {_PLACED}, o.customer_erp_id FROM news n JOIN erp_sync_order o ON o.erp_id = n.object_id
     WHERE n.kind = 'order_tracked'
     UNION
    SELECT {_PLACED}, o.customer_erp_id FROM news n
      JOIN erp_sync_order o ON o.web_reference = n.object_id AND n.object_id <> ''
     WHERE n.kind = 'order_tracked'
     UNION
    SELECT {_PLACED}, o.customer_erp_id FROM news n JOIN erp_sync_order o ON o.customer_erp_id = n.account_id
     WHERE n.kind = 'product_view' AND n.occurred_at < %(midnight)s
       AND o.placed_at > n.occurred_at AND o.placed_at < n.occurred_at + interval '32 days'
     UNION
    SELECT {_PLACED}, o.customer_erp_id FROM news n
      JOIN adoption_orderchannel c ON c.session_id = n.session_id AND c.session_id <> ''
      JOIN erp_sync_order o ON o.web_reference = c.order_key
     WHERE n.kind = 'session_start'
     UNION
    SELECT {_DAY.format("e")}, e.account_id FROM changed g
      JOIN adoption_orderchannel c ON c.order_key = coalesce(nullif(g.web_reference, ''), g.erp_id)
      JOIN adoption_event e ON e.kind = 'session_start' AND e.session_id = c.session_id AND c.session_id <> ''
     UNION
    SELECT {_PLACED}, o.customer_erp_id FROM shipped s JOIN erp_sync_deliveryline l ON l.delivery_id = s.id
      JOIN erp_sync_order o ON o.erp_id = l.order_erp_id
     UNION SELECT invoiced_on, customer_erp_id FROM papers
     UNION SELECT paid_day, customer_erp_id FROM papers
     UNION
    SELECT i.invoiced_on, i.customer_erp_id FROM changed g JOIN erp_sync_invoiceline l ON l.order_erp_id = g.erp_id
      JOIN erp_sync_invoice i ON i.id = l.invoice_id
     UNION
    SELECT {_PAID}, i.customer_erp_id FROM erp_sync_payment m JOIN erp_sync_invoice i ON i.erp_id = m.invoice_erp_id
     WHERE m.synced_at >= %(ran_at)s OR m.gone_at >= %(ran_at)s
     UNION
    SELECT {_DAY.format("v")}, v.account_id FROM adoption_enquiry v WHERE v.id > %(last_enquiry)s
     UNION
    SELECT {_ASKED}, q.account_id FROM quotes g JOIN adoption_quotefact q ON q.quote_id = g.quote_id
     UNION
    SELECT {_ASKED}, q.account_id FROM changed g
      JOIN adoption_quotefact q ON q.order_key <> '' AND q.order_key IN (g.erp_id, g.web_reference)
     UNION
    SELECT generate_series((SELECT min(since_on) FROM adoption_exchangerate WHERE id > %(last_rate)s), %(today)s,
                           interval '1 day')::date, NULL
)
SELECT day, array_agg(account) FROM touched WHERE day IS NOT NULL GROUP BY 1"""
