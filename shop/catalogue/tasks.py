"""What workers do for the catalogue; the schedule stands in config/jobs.py."""

from __future__ import annotations

from celery import shared_task
from django.core.cache import cache

from shop.catalogue import services

ROUND_S = 45


@shared_task
def fetch_pictures() -> None:
    """Fetch product pictures ahead of their first visitor; a second round at the same time does nothing."""
    if cache.add("fetch-pictures", 1, timeout=ROUND_S):
        services.fetch_pictures(for_s=ROUND_S)
