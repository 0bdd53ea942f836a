"""What workers do for related items; the schedule stands in config/jobs.py."""

from __future__ import annotations

import structlog
from celery import shared_task
from django.utils import timezone

from shop.related.services import count_together

log = structlog.get_logger("shop.related")


@shared_task
def count_items_together() -> None:
    """Count anew what is ordered together."""
    log.info("items_together_counted", pairs=count_together(now=timezone.now()))
