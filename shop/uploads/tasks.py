"""What workers do for stored files; the schedule stands in config/jobs.py."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from shop.uploads import services


@shared_task
def clear_unused() -> None:
    """Delete files that nothing points to."""
    services.clear_unused(now=timezone.now())
