"""Reads the sums: months where a month is whole, days at the edges. Never a fact, so a page takes milliseconds."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple, TypeVar

from django.db.models import F, Lookup, Q, QuerySet, Sum, Value
from django.db.models.functions import Concat

from adoption.books.keeping import HOURS, LINES, ORDERS, SEARCHES, SOURCES, Family
from adoption.books.models import Restatement, RollupRun
from adoption.books.sums import (
    ALL,
    BETWEEN,
    AccountState,
    LineDay,
    OrderMonth,
)
from adoption.metrics.facts import Period
from adoption.metrics.period import month_of, months_after

SEARCHED = "invoice_searched"
Key = tuple[Any, ...]
# Sums by their name.
Numbers = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Who:
    """Whose sums are read: those of `ids`, or of everybody (None), those without a name too.

    `every`: all accounts that have sums, when that is known. Where more than half of them are asked for, the others are
    taken from the sum of all, which is as exact and reads less.
    """

    ids: frozenset[str] | None = None
    every: frozenset[str] = frozenset()

    def parts(self) -> list[tuple[int, frozenset[str] | None]]:
        """Return what is added (1) and taken away (-1): accounts, None = the sum of all."""
        if self.ids is None:
            return [(1, None)]
        some, are_meant = self.side()
        if are_meant:
            return [(1, some)]
        return [(1, None), (-1, some)] if some else [(1, None)]

    def side(self) -> tuple[frozenset[str], bool]:
        """Return the accounts that are meant, or, when they are fewer, those that are not, and which of both it is."""
        if self.ids is None:
            return frozenset(), False
        rest = self.every - self.ids
        return (rest, False) if self.every and len(self.ids) > len(rest) else (self.ids, True)


class Among(Lookup):
    """Says that a column is one of an array: one parameter however many, where IN has one for each.

    The planner would weigh each element of an array that it sees, which takes longer than reading the rows.
    """

    lookup_name = "among"
    prepare_rhs = False
    form = "{} = ANY (ARRAY(SELECT unnest(%s::text[])))"

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        """Return the comparison."""
        column, parameters = self.process_lhs(compiler, connection)
        return self.form.format(column), (*parameters, self.rhs)


class Within(Among):
    """The same for rows that are found by something else: each is held against all of the array at once."""

    form = "{} IN (SELECT unnest(%s::text[]))"


def among(ids: Collection[str], *, are_many: bool = False) -> Q:
    """Return that the row's account is one of these. `are_many`: rows are found by something else, their days say."""
    own = F("account_id")
    return Q(Within(Concat(own, Value("")), sorted(ids)) if are_many else Among(own, sorted(ids)))


def split(period: Period) -> tuple[list[dt.date], list[Period]]:
    """Return a period as whole months, by their first day, and the days at its edges.

    >>> split(Period(dt.date(2024, 1, 30), dt.date(2024, 3, 31)))[0]
    [datetime.date(2024, 2, 1), datetime.date(2024, 3, 1)]
    """
    months, edges, first = [], [], period.first
    while first <= period.last:
        month = month_of(first)
        part = Period(first, min(month.last, period.last))
        if part == month:
            months.append(first)
        else:
            edges.append(part)
        first = months_after(month.first, 1)
    return months, edges


def added(
    family: Family, period: Period | None, *, by: tuple[str, ...] = (), who: Who | None = None, where: Q | None = None
) -> dict[Key, Numbers]:
    """Return the numbers of a family in a period by some of its keys (and account_id), one row for each that has any.

    `period` None = none: nothing is read.
    """
    found: dict[Key, Numbers] = {}
    for sign, ids in (who or Who()).parts():
        if period is not None and (ids is None or ids):
            for key, numbers in _rows(family, period, by, _of(ids) & (where or Q())):
                row = found.setdefault(key, dict.fromkeys(family.numbers, 0))
                for name, number in numbers.items():
                    row[name] += sign * number
    return found


def _of(ids: frozenset[str] | None) -> Q:
    return Q(account_id=ALL) if ids is None else among(ids)


