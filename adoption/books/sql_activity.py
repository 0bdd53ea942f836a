"""Sums of what buyers did: log-ins, sessions and what came of them, searches for invoices."""

from __future__ import annotations

from adoption.books.sql import BUYERS, TEST_ACCOUNTS, TEST_USERS, laid, of_accounts

_DAY = "(e.occurred_at AT TIME ZONE %(zone)s)::date"

_SESSION = "coalesce(nullif({0}.session_id, ''), {0}.account_id || ' ' || {0}.user_id)"
# Buyers' events of the days, once for the statements below; `key` is the session.
BUYER_EVENTS = laid(
    "buyer_events",
    f"""
SELECT e.event_id, e.occurred_at, {_DAY} AS day, e.kind, e.account_id, e.user_id, e.session_id,
       coalesce(nullif(e.session_id, ''), e.event_id) AS key,
       CASE WHEN e.kind = 'session_start' THEN left(coalesce(nullif(e.props ->> 'source', ''), 'unknown'), 40)
            ELSE '' END AS source
  FROM adoption_event e
 WHERE e.occurred_at >= %(begin)s AND e.occurred_at < %(end)s AND e.kind = ANY (%(kinds)s)
   AND {of_accounts("e.account_id")} AND {BUYERS}""",
    weighed="kind",
)

LOGINS = """
    SELECT day, account_id, user_id, count(*) AS events FROM buyer_events WHERE kind = 'login' GROUP BY 1, 2, 3"""

# What each person was asked in a session on a day, and answered last; what is too long to be an answer is none.
_GIVEN = "CASE WHEN e.props ? 'score' THEN e.props ->> 'score' ELSE coalesce(e.props ->> 'found', '') END"
_EACH = "day, account_id, survey, user_id, session_id"
ANSWERS = f"""
    SELECT DISTINCT ON ({_EACH}) {_EACH}, CASE WHEN is_answer THEN score ELSE '' END AS score,
           occurred_at AS answered_at, count(*) FILTER (WHERE NOT is_answer) OVER one AS asked,
           count(*) FILTER (WHERE is_answer) OVER one AS answers
      FROM (SELECT {_DAY} AS day, e.account_id, e.props ->> 'survey' AS survey, e.user_id, e.session_id,
                   CASE WHEN length({_GIVEN}) <= 40 THEN {_GIVEN} ELSE 'none' END AS score,
                   e.kind = 'survey_answered' AS is_answer, e.occurred_at, e.event_id
              FROM adoption_event e
             WHERE e.kind IN ('survey_prompted', 'survey_answered') AND e.occurred_at >= %(begin)s
               AND e.occurred_at < %(end)s AND e.props ->> 'survey' IN ('csat', 'nps', 'exit')
               AND {of_accounts("e.account_id")} AND {BUYERS}) told
    WINDOW one AS (PARTITION BY {_EACH})
     ORDER BY {_EACH}, is_answer DESC, occurred_at DESC, event_id COLLATE "C" DESC"""

# Orders of the sessions, and those of them that count (C10).
_ROWS = """SELECT n.session_id, n.channel, n.order_key, o.id, o.status, o.is_test, o.customer_erp_id
      FROM named n CROSS JOIN LATERAL (SELECT * FROM erp_sync_order o WHERE {0} OFFSET 0) o
     WHERE o.gone_at IS NULL AND NOT o.is_return AND o.placed_at < %(as_of)s"""
_BOUGHT = f"""named AS MATERIALIZED (
    SELECT s.session_id, c.channel, c.order_key
      FROM started s CROSS JOIN LATERAL (
           SELECT * FROM adoption_orderchannel c WHERE c.session_id = s.session_id AND c.session_id <> '' OFFSET 0) c
     WHERE c.channel = ANY (%(online)s) AND c.submitted_by NOT IN {TEST_USERS}
), parts AS MATERIALIZED (
    {_ROWS.format("o.web_reference = n.order_key AND o.web_reference <> ''")}
    UNION ALL {_ROWS.format("o.erp_id = n.order_key AND o.web_reference = ''")}
), bought AS MATERIALIZED (
    SELECT p.session_id, p.channel FROM parts p GROUP BY p.session_id, p.channel, p.order_key
    HAVING NOT bool_or(p.is_test OR p.customer_erp_id IN {TEST_ACCOUNTS})
       AND bool_or(p.status IN ('open', 'completed') AND EXISTS (
           SELECT 1 FROM erp_sync_orderline l
            WHERE l.order_id = p.id AND l.item_type = 'goods' AND l.quantity > l.quantity_cancelled OFFSET 0))
)"""

