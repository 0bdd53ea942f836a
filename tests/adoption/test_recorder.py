"""Facts are written down by one statement; only a look at a page may be lost in a crash of the database server."""

import datetime as dt
from types import SimpleNamespace

import pytest

from accounts.signals import Fact, Who
from adoption.events import recorder
from adoption.events.models import Event

NOW = dt.datetime(2026, 5, 20, 10, tzinfo=dt.UTC)


def fact(kind: str, key: str = "f1") -> Fact:
    return Fact(key, kind, NOW, Who("C1", "U1", "buyer", session_id="S1"), "item", "SKU-1", {"source": "e-mail"})


@pytest.mark.parametrize(
    ("kind", "transactions", "waits"),
    [("product_view", 0, "no"), ("product_view", 1, "yes"), ("login", 0, "yes"), ("login", 1, "yes")],
)
def test_only_a_look_outside_of_a_transaction_does_not_wait_for_the_disk(
    kind: str, transactions: int, waits: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(recorder, "connection", SimpleNamespace(in_atomic_block=bool(transactions)))
    monkeypatch.setattr(recorder, "fetch", lambda sql, _values: asked.append(sql))
    recorder.write(fact(kind))
    assert ("no" if "synchronous_commit" in asked[0] else "yes") == waits


@pytest.mark.django_db
def test_one_by_one_and_in_bulk_the_same_row_is_written_once() -> None:
    assert recorder.record(fact("login", "one"))
    assert not recorder.record(fact("login", "one"))
    assert recorder.record_all([fact("login", "one"), fact("login", "many")]) == 1
    one, many = Event.objects.order_by("pk").values(*recorder.COLUMNS)
    assert one | {"event_id": "many"} == many
    assert (one["account_id"], one["session_id"], one["props"]) == ("C1", "S1", {"source": "e-mail"})


@pytest.mark.django_db
def test_facts_may_be_read_from_the_database_that_they_are_written_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recorder, "AT_ONCE", 2)
    recorder.record(fact("login", "one"))
    read = (fact("login", f"{Event.objects.count()}-{count}") for count in range(5))
    assert recorder.record_all(read) == 5
