"""The table cache behaves as Django's caches do, and writes a page of values in one statement."""

import threading
from collections.abc import Iterator

import pytest
import time_machine
from django.core.cache import BaseCache, caches
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django.fixtures import Settings

from config import table_cache

pytestmark = pytest.mark.django_db


@pytest.fixture
def cache(settings: Settings) -> Iterator[BaseCache]:
    settings.CACHES = settings.CACHES | {
        "table": {"BACKEND": "config.table_cache.TableCache", "LOCATION": "django_cache"}
    }
    cache = caches["table"]
    cache.clear()
    yield cache
    del caches["table"]


def test_many_values_are_written_and_read_in_one_statement_each(cache: BaseCache) -> None:
    page = {f"k{number}": {"price": number} for number in range(24)}
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert cache.set_many(page, 60) == []
        assert cache.get_many(page) == page
    assert len([query for query in queries if "DELETE" not in query["sql"]]) == 2


def test_far_more_values_than_djangos_300_are_kept(cache: BaseCache) -> None:
    page = {f"k{number}": number for number in range(1000)}
    cache.set_many(page, 60)
    cache.set("one-more", 1)
    cache.add("and-another", 1)
    assert len(cache.get_many(page)) == 1000


def test_a_value_expires_and_is_replaced(cache: BaseCache) -> None:
    with time_machine.travel("2026-03-01T10:00:00Z", tick=False) as clock:
        cache.set("k", "old", 10)
        cache.set("k", "new", 60)
        clock.shift(30)
        assert cache.get("k") == "new"
        clock.shift(60)
        assert cache.get("k") is None


def test_add_wins_once_until_the_value_expires(cache: BaseCache) -> None:
    with time_machine.travel("2026-03-01T10:00:00Z", tick=False) as clock:
        assert cache.add("lock", 1, 10)
        assert not cache.add("lock", 2, 10)
        assert cache.get("lock") == 1
        clock.shift(12)
        assert cache.add("lock", 3, 10)
        assert cache.get("lock") == 3


def test_a_value_without_an_end_stays_and_one_of_no_time_is_gone(cache: BaseCache) -> None:
    cache.set("ever", 1, None)
    cache.set("never", 1, 0)
    assert cache.get_many(["ever", "never"]) == {"ever": 1}


def test_counting_and_deleting_work(cache: BaseCache) -> None:
    cache.set("n", 1)
    assert cache.incr("n") == 2
    cache.delete("n")
    assert cache.get("n", "none") == "none"


def test_what_expired_is_removed_now_and_then(cache: BaseCache, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table_cache, "PURGE_ONE_IN", 1)
    with time_machine.travel("2026-03-01T10:00:00Z", tick=False) as clock:
        cache.set("old", 1, 10)
        clock.shift(60)
        cache.set("new", 1, 10)
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM django_cache")
            assert cursor.fetchone() == (1,)


@pytest.mark.django_db(transaction=True)
def test_writers_of_the_same_page_do_not_lock_each_other_out(cache: BaseCache) -> None:
    page = {f"k{number}": number for number in range(50)}
    failed: list[Exception] = []

    def write() -> None:
        try:
            for _ in range(10):
                cache.set_many(dict(reversed(page.items())), 60)
                cache.set_many(page, 60)
        except Exception as error:  # noqa: BLE001 (the test tells)
            failed.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert failed == []
    assert len(cache.get_many(page)) == 50
