"""Wakes the watch over deliveries and orders, and sends the weekly report."""

from celery import shared_task
from django.utils import timezone

from shop.deliveries import services, watch


@shared_task(ignore_result=True, soft_time_limit=240, time_limit=300)
def watch_mirror() -> dict[str, int]:
    """Announce what was shipped or changed."""
    return watch.look(now=timezone.now())


@shared_task(ignore_result=True, soft_time_limit=240, time_limit=300)
def watch_promises() -> int:
    """Announce what is late, or was promised for a later day."""
    return watch.tell_late(now=timezone.now())


@shared_task(ignore_result=True, soft_time_limit=720, time_limit=900)
def send_weekly() -> int:
    """Tell everybody who wants it what is missing."""
    return services.send_weekly(now=timezone.now())
