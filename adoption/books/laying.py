"""Lays ready what several sums are made of: orders, buyers' events, sessions, searches that count, calendars."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import connection
from django.db.backends.utils import CursorWrapper

from adoption.books import sql, sql_activity
from adoption.metrics.facts import Calendar


def bring_facts(cursor: CursorWrapper, given: Mapping[str, Any], *, many: bool = False) -> None:
    """Lay ready what several sums are made of; inside a transaction. `many`: the days are a large part of all."""
    bring_orders(cursor, given, many=many)
    for statement in (*sql_activity.BUYER_EVENTS, *sql_activity.SESSIONS):
        cursor.execute(sql.for_many(statement) if many else statement, dict(given))
    _bring_searches(cursor, given)


def bring_orders(cursor: CursorWrapper, given: Mapping[str, Any], *, many: bool = False) -> None:
    """Lay the logical orders of the days ready, and those that count."""
    touch(cursor, given)
    for statement in (*sql.LOGICAL_ORDERS, *sql.COUNTED_ORDERS):
        cursor.execute(sql.for_many(statement) if many else statement, dict(given))


def touch(cursor: CursorWrapper, given: Mapping[str, Any]) -> None:
    """Find the orders that the next statement looks at; inside a transaction."""
    # Compiling these statements takes longer than running them.
    cursor.execute("SET LOCAL jit = off")
    for statement in sql.TOUCH:
        cursor.execute(statement, dict(given))


def _bring_searches(cursor: CursorWrapper, given: Mapping[str, Any]) -> None:
    """Write down which searches for invoices count (M5): none within the window of the last one that does."""
    cursor.execute(sql_activity.SEARCHES, dict(given))
    window, last, kept = dt.timedelta(seconds=given["search_window_s"]), dict[tuple[str, str], dt.datetime](), []
    for at, day, account, session, query in cursor.fetchall():
        before = last.get((session, query))
        if before is None or at - before >= window:
            last[session, query] = at
            kept.append((day, account))
    cursor.execute("DROP TABLE IF EXISTS kept_searches")
    cursor.execute("CREATE TEMP TABLE kept_searches (day date, account_id text) ON COMMIT DROP")
    with cursor.copy("COPY kept_searches FROM STDIN") as copy:
        for row in kept:
            copy.write_row(row)


def bring_calendars(known: Mapping[str, Calendar]) -> None:
    """Lay opening hours and holidays ready for the statements; inside a transaction."""
    hours = [
        (code, weekday, opens, closes)
        for code, one in known.items()
        for weekday, spans in one.intervals.items()
        for opens, closes in spans
    ]
    days = [(code, day) for code, one in known.items() for day in one.holidays]
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS calendar_hours, calendar_days")
        cursor.execute(
            "CREATE TEMP TABLE calendar_hours (calendar text, weekday int, opens time, closes time) ON COMMIT DROP"
        )
        cursor.execute("CREATE TEMP TABLE calendar_days (calendar text, day date) ON COMMIT DROP")
        with cursor.copy("COPY calendar_hours FROM STDIN") as copy:
            for row in hours:
                copy.write_row(row)
        with cursor.copy("COPY calendar_days FROM STDIN") as copy:
            for place in days:
                copy.write_row(place)
        cursor.execute("CREATE INDEX ON calendar_days (calendar, day)")
