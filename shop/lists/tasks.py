"""What workers do for lists of items; the schedule stands in config/jobs.py."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from shop.lists import recurring, services


@shared_task
def remind() -> None:
    """Tell whoever is to release a recurring order that its day has come; once for each day."""
    recurring.remind_due(now=timezone.now())


@shared_task
def forget_removed() -> None:
    """Delete the lists and lines that were removed some days ago."""
    services.forget_removed(now=timezone.now())
