"""How often somebody may ask for what is dear to answer: searches and files (reliability.md, A8).

Searches are counted in the memory of each process, as that costs nothing; files in the cache that all processes share,
which counts in memory by itself while it is away. Neither is ever off.
"""

from __future__ import annotations

import threading
import time

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest
from django.utils.translation import gettext as _

from accounts.errors import TooOften
from accounts.middleware import ip_of
from accounts.models import User

MINUTE_S, HOUR_S = 60, 3600


class Window:
    """Counts within a span of time; when a new span begins, all that was counted is forgotten."""

    def __init__(self, seconds: int) -> None:
        """Begin with nothing."""
        self._seconds = seconds
        self._span = -1
        self._counts: dict[int | str, int] = {}
        self._lock = threading.Lock()

    def count(self, key: int | str) -> int:
        """Count once more; return how often it was within this span."""
        span = int(time.time()) // self._seconds
        with self._lock:
            if span != self._span:
                self._span, self._counts = span, {}
            self._counts[key] = self._counts.get(key, 0) + 1
            return self._counts[key]


_searches = Window(MINUTE_S)


def pass_search(request: HttpRequest) -> None:
    """Let a search through; who is not logged in is counted by where he asks from.

    Raises:
        TooOften: there were too many within the minute, which no reading person reaches.
    """
    key = request.user.pk if isinstance(request.user, User) else ip_of(request)
    if _searches.count(key) > settings.SEARCHES_PER_MINUTE:
        words = _("That were more than %(most)s searches within a minute. Wait a minute, then search again.")
        raise TooOften(words % {"most": settings.SEARCHES_PER_MINUTE}, retry_after_s=MINUTE_S)


def pass_export(user: User) -> None:
    """Let a file through.

    Raises:
        TooOften: there were too many within the hour.
    """
    key = f"exports:{user.pk}:{int(time.time()) // HOUR_S}"
    cache.add(key, 0, timeout=HOUR_S)
    try:
        count = cache.incr(key)
    except ValueError:  # it went out between the two calls
        count = 1
    if count > settings.EXPORTS_PER_HOUR:
        words = _("That were more than %(most)s files within the hour. Nothing was lost: try again in an hour.")
        raise TooOften(words % {"most": settings.EXPORTS_PER_HOUR}, retry_after_s=HOUR_S)
