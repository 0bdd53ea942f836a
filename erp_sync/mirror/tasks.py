"""What workers do for the mirror; the schedule stands in config/jobs.py."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from erp_sync.mirror import keys, sync
from erp_sync.ports import MIRRORED


@shared_task
def pull(kinds: list[str] | None = None, *, full: bool = False, asked_by: str = "") -> None:
    """Pull what changed in the ERP; safe to run twice, a run that was cut is resumed."""
    sync.pull_all(kinds=kinds or MIRRORED, now=timezone.now(), full=full, asked_by=asked_by)


@shared_task
def reconcile_keys() -> None:
    """Compare the ids of all records with the ERP's."""
    keys.compare_all(now=timezone.now())
