"""What runs by the clock for invoices."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from shop.invoices import due


@shared_task
def tell_due() -> None:
    """Tell companies what falls due, what is late, and what was credited."""
    due.tell_due(now=timezone.now())
    due.tell_credit_notes(now=timezone.now())
