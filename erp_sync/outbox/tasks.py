"""Tasks of the export queue: they only wake the exporter; the database knows what is due."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from erp_sync.outbox import exporter


@shared_task(ignore_result=True, soft_time_limit=150, time_limit=180)
def wake(reference: str) -> int:
    """Export what is due now, `reference` (just committed) among it."""
    return exporter.export_due(now=timezone.now())


@shared_task(ignore_result=True, soft_time_limit=150, time_limit=180)
def sweep() -> int:
    """Export every due row: the guarantee behind `wake`, every 10 s."""
    return exporter.export_due(now=timezone.now())
