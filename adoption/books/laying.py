"""Lays ready what several sums are made of: orders, buyers' events, sessions; counts searches; nothing nobody needs."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Collection, Mapping
from typing import Any

from django.db.backends.utils import CursorWrapper

from adoption.books import keeping, sql, sql_activity, sql_papers
from adoption.books.keeping import Family
from adoption.metrics.facts import Calendar

# Parameters of a statement (rollups.Frame.parameters).
Given = dict[str, Any]

# What the facts say of each family. After `lay`.
FRESH: dict[Family, str] = {
    keeping.ORDERS: sql.ORDERS,
    keeping.HOURS: sql.HOURS,
    keeping.SALES: sql_papers.SALES,
    keeping.PAID: sql_papers.PAID,
    keeping.LINES: sql_papers.LINES,
    keeping.SOURCES: sql_activity.SOURCES,
    keeping.SESSIONS: sql_activity.SESSIONS,
    keeping.SEARCHES: sql_activity.SEARCHES,
    keeping.ACTIVITY: sql_activity.ACTIVITY,
    keeping.LOGINS: sql_activity.LOGINS,
    keeping.ANSWERS: sql_activity.ANSWERS,
}
# What is laid ready, and for whom.
OF_COUNTED = (keeping.ORDERS, keeping.HOURS, keeping.LINES, keeping.SOURCES)
OF_LOGICAL = (*OF_COUNTED, keeping.SALES)
OF_SESSIONS = (keeping.SOURCES, keeping.SESSIONS)
OF_EVENTS = (*OF_SESSIONS, keeping.ACTIVITY, keeping.LOGINS)


def lay(cursor: CursorWrapper, wanted: dict[Family, Given], calendars: Given, *, many: bool = False) -> None:
    """Lay ready what these families are made of; inside a transaction.

    Args:
        cursor: For the statements.
        wanted: The parameters of each family; those of searches get what was counted.
        calendars: What `listed` says of them.
        many: The days are a large part of all.
    """
    no_compiling(cursor)
    if given := _together(wanted, OF_LOGICAL):
        bring_orders(cursor, given, calendars, counted=_together(wanted, OF_COUNTED), many=many)
    if given := _together(wanted, OF_EVENTS):
        are_sessions = wanted.keys().isdisjoint((keeping.ACTIVITY, keeping.LOGINS))
        own = given | {"kinds": ["session_start"]} if are_sessions else given
        cursor.execute(_fit(sql_activity.BUYER_EVENTS, many=many), own)
    if given := _together(wanted, OF_SESSIONS):
        cursor.execute(_fit(sql_activity.SESSIONS_BEGUN, many=many), given)
    if given := wanted.get(keeping.SEARCHES):
        given |= _searches(cursor, given)


def bring_orders(
    cursor: CursorWrapper, given: Given, calendars: Given, *, counted: Given | None, many: bool = False
) -> None:
    """Lay the logical orders of the days ready, and of some of these days those that count."""
    cursor.execute(_fit(sql.LOGICAL_ORDERS, many=many), given)
    if counted is not None:
        cursor.execute(_fit(sql.COUNTED_ORDERS, many=many), counted | calendars)


def no_compiling(cursor: CursorWrapper) -> None:
    """Keep the database from compiling these statements, which takes longer than running them."""
    cursor.execute("SET LOCAL jit = off")


def _fit(statement: str, *, many: bool) -> str:
    return sql.for_many(statement) if many else statement


def _together(wanted: Mapping[Family, Given], families: Collection[Family]) -> Given | None:
    """Return parameters for the days and accounts of some families together; None when none of them is wanted."""
    own = [given for family, given in wanted.items() if family in families]
    if not own:
        return None
    early, late = min(own, key=lambda one: one["first"]), max(own, key=lambda one: one["last"])
    accounts = [one["accounts"] for one in own]
    every = None if None in accounts else sorted({account for some in accounts for account in some})
    return {**early, "last": late["last"], "end": late["end"], "accounts": every}


def _searches(cursor: CursorWrapper, given: Given) -> Given:
    """Return, by day and account, how many searches for invoices there were and how many count (M5).

    None counts within the window of the last one that does.
    """
    cursor.execute(sql_activity.ALL_SEARCHES, given)
    window, last = dt.timedelta(seconds=given["search_window_s"]), dict[tuple[str, str], dt.datetime]()
    made, kept = Counter[tuple[dt.date, str]](), Counter[tuple[dt.date, str]]()
    for at, day, account, session, query in cursor.fetchall():
        before, is_asked = last.get((session, query)), given["accounts"] is None or account in given["accounts"]
        made[day, account] += day >= given["first"] and is_asked
        if before is None or at - before >= window:
            last[session, query] = at
            kept[day, account] += 1
    found = [one for one, count in made.items() if count]
    return {
        "searched_days": [day for day, _account in found],
        "searchers": [account for _day, account in found],
        "searches": [made[one] for one in found],
        "searches_counted": [kept[one] for one in found],
    }


def listed(known: Mapping[str, Calendar]) -> Given:
    """Return opening hours and holidays as lists for the statements."""
    hours = [
        (code, weekday, opens, closes)
        for code, one in known.items()
        for weekday, spans in one.intervals.items()
        for opens, closes in spans
    ]
    free = [(code, day) for code, one in known.items() for day in one.holidays]
    return {
        "open_calendars": [one[0] for one in hours], "open_weekdays": [one[1] for one in hours],
        "opens": [one[2] for one in hours], "closes": [one[3] for one in hours],
        "free_calendars": [code for code, _day in free], "free_days": [day for _code, day in free],
    }  # fmt: skip
