"""Waking the exporter after a commit: a courtesy that may fail, since the sweep finds every row."""

from __future__ import annotations

import time

import structlog
from celery import current_app
from django.db import transaction
from kombu.exceptions import KombuError

from erp_sync.conf import limits

log = structlog.get_logger("outbox")

TASK = "erp_sync.outbox.tasks.wake"


class _Quiet:
    """Until when nobody is woken because the broker failed (per process)."""

    until = 0.0


def wake_after_commit(reference: str) -> None:
    """Wake the exporter when the caller's transaction has committed; never raises."""
    transaction.on_commit(lambda: _publish(reference), robust=True)


def _publish(reference: str) -> None:
    if time.monotonic() < _Quiet.until:
        return
    try:
        current_app.send_task(TASK, args=[reference], retry=False)
    except (KombuError, OSError) as error:
        pause_s = limits().publish_pause_s
        _Quiet.until = time.monotonic() + pause_s
        log.warning("exporter_not_woken", error=str(error), pause_s=pause_s)
