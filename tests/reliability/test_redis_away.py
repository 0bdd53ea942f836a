"""redis_hang and redis_kill: with Redis stopped or dead every page answers, nearly as soon as before."""

import os
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client
from redis.exceptions import RedisError

from erp_sync import gateway
from erp_sync.adapters import fake
from tests.builders import catalogue, people
from tests.conftest import RedisServer

pytestmark = [pytest.mark.django_db, pytest.mark.redis]

PAGES = ("/", "/items/", "/items/A-1/", "/items/prices/?sku=A-1", "/basket/", "/orders/", "/invoices/")
CALM_S = 1.0
AWAY_S = 2.0
# One wait for a Redis that hangs is 0.2 s; on a busy machine a page may take that much longer by itself.
ONE_WAIT_S = 0.45
OURS = "config.cache.FailOpenRedisCache"
BARE = "django.core.cache.backends.redis.RedisCache"


@dataclass
class Look:
    """What a visitor saw in a while: server errors, seconds of each page."""

    failed: int
    seconds: list[float]

    @property
    def p99(self) -> float:
        """The slowest but one in a hundred."""
        return sorted(self.seconds)[int(len(self.seconds) * 0.99) - 1 if len(self.seconds) >= 100 else -1]

    @property
    def pages_a_second(self) -> float:
        """How many pages were answered in a second of waiting."""
        return len(self.seconds) / sum(self.seconds)


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


def look(client: Client, *, for_s: float) -> Look:
    seen = Look(0, [])
    ends_at = time.monotonic() + for_s
    while time.monotonic() < ends_at:
        for path in PAGES:
            started = time.perf_counter()
            status = client.get(path).status_code
            seen.seconds.append(time.perf_counter() - started)
            seen.failed += status >= 500
    return seen


def stop(server: RedisServer, how: str) -> None:
    """Stop Redis in the middle of whatever it does, or kill it."""
    if how == "hang":
        os.kill(server.process.pid, signal.SIGSTOP)
    else:
        server.stop()


@pytest.mark.parametrize("how", ["hang", "kill"])
def test_pages_go_on_without_redis(client: Client, settings: Any, redis_away: RedisServer, how: str) -> None:
    buyer = visitor(client, settings, redis_away, OURS)
    look(buyer, for_s=0.1)  # imports and templates are not what is measured
    calm = look(buyer, for_s=CALM_S)
    stop(redis_away, how)
    away = look(buyer, for_s=AWAY_S)
    assert (calm.failed, away.failed) == (0, 0)
    assert away.p99 <= max(3 * calm.p99, ONE_WAIT_S), f"{away.p99:.2f} s, calm {calm.p99:.2f} s"
    assert away.pages_a_second >= 0.8 * calm.pages_a_second


def test_control_a_shop_that_trusts_redis_fails_with_it(client: Client, settings: Any, redis_away: RedisServer) -> None:
    buyer = visitor(client, settings, redis_away, BARE)
    page = "/items/prices/?sku=A-1"
    assert buyer.get(page).status_code == 200
    stop(redis_away, "kill")
    with pytest.raises(RedisError):
        buyer.get(page)