# Sessions that began on the days: the first start of each, whoever's it is, and the channels of the orders that they
# led to.
SESSIONS_BEGUN = laid(
    "sessions_begun",
    f"""
WITH older AS MATERIALIZED (
    SELECT b.session_id
      FROM (SELECT DISTINCT ON (session_id) session_id, occurred_at, event_id FROM buyer_events
             WHERE kind = 'session_start' AND session_id <> '' ORDER BY session_id, occurred_at, event_id) b
     WHERE EXISTS (SELECT 1 FROM adoption_event e
                    WHERE e.session_id = b.session_id AND e.kind = 'session_start' AND e.occurred_at <= b.occurred_at
                      AND (e.occurred_at, e.event_id) < (b.occurred_at, b.event_id) AND {BUYERS} OFFSET 0)
), started AS MATERIALIZED (
    SELECT DISTINCT ON (b.key) b.day, b.account_id, b.source, b.session_id
      FROM buyer_events b
     WHERE b.kind = 'session_start' AND b.session_id NOT IN (SELECT session_id FROM older)
     ORDER BY b.key, b.occurred_at, b.event_id
), {_BOUGHT}
SELECT s.*, o.channels FROM started s
  LEFT JOIN (SELECT session_id, array_agg(DISTINCT channel) AS channels FROM bought GROUP BY 1) o
    ON o.session_id = s.session_id""",
    weighed="day",
)

SOURCES = """
    SELECT day, account_id, channel, source, sum(orders) AS orders, sum(value) AS value, sum(sessions) AS sessions
      FROM (SELECT placed_on AS day, account_id, channel, source, 1 AS orders, coalesce(round(value, 14), 0) AS value,
                   0 AS sessions
              FROM counted_orders WHERE is_online
            UNION ALL
            SELECT day, account_id, unnest(channels), source, 0, 0, 1 FROM sessions_begun WHERE channels IS NOT NULL) s
     GROUP BY 1, 2, 3, 4"""

ACTIVITY = """
    SELECT day, account_id, kind, '' AS source, count(*) AS events, 0::bigint AS counted
      FROM buyer_events WHERE kind NOT IN ('session_start', 'invoice_searched') GROUP BY 1, 2, 3"""

SESSIONS = """
    SELECT day, account_id, 'session_start' AS kind, source, count(*) AS events, count(channels) AS counted
      FROM sessions_begun GROUP BY 1, 2, 4"""

# Counted outside (laying.py): which searches count is a matter of their order.
SEARCHES = """
    SELECT day, account_id, 'invoice_searched' AS kind, '' AS source, events, counted
      FROM unnest(%(searched_days)s::date[], %(searchers)s::text[], %(searches)s::int[], %(searches_counted)s::int[])
        AS s (day, account_id, events, counted)"""

# Searches for invoices of the days and of the day before: a search may repeat one of yesterday, whoever's it was.
_SEARCHED = f"""e.occurred_at < %(end)s AND e.kind = 'invoice_searched' AND {BUYERS}"""
ALL_SEARCHES = f"""
    SELECT e.occurred_at, {_DAY}, e.account_id, {_SESSION.format("e")}, coalesce(e.props ->> 'query', '')
      FROM adoption_event e
     WHERE e.occurred_at >= %(begin)s - interval '1 day' AND {_SEARCHED}
       AND {_SESSION.format("e")} IN (
           SELECT {_SESSION.format("e")} FROM adoption_event e
            WHERE e.occurred_at >= %(begin)s AND {of_accounts("e.account_id")} AND {_SEARCHED})
     ORDER BY e.occurred_at, e.event_id"""
