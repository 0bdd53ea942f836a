"""Which sums of which days must be made anew: facts that came or changed since, and what only time made different."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from django.db import connection

from adoption.books import keeping
from adoption.books.keeping import FAMILIES, Family
from adoption.books.models import RollupRun
from adoption.metrics.period import Period

if TYPE_CHECKING:
    from adoption.books.rollups import Frame

# Whose sums of which family must be made anew on a day; None = everybody's.
Whose = set[str] | None
Stale = dict[dt.date, dict[Family, Whose]]
# So many accounts are looked at one by one; for more, all of a day's facts are read.
FEW_ACCOUNTS = 200
ONE_DAY, SOME_DAYS = dt.timedelta(days=1), dt.timedelta(days=3)

# Families that are made of a fact, by the statement's word for it.
MADE_OF: dict[str, tuple[Family, ...]] = {
    "order": (keeping.ORDERS, keeping.HOURS, keeping.SALES, keeping.LINES, keeping.SOURCES),
    "opened": (keeping.ORDERS,),
    "delivery": (keeping.LINES,),
    "paper": (keeping.SALES,),
    "payment": (keeping.PAID,),
    "session": (keeping.SOURCES, keeping.SESSIONS),
    "search": (keeping.SEARCHES,),
    "login": (keeping.ACTIVITY, keeping.LOGINS),
    "answer": (keeping.ACTIVITY, keeping.ANSWERS),
    "event": (keeping.ACTIVITY,),
    "enquiry": (keeping.ENQUIRIES,),
    "quote": (keeping.QUOTES,),
    "rate": FAMILIES,
}

_PLACED = "(o.placed_at AT TIME ZONE %(zone)s)::date"
_DAY = "({0}.occurred_at AT TIME ZONE %(zone)s)::date"
_ASKED = "(q.requested_at AT TIME ZONE %(zone)s)::date"
_PAID = "coalesce((i.paid_at AT TIME ZONE %(zone)s)::date, i.paid_on)"
_OF_ORDER = "erp_sync_invoiceline l ON l.order_erp_id = g.erp_id JOIN erp_sync_invoice i ON i.id = l.invoice_id"

# New events, changed orders and those of deliveries and of who opened them, with the other parts of the same (an order
# is of the day of its first part); then what each of them changes elsewhere. Deliveries and invoices of yesterday count
# since today. With each day what is touched and whose it is; NULL = everybody's. What an order or a paper was before it
# changed nobody knows: that it moved to another day or account, or was a test, is found at night.
TOUCHED = f"""
WITH news AS MATERIALIZED (
    SELECT id, kind, occurred_at, account_id, session_id, object_id FROM adoption_event WHERE id > %(last_event)s
), changed AS MATERIALIZED (
    SELECT o.id, o.erp_id, o.web_reference, o.customer_erp_id, o.quote_erp_id, o.is_test, {_PLACED} AS day
      FROM erp_sync_order o WHERE o.synced_at >= %(ran_at)s OR o.gone_at >= %(ran_at)s
), parts AS MATERIALIZED (
    SELECT * FROM changed
     UNION
    SELECT o.id, o.erp_id, o.web_reference, o.customer_erp_id, o.quote_erp_id, o.is_test, {_PLACED}
      FROM (SELECT DISTINCT web_reference FROM changed WHERE web_reference <> '') g
     CROSS JOIN LATERAL (SELECT * FROM erp_sync_order o WHERE o.web_reference = g.web_reference OFFSET 0) o
), shipped AS MATERIALIZED (
    SELECT d.id FROM erp_sync_delivery d
     WHERE d.synced_at >= %(ran_at)s OR d.gone_at >= %(ran_at)s
        OR coalesce(d.delivered_on, d.shipped_on) >= %(covers_to)s
       AND coalesce(d.delivered_on, d.shipped_on) < %(today)s
), papers AS MATERIALIZED (
    SELECT i.invoiced_on, {_PAID} AS paid_day, i.customer_erp_id FROM erp_sync_invoice i
     WHERE i.synced_at >= %(ran_at)s OR i.gone_at >= %(ran_at)s
        OR i.invoiced_on >= %(covers_to)s AND i.invoiced_on < %(today)s
), named AS MATERIALIZED (
    SELECT 'delivery' AS what, {_PLACED} AS day, o.customer_erp_id, o.web_reference
      FROM shipped s JOIN erp_sync_deliveryline l ON l.delivery_id = s.id
      JOIN erp_sync_order o ON o.erp_id = l.order_erp_id
     UNION
    SELECT 'opened', {_PLACED}, o.customer_erp_id, o.web_reference
      FROM news n JOIN erp_sync_order o ON o.erp_id = n.object_id
     WHERE n.kind = 'order_tracked'
     UNION
    SELECT 'opened', NULL, NULL, object_id FROM news WHERE kind = 'order_tracked'
), quotes AS MATERIALIZED (
    SELECT object_id AS quote_id FROM news WHERE kind IN ('quote_requested', 'quote_answered', 'quote_decided')
     UNION SELECT quote_erp_id FROM parts WHERE quote_erp_id <> ''
     UNION SELECT c.quote_id FROM changed g
      JOIN adoption_orderchannel c ON c.order_key = coalesce(nullif(g.web_reference, ''), g.erp_id)
     WHERE c.quote_id <> ''
), touched (what, day, account) AS (
    SELECT 'order', day, customer_erp_id FROM parts
     UNION
    SELECT CASE WHEN kind = 'session_start' THEN 'session' WHEN kind = 'invoice_searched' THEN 'search'
                WHEN kind = 'login' THEN 'login' WHEN kind IN ('survey_prompted', 'survey_answered') THEN 'answer'
                WHEN kind = ANY (%(kinds)s) THEN 'event' END, {_DAY.format("news")}, account_id FROM news
     UNION
    SELECT 'session', {_DAY.format("e")}, e.account_id FROM news n
      JOIN adoption_event e ON e.session_id = n.session_id AND e.kind = 'session_start'
     WHERE n.kind = 'session_start' AND n.session_id <> ''
     UNION
    SELECT 'search', {_DAY.format("e")}, e.account_id FROM news n
      JOIN adoption_event e ON e.session_id = n.session_id AND e.kind = 'invoice_searched'
       AND e.occurred_at >= (SELECT min(occurred_at) FROM news WHERE kind = 'invoice_searched')
     WHERE n.kind = 'invoice_searched' AND n.session_id <> ''
     UNION
    SELECT what, day, customer_erp_id FROM named
     UNION
    SELECT g.what, {_PLACED}, o.customer_erp_id
      FROM (SELECT DISTINCT what, web_reference FROM named WHERE web_reference <> '') g
     CROSS JOIN LATERAL (SELECT * FROM erp_sync_order o WHERE o.web_reference = g.web_reference OFFSET 0) o
     UNION
    SELECT 'opened', {_PLACED}, o.customer_erp_id FROM news n JOIN erp_sync_order o ON o.customer_erp_id = n.account_id
     WHERE n.kind = 'product_view' AND n.occurred_at < %(midnight)s
       AND o.placed_at > n.occurred_at AND o.placed_at < n.occurred_at + interval '32 days'
     UNION
    SELECT 'session', {_PLACED}, o.customer_erp_id FROM news n
      JOIN adoption_orderchannel c ON c.session_id = n.session_id AND c.session_id <> ''
      JOIN erp_sync_order o ON o.web_reference = c.order_key
     WHERE n.kind = 'session_start'
     UNION
    SELECT 'session', {_DAY.format("e")}, e.account_id FROM changed g
      JOIN adoption_orderchannel c ON c.order_key = coalesce(nullif(g.web_reference, ''), g.erp_id)
      JOIN adoption_event e ON e.kind = 'session_start' AND e.session_id = c.session_id AND c.session_id <> ''
     UNION
    SELECT 'paper', invoiced_on, customer_erp_id FROM papers
     UNION SELECT 'payment', paid_day, customer_erp_id FROM papers
     UNION SELECT 'paper', i.invoiced_on, i.customer_erp_id FROM parts g JOIN {_OF_ORDER}
     UNION
    SELECT 'payment', {_PAID}, i.customer_erp_id FROM parts g JOIN {_OF_ORDER}
     WHERE (SELECT bool_or(is_test) FROM changed)
     UNION
    SELECT 'payment', {_PAID}, i.customer_erp_id
      FROM erp_sync_payment m JOIN erp_sync_invoice i ON i.erp_id = m.invoice_erp_id
     WHERE m.synced_at >= %(ran_at)s OR m.gone_at >= %(ran_at)s
     UNION
    SELECT 'enquiry', {_DAY.format("v")}, v.account_id FROM adoption_enquiry v WHERE v.id > %(last_enquiry)s
     UNION
    SELECT 'quote', {_ASKED}, q.account_id FROM quotes g
     CROSS JOIN LATERAL (SELECT * FROM adoption_quotefact q WHERE q.quote_id = g.quote_id OFFSET 0) q
     UNION
    SELECT 'quote', {_ASKED}, q.account_id FROM changed g
      JOIN adoption_quotefact q ON q.order_key <> '' AND q.order_key IN (g.erp_id, g.web_reference)
     UNION
    SELECT 'rate', generate_series((SELECT min(since_on) FROM adoption_exchangerate WHERE id > %(last_rate)s),
                                   %(today)s, interval '1 day')::date, NULL
)
SELECT day, what, array_agg(account) FROM touched WHERE day IS NOT NULL AND what IS NOT NULL GROUP BY 1, 2"""


def touched_days(frame: Frame, since: RollupRun) -> Stale:
    """Return the days whose facts came or changed after a run, and those that only time made different.

    With each day the families that are made of these facts, and whose facts they are.
    """
    given: dict[str, Any] = frame.parameters(Period(frame.today, frame.today)) | {
        "ran_at": since.ran_at, "last_event": since.last_event, "last_rate": since.last_rate,
        "last_enquiry": since.last_enquiry, "covers_to": since.covers_to,
    }  # fmt: skip
    found: Stale = {}
    with connection.cursor() as cursor:
        cursor.execute(TOUCHED, given | {"midnight": given["begin"]})
        for day, what, accounts in cursor.fetchall():
            own = found.setdefault(day, {})
            for family in MADE_OF[what]:
                known = own.get(family, set())
                own[family] = None if known is None or None in accounts else known.union(accounts)
    return found


def whole(days: Iterable[dt.date]) -> Stale:
    """Return that all is stale on these days, everybody's."""
    return {day: dict.fromkeys(FAMILIES) for day in days}


