"""Task of the coaching: Monday's calls."""

from __future__ import annotations

import structlog
from celery import shared_task
from django.utils import timezone

from adoption.coaching.services import choose_week

log = structlog.get_logger("adoption.coaching")


@shared_task
def choose_calls() -> None:
    """Choose the week's customers."""
    log.info("calls_chosen", calls=choose_week(now=timezone.now()))
