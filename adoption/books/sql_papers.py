"""Sums of papers: demand and sales (M20), invoices paid (M4), lines promised and delivered (M23, M24)."""

from __future__ import annotations

from adoption.books.sql import KNOWN, TEST_ACCOUNTS, TEST_USERS, of_accounts, rate_of

_VALUE = "('goods', 'service', 'discount')"
# Orders of the shop whose other parts are tests: all of their parts are (C7).
_TESTED = f"""(SELECT x.web_reference FROM erp_sync_order x
                WHERE x.is_test AND x.web_reference <> '' AND {KNOWN.format("x")}
                UNION ALL
               SELECT x.web_reference FROM accounts_soldto s JOIN erp_sync_order x ON x.customer_erp_id = s.erp_id
                WHERE s.is_test AND x.web_reference <> '' AND {KNOWN.format("x")})"""
_IS_TEST = f"""o.is_test OR o.customer_erp_id IN {TEST_ACCOUNTS}
               OR o.web_reference <> '' AND o.web_reference IN {_TESTED}"""
# The order that a document names, when it names only one: by the number that the ERP gave it. The latest of several
# goes first: to be followed by DISTINCT ON.
_OF_DOCUMENT = f"""LEFT JOIN LATERAL (
           SELECT o.id, o.erp_id, o.web_reference, {_IS_TEST} AS is_test FROM erp_sync_order o
            WHERE o.number = i.order_numbers[1] AND cardinality(i.order_numbers) = 1
              AND o.customer_erp_id = i.customer_erp_id AND {KNOWN.format("o")} OFFSET 0) o ON true"""
_CHANNEL = """LEFT JOIN LATERAL (
           SELECT * FROM adoption_orderchannel c
            WHERE c.order_key = coalesce(nullif(r.web_reference, ''), r.order_id) OFFSET 0) c ON true"""


def _paid_before(row: str) -> str:
    """Return SQL: paid before `as_of`; a bare day is the company's midnight (C3)."""
    return f"coalesce({row}.paid_at, {row}.paid_on::timestamp AT TIME ZONE %(zone)s) < %(as_of)s"


_SOLD = f"""
documents AS MATERIALIZED (
    SELECT DISTINCT ON (i.id) i.id, i.invoiced_on, i.kind, i.customer_erp_id AS account_id, o.erp_id AS order_id,
           o.web_reference, o.is_test, {rate_of("i.currency", "i.invoiced_on")} AS rate
      FROM erp_sync_invoice i {_OF_DOCUMENT}
     WHERE i.gone_at IS NULL AND i.state <> 'cancelled' AND i.invoiced_on BETWEEN %(first)s AND %(last)s
       AND i.customer_erp_id NOT IN {TEST_ACCOUNTS} AND {of_accounts("i.customer_erp_id")}
     ORDER BY i.id, o.id DESC
), lines AS MATERIALIZED (
    SELECT d.id, d.invoiced_on, d.kind, d.account_id, d.rate, l.item_type, l.quantity, l.net_price,
           coalesce(l.list_price, l.net_price) AS list_price,
           coalesce(nullif(l.order_erp_id, ''), d.order_id) AS order_id,
           d.order_id AS document_order, l.order_line_erp_id, l.order_erp_id, l.unit_cost
      FROM documents d
     CROSS JOIN LATERAL (SELECT * FROM erp_sync_invoiceline l WHERE l.invoice_id = d.id OFFSET 0) l
     WHERE l.item_type IN {_VALUE}
), named AS MATERIALIZED (
    SELECT order_id, web_reference, is_test FROM documents WHERE order_id IS NOT NULL
     UNION
    SELECT o.erp_id, o.web_reference, {_IS_TEST}
      FROM (SELECT DISTINCT order_id FROM lines WHERE order_id IS DISTINCT FROM document_order) n
     CROSS JOIN LATERAL (
           SELECT * FROM erp_sync_order o WHERE o.erp_id = n.order_id AND {KNOWN.format("o")} OFFSET 0) o
), orders AS MATERIALIZED (
    SELECT r.order_id, coalesce(c.channel, 'erp_other') AS channel,
           r.is_test OR coalesce(c.submitted_by IN {TEST_USERS}, false) AS is_test
      FROM named r {_CHANNEL}
), sold AS MATERIALIZED (
    SELECT l.*, coalesce(o.channel, 'unattributed') AS channel,
           coalesce(l.unit_cost, CASE WHEN %(is_live)s AND l.order_line_erp_id <> '' THEN
               (SELECT ol.unit_cost FROM erp_sync_orderline ol JOIN erp_sync_order x ON x.id = ol.order_id
                 WHERE ol.erp_id = l.order_line_erp_id AND x.erp_id = l.order_erp_id LIMIT 1) END) AS cost
      FROM lines l
      LEFT JOIN orders o ON o.order_id = l.order_id
      LEFT JOIN orders p ON p.order_id = l.document_order
     WHERE NOT coalesce(o.is_test, false) AND NOT coalesce(p.is_test, false)
), summed AS (
    SELECT invoiced_on AS day, account_id, channel, id, rate,
           CASE WHEN kind = 'credit' THEN 0 ELSE sum(quantity * list_price) END AS gross,
           CASE WHEN kind = 'credit' THEN 0 ELSE sum(quantity * (list_price - net_price)) END AS discounts,
           CASE WHEN kind = 'credit' THEN sum(quantity * net_price) ELSE 0 END AS returns,
           coalesce(sum(quantity * cost), 0) * CASE WHEN kind = 'credit' THEN -1 ELSE 1 END AS cogs,
           count(*) FILTER (WHERE cost IS NULL AND item_type = 'goods') AS uncosted,
           row_number() OVER (PARTITION BY id ORDER BY channel) AS place
      FROM sold GROUP BY invoiced_on, account_id, channel, id, rate, kind
)"""

