"""The definitions of orders (docs/metrics.md, C6 to C11) once more, as one statement over the facts of some days.

The metrics compute from a book in memory; sums of millions of rows are made here. Both must agree: tests hold them
against each other, and every night the sums are held against the metrics.
"""

from __future__ import annotations

# Which rows are looked at: those placed on the days, and the other parts of the same logical orders. A temporary table,
# so that the planner knows how few they are.
TOUCH = (
    "DROP TABLE IF EXISTS touched_orders",
    """CREATE TEMP TABLE touched_orders ON COMMIT DROP AS
       SELECT id, web_reference FROM erp_sync_order WHERE placed_at >= %(begin)s AND placed_at < %(end)s""",
    "ANALYZE touched_orders",
    """INSERT INTO touched_orders SELECT o.id, '' FROM erp_sync_order o
        WHERE o.web_reference IN (SELECT web_reference FROM touched_orders WHERE web_reference <> '')
          AND (o.placed_at < %(begin)s OR o.placed_at >= %(end)s)""",
)

# Logical orders whose first day lies between %(first)s and %(last)s: one row each, counted or not. After TOUCH.
# Parameters: first, last, begin and end (their instants), as_of, zone, currency, tracking_days.
LOGICAL = """
row_of AS MATERIALIZED (
    SELECT CASE o.web_reference WHEN '' THEN o.erp_id ELSE o.web_reference END AS key,
           o.id, o.erp_id, o.customer_erp_id AS account_id, o.placed_at, o.time_known, o.currency, o.is_test,
           o.status IN ('open', 'completed') AS is_open, (o.placed_at AT TIME ZONE %(zone)s)::date AS placed_on
      FROM erp_sync_order o JOIN touched_orders t ON t.id = o.id
     WHERE o.gone_at IS NULL AND NOT o.is_return AND o.placed_at < %(as_of)s
), amount_of AS MATERIALIZED (
    SELECT r.id,
           coalesce(sum((l.quantity - l.quantity_cancelled) * l.net_price)
                    FILTER (WHERE l.item_type IN ('goods', 'service', 'discount')), 0) AS amount,
           coalesce(sum(l.quantity - l.quantity_cancelled) FILTER (WHERE l.item_type = 'goods'), 0) AS units,
           coalesce(bool_or(l.item_type = 'goods' AND l.quantity > l.quantity_cancelled), false) AS has_goods
      FROM row_of r JOIN erp_sync_orderline l ON l.order_id = r.id
     WHERE r.is_open
     GROUP BY r.id
), first_of AS (
    SELECT r.*, min(r.placed_on) OVER (PARTITION BY r.key) AS first_on FROM row_of r
), rate_of AS MATERIALIZED (
    SELECT p.currency, p.first_on,
           CASE p.currency WHEN %(currency)s THEN 1 ELSE
               (SELECT x.rate FROM adoption_exchangerate x
                 WHERE x.currency = p.currency AND x.since_on <= p.first_on
                 ORDER BY x.since_on DESC LIMIT 1) END AS rate
      FROM (SELECT DISTINCT currency, first_on FROM first_of) p
), grouped AS (
    SELECT r.key,
           (array_agg(r.account_id ORDER BY r.placed_at, r.erp_id))[1] AS account_id,
           min(r.first_on) AS placed_on,
           coalesce(min(r.placed_at) FILTER (WHERE r.time_known AND r.placed_on = r.first_on), min(r.placed_at)) AS at,
           bool_or(r.time_known AND r.placed_on = r.first_on) AS is_timed,
           array_agg(r.erp_id) || r.key AS ids,
           CASE WHEN coalesce(bool_or(r.is_open AND x.rate IS NULL), false) THEN NULL
                ELSE coalesce(sum(a.amount * x.rate) FILTER (WHERE r.is_open), 0) END AS value,
           coalesce(sum(a.units) FILTER (WHERE r.is_open), 0) AS units,
           coalesce(bool_or(r.is_open AND a.has_goods), false) AS is_counted,
           bool_or(r.is_test OR r.account_id IN (SELECT erp_id FROM accounts_soldto WHERE is_test)) AS is_test
      FROM first_of r
      LEFT JOIN amount_of a ON a.id = r.id
      JOIN rate_of x ON x.currency = r.currency AND x.first_on = r.first_on
     GROUP BY r.key
), logical AS MATERIALIZED (
    SELECT g.*, coalesce(c.channel, 'erp_other') AS channel
      FROM grouped g
      LEFT JOIN adoption_orderchannel c ON c.order_key = g.key
     WHERE g.placed_on BETWEEN %(first)s AND %(last)s AND NOT g.is_test
       AND NOT EXISTS (SELECT 1 FROM accounts_user u WHERE u.is_test AND u.person_key::text = c.submitted_by)
)"""

