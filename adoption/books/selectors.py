"""Reads the sums: months where a month is whole, days at the edges. Never a fact, so a page takes milliseconds."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, Q, QuerySet, Sum

from adoption.books.models import ActivityDay, ActivityMonth, HourDay, OrderDay, OrderMonth, Restatement, RollupRun
from adoption.metrics.facts import Period
from adoption.metrics.period import month_of, months_after

NUMBERS = ("orders", "value", "units", "unconverted", "timed", "off_hours", "tracked")
Accounts = Collection[str] | None


@dataclass(frozen=True, slots=True)
class Sums:
    """Counted orders of a group; `value` in the company's currency without the `unconverted` ones (C6)."""

    orders: int = 0
    value: Decimal = Decimal(0)
    units: Decimal = Decimal(0)
    unconverted: int = 0
    timed: int = 0
    off_hours: int = 0
    tracked: int = 0

    def __add__(self, other: Sums) -> Sums:
        return Sums(*(getattr(self, name) + getattr(other, name) for name in NUMBERS))


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


def order_sums(
    period: Period, *, by: tuple[str, ...] = ("channel",), accounts: Accounts = None
) -> dict[tuple[str, ...], Sums]:
    """Return counted orders by any of channel and account_id; `accounts` None = all (those without one too)."""
    months, edges = split(period)
    tables: list[QuerySet[OrderMonth] | QuerySet[OrderDay]] = [OrderMonth.objects.filter(month__in=months)]
    tables += [OrderDay.objects.filter(day__range=(edge.first, edge.last)) for edge in edges]
    found: dict[tuple[str, ...], Sums] = {}
    for rows in tables:
        own = rows if accounts is None else rows.filter(account_id__in=list(accounts))
        for row in own.order_by().values_list(*by).annotate(*(Sum(name) for name in NUMBERS)):
            key = tuple(row[: len(by)])
            found[key] = found.get(key, Sums()) + Sums(*row[len(by) :])
    return found


def orders_by_month(months: Iterable[dt.date], *, accounts: Accounts = None) -> dict[dt.date, dict[str, Sums]]:
    """Return counted orders of whole months by channel."""
    rows = OrderMonth.objects.filter(month__in=list(months))
    if accounts is not None:
        rows = rows.filter(account_id__in=list(accounts))
    found: dict[dt.date, dict[str, Sums]] = {}
    for month, channel, *numbers in rows.values_list("month", "channel").annotate(*(Sum(name) for name in NUMBERS)):
        found.setdefault(month, {})[channel] = Sums(*numbers)
    return found


def active_accounts(period: Period, *, channels: Collection[str] | None = None, accounts: Accounts = None) -> set[str]:
    """Return the accounts with a counted order in the period, by any channel or one of these."""
    condition = Q() if channels is None else Q(channel__in=list(channels))
    if accounts is not None:
        condition &= Q(account_id__in=list(accounts))
    months, edges = split(period)
    found = set(OrderMonth.objects.filter(condition, month__in=months).values_list("account_id", flat=True).distinct())
    for edge in edges:
        rows = OrderDay.objects.filter(condition, day__range=(edge.first, edge.last))
        found.update(rows.values_list("account_id", flat=True).distinct())
    return found - {""}


def months_ordered(*, channels: Collection[str]) -> dict[str, list[dt.date]]:
    """Return the months in which each account ordered by one of these channels, oldest first: cohorts come from it."""
    rows = OrderMonth.objects.filter(channel__in=list(channels)).exclude(account_id="")
    found: dict[str, list[dt.date]] = {}
    for account, month in rows.order_by("month").values_list("account_id", "month").distinct():
        found.setdefault(account, []).append(month)
    return found


@dataclass(frozen=True, slots=True)
class Activity:
    """Events of one kind by buyers; people are told apart within the whole period."""

    events: int = 0
    users: int = 0
    user_days: int = 0


def activity(period: Period, kind: str, *, accounts: Accounts = None) -> dict[str, Activity]:
    """Return what buyers did by account (M2: people, days with a log-in, log-ins)."""
    month = month_of(period.first)
    if period == month:
        whole = ActivityMonth.objects.filter(month=month.first, kind=kind)
        own = whole if accounts is None else whole.filter(account_id__in=list(accounts))
        sums = own.values_list("account_id").annotate(Sum("events"), Sum("users"), Sum("user_days"))
        return {account: Activity(*numbers) for account, *numbers in sums}
    days = ActivityDay.objects.filter(day__range=(period.first, period.last), kind=kind)
    chosen = days if accounts is None else days.filter(account_id__in=list(accounts))
    people = Q(user_id__gt="")
    counted = chosen.values_list("account_id").annotate(
        total=Sum("events"),
        users=Count("user_id", filter=people, distinct=True),
        user_days=Count("pk", filter=people),
    )
    return {account: Activity(*numbers) for account, *numbers in counted}


def sessions_by_source(period: Period) -> dict[str, int]:
    """Return sessions begun in the period by entry source."""
    months, edges = split(period)
    found: dict[str, int] = {}
    tables: list[QuerySet[ActivityMonth] | QuerySet[ActivityDay]] = [ActivityMonth.objects.filter(month__in=months)]
    tables += [ActivityDay.objects.filter(day__range=(edge.first, edge.last)) for edge in edges]
    for rows in tables:
        sums = rows.filter(kind="session_start").order_by().values_list("source").annotate(Sum("events"))
        for source, count in sums:
            found[source] = found.get(source, 0) + count
    return found


def heat(period: Period, *, channels: Collection[str]) -> dict[tuple[int, int], int]:
    """Return orders by weekday (1 = Monday) and hour of the customer's clock."""
    rows = HourDay.objects.filter(day__range=(period.first, period.last), channel__in=list(channels))
    return {
        (weekday, hour): count
        for weekday, hour, count in rows.values_list("weekday", "hour").annotate(count=Sum("orders"))
    }


def restatements(period: Period, metric: str = "") -> list[Restatement]:
    """Return what late facts changed in closed days of the period, latest day first."""
    rows = Restatement.objects.filter(day__range=(period.first, period.last))
    return list(rows.filter(metric=metric) if metric else rows)


def last_run() -> RollupRun | None:
    """Return when the sums were brought up to date, and what the last comparison found."""
    return RollupRun.objects.order_by("-ran_at", "-pk").first()
