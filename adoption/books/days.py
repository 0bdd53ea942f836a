"""Closes days that are over, and finds what late facts change in closed ones."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db import connection, transaction
from django.db.models import Sum

from adoption.books import sql
from adoption.books.laying import no_compiling
from adoption.books.models import DayBook, Restatement
from adoption.books.rollups import ONE_DAY, Frame, first_and_last
from adoption.books.sums import ALL, ActivityDay
from adoption.metrics.facts import Period
from adoption.metrics.period import month_of

# Raised with every change of what a figure means (docs/metrics.md).
DEFINITIONS = "1"
SHOWN_IDS = 50
ORDERS, DOCUMENTS = "orders", "documents"
CREDIT = "credit"
COUNTED_ACTIVITY = ("login", "session_start")

Rows = dict[str, dict[str, list[Any]]]
Figures = dict[str, Decimal | None]


@dataclass(slots=True)
class Day:
    """What is known of a day now: orders as [channel, value, can buy online], documents as [kind, amount]."""

    orders: dict[str, list[Any]] = field(default_factory=dict)
    documents: dict[str, list[Any]] = field(default_factory=dict)
    activity: dict[str, int] = field(default_factory=dict)

    @property
    def rows(self) -> Rows:
        """The rows by kind, as they are kept."""
        return {ORDERS: self.orders, DOCUMENTS: self.documents}

    @property
    def counts(self) -> dict[str, int]:
        """Rows by kind of fact."""
        return {ORDERS: len(self.orders), DOCUMENTS: len(self.documents), **self.activity}


def figures(rows: Rows, activity: Mapping[str, int], online: Iterable[str]) -> Figures:
    """Return a day's figures: adoption of those who could buy online (M1), orders and revenue (M11), net sales (M20).

    >>> rows = {"orders": {"W1": ["web_self", "30.00", True], "O2": ["phone", "10.00", True]}, "documents": {}}
    >>> found = figures(rows, {"login": 3}, {"web_self"})
    >>> found["adoption.order"], found["adoption.revenue"], found["revenue"], found["login"]
    (Decimal('0.5'), Decimal('0.75'), Decimal('40.00'), Decimal('3'))
    """
    self_service = set(online)
    able = [row for row in rows[ORDERS].values() if row[2]]
    mine = [row for row in able if row[0] in self_service]
    return {
        "adoption.order": _share(Decimal(len(mine)), Decimal(len(able))),
        "adoption.revenue": _share(_sum(mine), _sum(able)),
        "orders": Decimal(len(rows[ORDERS])),
        "revenue": _sum(rows[ORDERS].values()),
        "net_sales": _net(rows[DOCUMENTS].values()),
        **{kind: Decimal(activity.get(kind, 0)) for kind in COUNTED_ACTIVITY},
    }


def _share(part: Decimal, whole: Decimal) -> Decimal | None:
    return part / whole if whole else None


def _sum(rows: Iterable[Sequence[Any]]) -> Decimal:
    return sum((Decimal(row[1]) for row in rows if row[1] is not None), Decimal(0))


def _net(rows: Iterable[Sequence[Any]]) -> Decimal:
    signed = (-Decimal(amount) if kind == CREDIT else Decimal(amount) for kind, amount in rows if amount is not None)
    return sum(signed, Decimal(0))


def read_days(frame: Frame, period: Period) -> dict[dt.date, Day]:
    """Return what is known now of every day of the period, month by month."""
    found = {day: Day() for day in period}
    first = period.first
    while first <= period.last:
        part = Period(first, min(month_of(first).last, period.last))
        _read_into(found, frame, part)
        first = part.last + ONE_DAY
    return found


def _read_into(found: dict[dt.date, Day], frame: Frame, part: Period) -> None:
    given = frame.parameters(part)
    with transaction.atomic(), connection.cursor() as cursor:
        no_compiling(cursor)
        cursor.execute(sql.DAY_ORDERS, dict(given))
        for day, key, channel, value, is_able in cursor.fetchall():
            found[day].orders[key] = [channel, _text(value), is_able]
        cursor.execute(sql.DAY_DOCUMENTS, given)
        for day, key, kind, amount in cursor.fetchall():
            found[day].documents[key] = [kind, _text(amount)]
    counted = ActivityDay.objects.filter(account_id=ALL, day__range=(part.first, part.last), kind__in=COUNTED_ACTIVITY)
    for row in counted.values("day", "kind").annotate(count=Sum("events")):
        found[row["day"]].activity[row["kind"]] = row["count"]


def _text(amount: Decimal | None) -> str | None:
    """Return an amount as it is kept: exact, without the zeros of the database's scale."""
    return None if amount is None else f"{amount.quantize(Decimal('0.00000001')).normalize():f}"