SALES = f"""
    WITH {_SOLD}
    SELECT day, account_id, channel, sum(wanted) AS wanted, sum(demand) AS demand,
           sum(unrated_orders) AS unrated_orders,
           sum(papers) AS papers, sum(unrated_papers) AS unrated_papers, sum(unrated_parts) AS unrated_parts,
           sum(gross) AS gross,
           sum(discounts) AS discounts, sum(returns) AS returns, sum(cogs) AS cogs, sum(uncosted) AS uncosted
      FROM (SELECT placed_on AS day, account_id, channel, (demand IS NOT NULL)::int AS wanted,
                   coalesce(round(demand, 14), 0) AS demand, (demand IS NULL)::int AS unrated_orders, 0 AS papers,
                   0 AS unrated_papers, 0 AS unrated_parts, 0 AS gross, 0 AS discounts, 0 AS returns, 0 AS cogs,
                   0 AS uncosted
              FROM logical_orders WHERE is_wanted
            UNION ALL
            SELECT day, account_id, channel, 0, 0, 0, 1, (rate IS NULL AND place = 1)::int, (rate IS NULL)::int,
                   coalesce(round(gross * rate, 14), 0), coalesce(round(discounts * rate, 14), 0),
                   coalesce(round(returns * rate, 14), 0), coalesce(round(cogs * rate, 14), 0),
                   CASE WHEN rate IS NULL THEN 0 ELSE uncosted END
              FROM summed) s
     GROUP BY 1, 2, 3"""

# Web payments are compared in their own currency when it is one.
PAID = f"""
    WITH paid AS MATERIALIZED (
        SELECT DISTINCT ON (i.id) i.erp_id, i.customer_erp_id AS account_id, o.erp_id AS order_id, o.web_reference,
               coalesce(o.is_test, false) AS is_test,
               coalesce((i.paid_at AT TIME ZONE %(zone)s)::date, i.paid_on) AS day
          FROM erp_sync_invoice i {_OF_DOCUMENT}
         WHERE i.gone_at IS NULL AND i.state <> 'cancelled' AND i.kind = 'invoice'
           AND i.invoiced_on < %(today)s AND i.customer_erp_id NOT IN {TEST_ACCOUNTS}
           AND {of_accounts("i.customer_erp_id")}
           AND ((i.paid_at >= %(begin)s AND i.paid_at < %(end)s )
                OR (i.paid_at IS NULL AND i.paid_on BETWEEN %(first)s AND %(last)s))
           AND {_paid_before("i")}
         ORDER BY i.id, o.id DESC
    ), counting AS MATERIALIZED (
        SELECT r.day, r.account_id, r.erp_id FROM paid r
         WHERE NOT r.is_test AND NOT (EXISTS (SELECT FROM accounts_user u WHERE u.is_test) AND EXISTS (
               SELECT FROM adoption_orderchannel c
                WHERE c.order_key = coalesce(nullif(r.web_reference, ''), r.order_id)
                  AND c.submitted_by IN {TEST_USERS} OFFSET 0))
    ), received AS (
        SELECT p.day, p.account_id, p.erp_id, m.via, m.amount, m.currency,
               m.amount * {rate_of("m.currency", "coalesce((m.paid_at AT TIME ZONE %(zone)s)::date, m.paid_on)")}
               AS value
          FROM counting p LEFT JOIN LATERAL (
               SELECT * FROM erp_sync_payment m
                WHERE m.invoice_erp_id = p.erp_id AND m.gone_at IS NULL AND m.state = 'succeeded'
                  AND {_paid_before("m")} OFFSET 0) m ON true
    ), invoice_of AS (
        SELECT day, account_id, erp_id, coalesce(sum(value) FILTER (WHERE via = 'web'), 0) AS web_value,
               coalesce(sum(value), 0) AS value,
               count(*) FILTER (WHERE value IS NULL AND amount IS NOT NULL) AS unrated,
               CASE WHEN count(DISTINCT currency) = 1
                    THEN 2 * coalesce(sum(amount) FILTER (WHERE via = 'web'), 0) > sum(amount)
                    ELSE 2 * coalesce(sum(value) FILTER (WHERE via = 'web'), 0) > coalesce(sum(value), 0) END
               AS is_online
          FROM received GROUP BY 1, 2, 3
    )
    SELECT day, account_id, count(*) AS paid, count(*) FILTER (WHERE is_online) AS online,
           sum(round(web_value, 14)) AS web_value, sum(round(value, 14)) AS value, sum(unrated) AS unrated
      FROM invoice_of GROUP BY 1, 2"""

