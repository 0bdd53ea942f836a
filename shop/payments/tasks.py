"""What runs by the clock for payments."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from shop.payments import sweep as sweeping


@shared_task
def sweep() -> None:
    """Resolve payments that nobody came back for."""
    sweeping.sweep(now=timezone.now())
