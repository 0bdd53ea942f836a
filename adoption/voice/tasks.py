"""Task of the contact form."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from adoption.voice.telling import send_replies, tell_due


@shared_task
def tell_requests() -> None:
    """Tell staff of new and late contact requests, and send the answers."""
    tell_due(now=timezone.now())
    send_replies(now=timezone.now())
