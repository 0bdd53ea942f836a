"""The definitions of orders (docs/metrics.md, C6 to C11) once more, as one statement over the facts of some days.

The metrics compute from a book in memory; sums of millions of rows are made here. Both must agree: tests hold them
against each other, and every night the sums are held against the facts.

Rows that belong to those of some days are looked up one by one (`CROSS JOIN LATERAL … OFFSET 0`, `EXISTS … OFFSET 0`).
Left alone, the planner reads whole tables for a month's rows, so that each month costs as much as all of them.

Parameters of all statements (rollups.Frame.parameters): first, last, begin and end (their instants), accounts (NULL =
all), as_of, today, zone, currency, calendar, online and neutral channels, and the settings that they name.
"""

from __future__ import annotations


def of_accounts(column: str) -> str:
    """Return SQL: it is one of the accounts asked for; nothing for the planner to look at when all are."""
    return f"(%(accounts)s::text[] IS NULL OR {column} = ANY (%(accounts)s::text[]))"


# Rows of the ERP that are orders at all, of some alias.
KNOWN = "{0}.gone_at IS NULL AND NOT {0}.is_return AND {0}.placed_at < %(as_of)s"


def laid(table: str, query: str, *, weighed: str) -> str:
    """Return statements that lay the rows of a query ready in a temporary table, until the transaction ends.

    `weighed`: a column that the planner learns of, and with it how many rows there are.
    """
    create = f"CREATE TEMP TABLE {table} ON COMMIT DROP AS {query}"
    return f"DROP TABLE IF EXISTS {table}; {create}; ANALYZE {table} ({weighed})"


def for_many(statement: str) -> str:
    """Return a statement for days that are a large part of all: whole tables may be read."""
    return statement.replace(" OFFSET 0", "")


TEST_USERS = "(SELECT person_key::text FROM accounts_user WHERE is_test)"
TEST_ACCOUNTS = "(SELECT erp_id FROM accounts_soldto WHERE is_test)"
# What buyers did (C7), of events e.
BUYERS = f"""e.actor = 'buyer' AND e.impersonator_id = '' AND NOT e.is_test AND e.occurred_at < %(as_of)s
       AND e.account_id NOT IN {TEST_ACCOUNTS} AND e.user_id NOT IN {TEST_USERS}"""


def rate_of(currency: str, day: str) -> str:
    """Return SQL of the company units per unit of a currency on a day; NULL without a rate (C6)."""
    return f"""CASE {currency} WHEN %(currency)s THEN 1 ELSE
        (SELECT x.rate FROM adoption_exchangerate x WHERE x.currency = {currency} AND x.since_on <= {day}
          ORDER BY x.since_on DESC LIMIT 1) END"""


