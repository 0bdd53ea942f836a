"""Words for what was tried and how it ended, and the waits between tries."""

from __future__ import annotations

import datetime as dt
import random
from enum import StrEnum

from django.conf import settings
from django.db.models import Max

from erp_sync.conf import limits
from erp_sync.outbox.models import OutboxAttempt, OutboxRow
from worktime.calendars import company_hours
from worktime.hours import passed_on_working_days


class Action(StrEnum):
    """What was done for a row; the last four by a person."""

    SEND = "send"
    LOOK_UP = "look_up"
    RETRY = "retry"
    CHECK = "check"
    HAND_OVER = "hand_over"


class Outcome(StrEnum):
    """How it ended."""

    DONE = "done"
    REJECTED = "rejected"
    NOT_SENT = "not_sent"  # certainly nothing reached the ERP
    UNCLEAR = "unclear"  # it may have reached the ERP
    LOST = "lost"  # the worker never came back: the same
    FOUND = "found"
    HALFWAY = "halfway"  # found, but not confirmed yet
    HANDED = "handed"  # the ERP can take it, and has not said anything yet
    NOT_FOUND = "not_found"
    FOUND_TWICE = "found_twice"
    NO_ANSWER = "no_answer"  # to a look-up
    REVIEW = "review"  # a person must decide
    LATE = "late"  # the row had moved on: not recorded


UNCLEAR = (Outcome.UNCLEAR, Outcome.LOST, Outcome.LATE)
BY_PEOPLE = (Action.RETRY, Action.CHECK, Action.HAND_OVER)
JITTER = 0.2


def tries(row_id: int, action: Action) -> int:
    """Return how often `action` was tried since the row was made or a person last touched it."""
    history = OutboxAttempt.objects.filter(row=row_id, action=action)
    touched_at = _touched_at(row_id)
    return history.filter(started_at__gte=touched_at).count() if touched_at else history.count()


def was_unclear(row_id: int) -> bool:
    """Say whether any send may have reached the ERP without our knowing."""
    sends = OutboxAttempt.objects.filter(row=row_id, action=Action.SEND)
    return sends.filter(outcome__in=UNCLEAR).exists()


def refusal(row_id: int) -> str | None:
    """Return the ERP's words if its last answer was no and nobody asked for a retry since."""
    told = OutboxAttempt.objects.filter(row=row_id, action__in=(Action.SEND, Action.RETRY))
    last = told.order_by("-number").first()
    return last.message if last and last.outcome == Outcome.REJECTED else None


def wait_s(tried: int) -> float:
    """Return the seconds to wait after so many tries, with jitter so that rows spread out."""
    steps = limits().backoff_s
    step = steps[min(max(tried, 1), len(steps)) - 1]
    return step * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311 (no secret)


def is_over(row: OutboxRow, now: dt.datetime) -> bool:
    """Say whether the row was tried long enough since it was made or a person touched it."""
    since = _touched_at(row.pk) or row.created_at
    return (now - since).total_seconds() > limits().give_up_s


def is_unanswered(row: OutboxRow, now: dt.datetime) -> bool:
    """Say the same of what the ERP was handed: its people answer on days on which they work."""
    hours = company_hours(settings.COMPANY_TZ, settings.COMPANY_CALENDAR, settings.OPENING_HOURS)
    since = _touched_at(row.pk) or row.created_at
    return passed_on_working_days(hours, since, now).total_seconds() > limits().give_up_s


def _touched_at(row_id: int) -> dt.datetime | None:
    touches = OutboxAttempt.objects.filter(row=row_id, action__in=BY_PEOPLE)
    touched_at: dt.datetime | None = touches.aggregate(at=Max("started_at"))["at"]
    return touched_at
