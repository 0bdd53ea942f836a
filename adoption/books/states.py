"""Keeps what is known of each account: its first self-service days, and the days just before today."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from adoption.books.sql import BUYERS, of_accounts
from adoption.books.sums import ALL, AccountState
from adoption.metrics.period import Period, days_before
from adoption.metrics.scores import KINDS, WEEK

if TYPE_CHECKING:
    from adoption.books.rollups import Frame

# Horizons that pages show (M13), besides the one of the settings.
HORIZONS = (90, 180, 365)

_OF_DAYS = f"WHERE day BETWEEN %(first)s AND %(last)s AND {of_accounts('account_id')}"
_ENROL = """
INSERT INTO adoption_accountstate ({columns})
SELECT {values} FROM unnest(%(accounts)s::text[]) AS a (account_id) ON CONFLICT (account_id) DO NOTHING"""

# Accounts whose first self-service day may be one of these: it was, or it is now.
_FIRST_DAYS = f"""
WITH touched AS (
    SELECT s.account_id FROM adoption_accountstate s
     WHERE s.first_online_on BETWEEN %(first)s AND %(last)s AND {of_accounts("s.account_id")}
    UNION
    SELECT d.account_id FROM adoption_orderday d JOIN adoption_accountstate s USING (account_id)
     WHERE d.day BETWEEN %(first)s AND %(last)s AND d.channel = ANY (%(online)s) AND d.account_id <> '{ALL}'
       AND {of_accounts("d.account_id")} AND (s.first_online_on IS NULL OR s.first_online_on > d.day)
), found AS (
    SELECT t.account_id, (SELECT d.day FROM adoption_orderday d
                           WHERE d.account_id = t.account_id AND d.channel = ANY (%(online)s) AND d.orders > 0
                           ORDER BY d.day LIMIT 1) AS day
      FROM touched t WHERE t.account_id <> ''
), debut AS (
    SELECT DISTINCT ON (c.account_id) f.account_id, f.day, c.key, c.at
      FROM found f JOIN counted_orders c ON c.account_id = f.account_id AND c.placed_on = f.day AND c.is_online
     ORDER BY c.account_id, c.at, c.key
), sides AS (
    SELECT d.account_id, count(*) FILTER (WHERE c.is_offline AND c.at < d.at) AS before,
           count(*) FILTER (WHERE c.is_online AND c.at > d.at) AS online_after,
           count(*) FILTER (WHERE c.is_offline AND c.at > d.at) AS offline_after
      FROM debut d JOIN counted_orders c ON c.account_id = d.account_id AND c.placed_on = d.day GROUP BY 1
)
UPDATE adoption_accountstate s
   SET first_online_on = f.day, before = coalesce(x.before, 0), online_after = coalesce(x.online_after, 0),
       offline_after = coalesce(x.offline_after, 0),
       second_online_on = CASE WHEN f.day IS NOT NULL THEN s.second_online_on END,
       came_offline = s.came_offline AND f.day IS NOT NULL,
       stays = CASE WHEN f.day IS NOT NULL THEN s.stays ELSE '{{}}' END
  FROM found f LEFT JOIN sides x USING (account_id)
 WHERE s.account_id = f.account_id
