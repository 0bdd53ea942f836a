"""Figures of money and of days, from sums: M20, M22, M28."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from functools import partial

from adoption.books import selectors
from adoption.books.keeping import ACTIVITY, ORDERS, SALES
from adoption.books.selectors import Key, Numbers
from adoption.metrics.daily import A_YEAR_OF_WEEKS, Daily, Figures, daily_of
from adoption.metrics.facts import Period
from adoption.metrics.finance import Finance, Sales
from adoption.metrics.period import month_of
from adoption.metrics.plan import METRICS, ONLINE, TOTAL, Phased, phased
from adoption.metrics.rounding import divided
from adoption.metrics.rows import PlanAmount
from adoption.reports.numbers.asked import Asked


def finance(asked: Asked, period: Period) -> Finance:
    """Return M20. Papers count when their day is over, orders at once."""
    key = ("finance", period)
    if key not in asked.kept:
        asked.kept[key] = _finance(asked, period)
    found: Finance = asked.kept[key]
    return found


def _finance(asked: Asked, period: Period) -> Finance:
    wanted = asked.added(SALES, period, by=("channel",))
    over = period.until(asked.book.today)
    papers = wanted if over == period else asked.added(SALES, over, by=("channel",))
    by_channel = {channel: _sales(row) for (channel,), row in sorted(papers.items()) if row["papers"]}
    return Finance(
        demand=sum((row["demand"] for row in wanted.values()), Decimal(0)),
        sales=sum(by_channel.values(), Sales()),
        by_channel=by_channel,
        unconverted_orders=sum(row["unrated_orders"] for row in wanted.values()),
        unconverted_invoices=sum(
            row["unrated_parts" if asked.channel else "unrated_papers"] for row in papers.values()
        ),
        orders=(),
        invoices=(),
        wanted=sum(row["wanted"] for row in wanted.values()),
    )


def _sales(row: Numbers) -> Sales:
    cogs = None if row["uncosted"] else row["cogs"]
    return Sales(row["gross"], row["discounts"], row["returns"], cogs, row["uncosted"])


def actual(asked: Asked, metric: str, scope: str, period: Period) -> Decimal | None:
    """Return what a plan's metric really was (M22)."""
    if metric not in METRICS:
        raise KeyError(metric)
    if metric in {"revenue", "orders"}:
        rows = asked.ordered(period)
        name = "value" if metric == "revenue" else "orders"
        return sum((row[name] for channel, row in rows.items() if _is_in(asked, channel, scope)), Decimal(0))
    by_channel = finance(asked, period).by_channel
    sales = sum((one for channel, one in by_channel.items() if _is_in(asked, channel, scope)), Sales())
    return sales.net if metric == "net_sales" else sales.gm


def _is_in(asked: Asked, channel: str, scope: str) -> bool:
    return scope == TOTAL or (asked.is_online(channel) if scope == ONLINE else channel == scope)


def plan_by_day(asked: Asked, plan: PlanAmount) -> Phased:
    """Return a plan by day (M22); with seasonality by last year's months."""
    return asked.once(plan, lambda: _phased(asked, plan))


def _phased(asked: Asked, plan: PlanAmount) -> Phased:
    seasons = None
    if plan.seasonality:
        months = [month_of(dt.date(plan.year - 1, month, 1)) for month in range(1, 13)]
        seasons = {one.first.month: actual(asked, plan.metric, plan.scope, one) or Decimal(0) for one in months}
    return phased(plan.amount, plan.year, asked.book.company_calendar, seasons)


def daily(asked: Asked, period: Period) -> Daily:
    """Return M28: all days of both years in three questions."""
    before = Period(period.first - A_YEAR_OF_WEEKS, period.last - A_YEAR_OF_WEEKS)
    days = {span: _Days(asked, span) for span in (period, before)}

    def figures(wanted: Period) -> Figures:
        return days[period if wanted.first in period else before].figures(wanted)

    return daily_of(asked.book, period, figures=figures, phased=partial(plan_by_day, asked))


class _Days:
    """The numbers of each day of a span."""

    def __init__(self, asked: Asked, span: Period) -> None:
        """Read them."""
        self.today, who = asked.book.today, asked.who
        self.channel = asked.channel
        self.orders = selectors.by_day(ORDERS, span, by=("channel",), who=who)
        self.visits = selectors.by_day(ACTIVITY, span, by=("kind",), who=who)
        self.bought = _bought(asked, span)
        self.sales = selectors.by_day(SALES, span, by=("channel",), who=who)

    def figures(self, period: Period) -> Figures:
        """Return the figures of some of the days."""
        orders, sales = self._sum(self.orders, period), self._sum(self.sales, period)
        over = period.until(self.today)
        papers = self._sum(self.sales, over) if over else dict.fromkeys(sales, 0)
        begun = [self.visits.get(day, {}).get(("session_start",), {}) for day in period]
        visits = sum(row.get("events", 0) for row in begun)
        bought = sum(row.get("counted", 0) for row in begun)
        if self.bought is not None:
            bought = sum(self.bought.get(day, 0) for day in period)
        rated = orders["orders"] - orders["unconverted"]
        return Figures(
            sessions=visits,
            visitors=0,
            transactions=orders["orders"],
            conversion=divided(bought, visits),
            demand=Decimal(sales["demand"]),
            net=Decimal(papers["gross"] - papers["discounts"] - papers["returns"]),
            aov=divided(orders["value"], rated),
            upt=divided(orders["units"], rated),
            unconverted_orders=orders["unconverted"],
        )

    def _sum(self, rows: Mapping[dt.date, Mapping[Key, Numbers]], period: Period) -> Numbers:
        found: Numbers = dict.fromkeys((*ORDERS.numbers, *SALES.numbers), 0)
        for day in period:
            for (channel,), row in rows.get(day, {}).items():
                if self.channel in {"", channel}:
                    for name, number in row.items():
                        found[name] += number
        return found


def _bought(asked: Asked, span: Period) -> Mapping[dt.date, int] | None:
    """Return the visits with an order of one channel, by day; None when all channels are asked for."""
    if not asked.channel:
        return None
    found = selectors.sessions_with_order(span, channel=asked.channel, who=asked.who)
    return {day: found.get(day, 0) for day in span}
