"""redis_hang and redis_kill: with Redis stopped or dead every page answers, with nearly the same work.

REDIS_AWAY_S=8 is the full size.
"""

import os
import signal
import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from redis.exceptions import RedisError

from config.cache import PAUSE_S
from erp_sync import gateway
from erp_sync.adapters import fake
from tests.builders import catalogue, people
from tests.conftest import RedisServer

pytestmark = [pytest.mark.django_db, pytest.mark.redis]

PAGES = ("/", "/items/", "/items/A-1/", "/items/prices/?sku=A-1", "/basket/", "/orders/", "/invoices/")
CALM_S = 1.0
AWAY_S = float(os.environ.get("REDIS_AWAY_S", "2"))
OURS = "config.cache.FailOpenRedisCache"
BARE = "django.core.cache.backends.redis.RedisCache"


@dataclass
class Look:
    """What a visitor saw in a while, free of what else the machine did.

    Attributes:
        failed: Server errors.
        waits: How often a page waited for a Redis that did not answer.
        took_s: How long he looked.
        asked: Statements to the database of each page, each time it was asked for.
    """

    failed: int = 0
    waits: int = 0
    took_s: float = 0.0
    asked: dict[str, list[int]] = field(default_factory=lambda: {path: [] for path in PAGES})

    @property
    def round(self) -> float:
        """The statements of every page once, as it mostly is."""
        return sum(statistics.median(counts) for counts in self.asked.values())


@pytest.fixture
def redis_away(redis_server: RedisServer, settings: Any) -> Iterator[RedisServer]:
    settings.ERP_LIMITS = {"refresh_threads": 0, "near_s": 0.0}
    yield redis_server
    if redis_server.process.poll() is None:
        os.kill(redis_server.process.pid, signal.SIGCONT)
    else:
        redis_server.start()
    gateway.forget()


def visitor(client: Client, settings: Any, server: RedisServer, backend: str) -> Client:
    """Return a buyer of a shop that keeps its cache in this Redis."""
    options = {} if backend == OURS else {"OPTIONS": {"socket_timeout": 0.2, "socket_connect_timeout": 0.2}}
    settings.CACHES = {"default": {"BACKEND": backend, "LOCATION": server.url, **options}}
    gateway.forget()
    fake.shared().reset()
    people.acting(client)
    catalogue.item("A-1", "Bolt")
    client.raise_request_exception = backend != OURS
    return client


def look(buyer: Client, caplog: pytest.LogCaptureFixture, *, for_s: float) -> Look:
    seen = Look()
    caplog.clear()
    started = time.monotonic()
    while time.monotonic() - started < for_s:
        for path in PAGES:
            with CaptureQueriesContext(connection) as queries:
                status = buyer.get(path).status_code
            seen.asked[path].append(len(queries))
            seen.failed += status >= 500
    seen.took_s = time.monotonic() - started
    seen.waits = sum("cache_unavailable" in record.getMessage() for record in caplog.records)
    return seen


def most_waits(seen: Look) -> int:
    """Return how often Redis may be asked in vain: at once, and after every pause."""
    return 1 + int(seen.took_s / PAUSE_S)


def stop(server: RedisServer, how: str) -> None:
    """Stop Redis in the middle of whatever it does, or kill it."""
    if how == "hang":
        os.kill(server.process.pid, signal.SIGSTOP)
    else:
        server.stop()


@pytest.mark.parametrize("how", ["hang", "kill"])
def test_pages_go_on_without_redis(
    client: Client, settings: Any, redis_away: RedisServer, how: str, caplog: pytest.LogCaptureFixture
) -> None:
    buyer = visitor(client, settings, redis_away, OURS)
    look(buyer, caplog, for_s=0.1)  # imports and templates are not what is measured
    calm = look(buyer, caplog, for_s=CALM_S)
    stop(redis_away, how)
    away = look(buyer, caplog, for_s=AWAY_S)
    assert (calm.failed, away.failed) == (0, 0)
    # One wait of 0.2 s in 5 s is 4 % of the pages; the database may have a fifth more to do at most.
    assert away.waits <= most_waits(away)
    assert calm.waits + away.waits >= 1, "Redis was asked"
    assert 0 < calm.round >= 0.8 * away.round


def test_control_a_shop_that_asks_again_at_once_waits_for_each_page(
    client: Client, settings: Any, redis_away: RedisServer, caplog: pytest.LogCaptureFixture, monkeypatch: Any
) -> None:
    buyer = visitor(client, settings, redis_away, OURS)
    look(buyer, caplog, for_s=0.1)
    monkeypatch.setattr("config.cache.PAUSE_S", 0.0)
    stop(redis_away, "kill")
    away = look(buyer, caplog, for_s=0.5)
    assert away.waits > most_waits(away)


def test_control_a_shop_that_trusts_redis_fails_with_it(client: Client, settings: Any, redis_away: RedisServer) -> None:
    buyer = visitor(client, settings, redis_away, BARE)
    page = "/items/prices/?sku=A-1"
    assert buyer.get(page).status_code == 200
    stop(redis_away, "kill")
    with pytest.raises(RedisError):
        buyer.get(page)