RETURNING f.day, s.account_id"""

_FIRST_LOGINS = f"""
UPDATE adoption_accountstate s SET first_login_on = l.day
  FROM (SELECT account_id, min(day) AS day FROM adoption_loginday {_OF_DAYS} GROUP BY 1) l
 WHERE s.account_id = l.account_id AND (s.first_login_on IS NULL OR s.first_login_on > l.day)"""


# What came before and after the first self-service day (M13, M15).
_HISTORY = f"""
WITH later AS (
    SELECT s.account_id, h.days, coalesce(sum(d.orders) FILTER (WHERE d.channel = ANY (%(online)s)), 0) AS online,
           coalesce(sum(d.orders) FILTER (WHERE d.channel <> ALL (%(online)s) AND d.channel <> ALL (%(neutral)s)), 0)
           AS offline
      FROM adoption_accountstate s CROSS JOIN unnest(%(horizons)s::int[]) AS h (days)
      LEFT JOIN adoption_orderday d ON d.account_id = s.account_id AND d.day > s.first_online_on
            AND d.day <= s.first_online_on + h.days
     WHERE s.first_online_on IS NOT NULL AND {of_accounts("s.account_id")} GROUP BY 1, 2
), stays AS (
    SELECT l.account_id, jsonb_object_agg(l.days, jsonb_build_array(l.online + s.online_after,
                                                                    l.offline + s.offline_after)) AS stays
      FROM later l JOIN adoption_accountstate s USING (account_id) GROUP BY 1
)
UPDATE adoption_accountstate s
   SET stays = t.stays,
       second_online_on = (SELECT d.day FROM adoption_orderday d
                            WHERE d.account_id = s.account_id AND d.channel = ANY (%(online)s) AND d.orders > 0
                              AND d.day > s.first_online_on ORDER BY d.day LIMIT 1),
       came_offline = s.before > 0 OR EXISTS (
           SELECT 1 FROM adoption_orderday d
            WHERE d.account_id = s.account_id AND d.orders > 0 AND d.channel <> ALL (%(online)s)
              AND d.channel <> ALL (%(neutral)s)
              AND d.day < s.first_online_on AND d.day >= s.first_online_on - %(look_back)s)
  FROM stays t WHERE t.account_id = s.account_id"""

_LOGINS_EVER = f"""
UPDATE adoption_accountstate s SET first_login_on = (
    SELECT (e.occurred_at AT TIME ZONE %(zone)s)::date FROM adoption_event e
     WHERE e.account_id = s.account_id AND e.kind = 'login' AND {BUYERS} ORDER BY e.occurred_at LIMIT 1)
 WHERE {of_accounts("s.account_id")}"""

_WINDOWS = f"""
WITH ordered AS (
    SELECT account_id,
           sum(orders) FILTER (WHERE day BETWEEN %(score_first)s AND %(yesterday)s) AS orders,
           sum(orders) FILTER (WHERE day BETWEEN %(score_first)s AND %(yesterday)s AND is_online) AS online,
           sum(tracked) FILTER (WHERE day BETWEEN %(score_first)s AND %(yesterday)s) AS tracked,
           sum(orders) FILTER (WHERE day BETWEEN %(was_first)s AND %(was_last)s AND is_online) AS was_online,
           sum(orders) FILTER (WHERE day BETWEEN %(was_first)s AND %(was_last)s AND NOT is_neutral) AS was_counted,
           sum(orders) FILTER (WHERE day BETWEEN %(now_first)s AND %(yesterday)s) AS now_orders,
           sum(orders) FILTER (WHERE day BETWEEN %(now_first)s AND %(yesterday)s AND is_online) AS now_online,
           sum(orders) FILTER (WHERE day BETWEEN %(now_first)s AND %(yesterday)s AND NOT is_neutral) AS now_counted,
           sum(value) FILTER (WHERE day BETWEEN %(now_first)s AND %(yesterday)s AND NOT is_online AND NOT is_neutral)
           AS now_offline_value,
           sum(unconverted) FILTER (WHERE day BETWEEN %(now_first)s AND %(yesterday)s AND NOT is_online
                                      AND NOT is_neutral) AS now_unconverted
      FROM (SELECT *, channel = ANY (%(online)s) AS is_online,
                   channel = ANY (%(neutral)s) AND channel <> ALL (%(online)s) AS is_neutral
              FROM adoption_orderday WHERE day BETWEEN %(oldest)s AND %(yesterday)s AND account_id <> '{ALL}'
                AND {of_accounts("account_id")}) d
     GROUP BY 1
), logged AS (
    SELECT account_id,
           count(DISTINCT (%(yesterday)s - day) / {WEEK}) FILTER (WHERE day >= %(score_first)s) AS weeks,
           count(*) FILTER (WHERE day >= %(decay_first)s) AS logins,
           count(*) FILTER (WHERE day BETWEEN %(before_first)s AND %(before_last)s) AS logins_before
      FROM adoption_loginday WHERE day BETWEEN least(%(score_first)s, %(before_first)s) AND %(yesterday)s
       AND {of_accounts("account_id")} GROUP BY 1
), used AS (
    SELECT a.account_id, d.kinds FROM adoption_accountstate a CROSS JOIN LATERAL (
           SELECT count(DISTINCT kind) AS kinds FROM adoption_activityday d
            WHERE d.account_id = a.account_id AND d.day BETWEEN %(score_first)s AND %(yesterday)s
              AND d.kind = ANY (%(score_kinds)s) OFFSET 0) d
     WHERE {of_accounts("a.account_id")}
), settled AS (
    SELECT account_id, sum(paid) AS paid, sum(online) AS paid_online FROM adoption_paidday
     WHERE day BETWEEN %(score_first)s AND %(yesterday)s AND {of_accounts("account_id")} GROUP BY 1
)
UPDATE adoption_accountstate s
   SET "on" = %(today)s, orders = coalesce(o.orders, 0), online = coalesce(o.online, 0),
       tracked = coalesce(o.tracked, 0), was_online = coalesce(o.was_online, 0),
       was_counted = coalesce(o.was_counted, 0), now_orders = coalesce(o.now_orders, 0),
       now_online = coalesce(o.now_online, 0), now_counted = coalesce(o.now_counted, 0),
       now_offline_value = coalesce(o.now_offline_value, 0), now_unconverted = coalesce(o.now_unconverted, 0),
       weeks = coalesce(l.weeks, 0), logins = coalesce(l.logins, 0), logins_before = coalesce(l.logins_before, 0),
       kinds = coalesce(u.kinds, 0), paid = coalesce(p.paid, 0), paid_online = coalesce(p.paid_online, 0)
  FROM adoption_accountstate a
  LEFT JOIN ordered o ON o.account_id = a.account_id
  LEFT JOIN logged l ON l.account_id = a.account_id
  LEFT JOIN used u ON u.account_id = a.account_id
  LEFT JOIN settled p ON p.account_id = a.account_id
 WHERE a.account_id = s.account_id AND {of_accounts("a.account_id")}"""


# While all sums are made anew, oldest days first: whose first self-service day each stretch of days brings.
DEBUTS = """DROP TABLE IF EXISTS debuts;
CREATE TEMP TABLE debuts (account_id text PRIMARY KEY, day date, before int, online_after int,
    offline_after int) ON COMMIT DROP"""
MORE_DEBUTS = """
INSERT INTO debuts
WITH debut AS (
    SELECT DISTINCT ON (c.account_id) c.account_id, c.placed_on, c.at FROM counted_orders c
     WHERE c.is_online AND c.account_id <> '' AND c.account_id NOT IN (SELECT account_id FROM debuts)
     ORDER BY c.account_id, c.placed_on, c.at, c.key
)
SELECT d.account_id, d.placed_on, count(*) FILTER (WHERE c.is_offline AND c.at < d.at),
       count(*) FILTER (WHERE c.is_online AND c.at > d.at), count(*) FILTER (WHERE c.is_offline AND c.at > d.at)
  FROM debut d JOIN counted_orders c ON c.account_id = d.account_id AND c.placed_on = d.placed_on GROUP BY 1, 2"""
_ALL_STATES = f"""
INSERT INTO adoption_accountstate ({{columns}})
SELECT {{values}} FROM (
    SELECT account_id FROM adoption_ordermonth UNION SELECT account_id FROM adoption_salesmonth
     UNION SELECT account_id FROM adoption_paidmonth UNION SELECT account_id FROM adoption_activitymonth
     UNION SELECT account_id FROM adoption_enquirymonth UNION SELECT account_id FROM adoption_quotemonth) a
 WHERE account_id <> '{ALL}';
