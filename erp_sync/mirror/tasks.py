"""What workers do for the mirror; the schedule stands in config/jobs.py."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from erp_sync.mirror import kept_prices, keys, sync
from erp_sync.ports import MIRRORED

PRICES_S = 40.0


@shared_task
def pull(kinds: list[str] | None = None, *, full: bool = False, asked_by: str = "") -> None:
    """Pull what changed in the ERP; safe to run twice, a run that was cut is resumed."""
    sync.pull_all(kinds=kinds or MIRRORED, now=timezone.now(), full=full, asked_by=asked_by)


@shared_task
def reconcile_keys() -> None:
    """Compare the ids of all records with the ERP's."""
    keys.compare_all(now=timezone.now())


@shared_task
def keep_prices() -> None:
    """Go on asking for the prices that lists are sorted by; a second round at the same time does nothing."""
    kept_prices.keep_prices(now=timezone.now(), for_s=PRICES_S)
