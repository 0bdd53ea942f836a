"""M27 SMART goals: progress, what was expected by now, forecast, status."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from adoption.metrics.adoption import adoption
from adoption.metrics.baskets import basket
from adoption.metrics.book import Book
from adoption.metrics.channels import channel_retention, migration
from adoption.metrics.conversion import conversion, ropo
from adoption.metrics.delivery import delivery
from adoption.metrics.finance import finance
from adoption.metrics.hours import off_hours
from adoption.metrics.leads import leads
from adoption.metrics.lifecycle import returning
from adoption.metrics.period import Period, month_of, months_after
from adoption.metrics.quotes import quotes
from adoption.metrics.rounding import divided, ratio
from adoption.metrics.rows import Goal
from adoption.metrics.service import invoices_paid_online, offline_enquiries, tracking
from adoption.metrics.shares import Share
from adoption.metrics.surveys import surveys

Reading = Callable[[Book, Period], Decimal | None]

NOT_STARTED, NO_DATA, ACHIEVED, OVERDUE = "not_started", "no_data", "achieved", "overdue"
ON_TRACK, AT_RISK, OFF_TRACK = "on_track", "at_risk", "off_track"
ALMOST = Decimal("0.8")


def _adoption(name: str) -> Reading:
    def read(book: Book, period: Period) -> Decimal | None:
        share: Share = getattr(adoption(book, period), name)
        return share.value

    return read


ADOPTION = (
    "customer",
    "order",
    "revenue",
    "penetration",
    "online_only",
    "activated",
    "customer_with_assisted",
    "order_with_assisted",
    "order_digital",
)

# What a goal can be about: name -> its value over a period.
METRICS: Mapping[str, Reading] = {
    **{f"adoption.{name}": _adoption(name) for name in ADOPTION},
    "tracking.rate": lambda book, period: tracking(book, period).overall.value,
    "invoices_paid_online.rate": lambda book, period: invoices_paid_online(book, period).count.value,
    "invoices_paid_online.value_rate": lambda book, period: invoices_paid_online(book, period).value.value,
    "enquiries.per_100_orders": lambda book, period: offline_enquiries(book, period).per_100_orders,
    "offline_enquiries.per_100_orders": lambda book, period: offline_enquiries(book, period).per_100_orders,
    "conversion.rate": lambda book, period: conversion(book, period).overall.value,
    "migration.rate": lambda book, period: migration(book, period).value,
    "channel_retention.rate": lambda book, period: channel_retention(book, period).rate.value,
    "returning_365.rate": lambda book, period: returning(book, period).rate.value,
    "ropo.rate": lambda book, period: ropo(book, period).value,
    "basket.online.aov": lambda book, period: basket(book, period).online.aov,
    "basket.online.upt": lambda book, period: basket(book, period).online.upt,
    "off_hours.share": lambda book, period: off_hours(book, period).share.value,
    "surveys.csat.satisfied": lambda book, period: surveys(book, period)["csat"].share("4", "5"),
    "surveys.nps.score": lambda book, period: surveys(book, period)["nps"].nps,
    "finance.demand": lambda book, period: finance(book, period).demand,
    "finance.net": lambda book, period: finance(book, period).sales.net,
    "finance.gm_pct": lambda book, period: finance(book, period).sales.gm_pct,
    "delivery.otd": lambda book, period: delivery(book, period).otd.value,
    "delivery.otif": lambda book, period: delivery(book, period).otif.value,
    "leads.per_lead": lambda book, period: leads(book, period).overall.per_lead,
    "quotes.sla_rate": lambda book, period: quotes(book, period).sla_rate.value,
    "quotes.win_rate": lambda book, period: quotes(book, period).won.value,
    "quotes.quote_to_order": lambda book, period: quotes(book, period).to_order.value,
}


@dataclass(frozen=True, slots=True)
class GoalState:
    """M27. Numbers are None where nothing can be told; `progress` is not clamped."""

    current: Decimal | None
    progress: Decimal | None
    expected: Decimal | None
    forecast: Decimal | None
    status: str


def goal_state(book: Book, goal: Goal, *, period: Period | None = None) -> GoalState:
    """Return M27 of a goal: its metric over the period given, its own, or the last complete month.

    A goal about a metric that does not exist has no data. `current` is the figure as reported, with 6 decimals.
    """
    read = METRICS.get(goal.metric)
    over = period or goal.period or last_complete_month(book.today)
    return state_of(goal, current=ratio(read(book, over)) if read else None, today=book.today)


def last_complete_month(today: dt.date) -> Period:
    """Return the month before that of today.

    >>> last_complete_month(dt.date(2025, 1, 1)).first
    datetime.date(2024, 12, 1)
    """
    return month_of(months_after(today.replace(day=1), -1))


def state_of(goal: Goal, *, current: Decimal | None, today: dt.date) -> GoalState:
    """Return M27 of a goal whose metric is `current` today.

    >>> goal = Goal("G1", "adoption.order", Decimal("0.2"), Decimal("0.6"), dt.date(2024, 7, 1), dt.date(2025, 7, 1))
    >>> found = state_of(goal, current=Decimal("0.375"), today=dt.date(2025, 1, 1))
    >>> found.progress, found.status
    (Decimal('0.4375'), 'at_risk')
    """
    if today <= goal.start:
        return GoalState(current, None, None, None, NOT_STARTED)
    expected = _expected(goal, today)
    progress = None if current is None else divided(current - goal.baseline, goal.target - goal.baseline)
    status = _status(goal, today, progress, expected)
    return GoalState(current, progress, expected, _forecast(goal, current, today), status)


def _expected(goal: Goal, today: dt.date) -> Decimal:
    total = (goal.due - goal.start).days
    if total <= 0:
        return Decimal(1)
    return min(Decimal(1), Decimal((today - goal.start).days) / total)


def _forecast(goal: Goal, current: Decimal | None, today: dt.date) -> Decimal | None:
    """Go on at the same speed until due; after that, what is."""
    if current is None or today >= goal.due:
        return current
    return goal.baseline + (current - goal.baseline) * (goal.due - goal.start).days / (today - goal.start).days


def _status(goal: Goal, today: dt.date, progress: Decimal | None, expected: Decimal) -> str:
    if progress is None:
        return NO_DATA
    if progress >= 1:
        return ACHIEVED
    if today > goal.due:
        return OVERDUE
    if progress >= expected:
        return ON_TRACK
    return AT_RISK if progress >= ALMOST * expected else OFF_TRACK