def _rows(family: Family, period: Period, by: tuple[str, ...], where: Q) -> Iterator[tuple[Key, Numbers]]:
    months, edges = split(period) if family.month else ([], [period])
    tables: list[QuerySet[Any]] = []
    sums = {f"sum_{name}": Sum(name) for name in family.numbers}
    if family.month and months:
        tables.append(family.month._default_manager.filter(where, month__in=months))
    if edges:
        days = _on_days(edges)
        tables.append(family.day._default_manager.filter(where, days))
    for table in tables:
        for row in table.order_by().values_list(*by).annotate(**sums) if by else [_one(table, sums)]:
            if row[len(by)] is not None:
                yield tuple(row[: len(by)]), dict(zip(family.numbers, row[len(by) :], strict=True))


def _on_days(edges: Collection[Period]) -> Q:
    found = Q(pk__in=[])
    for edge in edges:
        found |= Q(day__range=(edge.first, edge.last))
    return found


def _one(table: Any, sums: Mapping[str, Sum]) -> tuple[Any, ...]:
    return tuple(table.order_by().aggregate(**sums).values())


def total(family: Family, period: Period | None, *, who: Who | None = None, where: Q | None = None) -> Numbers:
    """Return the numbers of a family in a period, added up."""
    return added(family, period, who=who, where=where).get((), dict.fromkeys(family.numbers, 0))


def by_day(
    family: Family, period: Period, *, by: tuple[str, ...] = (), who: Who | None = None
) -> dict[dt.date, dict[Key, Numbers]]:
    """Return the numbers of each day that has any."""
    return _spread(family.day, "day", Q(day__range=(period.first, period.last)), family, by, who)


def by_month(
    family: Family, months: Collection[dt.date], *, by: tuple[str, ...] = (), who: Who | None = None
) -> dict[dt.date, dict[Key, Numbers]]:
    """Return the numbers of each month that has any, by its first day."""
    return _spread(family.month, "month", Q(month__in=list(months)), family, by, who)


def _spread(
    model: Any, span: str, when: Q, family: Family, by: tuple[str, ...], who: Who | None
) -> dict[dt.date, dict[Key, Numbers]]:
    found: dict[dt.date, dict[Key, Numbers]] = {}
    for sign, ids in (who or Who()).parts():
        rows = model._default_manager.filter(when, _of(ids)).order_by().values_list(span, *by)
        for first, *row in rows.annotate(**{f"sum_{name}": Sum(name) for name in family.numbers}):
            sums = found.setdefault(first, {}).setdefault(tuple(row[: len(by)]), dict.fromkeys(family.numbers, 0))
            for name, number in zip(family.numbers, row[len(by) :], strict=True):
                sums[name] += sign * number
    return found


def who_ordered(period: Period) -> dict[str, set[str]]:
    """Return the accounts with a counted order in the period, by channel."""
    return {channel: accounts - {""} for channel, accounts in _who(ORDERS, "channel", period, Q()).items()}


def who_searched(period: Period) -> set[str]:
    """Return the accounts with a search for invoices that counts (M5); those without a name are one."""
    return set[str]().union(*_who(SEARCHES, "kind", period, Q(kind=SEARCHED)).values())


def _who(family: Family, key: str, period: Period, where: Q) -> dict[str, set[str]]:
    """Return the accounts that the rows of all together list, by a key."""
    (months, edges), found = split(period), dict[str, set[str]]()
    parts: list[tuple[Any, Q]] = [(family.month, Q(month__in=months)), (family.day, _on_days(edges))]
    for model, when in parts:
        for name, accounts in model.objects.filter(when, where, account_id=ALL).values_list(key, "who"):
            found.setdefault(name, set()).update(accounts.split(BETWEEN)[1:])
    return found


def who_ordered_by_month(months: Collection[dt.date], *, channels: Collection[str]) -> dict[dt.date, set[str]]:
    """Return the accounts with a counted order by one of these channels in each month: cohorts come from it."""
    rows = OrderMonth.objects.filter(account_id=ALL, month__in=list(months), channel__in=list(channels))
    found: dict[dt.date, set[str]] = {}
    for month, accounts in rows.values_list("month", "who"):
        found.setdefault(month, set()).update(accounts.split(BETWEEN)[1:])
    return {month: accounts - {""} for month, accounts in found.items()}


def channels_ever() -> list[str]:
    """Return the channels of all counted orders there are."""
    rows = OrderMonth.objects.filter(account_id=ALL, orders__gt=0).order_by("channel")
    return list(rows.values_list("channel", flat=True).distinct())


