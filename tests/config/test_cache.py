"""Redis may die, hang and come back; the shop neither raises nor waits twice."""

import signal
import time

import pytest

from config.cache import FailOpenRedisCache
from tests.conftest import RedisServer

pytestmark = pytest.mark.redis


@pytest.fixture
def cache(redis_server: RedisServer) -> FailOpenRedisCache:
    """A cache on a Redis that runs, whatever the test before did to it."""
    if redis_server.process.poll() is not None:
        redis_server.start()
    found = FailOpenRedisCache(redis_server.url, {"KEY_PREFIX": "test"})
    found.clear()
    return found


def test_it_keeps_values_in_redis(cache: FailOpenRedisCache, redis_server: RedisServer) -> None:
    cache.set("price", "1.20", 60)
    other_process = FailOpenRedisCache(redis_server.url, {"KEY_PREFIX": "test"})
    assert other_process.get("price") == "1.20"
    assert other_process.get_many(["price", "stock"]) == {"price": "1.20"}


def test_every_call_works_without_redis(cache: FailOpenRedisCache, redis_server: RedisServer) -> None:
    redis_server.stop()
    cache.set("a", 1)
    cache.set_many({"b": 2, "c": 3})
    assert cache.get("a") == 1
    assert cache.get_many(["a", "b", "x"]) == {"a": 1, "b": 2}
    assert cache.add("a", 9) is False
    assert cache.add("d", 4) is True
    assert cache.has_key("d") is True
    assert cache.touch("d", 60) is True
    assert cache.delete("d") is True
    cache.delete_many(["b", "c"])
    assert cache.get("b", "gone") == "gone"


def test_a_counter_goes_on_counting_without_redis(cache: FailOpenRedisCache, redis_server: RedisServer) -> None:
    redis_server.stop()
    cache.add("log-ins", 0)
    assert [cache.incr("log-ins") for _attempt in range(3)] == [1, 2, 3]


def test_a_missing_counter_is_an_error_with_redis_and_without(
    cache: FailOpenRedisCache, redis_server: RedisServer
) -> None:
    with pytest.raises(ValueError, match="absent"):
        cache.incr("absent")
    redis_server.stop()
    with pytest.raises(ValueError, match="absent"):
        cache.incr("absent")


def test_a_redis_that_hangs_costs_one_short_wait(cache: FailOpenRedisCache, redis_server: RedisServer) -> None:
    cache.set("warm", 1)
    redis_server.process.send_signal(signal.SIGSTOP)
    try:
        started = time.monotonic()
        assert cache.get("warm", "unknown") == "unknown"
        first = time.monotonic() - started
        started = time.monotonic()
        for number in range(50):
            cache.set(f"key-{number}", number)
        rest = time.monotonic() - started
    finally:
        redis_server.process.send_signal(signal.SIGCONT)
    assert first > 0.15
    assert rest < 50 * 0.15  # not one of them waited, or all but a few did not


def test_redis_is_used_again_after_the_pause(
    cache: FailOpenRedisCache, redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("config.cache.PAUSE_S", 0.1)
    redis_server.stop()
    cache.set("a", "memory")
    assert cache.redis_answers() is False
    redis_server.start()
    time.sleep(0.15)
    cache.set("a", "redis")
    assert cache.redis_answers() is True
    assert FailOpenRedisCache(redis_server.url, {"KEY_PREFIX": "test"}).get("a") == "redis"
