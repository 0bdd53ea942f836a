"""Waking the exporter after a commit: a courtesy that may fail, since the sweep finds every row."""

from __future__ import annotations

import time
from typing import Any

import structlog
from celery import current_app
from django.db import transaction
from kombu.exceptions import KombuError

from erp_sync.conf import limits

log = structlog.get_logger("outbox")

TASK = "erp_sync.outbox.tasks.wake"
# Who comes within so many seconds after a wake-up shares the next one: a busy hour needs a few in a second, not fifty.
SHARED_S = 0.25


class Wakes:
    """What this process has sent, by the monotonic clock."""

    quiet_until = 0.0  # nobody is woken before, because the broker failed
    last_at = 0.0
    next_at = 0.0  # a wake-up that is on its way begins its work then at the earliest

    @classmethod
    def forget(cls) -> None:
        """Begin anew (tests)."""
        cls.quiet_until = cls.last_at = cls.next_at = 0.0


def wake_after_commit(reference: str) -> None:
    """Wake the exporter when the caller's transaction has committed; never raises."""
    transaction.on_commit(lambda: _publish(reference), robust=True)


def _publish(reference: str) -> None:
    now = time.monotonic()
    if now < Wakes.quiet_until or now < Wakes.next_at:  # it will find this row too
        return
    later: dict[str, Any] = {"countdown": SHARED_S} if now - Wakes.last_at < SHARED_S else {}
    try:
        current_app.send_task(TASK, args=[reference], retry=False, **later)
    except (KombuError, OSError) as error:
        pause_s = limits().publish_pause_s
        Wakes.quiet_until = time.monotonic() + pause_s
        log.warning("exporter_not_woken", error=str(error), pause_s=pause_s)
        return
    Wakes.last_at = now
    if later:
        Wakes.next_at = now + SHARED_S
