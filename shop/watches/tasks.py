"""What workers do for watches; the schedule stands in config/jobs.py."""

from __future__ import annotations

import structlog
from celery import shared_task
from django.utils import timezone

from shop.watches.services import tell_of_stock

log = structlog.get_logger("shop.watches")


@shared_task
def tell_who_waits() -> None:
    """Tell whoever waits for an item that is in stock again."""
    if told := tell_of_stock(now=timezone.now()):
        log.info("back_in_stock_told", people=told)
