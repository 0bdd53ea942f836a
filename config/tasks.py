"""Tasks of the project itself."""

from celery import shared_task
from django.utils import timezone

from config import health


@shared_task(ignore_result=True)
def heartbeat(queue: str) -> None:
    """Note that somebody works on `queue`; /readyz and the doctor read it."""
    health.note_heartbeat(queue=queue, now=timezone.now())
