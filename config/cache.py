"""A Redis cache that may fail: the process then goes on with its own memory for a while."""

import threading
import time
from collections.abc import Callable, Iterable
from typing import Any

import structlog
from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache
from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

log = structlog.get_logger("cache")

TIMEOUT_S = 0.2
PAUSE_S = 5.0


class FailOpenRedisCache(BaseCache):
    """Redis with 0.2 s time-outs; after a failure this process uses its own memory for 5 s.

    So nothing raises, a page waits once, and counters (log-in limits) go on counting, per process,
    instead of not at all.
    """

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        """Take Django's own arguments: LOCATION, and the rest of the CACHES entry."""
        super().__init__(params)
        timeouts = {"socket_timeout": TIMEOUT_S, "socket_connect_timeout": TIMEOUT_S}
        options = timeouts | params.get("OPTIONS", {})
        self._redis = RedisCache(server, params | {"OPTIONS": options})
        self._memory = LocMemCache(f"fallback:{server}", params)
        self._closed_until = 0.0
        self._lock = threading.Lock()

    def redis_answers(self) -> bool:
        """Say whether Redis is in use now (False for 5 s after each failure)."""
        return time.monotonic() >= self._closed_until

    def _either(self, call: Callable[[BaseCache], Any]) -> Any:
        if self.redis_answers():
            try:
                return call(self._redis)
            except (RedisError, OSError) as error:
                self._pause(error)
        return call(self._memory)

    def _pause(self, error: Exception) -> None:
        with self._lock:
            if self.redis_answers():
                log.warning("cache_unavailable", error=str(error), pause_s=PAUSE_S)
            self._closed_until = time.monotonic() + PAUSE_S

    def add(self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        """See Django's cache API, as for the methods below."""
        return bool(self._either(lambda cache: cache.add(key, value, timeout, version)))

    def get(self, key: str, default: Any = None, version: int | None = None) -> Any:
        """See `add`."""
        return self._either(lambda cache: cache.get(key, default, version))

    def set(self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> None:
        """See `add`."""
        self._either(lambda cache: cache.set(key, value, timeout, version))

    def touch(self, key: str, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        """See `add`."""
        return bool(self._either(lambda cache: cache.touch(key, timeout, version)))

    def delete(self, key: str, version: int | None = None) -> bool:
        """See `add`."""
        return bool(self._either(lambda cache: cache.delete(key, version)))

    def get_many(self, keys: Iterable[str], version: int | None = None) -> dict[str, Any]:
        """See `add`."""
        wanted = list(keys)
        found: dict[str, Any] = self._either(lambda cache: cache.get_many(wanted, version))
        return found

    def set_many(self, data: dict[str, Any], timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> list[str]:
        """See `add`."""
        failed: list[str] = self._either(lambda cache: cache.set_many(data, timeout, version))
        return failed

    def delete_many(self, keys: Iterable[str], version: int | None = None) -> None:
        """See `add`."""
        gone = list(keys)
        self._either(lambda cache: cache.delete_many(gone, version))

    def has_key(self, key: str, version: int | None = None) -> bool:
        """See `add`."""
        return bool(self._either(lambda cache: cache.has_key(key, version)))

    def incr(self, key: str, delta: int = 1, version: int | None = None) -> int:
        """See `add`.

        Raises:
            ValueError: there is no such key (Django's rule for counters).
        """
        return int(self._either(lambda cache: cache.incr(key, delta, version)))

    def clear(self) -> None:
        """Empty both."""
        self._memory.clear()
        self._either(lambda cache: cache.clear())
