"""The quote clock: when an answer is due in business time, and how long answers really took."""

from __future__ import annotations

import datetime as dt
import statistics

from django.conf import settings

from shop.quotes.models import Quote
from worktime import hours as worktime
from worktime.calendars import company_hours
from worktime.hours import OpeningHours

# The median is made of what was answered in so many days, and says nothing about fewer than so many answers.
LOOK_BACK = dt.timedelta(days=90)
LEAST_ANSWERS = 3
MOST_ANSWERS = 500


def opening_hours() -> OpeningHours:
    """Return our own opening hours with the public holidays of our calendar."""
    return company_hours(settings.COMPANY_TZ, settings.COMPANY_CALENDAR, settings.OPENING_HOURS)


def answer_by(asked_at: dt.datetime) -> dt.datetime | None:
    """Return when an answer to what was asked then is due; None when we never open."""
    worked = dt.timedelta(minutes=settings.QUOTE_ANSWER_MINUTES)
    return worktime.moment_after(opening_hours(), asked_at, worked)


def business_minutes(start: dt.datetime, end: dt.datetime) -> int:
    """Return the whole business minutes between two instants (docs/metrics.md, M26)."""
    return int(worktime.worked_between(opening_hours(), start, end).total_seconds() // 60)


def is_after_hours(now: dt.datetime) -> bool:
    """Nobody of us is there to answer."""
    return not worktime.is_open(opening_hours(), now)


def median_minutes(*, now: dt.datetime) -> int | None:
    """Return the median business minutes until a person answered, None when too few answers say something (1 query)."""
    answered = Quote.objects.filter(first_response_at__gte=now - LOOK_BACK, response_minutes__isnull=False)
    taken = answered.order_by("-first_response_at").values_list("response_minutes", flat=True)[:MOST_ANSWERS]
    minutes = [one for one in taken if one is not None]
    return round(statistics.median(minutes)) if len(minutes) >= LEAST_ANSWERS else None
