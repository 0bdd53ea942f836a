"""Task of the contact form."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from adoption.voice.telling import tell_due


@shared_task
def tell_requests() -> None:
    """Tell staff of new contact requests."""
    tell_due(now=timezone.now())
