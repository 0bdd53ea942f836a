"""Tasks of the connection; each is one call."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from erp_sync.connection import services


@shared_task(ignore_result=True, soft_time_limit=25, time_limit=30)
def feel_pulse() -> None:
    """Keep how the connection is, every minute."""
    services.feel_pulse(now=timezone.now())


@shared_task(ignore_result=True, soft_time_limit=240, time_limit=300)
def forget_pulses() -> int:
    """Delete the pulses that no page shows any more."""
    return services.forget_pulses(now=timezone.now())
