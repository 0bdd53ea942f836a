"""M22 plan: a year's amount phased to days, and what was reached of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from adoption.metrics.adoption import value_of
from adoption.metrics.book import Book
from adoption.metrics.finance import ZERO, Finance, Sales, finance
from adoption.metrics.period import Period, month_of
from adoption.metrics.rounding import apportioned, divided
from adoption.metrics.rows import Calendar, PlanAmount

TOTAL, ONLINE = "total", "online"


@dataclass(frozen=True, slots=True)
class Phased:
    """A year's plan by day, in cents that add up to the year; empty when the calendar has no business day.

    `days` has every day of the year, `business_days` those that carry weight.
    """

    year: int
    days: Mapping[dt.date, Decimal]
    business_days: tuple[dt.date, ...] = ()

    @property
    def amount(self) -> Decimal | None:
        """The whole year."""
        return sum(self.days.values(), ZERO) if self.days else None

    def in_period(self, period: Period) -> Decimal | None:
        """Return the plan of a period's days; None when nothing is planned for that year."""
        return sum((self.days.get(day, ZERO) for day in period), ZERO) if self.days else None

    def months(self) -> dict[str, Decimal]:
        """Return the plan by month, "01" to "12"."""
        return self._summed(lambda day: f"{day.month:02}")

    def quarters(self) -> list[Decimal]:
        """Return the plan of the four quarters."""
        return list(self._summed(lambda day: str((day.month - 1) // 3)).values())

    def weeks(self) -> dict[str, Decimal]:
        """Return the plan by ISO week ("2024-W01"); a week at the year's edge holds only this year's days."""
        return self._summed(iso_week)

    def _summed(self, level: Callable[[dt.date], str]) -> dict[str, Decimal]:
        found: dict[str, Decimal] = {}
        for day, amount in self.days.items():
            found[level(day)] = found.get(level(day), ZERO) + amount
        return found


def iso_week(day: dt.date) -> str:
    """Return the name of a day's ISO week.

    >>> iso_week(dt.date(2024, 12, 31))
    '2025-W01'
    """
    year, week, _weekday = day.isocalendar()
    return f"{year}-W{week:02}"


def phased(amount: Decimal, year: int, calendar: Calendar, seasons: Mapping[int, Decimal] | None = None) -> Phased:
    """Phase a year's amount to its business days, in cents by largest remainder, ties to the earliest day.

    Args:
        amount: The year's plan.
        year: The calendar year.
        calendar: The company's business days.
        seasons: Last year's actual by month (1 to 12). A month without one: plain weights for all.

    >>> nine_to_six = ((dt.time(9), dt.time(18)),)
    >>> week = Calendar({day: nine_to_six for day in range(1, 6)})
    >>> phased(Decimal("1000.00"), 2024, week).months()["01"]
    Decimal('87.86')
    """
    days = list(Period(dt.date(year, 1, 1), dt.date(year, 12, 31)))
    weights = _weights(days, calendar, seasons)
    parts = apportioned(amount, weights)
    if parts is None:
        return Phased(year, {})
    business = tuple(day for day, weight in zip(days, weights, strict=True) if weight > 0)
    return Phased(year, dict(zip(days, parts, strict=True)), business)


def _weights(days: Iterable[dt.date], calendar: Calendar, seasons: Mapping[int, Decimal] | None) -> list[Decimal]:
    plain = {day: Decimal(calendar.is_business_day(day)) for day in days}
    open_days = {month: sum(one for day, one in plain.items() if day.month == month) for month in range(1, 13)}
    if seasons is None or any(seasons.get(month, ZERO) <= 0 or not open_days[month] for month in open_days):
        return list(plain.values())
    return [one * seasons[day.month] / open_days[day.month] for day, one in plain.items()]


def phased_plan(book: Book, plan: PlanAmount) -> Phased:
    """Phase a plan of the book by the company's calendar; with seasonality by last year's actuals of its metric."""
    seasons = None
    if plan.seasonality:
        months = [month_of(dt.date(plan.year - 1, month, 1)) for month in range(1, 13)]
        seasons = {one.first.month: actual(book, plan.metric, plan.scope, one) or ZERO for one in months}
    return phased(plan.amount, plan.year, book.company_calendar, seasons)


@dataclass(frozen=True, slots=True)
class Attainment:
    """What was reached of a plan. Both sides cover the same days."""

    period: Period
    actual: Decimal | None
    plan: Decimal | None

    @property
    def value(self) -> Decimal | None:
        """Actual / plan; None for a plan of 0."""
        return None if self.actual is None or self.plan is None else divided(self.actual, self.plan)


def attainment(book: Book, plan: PlanAmount, period: Period) -> Attainment | None:
    """Return what was reached to date: only complete days count on both sides; None before the first is over."""
    until = period.until(book.today)
    if until is None:
        return None
    return Attainment(until, actual(book, plan.metric, plan.scope, until), phased_plan(book, plan).in_period(until))


def _sales_of(book: Book, found: Finance, scope: str) -> Sales:
    if scope == TOTAL:
        return found.sales
    wanted = book.settings.online if scope == ONLINE else {scope}
    return sum((sales for channel, sales in found.by_channel.items() if channel in wanted), Sales())


def _net_sales(book: Book, scope: str, period: Period) -> Decimal | None:
    return _sales_of(book, finance(book, period), scope).net


def _gross_margin(book: Book, scope: str, period: Period) -> Decimal | None:
    return _sales_of(book, finance(book, period), scope).gm


def _order_value(book: Book, scope: str, period: Period) -> Decimal | None:
    return value_of(order for order in book.orders_in(period) if _is_in(book, order.channel, scope))


def _orders(book: Book, scope: str, period: Period) -> Decimal | None:
    return Decimal(sum(_is_in(book, order.channel, scope) for order in book.orders_in(period)))


def _is_in(book: Book, channel: str, scope: str) -> bool:
    return scope == TOTAL or (channel in book.settings.online if scope == ONLINE else channel == scope)


METRICS: Mapping[str, Callable[[Book, str, Period], Decimal | None]] = {
    "net_sales": _net_sales,
    "gross_margin": _gross_margin,
    "revenue": _order_value,
    "orders": _orders,
}


def actual(book: Book, metric: str, scope: str, period: Period) -> Decimal | None:
    """Return what a plan's metric really was in a period, for all channels, for ONLINE or for one channel.

    Raises:
        KeyError: nobody can plan that metric; `METRICS` names those one can.
    """
    return METRICS[metric](book, scope, period)
