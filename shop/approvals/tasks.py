"""What runs by the clock."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from shop.approvals import sweeping


@shared_task(ignore_result=True, soft_time_limit=60, time_limit=90)
def sweep() -> None:
    """Tell of approvals that nobody has decided."""
    sweeping.sweep(now=timezone.now())