def of_family(stale: Stale, family: Family) -> dict[dt.date, Whose]:
    """Return what is stale of a family."""
    return {day: own[family] for day, own in stale.items() if family in own}


def parts(frame: Frame, stale: Stale) -> Iterator[tuple[Period, dict[Family, dict[str, Any]]]]:
    """Return days that follow each other, with the parameters of each family that is stale then.

    Of some accounts a day or two between that nobody asked for cost less than to begin anew.
    """
    for is_whole in (True, False):
        days = [day for day in sorted(stale) if (None in stale[day].values()) == is_whole]
        for period in _runs(days, gap=ONE_DAY if is_whole else SOME_DAYS):
            own = {day: stale[day] for day in days if day in period}
            families = dict.fromkeys(family for what in own.values() for family in what)
            yield period, {family: _given(frame, of_family(own, family)) for family in families}


def _given(frame: Frame, days: dict[dt.date, Whose]) -> dict[str, Any]:
    """Return a family's days and accounts; where those are many, everybody's."""
    accounts = None if None in days.values() else set[str]().union(*filter(None, days.values()))
    is_few = accounts is not None and len(accounts) <= FEW_ACCOUNTS
    return frame.parameters(Period(min(days), max(days)), accounts if is_few else None)


def _runs(days: list[dt.date], *, gap: dt.timedelta) -> Iterator[Period]:
    """Return days that follow each other, at most so far apart, as one period, within a month."""
    if not days:
        return
    first = last = days[0]
    for day in days[1:]:
        if day - last <= gap and (day.year, day.month) == (last.year, last.month):
            last = day
            continue
        yield Period(first, last)
        first = last = day
    yield Period(first, last)