# Counted orders with the customer's clock and whether somebody opened them. Temporary tables hold the calendars.
# The odd comparisons keep the planner from walking all look-ups of the account or of the weeks: an order's own are
# found by its numbers.
COUNTED = (
    LOGICAL
    + """, counted AS MATERIALIZED (
    SELECT l.*, l.at AT TIME ZONE coalesce(nullif(s.timezone, ''), %(zone)s) AS local,
           CASE WHEN h.calendar IS NULL THEN %(calendar)s ELSE h.calendar END AS hours,
           EXISTS (SELECT 1 FROM unnest(l.ids) AS i (id) JOIN adoption_event e ON e.object_id = i.id
                    WHERE e.kind = 'order_tracked' AND e.account_id || '' = l.account_id
                      AND e.actor = 'buyer' AND e.impersonator_id = '' AND NOT e.is_test
                      AND e.user_id NOT IN (SELECT person_key::text FROM accounts_user WHERE is_test)
                      AND e.occurred_at < %(as_of)s AND e.occurred_at - l.at >= interval '0'
                      AND e.occurred_at - l.at < make_interval(hours => 24 * %(tracking_days)s)) AS is_tracked
      FROM logical l
      LEFT JOIN accounts_soldto s ON s.erp_id = l.account_id
      LEFT JOIN (SELECT DISTINCT calendar FROM calendar_hours) h ON h.calendar = s.calendar
     WHERE l.is_counted
), classed AS MATERIALIZED (
    SELECT c.*, c.is_timed AND (
               EXISTS (SELECT 1 FROM calendar_days d WHERE d.calendar = c.hours AND d.day = c.local::date)
               OR NOT EXISTS (SELECT 1 FROM calendar_hours h WHERE h.calendar = c.hours
                                AND h.weekday = extract(isodow FROM c.local)
                                AND c.local::time >= h.opens AND c.local::time < h.closes)) AS is_off
      FROM counted c
)"""
)

ORDER_DAYS = (
    "WITH "
    + COUNTED
    + """, hours AS (
    INSERT INTO adoption_hourday (day, channel, weekday, hour, orders)
    SELECT placed_on, channel, extract(isodow FROM local), extract(hour FROM local), count(*)
      FROM classed WHERE is_timed GROUP BY 1, 2, 3, 4
)
INSERT INTO adoption_orderday (day, account_id, channel, orders, value, units, unconverted, timed, off_hours, tracked)
SELECT placed_on, account_id, channel, count(*), coalesce(sum(round(value, 8)), 0), coalesce(sum(units), 0),
       count(*) FILTER (WHERE value IS NULL), count(*) FILTER (WHERE is_timed), count(*) FILTER (WHERE is_off),
       count(*) FILTER (WHERE is_tracked)
  FROM classed GROUP BY 1, 2, 3"""
)

ORDER_MONTHS = """
INSERT INTO adoption_ordermonth
       (month, account_id, channel, orders, value, units, unconverted, timed, off_hours, tracked)
SELECT date_trunc('month', day)::date, account_id, channel, sum(orders), sum(value), sum(units), sum(unconverted),
       sum(timed), sum(off_hours), sum(tracked)
  FROM adoption_orderday WHERE day BETWEEN %(month)s AND %(month_end)s GROUP BY 1, 2, 3"""

# What buyers did (C7), by the company's day. A session's source is fixed at its first event.
ACTIVITY_DAYS = """
INSERT INTO adoption_activityday (day, account_id, user_id, kind, source, events)
SELECT (e.occurred_at AT TIME ZONE %(zone)s)::date, e.account_id, e.user_id, e.kind,
       CASE e.kind WHEN 'session_start' THEN left(coalesce(nullif(e.props ->> 'source', ''), 'unknown'), 40)
       ELSE '' END,
       count(*)
  FROM adoption_event e
 WHERE e.occurred_at >= %(begin)s AND e.occurred_at < %(end)s AND e.occurred_at < %(as_of)s
   AND e.kind = ANY (%(kinds)s) AND e.actor = 'buyer' AND e.impersonator_id = '' AND NOT e.is_test
   AND e.account_id NOT IN (SELECT erp_id FROM accounts_soldto WHERE is_test)
   AND e.user_id NOT IN (SELECT person_key::text FROM accounts_user WHERE is_test)
 GROUP BY 1, 2, 3, 4, 5"""

ACTIVITY_MONTHS = """
INSERT INTO adoption_activitymonth (month, account_id, kind, source, events, users, user_days)
SELECT date_trunc('month', day)::date, account_id, kind, source, sum(events),
       count(DISTINCT user_id) FILTER (WHERE user_id <> ''), count(DISTINCT (user_id, day)) FILTER (WHERE user_id <> '')
  FROM adoption_activityday WHERE day BETWEEN %(month)s AND %(month_end)s GROUP BY 1, 2, 3, 4"""

# The rows of closed days: orders that count, and what was billed (M20), each with what it adds to the day's figures.
DAY_ORDERS = (
    "WITH "
    + LOGICAL
    + """
SELECT l.placed_on, l.key, l.channel, l.value, EXISTS (
           SELECT 1 FROM accounts_eligibility e JOIN accounts_soldto s ON s.id = e.sold_to_id
            WHERE s.erp_id = l.account_id AND e.can_buy AND e.from_on <= l.placed_on
              AND (e.to_on IS NULL OR e.to_on >= l.placed_on))
  FROM logical l WHERE l.is_counted ORDER BY l.key"""
)

DAY_DOCUMENTS = """
SELECT i.invoiced_on, i.erp_id, i.kind,
       sum(l.quantity * l.net_price * CASE i.currency WHEN %(currency)s THEN 1 ELSE
           (SELECT x.rate FROM adoption_exchangerate x WHERE x.currency = i.currency AND x.since_on <= i.invoiced_on
             ORDER BY x.since_on DESC LIMIT 1) END)
  FROM erp_sync_invoice i JOIN erp_sync_invoiceline l ON l.invoice_id = i.id
 WHERE i.gone_at IS NULL AND i.state <> 'cancelled' AND i.invoiced_on BETWEEN %(first)s AND %(last)s
   AND l.item_type IN ('goods', 'service', 'discount')
   AND i.customer_erp_id NOT IN (SELECT erp_id FROM accounts_soldto WHERE is_test)
   AND NOT EXISTS (SELECT 1 FROM erp_sync_order o WHERE o.erp_id = l.order_erp_id AND o.is_test)
 GROUP BY 1, 2, 3 ORDER BY 2"""
