"""A circuit breaker: after enough failures nobody waits for an ERP that does not answer."""

from __future__ import annotations

import threading
import time
from collections import deque


class Breaker:
    """Opens after `failures` in a row or when half of the last `window` calls failed; thread-safe.

    While it is open nothing is asked; after `pause_s` one caller may probe, and its outcome
    decides.
    """

    def __init__(self, *, failures: int, window: int, pause_s: float) -> None:
        self._failures = failures
        self._pause_s = pause_s
        self._recent: deque[bool] = deque(maxlen=window)
        self._in_a_row = 0
        self._closed_until: float | None = None  # None: calls pass; else: when the next probe may go
        self._lock = threading.Lock()

    def admits(self) -> bool:
        """Say whether a call may go now; a probe counts as gone, so ask only when you will call."""
        with self._lock:
            if self._closed_until is None:
                return True
            if time.monotonic() < self._closed_until:
                return False
            self._closed_until = time.monotonic() + self._pause_s
            return True

    def succeeded(self) -> None:
        """Note an answer; a probe that is answered opens the way again."""
        with self._lock:
            if self._closed_until is not None:
                self._recent.clear()
            self._closed_until = None
            self._in_a_row = 0
            self._recent.append(True)

    def failed(self) -> None:
        """Note that no usable answer came."""
        with self._lock:
            self._in_a_row += 1
            self._recent.append(False)
            if self._closed_until is not None or self._is_too_bad():
                self._closed_until = time.monotonic() + self._pause_s

    @property
    def state(self) -> str:
        """Closed (calls pass), open (nothing is asked), or probing (the next caller tries)."""
        with self._lock:
            if self._closed_until is None:
                return "closed"
            return "open" if time.monotonic() < self._closed_until else "probing"

    def _is_too_bad(self) -> bool:
        if self._in_a_row >= self._failures:
            return True
        is_full = len(self._recent) == self._recent.maxlen
        return is_full and self._recent.count(False) * 2 >= len(self._recent)
