"""Single flight: a question is on its way to the ERP once; and refreshes behind a page."""

from __future__ import annotations

import hashlib
import os
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from django.core.cache import cache, caches
from django.core.cache.backends.db import DatabaseCache
from django.db import close_old_connections

from erp_sync.conf import limits
from erp_sync.gateway.shelf import Kept

Answers = dict[str, Kept]
Keys = frozenset[str]

POLL_S = 0.05
# More refreshes than this waiting: the ERP is slow, and the next page will ask again anyway.
BACKLOG = 32


class _Flight:
    """A question under way; `answers` is filled before `landed` is set."""

    def __init__(self) -> None:
        self.landed = threading.Event()
        self.answers: Answers = {}


_lock = threading.Lock()
_flights: dict[Keys, _Flight] = {}


def once(keys: Keys, ask: Callable[[], Answers], *, until: float) -> Answers:
    """Return the answers for `keys`, asked by this thread or by another one that asks the same now.

    Args:
        keys: What is asked, all of it.
        ask: Asks the ERP; raises nothing because of it.
        until: `time.monotonic()` at which a follower stops waiting.
    """
    with _lock:
        flight = _flights.get(keys)
        is_leader = flight is None
        if flight is None:
            flight = _flights[keys] = _Flight()
    if not is_leader:
        flight.landed.wait(max(0.0, until - time.monotonic()))
        return flight.answers
    try:
        flight.answers = ask()
    finally:
        with _lock:
            del _flights[keys]
        flight.landed.set()
    return flight.answers


def claimed(keys: Keys, *, for_s: float) -> bool:
    """Claim the question among all processes for a moment; False when another process asks it now.

    The table cache serves a single machine without Redis: there the lock would cost more than a
    second call.
    """
    if isinstance(caches["default"], DatabaseCache):
        return True
    return cache.add(_lock_key(keys), 1, for_s)


def release(keys: Keys) -> None:
    """Give the claim back."""
    if not isinstance(caches["default"], DatabaseCache):
        cache.delete(_lock_key(keys))


def awaited(keys: Keys, look: Callable[[], Answers | None], *, until: float) -> Answers | None:
    """Wait for the process that holds the claim; return what `look` finds, or None."""
    while time.monotonic() + POLL_S < until:
        time.sleep(POLL_S)
        found = look()
        if found is not None or not cache.has_key(_lock_key(keys)):
            return found or look()
    return None


def _lock_key(keys: Keys) -> str:
    digest = hashlib.blake2b("".join(sorted(keys)).encode(), digest_size=16).hexdigest()
    return f"erp-flight:{digest}"


# --- behind the page ---


class _Refresher:
    """A few threads that refresh figures while the page is already shown."""

    def __init__(self) -> None:
        self._pool: ThreadPoolExecutor | None = None
        self._under_way: set[Keys] = set()
        self._lock = threading.Lock()

    def submit(self, keys: Keys, ask: Callable[[], object]) -> None:
        with self._lock:
            if keys in self._under_way or len(self._under_way) >= BACKLOG:
                return
            if self._pool is None:
                self._pool = ThreadPoolExecutor(limits().refresh_threads, "erp-refresh")
            self._under_way.add(keys)
            self._pool.submit(self._run, keys, ask)

    def _run(self, keys: Keys, ask: Callable[[], object]) -> None:
        try:
            if claimed(keys, for_s=limits().refresh_after_s):
                ask()
        finally:
            close_old_connections()
            with self._lock:
                self._under_way.discard(keys)

    def drain(self) -> None:
        """Wait until nothing is under way, and end the threads."""
        with self._lock:
            pool, self._pool = self._pool, None
        if pool:
            pool.shutdown(wait=True)


_refresher = _Refresher()


def _after_fork() -> None:
    """Threads and locks do not survive a fork (gunicorn with --preload)."""
    global _refresher, _lock
    _refresher = _Refresher()
    _lock = threading.Lock()
    _flights.clear()


os.register_at_fork(after_in_child=_after_fork)


def behind(keys: Keys, ask: Callable[[], object]) -> None:
    """Run `ask` in the background, once for the same keys among all processes every few seconds."""
    if limits().refresh_threads:
        _refresher.submit(keys, ask)


def drain() -> None:
    """Wait for the refreshes that are under way (tests, before a process ends)."""
    _refresher.drain()
