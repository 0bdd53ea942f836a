"""The answer clock of the contact form, in our own business time."""

from __future__ import annotations

import datetime as dt

from django.conf import settings

from worktime import hours as worktime
from worktime.calendars import company_hours
from worktime.hours import OpeningHours


def answer_by(asked_at: dt.datetime) -> dt.datetime | None:
    """Return until when we promise an answer; None when we never open."""
    return worktime.moment_after(_hours(), asked_at, dt.timedelta(minutes=settings.CONTACT_ANSWER_MINUTES))


def is_open(now: dt.datetime) -> bool:
    """Say whether somebody of ours is at work."""
    return worktime.is_open(_hours(), now)


def business_minutes(start: dt.datetime, end: dt.datetime) -> int:
    """Return the whole business minutes between two instants."""
    return int(worktime.worked_between(_hours(), start, end).total_seconds() // 60)


def _hours() -> OpeningHours:
    return company_hours(settings.COMPANY_TZ, settings.COMPANY_CALENDAR, settings.OPENING_HOURS)
