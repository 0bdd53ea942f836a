"""Looks sums of some accounts up day by day, each through an index of its own: few of many."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from decimal import Decimal
from typing import Any

from django.db import connection

from adoption.books.selectors import among
from adoption.books.sums import OrderDay
from adoption.metrics.facts import Period

# An account, its first and its last day.
Span = tuple[str, dt.date, dt.date]


def log_ins(period: Period, *, accounts: Collection[str]) -> dict[str, tuple[int, int, int]]:
    """Return different people, days with a log-in by a person, and log-ins, by account (M2)."""
    given: dict[str, Any] = {"accounts": list(accounts), "first": period.first, "last": period.last}
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT account, count(*), sum(days)::bigint, sum(events)::bigint
                 FROM (SELECT a.account, l.user_id, count(*) AS days, sum(l.events) AS events
                         FROM unnest(%(accounts)s::text[]) AS a (account)
                        CROSS JOIN LATERAL (
                              SELECT d.user_id, d.events FROM adoption_loginday d
                               WHERE d.account_id = a.account AND d.day BETWEEN %(first)s AND %(last)s OFFSET 0) l
                        GROUP BY 1, 2) people
                GROUP BY 1""",
            given,
        )
        return {account: (users, days, log_ins) for account, users, days, log_ins in cursor.fetchall()}


def online_days(accounts: Collection[str], since: dt.date, *, channels: Collection[str]) -> dict[str, set[dt.date]]:
    """Return the days from one on with a counted order by one of these channels, by account."""
    rows = OrderDay.objects.filter(among(accounts), day__gte=since, channel__in=list(channels), orders__gt=0)
    found: dict[str, set[dt.date]] = {}
    for account, day in rows.values_list("account_id", "day"):
        found.setdefault(account, set()).add(day)
    return found


def orders_after(spans: Collection[tuple[str, str, dt.date]], days: int) -> dict[tuple[str, str, dt.date], int]:
    """Return counted orders by account, channel and day, on any of these days and so many days after."""
    once = sorted(set(spans))
    given: dict[str, Any] = {
        "accounts": [account for account, _channel, _day in once],
        "channels": [channel for _account, channel, _day in once],
        "firsts": [day for _account, _channel, day in once],
        "days": days,
    }
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT s.account, s.channel, d.day, d.orders
                 FROM unnest(%(accounts)s::text[], %(channels)s::text[], %(firsts)s::date[])
                   AS s (account, channel, first)
                CROSS JOIN LATERAL (
                      SELECT o.day, o.orders FROM adoption_orderday o
                       WHERE o.account_id = s.account AND o.day BETWEEN s.first AND s.first + %(days)s
                         AND o.channel = s.channel OFFSET 0) d""",
            given,
        )
        return {(account, channel, day): orders for account, channel, day, orders in cursor.fetchall() if orders}


def first_days(accounts: Collection[str], period: Period, *, besides: Collection[str]) -> dict[str, dt.date]:
    """Return each account's first day in the period with a counted order by another channel than these."""
    given: dict[str, Any] = {
        "accounts": list(accounts), "first": period.first, "last": period.last, "besides": list(besides)
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT a.account, d.day
                 FROM unnest(%(accounts)s::text[]) AS a (account)
                CROSS JOIN LATERAL (
                      SELECT o.day FROM adoption_orderday o
                       WHERE o.account_id = a.account AND o.day BETWEEN %(first)s AND %(last)s AND o.orders > 0
                         AND o.channel <> ALL (%(besides)s::text[])
                       ORDER BY o.day LIMIT 1) d""",
            given,
        )
        return dict(cursor.fetchall())


def sold(spans: Collection[Span], *, channel: str) -> dict[Span, tuple[Decimal, int]]:
    """Return the value of an account's orders from a day to a day, and how many have no exchange rate; "" = all."""
    once = sorted(set(spans))
    given: dict[str, Any] = {
        "accounts": [account for account, _first, _last in once], "firsts": [first for _account, first, _last in once],
        "lasts": [last for _account, _first, last in once], "channel": channel,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT s.place, sum(d.value), sum(d.unconverted)
                 FROM unnest(%(accounts)s::text[], %(firsts)s::date[], %(lasts)s::date[]) WITH ORDINALITY
                   AS s (account, first, last, place)
                CROSS JOIN LATERAL (
                      SELECT o.value, o.unconverted FROM adoption_orderday o
                       WHERE o.account_id = s.account AND o.day BETWEEN s.first AND s.last
                         AND %(channel)s IN ('', o.channel) OFFSET 0) d
                GROUP BY 1""",
            given,
        )
        return {once[place - 1]: (value, unrated) for place, value, unrated in cursor.fetchall()}
