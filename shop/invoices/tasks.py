"""What runs by the clock for invoices."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from shop.invoices import due


@shared_task
def tell_due() -> None:
    """Tell companies what falls due and what is late."""
    due.tell_due(now=timezone.now())