def close_days(*, frame: Frame, now: dt.datetime) -> int:
    """Close every day that is over and still open; return how many. A closed day is never written again."""
    span = first_and_last(frame)
    if span is None or span.first >= frame.today:
        return 0
    period = Period(span.first, frame.today - ONE_DAY)
    closed = set(DayBook.objects.values_list("day", flat=True))
    open_days = [day for day in period if day not in closed]
    if not open_days:
        return 0
    online = sorted(frame.settings.online)
    settings = {name: str(pair[0]) for name, pair in frame.settings.differences().items()} | {"online": online}
    known = read_days(frame, Period(open_days[0], open_days[-1]))
    rows = [_closed(day, known[day], settings, online, now) for day in open_days]
    return len(DayBook.objects.bulk_create(rows, ignore_conflicts=True, batch_size=200))


def _closed(day: dt.date, known: Day, settings: dict[str, Any], online: Iterable[str], now: dt.datetime) -> DayBook:
    found = figures(known.rows, known.activity, online)
    return DayBook(
        day=day,
        version=DEFINITIONS,
        settings=settings,
        counts=known.counts,
        figures={name: None if value is None else str(value) for name, value in found.items()},
        rows=known.rows,
        frozen_at=now,
    )


def restate(*, frame: Frame, now: dt.datetime, days: Iterable[dt.date]) -> list[Restatement]:
    """Compare closed days with the facts of now and write down what differs, with its causes; return what is new.

    A figure has one restatement a day: what the facts say now beside what the day said when it was closed. When the
    difference goes away, so does its row. The closed day itself stays as it was.
    """
    wanted = sorted(set(days))
    if not wanted:
        return []
    closed = {row.day: row for row in DayBook.objects.filter(day__in=wanted)}
    new: list[Restatement] = []
    for month in sorted({day.replace(day=1) for day in closed}):
        own = [day for day in closed if day.replace(day=1) == month]
        known = read_days(frame, Period(min(own), max(own)))
        for day in sorted(own):
            new.extend(_restate_day(closed[day], known[day], now))
    return new


def _restate_day(closed: DayBook, known: Day, now: dt.datetime) -> list[Restatement]:
    after = figures(known.rows, known.activity, closed.settings.get("online", ()))
    new = []
    with transaction.atomic():
        kept = {row.metric: row for row in Restatement.objects.filter(day=closed.day)}
        for metric, value in after.items():
            if metric not in closed.figures:
                continue
            told = closed.figures[metric]
            before = None if told is None else Decimal(told)
            row = kept.pop(metric, None)
            if _is_same(before, value):
                if row is not None:
                    row.delete()
                continue
            causes = causes_of(metric, closed, known)
            if row is not None and _is_same(row.after, value) and row.causes == causes:
                continue
            if row is not None:
                row.delete()
            new.append(
                Restatement.objects.create(
                    day=closed.day, metric=metric, before=before, after=value, causes=causes, found_at=now
                )
            )
    return new


def _is_same(one: Decimal | None, other: Decimal | None) -> bool:
    if one is None or other is None:
        return one is other
    return abs(one - other) < Decimal("0.000001")


def causes_of(metric: str, closed: DayBook, known: Day) -> list[dict[str, Any]]:
    """Return what came late, changed or went: kind, count and the first ids, most first."""
    if metric in COUNTED_ACTIVITY:
        late = known.activity.get(metric, 0) - int(closed.counts.get(metric, 0))
        return [{"kind": "late_event" if late > 0 else "withdrawn_event", "count": abs(late), "ids": []}]
    if metric == "net_sales":
        changes = _changes(closed.rows.get(DOCUMENTS, {}), known.documents, lambda row: str(row[0]))
    else:
        changes = _changes(closed.rows.get(ORDERS, {}), known.orders, lambda _row: "order")
    found = [{"kind": kind, "count": len(ids), "ids": ids[:SHOWN_IDS]} for kind, ids in changes.items()]
    return sorted(found, key=lambda one: (-int(str(one["count"])), str(one["kind"])))


def _changes(before: Mapping[str, list[Any]], after: Mapping[str, list[Any]], noun: Any) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for key in sorted({*before, *after}):
        old, new = before.get(key), after.get(key)
        if old != new:
            how = "late" if old is None else "cancelled" if new is None else "changed"
            found.setdefault(f"{how}_{noun(new or old)}", []).append(key)
    return found