UPDATE adoption_accountstate s
   SET first_online_on = d.day, before = d.before, online_after = d.online_after, offline_after = d.offline_after
  FROM debuts d WHERE d.account_id = s.account_id"""


def make(cursor: CursorWrapper) -> None:
    """Write the states of all accounts that have sums, with their first days, into an empty table."""
    fields = ", ".join(f'"{name}"' for name in _columns())
    cursor.execute(_ALL_STATES.format(columns=fields, values=", ".join(_columns().values())))


def enrol(cursor: CursorWrapper, accounts: Collection[str]) -> None:
    """See to it that these accounts have a state."""
    fields = ", ".join(f'"{name}"' for name in _columns())
    statement = _ENROL.format(columns=fields, values=", ".join(_columns().values()))
    cursor.execute(statement, {"accounts": list(accounts)})


def renew_debuts(cursor: CursorWrapper, given: Mapping[str, Any]) -> dict[dt.date, set[str]]:
    """After the sums of some days: who ordered by himself for the first time then. `counted_orders` are theirs.

    Returns:
        Days outside of them that are now somebody's first, and whose: these orders must be looked at too.
    """
    cursor.execute(_FIRST_DAYS, dict(given))
    outside: dict[dt.date, set[str]] = {}
    for day, account in cursor.fetchall():
        if day is not None and not given["first"] <= day <= given["last"]:
            outside.setdefault(day, set()).add(account)
    return outside


def renew_first_logins(cursor: CursorWrapper, given: Mapping[str, Any]) -> None:
    """After the log-ins of some days: who logged in for the first time then."""
    cursor.execute(_FIRST_LOGINS, dict(given))


def renew(*, frame: Frame, accounts: Collection[str] | None = None) -> None:
    """Sum up the past of these accounts, or everybody's, and the days just before today."""
    today, settings = frame.today, frame.settings
    yesterday = today - dt.timedelta(days=1)
    score, now = days_before(today, settings.score_days), days_before(today, settings.leak_recent_days)
    was = days_before(today, settings.leak_baseline_days, gap=settings.leak_recent_days)
    decay = days_before(today, settings.decay_recent_days)
    before = days_before(today, settings.decay_baseline_days, gap=settings.decay_recent_days)
    given = {
        **frame.parameters(Period(yesterday, today), accounts),
        "yesterday": yesterday, "score_first": score.first, "was_first": was.first, "was_last": was.last,
        "now_first": now.first, "oldest": min(score.first, was.first), "decay_first": decay.first,
        "before_first": before.first, "before_last": before.last, "score_kinds": list(KINDS),
        "horizons": sorted({*HORIZONS, settings.retention_days}), "look_back": settings.migration_look_back_days,
    }  # fmt: skip
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL jit = off")
        for statement in (_HISTORY, _LOGINS_EVER, _WINDOWS):
            cursor.execute(statement, given)


def _columns() -> dict[str, str]:
    """Return the columns of a state and SQL of what a new one holds."""
    empty = {"CharField": "account_id", "DateField": "NULL::date", "BooleanField": "false", "JSONField": "'{}'::jsonb"}
    return {str(one.column): empty.get(one.get_internal_type(), "0") for one in AccountState._meta.concrete_fields}
