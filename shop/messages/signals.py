"""What conversations announce besides `shop_told`."""

from __future__ import annotations

from dataclasses import dataclass

from django.dispatch import Signal


@dataclass(frozen=True, slots=True)
class ThreadRead:
    """Somebody has read what was new in a conversation; `path` is where he was told that it stands."""

    person_id: int
    path: str


thread_read = Signal()
"""Sent with `event=ThreadRead(...)` in the sender's transaction."""
