"""Tasks of the coaching: Monday's calls, and every night each account's score."""

from __future__ import annotations

import structlog
from celery import shared_task
from django.utils import timezone

from adoption.coaching.services import choose_week, keep_scores

log = structlog.get_logger("adoption.coaching")


@shared_task
def choose_calls() -> None:
    """Choose the week's customers."""
    log.info("calls_chosen", calls=choose_week(now=timezone.now()))


@shared_task
def keep_account_scores() -> None:
    """Keep every account's adoption score for the reps' desks."""
    log.info("scores_kept", accounts=keep_scores(now=timezone.now()))