# The rows that are looked at: those placed on the days, and the other parts of the same logical orders, whoever's and
# whenever. Of them the logical orders of the accounts whose first day is one of these: one row each, counted or not.
_PLACED = f"o.placed_at >= %(begin)s AND o.placed_at < %(end)s AND {of_accounts('o.customer_erp_id')}"
_ROW = "o.id, o.erp_id, o.web_reference, o.customer_erp_id, o.placed_at, o.time_known, o.currency, o.is_test, o.status"
LOGICAL = f"""
placed AS MATERIALIZED (
    SELECT {_ROW} FROM erp_sync_order o WHERE {_PLACED} AND {KNOWN.format("o")}
), looked_at AS (
    SELECT * FROM placed
    UNION ALL
    SELECT {_ROW}
      FROM (SELECT DISTINCT web_reference FROM placed WHERE web_reference <> '') t
     CROSS JOIN LATERAL (
           SELECT * FROM erp_sync_order o WHERE o.web_reference = t.web_reference AND NOT ({_PLACED}) OFFSET 0) o
     WHERE {KNOWN.format("o")}
), row_of AS MATERIALIZED (
    SELECT CASE o.web_reference WHEN '' THEN o.erp_id ELSE o.web_reference END AS key,
           o.id, o.erp_id, o.customer_erp_id AS account_id, o.placed_at, o.time_known, o.currency, o.is_test,
           o.status IN ('open', 'completed') AS is_open,
           o.status NOT IN ('quotation', 'draft', 'rejected') AS is_wanted,
           (o.placed_at AT TIME ZONE %(zone)s)::date AS placed_on
      FROM looked_at o
), amount_of AS MATERIALIZED (
    SELECT r.id,
           sum((l.quantity - l.quantity_cancelled) * l.net_price)
               FILTER (WHERE l.item_type IN ('goods', 'service', 'discount')) AS amount,
           sum(l.quantity * l.net_price) FILTER (WHERE l.item_type IN ('goods', 'service', 'discount')) AS demand,
           sum(l.quantity - l.quantity_cancelled) FILTER (WHERE l.item_type = 'goods') AS units,
           bool_or(l.item_type = 'goods' AND l.quantity > l.quantity_cancelled) AS has_goods
      FROM row_of r CROSS JOIN LATERAL (SELECT * FROM erp_sync_orderline l WHERE l.order_id = r.id OFFSET 0) l
     GROUP BY r.id
), first_of AS (
    SELECT r.*, min(r.placed_on) OVER (PARTITION BY r.key) AS first_on FROM row_of r
), rate_of AS MATERIALIZED (
    SELECT p.currency, p.first_on, {rate_of("p.currency", "p.first_on")} AS rate
      FROM (SELECT DISTINCT currency, first_on FROM first_of) p
), grouped AS (
    SELECT r.key,
           (array_agg(r.account_id ORDER BY r.placed_at, r.erp_id))[1] AS account_id,
           min(r.first_on) AS placed_on,
           coalesce(min(r.placed_at) FILTER (WHERE r.time_known AND r.placed_on = r.first_on), min(r.placed_at)) AS at,
           bool_or(r.time_known AND r.placed_on = r.first_on) AS is_timed,
           CASE WHEN bool_or(r.erp_id = r.key) THEN array_agg(r.erp_id) ELSE array_agg(r.erp_id) || r.key END AS ids,
           array_agg(r.id) AS row_ids, array_agg(r.id) FILTER (WHERE r.is_open) AS open_ids,
           array_agg(r.erp_id) FILTER (WHERE r.is_open) AS open_erp_ids,
           CASE WHEN coalesce(bool_or(r.is_open AND x.rate IS NULL), false) THEN NULL
                ELSE coalesce(sum(a.amount * x.rate) FILTER (WHERE r.is_open), 0) END AS value,
           bool_or(r.is_wanted) AS is_wanted,
           CASE WHEN coalesce(bool_or(r.is_wanted AND x.rate IS NULL), false) THEN NULL
                ELSE coalesce(sum(a.demand * x.rate) FILTER (WHERE r.is_wanted), 0) END AS demand,
           coalesce(sum(a.units) FILTER (WHERE r.is_open), 0) AS units,
           coalesce(bool_or(r.is_open AND a.has_goods), false) AS is_counted,
           bool_or(r.is_test OR r.account_id IN {TEST_ACCOUNTS}) AS is_test
      FROM first_of r
      LEFT JOIN amount_of a ON a.id = r.id
      JOIN rate_of x ON x.currency = r.currency AND x.first_on = r.first_on
     GROUP BY r.key
), logical AS MATERIALIZED (
    SELECT g.*, coalesce(c.channel, 'erp_other') AS channel, coalesce(c.session_id, '') AS session_id
      FROM grouped g
      LEFT JOIN LATERAL (SELECT * FROM adoption_orderchannel c WHERE c.order_key = g.key OFFSET 0) c ON true
     WHERE g.placed_on BETWEEN %(first)s AND %(last)s AND {of_accounts("g.account_id")} AND NOT g.is_test
       AND NOT EXISTS (SELECT 1 FROM accounts_user u WHERE u.is_test AND u.person_key::text = c.submitted_by)
)"""

# All logical orders of the days, for the statements below.
LOGICAL_ORDERS = laid("logical_orders", f"WITH {LOGICAL} SELECT * FROM logical", weighed="placed_on")