# A line is done on the first day on which what is due was there; what comes today does not count yet.
LINES = """
    WITH due AS MATERIALIZED (
        SELECT c.key, c.placed_on AS day, c.account_id, c.channel, l.id, o.erp_id AS order_id, l.erp_id AS line_id,
               l.quantity - l.quantity_cancelled AS due, coalesce(l.first_promised_on, l.promised_on) AS promised_on
          FROM counted_orders c CROSS JOIN unnest(c.open_ids, c.open_erp_ids) AS o (id, erp_id)
         CROSS JOIN LATERAL (SELECT * FROM erp_sync_orderline l WHERE l.order_id = o.id OFFSET 0) l
         WHERE l.item_type = 'goods' AND l.quantity > l.quantity_cancelled
    ), came AS (
        SELECT d.id, d.due, coalesce(v.delivered_on, v.shipped_on) AS on_day, m.quantity,
               sum(m.quantity) OVER (PARTITION BY d.id ORDER BY coalesce(v.delivered_on, v.shipped_on)) AS so_far
          FROM due d
         CROSS JOIN LATERAL (SELECT * FROM erp_sync_deliveryline m
                              WHERE m.order_line_erp_id = d.line_id AND m.order_erp_id = d.order_id OFFSET 0) m
         CROSS JOIN LATERAL (SELECT * FROM erp_sync_delivery v WHERE v.id = m.delivery_id OFFSET 0) v
         WHERE v.gone_at IS NULL AND v.state <> 'cancelled' AND coalesce(v.delivered_on, v.shipped_on) < %(today)s
    ), arrived AS (
        SELECT id, sum(quantity) AS pieces, min(on_day) FILTER (WHERE so_far >= due) AS done_on FROM came GROUP BY id
    ), line_of AS (
        SELECT d.*, coalesce(a.pieces, 0) AS pieces,
               coalesce(a.done_on <= d.promised_on + %(tolerance_days)s, false) AS is_on_time,
               max(d.promised_on) OVER (PARTITION BY d.key) AS last_promise
          FROM due d LEFT JOIN arrived a ON a.id = d.id
    ), order_of AS (
        SELECT day, account_id, channel, last_promise, bool_and(is_on_time)
               FILTER (WHERE promised_on IS NOT NULL) AS is_full
          FROM line_of WHERE last_promise IS NOT NULL GROUP BY key, day, account_id, channel, last_promise
    )
    SELECT day, account_id, channel, promised_on, sum(lines) AS lines, sum(on_time) AS on_time,
           sum(due_orders) AS due_orders, sum(in_full) AS in_full, sum(ordered) AS ordered, sum(delivered) AS delivered,
           sum(missing) AS missing, sum(surplus) AS surplus
      FROM (SELECT day, account_id, channel, coalesce(promised_on, '9999-12-31') AS promised_on,
                   (promised_on IS NOT NULL)::int AS lines, (promised_on IS NOT NULL AND is_on_time)::int AS on_time,
                   0 AS due_orders, 0 AS in_full, due AS ordered, pieces AS delivered,
                   greatest(due - pieces, 0) AS missing, greatest(pieces - due, 0) AS surplus
              FROM line_of
            UNION ALL
            SELECT day, account_id, channel, last_promise, 0, 0, 1, is_full::int, 0, 0, 0, 0 FROM order_of) s
     GROUP BY 1, 2, 3, 4"""
