"""Wakes the watch over returns."""

from celery import shared_task
from django.utils import timezone

from shop.returns import watch


@shared_task(ignore_result=True, soft_time_limit=96, time_limit=120)
def follow_returns() -> int:
    """See what the ERP says of open returns."""
    return watch.follow_open(now=timezone.now())