# Counted orders with the customer's clock, whether somebody opened them, and whether an item was looked at before.
# Calendars come as lists (laying.py). The odd comparisons of `kind` keep the planner from walking all events of the
# account: an order's own are found by its numbers and its items.
COUNTED_ORDERS = laid(
    "counted_orders",
    f"""
WITH calendar_hours AS MATERIALIZED (
    SELECT * FROM unnest(%(open_calendars)s::text[], %(open_weekdays)s::int[], %(opens)s::time[], %(closes)s::time[])
        AS h (calendar, weekday, opens, closes)
), counted AS MATERIALIZED (
    SELECT l.*, l.at AT TIME ZONE coalesce(nullif(s.timezone, ''), %(zone)s) AS local,
           CASE WHEN h.calendar IS NULL THEN %(calendar)s ELSE h.calendar END AS hours,
           l.channel = ANY (%(online)s) AS is_online,
           l.channel <> ALL (%(online)s) AND l.channel <> ALL (%(neutral)s) AS is_offline
      FROM logical_orders l
      LEFT JOIN accounts_soldto s ON s.erp_id = l.account_id
      LEFT JOIN (SELECT DISTINCT calendar FROM calendar_hours) h ON h.calendar = s.calendar
     WHERE l.is_counted AND l.placed_on BETWEEN %(first)s AND %(last)s AND {of_accounts("l.account_id")}
)
SELECT c.*,
       c.is_timed AND (
           (c.hours, c.local::date) IN (
               SELECT * FROM unnest(%(free_calendars)s::text[], %(free_days)s::date[]) AS d (calendar, day))
           OR NOT EXISTS (SELECT 1 FROM calendar_hours h WHERE h.calendar = c.hours
                            AND h.weekday = extract(isodow FROM c.local)
                            AND c.local::time >= h.opens AND c.local::time < h.closes)) AS is_off,
       EXISTS (SELECT 1 FROM unnest(c.ids) AS i (id) JOIN adoption_event e ON e.object_id = i.id
                WHERE e.object_id <> '' AND e.account_id = c.account_id AND e.kind || '' = 'order_tracked'
                  AND e.occurred_at >= c.at AND e.occurred_at < c.at + make_interval(hours => 24 * %(tracking_days)s)
                  AND {BUYERS}) AS is_tracked,
       c.is_offline AND c.account_id <> '' AND EXISTS (
           SELECT 1 FROM (SELECT DISTINCT l.sku FROM erp_sync_orderline l
                           WHERE l.order_id = ANY (c.row_ids) AND l.sku <> '') i
             JOIN adoption_event e ON e.object_id = i.sku
            WHERE e.object_id <> '' AND e.account_id = c.account_id AND e.kind || '' = 'product_view'
              AND e.occurred_at < c.at
              AND e.occurred_at >= (c.placed_on - %(ropo_days)s)::timestamp AT TIME ZONE %(zone)s
              AND {BUYERS}) AS is_researched,
       CASE WHEN NOT c.is_online THEN '' WHEN c.session_id = '' THEN 'unknown' ELSE left(coalesce(nullif(
           (SELECT e.props ->> 'source' FROM adoption_event e
             WHERE e.kind = 'session_start' AND e.session_id = c.session_id AND e.occurred_at < %(as_of)s
             ORDER BY e.occurred_at, e.event_id LIMIT 1), ''), 'unknown'), 40) END AS source
  FROM counted c""",
    weighed="placed_on",
)

ORDERS = """
    SELECT placed_on AS day, account_id, channel, count(*) AS orders, coalesce(sum(round(value, 14)), 0) AS value,
           coalesce(sum(units) FILTER (WHERE value IS NOT NULL), 0) AS units,
           count(*) FILTER (WHERE value IS NULL) AS unconverted, count(*) FILTER (WHERE is_timed) AS timed,
           count(*) FILTER (WHERE is_off) AS off_hours, count(*) FILTER (WHERE is_tracked) AS tracked,
           count(*) FILTER (WHERE is_researched) AS researched
      FROM counted_orders GROUP BY 1, 2, 3"""

HOURS = """
    SELECT placed_on AS day, account_id, channel, extract(isodow FROM local)::int AS weekday,
           extract(hour FROM local)::int AS hour, count(*) AS orders
      FROM counted_orders WHERE is_timed AND is_online GROUP BY 1, 2, 3, 4, 5"""

# Who ordered, or searched, in the rows of all accounts together.
WHO = """
    UPDATE {table} t SET who = coalesce(w.who, '')
      FROM (SELECT a.{span}, a.{key}, string_agg('{between}' || a.account_id, '')
                   FILTER (WHERE a.{number} > 0 AND a.account_id <> '{every}') AS who
              FROM {table} a WHERE a.{span} BETWEEN %(from)s AND %(to)s AND {only} GROUP BY 1, 2) w
     WHERE t.account_id = '{every}' AND t.{span} BETWEEN %(from)s AND %(to)s
       AND t.{span} = w.{span} AND t.{key} = w.{key} AND t.who IS DISTINCT FROM coalesce(w.who, '')"""

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

DAY_DOCUMENTS = f"""
SELECT i.invoiced_on, i.erp_id, i.kind, sum(l.quantity * l.net_price * {rate_of("i.currency", "i.invoiced_on")})
  FROM erp_sync_invoice i JOIN erp_sync_invoiceline l ON l.invoice_id = i.id
 WHERE i.gone_at IS NULL AND i.state <> 'cancelled' AND i.invoiced_on BETWEEN %(first)s AND %(last)s
   AND l.item_type IN ('goods', 'service', 'discount')
   AND i.customer_erp_id NOT IN {TEST_ACCOUNTS}
   AND NOT EXISTS (SELECT 1 FROM erp_sync_order o WHERE o.erp_id = l.order_erp_id AND o.is_test)
 GROUP BY 1, 2, 3 ORDER BY 2"""
