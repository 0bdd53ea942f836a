"""What workers do for the catalogue; the schedule stands in config/jobs.py."""

from __future__ import annotations

from celery import shared_task
from django.core.cache import cache
from django.utils import timezone

from shop.catalogue import renewals, services

ROUND_S = 45


@shared_task
def fetch_pictures() -> None:
    """Fetch product pictures ahead of their first visitor; a second round at the same time does nothing."""
    if cache.add("fetch-pictures", 1, timeout=ROUND_S):
        services.fetch_pictures(for_s=ROUND_S)


@shared_task
def tell_of_renewed_sheets() -> None:
    """Tell who bought an item that its safety data sheet has a new version."""
    renewals.tell_of_renewed_sheets(now=timezone.now())
