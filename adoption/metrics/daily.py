"""M28 daily report: each day and to date, beside plan and the same weekday a year before."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import partial

from adoption.metrics.baskets import basket_of
from adoption.metrics.book import Book
from adoption.metrics.conversion import conversion
from adoption.metrics.finance import finance
from adoption.metrics.period import Period
from adoption.metrics.plan import Phased, phased_plan
from adoption.metrics.rows import PlanAmount

# The same ISO weekday a year before is 52 weeks back.
A_YEAR_OF_WEEKS = dt.timedelta(weeks=52)


@dataclass(frozen=True, slots=True)
class Figures:
    """What happened on some days. Money in the company's currency; None = nothing to divide."""

    sessions: int
    visitors: int
    transactions: int
    conversion: Decimal | None
    demand: Decimal
    net: Decimal
    aov: Decimal | None
    upt: Decimal | None
    unconverted_orders: int


@dataclass(frozen=True, slots=True)
class Row:
    """A day (or all days to date): actual, plan by metric, and the same days a year before."""

    period: Period
    actual: Figures
    year_before: Figures
    plan: Mapping[str, Decimal | None]
    is_partial: bool


@dataclass(frozen=True, slots=True)
class Daily:
    """M28. `to_date` covers complete days only; None before the first is over."""

    days: tuple[Row, ...]
    to_date: Row | None


def daily(book: Book, period: Period) -> Daily:
    """Return M28 for each day of the period up to today, and for its complete days together."""
    return daily_of(book, period, figures=partial(figures, book), phased=partial(phased_plan, book))


def daily_of(
    book: Book, period: Period, *, figures: Callable[[Period], Figures], phased: Callable[[PlanAmount], Phased]
) -> Daily:
    """Return M28 from the figures of some days, wherever they come from."""
    plans = [(one, phased(one)) for one in book.plans if one.scope == "total"]
    until = period.until(book.today)
    shown = [day for day in period if day <= book.today]
    return Daily(
        days=tuple(_row(book, Period(day, day), plans, figures) for day in shown),
        to_date=None if until is None else _row(book, until, plans, figures),
    )


def figures(book: Book, period: Period) -> Figures:
    """Return the figures of M28 over some days."""
    sessions = conversion(book, period)
    basket = basket_of(book.orders_in(period))
    money = finance(book, period)
    return Figures(
        sessions=int(sessions.overall.whole),
        visitors=sessions.visitors,
        transactions=basket.orders + basket.unconverted,
        conversion=sessions.overall.value,
        demand=money.demand,
        net=money.sales.net,
        aov=basket.aov,
        upt=basket.upt,
        unconverted_orders=basket.unconverted,
    )


def _row(
    book: Book,
    period: Period,
    plans: Iterable[tuple[PlanAmount, Phased]],
    figures: Callable[[Period], Figures],
) -> Row:
    before = Period(period.first - A_YEAR_OF_WEEKS, period.last - A_YEAR_OF_WEEKS)
    own: dict[str, Decimal | None] = {}
    for plan, phased in plans:
        covered = [day for day in period if day.year == plan.year]
        if covered and phased.days:
            amount = phased.in_period(Period(covered[0], covered[-1]))
            own[plan.metric] = (own.get(plan.metric) or Decimal(0)) + (amount or Decimal(0))
    return Row(
        period=period,
        actual=figures(period),
        year_before=figures(before),
        plan=own,
        is_partial=book.today in period,
    )
