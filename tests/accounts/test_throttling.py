"""Searches and files have a limit for each person; who reaches it is told when to go on."""

from __future__ import annotations

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client
from pytest_django.fixtures import Settings

from accounts import throttling
from tests.builders import people

pytestmark = pytest.mark.django_db

EXPORTS = ("/missing-goods/export/?format=csv", "/invoices/statement/?format=csv", "/invoices/statement/?format=pdf")


@pytest.fixture(autouse=True)
def _fresh() -> None:
    cache.clear()


def test_after_the_last_search_of_a_minute_the_next_minute_counts_anew(client: Client, settings: Settings) -> None:
    settings.SEARCHES_PER_MINUTE = 2
    people.log_in(client, people.buyer())
    with time_machine.travel("2026-03-02T10:00:01Z", tick=False) as clock:
        assert [client.get("/items/?q=bolt").status_code for _time in range(3)] == [200, 200, 429]
        answer = client.get("/items/?q=bolt")
        assert (answer["Retry-After"], "Wait a minute" in answer.content.decode()) == ("60", True)
        assert client.get("/items/").status_code == 200
        clock.shift(60)
        assert client.get("/items/?q=bolt").status_code == 200


@pytest.mark.parametrize("address", EXPORTS)
def test_the_files_of_an_hour_are_limited_for_one_person_and_not_for_his_colleague(
    client: Client, settings: Settings, address: str
) -> None:
    settings.EXPORTS_PER_HOUR = 2
    buyer = people.buyer()
    people.log_in(client, buyer)
    assert [client.get(address).status_code for _time in range(3)] == [200, 200, 429]
    colleague = people.log_in(Client(), people.buyer(buyer.sold_to))
    assert colleague.get(address).status_code == 200


def test_control_a_limit_that_never_counts_is_caught(
    client: Client, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(throttling, "pass_export", lambda user: None)
    with pytest.raises(AssertionError):
        test_the_files_of_an_hour_are_limited_for_one_person_and_not_for_his_colleague(client, settings, EXPORTS[0])
