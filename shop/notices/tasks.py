"""What workers do for notices; the schedule stands in config/jobs.py."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from shop.notices import sending, services

# A sweep sends several batches, so that a morning's digests are out soon, and ends well before its lease.
ROUNDS = 8


@shared_task
def send_due() -> None:
    """Send the mails that are due."""
    for _round in range(ROUNDS):
        if not sending.send_due(now=timezone.now()):
            return


@shared_task
def forget_old() -> None:
    """Delete notices whose time is over."""
    services.forget_old(now=timezone.now())
