"""What an adapter found out about its ERP and keeps: read at the first use, and anew behind the callers' backs."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Generic, TypeVar

from erp_sync.errors import ErpUnavailable
from erp_sync.http import Deadline

T = TypeVar("T")

KEEP_S = 600.0
FIND_S = 20.0


class Kept(Generic[T]):
    """Gives what `find` found, at most ten minutes ago or while it is found out again."""

    def __init__(self, find: Callable[[Deadline], T]) -> None:
        self._find = find
        self._found: tuple[T, float] | None = None
        self._finding: Future[T] | None = None
        self._finder = ThreadPoolExecutor(max_workers=1, thread_name_prefix="erp-setup")
        self._lock = threading.Lock()

    def get(self, deadline: Deadline) -> T:
        """Return it; what is old is returned at once and found out anew behind.

        The first time has its own deadline: a page that can't wait for it gives up, the next one finds it done.

        Raises:
            ErpUnavailable: it is still being found out.
            ErpError: whatever `find` raises, the first time.
        """
        found = self._found
        if found is not None:
            value, found_at = found
            if time.monotonic() - found_at >= KEEP_S:
                self._start()
            return value
        try:
            return self._start().result(timeout=deadline.left())
        except TimeoutError as error:
            raise ErpUnavailable("the ERP's set-up is still being read", nothing_sent=True) from error

    def _start(self) -> Future[T]:
        """Return the reading that is under way, or begin one."""
        with self._lock:
            if self._finding is None or self._finding.done():
                self._finding = self._finder.submit(self._find_and_keep)
            return self._finding

    def _find_and_keep(self) -> T:
        value = self._find(Deadline(FIND_S))
        self._found = (value, time.monotonic())
        return value