def heat(period: Period, *, channels: Collection[str], who: Who | None = None) -> dict[tuple[int, int], int]:
    """Return orders by weekday (1 = Monday) and hour of the customer's clock."""
    wanted = Q(channel__in=list(channels))
    found = added(HOURS, period, by=("weekday", "hour"), who=who, where=wanted)
    return {(weekday, hour): row["orders"] for (weekday, hour), row in found.items() if row["orders"]}


def sessions_with_order(period: Period, *, channel: str, who: Who | None = None) -> dict[dt.date, int]:
    """Return the sessions that led to an order of a channel, by the day they began (M10)."""
    found = by_day(SOURCES, period, by=("channel",), who=who)
    return {day: rows.get((channel,), {"sessions": 0})["sessions"] for day, rows in found.items()}


def promised(period: Period | None, *, who: Who | None = None, where: Q | None = None) -> Numbers:
    """Return the lines and orders that were promised for days of the period (M23)."""
    found = dict.fromkeys(LINES.numbers, 0)
    if period is None:
        return found
    rows = LineDay.objects.filter(where or Q(), promised_on__range=(period.first, period.last))
    for sign, ids in (who or Who()).parts():
        for name, number in rows.filter(_of(ids)).aggregate(**{n: Sum(n) for n in LINES.numbers}).items():
            found[name] += sign * (number or 0)
    return found


def overdue(period: Period, today: dt.date, *, who: Who | None = None, where: Q | None = None) -> Decimal:
    """Return the pieces missing of the period's orders that were promised for a day before today (M24)."""
    late = Q(promised_on__lt=today, missing__gt=0) & (where or Q())
    return Decimal(total(LINES, period, who=who, where=late)["missing"])


def waiting(
    period: Period, today: dt.date, *, most: int, who: Who | None = None, where: Q | None = None
) -> dict[str, Numbers]:
    """Return the accounts that wait for most: all their pieces of the period's orders, and `overdue` (M24)."""
    days = Q(day__range=(period.first, period.last)) & (where or Q())
    accounts, are_meant = (who or Who()).side()
    days &= among(accounts, are_many=True) if are_meant else ~among(accounts, are_many=True)
    rows = LineDay.objects.filter(days, missing__gt=0).exclude(account_id__in=["", ALL])
    first = (
        rows.order_by()
        .values_list("account_id")
        .annotate(late=Sum("missing", filter=Q(promised_on__lt=today), default=Decimal(0)), all=Sum("missing"))
    )
    late = {account: overdue for account, overdue, _all in first.order_by("-late", "-all", "account_id")[:most]}
    sums = added(LINES, period, by=("account_id",), who=Who(frozenset(late)), where=where)
    return {account: {**sums[account,], "overdue": amount} for account, amount in late.items()}


def accounts() -> frozenset[str]:
    """Return every account that has sums, by its id."""
    return frozenset(AccountState.objects.values_list("account_id", flat=True))


class Used(NamedTuple):
    """How an account uses the shop lately (M1, M7, M8)."""

    account_id: str = ""
    first_login_on: dt.date | None = None
    orders: int = 0
    online: int = 0
    tracked: int = 0
    paid: int = 0
    paid_online: int = 0
    weeks: int = 0
    kinds: int = 0
    logins: int = 0
    logins_before: int = 0


class Came(NamedTuple):
    """When an account came online, and whether it stayed: orders by days since (M9, M12 to M15)."""

    account_id: str
    first_online_on: dt.date | None
    second_online_on: dt.date | None
    came_offline: bool
    stays: Mapping[str, tuple[int, int]]


class Habit(NamedTuple):
    """What an account was used to, and what it does now (M17)."""

    account_id: str
    was_online: int
    was_counted: int
    now_orders: int
    now_online: int
    now_counted: int
    now_offline_value: Decimal
    now_unconverted: int


State = TypeVar("State", Used, Came, Habit)


def states(part: type[State]) -> dict[str, State]:
    """Return a part of what is known of every account that has sums, by its id."""
    rows = AccountState.objects.order_by().values_list(*part._fields)
    return {row[0]: part(*row) for row in rows}


def restatements(period: Period, metric: str = "") -> list[Restatement]:
    """Return what late facts changed in closed days of the period, latest day first."""
    rows = Restatement.objects.filter(day__range=(period.first, period.last))
    return list(rows.filter(metric=metric) if metric else rows)


def last_run() -> RollupRun | None:
    """Return when the sums were brought up to date, and what the last comparison found."""
    return RollupRun.objects.order_by("-ran_at", "-pk").first()
