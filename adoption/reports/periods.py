"""Which period a report shows, read from its address."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from adoption.metrics.facts import Period

CHOICES: tuple[tuple[str, str | Promise], ...] = (
    ("month", _("This month")),
    ("last_month", _("Last month")),
    ("quarter", _("This quarter")),
    ("last_quarter", _("Last quarter")),
    ("year", _("This year")),
    ("last_12", _("Last 12 months")),
    ("custom", _("From … to")),
)
# With room for the days before and after that figures look at.
YEARS = range(1900, 3000)


@dataclass(frozen=True, slots=True)
class Chosen:
    """A period and the one beside it. `is_partial`: it contains today (C2)."""

    key: str
    period: Period
    previous: Period
    is_partial: bool
    problem: str | Promise = ""


def chosen(*, key: str, first: str, last: str, today: dt.date) -> Chosen:
    """Return what the address asks for; anything unreadable gives this quarter and says so."""
    problem: str | Promise = ""
    if key == "custom":
        period, problem = _custom(first, last, today)
        key = "custom" if not problem else "quarter"
    else:
        key = key if key in dict(CHOICES) else "quarter"
        period = named(key, today)
    return Chosen(key, period, period.before(), today in period, problem)


def named(key: str, today: dt.date) -> Period:
    """Return a named period that contains, or ends just before, today."""
    month = month_of(today)
    quarter_first = today.replace(month=(today.month - 1) // 3 * 3 + 1, day=1)
    quarter = Period(quarter_first, _end_of_month(_add_months(quarter_first, 2)))
    return {
        "month": month,
        "last_month": month.before(),
        "quarter": quarter,
        "last_quarter": quarter.before(),
        "year": Period(today.replace(month=1, day=1), today.replace(month=12, day=31)),
        "last_12": Period(_add_months(month.first, -11), month.last),
    }[key]


def month_of(day: dt.date) -> Period:
    """Return the calendar month of a day."""
    first = day.replace(day=1)
    return Period(first, _end_of_month(first))


def last_months(count: int, today: dt.date) -> list[Period]:
    """Return the last months, oldest first, this one included."""
    first = today.replace(day=1)
    return [month_of(_add_months(first, -back)) for back in range(count - 1, -1, -1)]


def _custom(first: str, last: str, today: dt.date) -> tuple[Period, str | Promise]:
    try:
        period = Period(dt.date.fromisoformat(first), dt.date.fromisoformat(last))
    except ValueError:
        return named("quarter", today), _(
            "These days can't be read, or the last one is before the first, so this quarter is shown."
        )
    if not {period.first.year, period.last.year} <= set(YEARS):
        return named("quarter", today), _("Choose days of the years 1900 to 2999; this quarter is shown.")
    if period.days > 366 * 10:
        return named("quarter", today), _("Choose at most ten years; this quarter is shown.")
    return period, ""


def _add_months(first: dt.date, months: int) -> dt.date:
    index = first.year * 12 + first.month - 1 + months
    return dt.date(index // 12, index % 12 + 1, 1)


def _end_of_month(first: dt.date) -> dt.date:
    return _add_months(first, 1) - dt.timedelta(days=1)
