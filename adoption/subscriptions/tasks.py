"""Task of the weekly mails."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from adoption.subscriptions.sending import send_due

# A sweep sends several batches and ends well before its lease.
ROUNDS = 6


@shared_task
def send_reports() -> None:
    """Send the mails that are due."""
    for _round in range(ROUNDS):
        if not send_due(now=timezone.now()):
            return
