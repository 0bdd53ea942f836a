"""Task of the events: nightly, what was missed."""

from __future__ import annotations

import datetime as dt

from celery import shared_task
from django.utils import timezone

from adoption.events.backfill import backfill

DAYS = 3


@shared_task
def backfill_recent() -> None:
    """Find what the last days missed."""
    backfill(since=timezone.now() - dt.timedelta(days=DAYS))
