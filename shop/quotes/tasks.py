"""What runs by the clock."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from shop.quotes import sweeping


@shared_task(ignore_result=True, soft_time_limit=120, time_limit=150)
def sweep() -> None:
    """Take over the ERP's quotes, expire, warn, escalate, answer after hours."""
    sweeping.sweep(now=timezone.now())
