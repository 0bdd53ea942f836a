"""Whoever waits for an item is told once, when the ERP has it for him."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.actors import Actor
from erp_sync.adapters.fake import FakeErp
from shop.notices.models import Notice
from shop.watches.models import StockWatch
from shop.watches.services import tell_of_stock
from tests.builders import catalogue, people

pytestmark = pytest.mark.django_db


@pytest.fixture
def buyer(client: Client, erp: FakeErp) -> Actor:
    company = people.sold_to()
    erp.add_customer(company.erp_id)
    catalogue.item("A-1", "Bolt", price="10.00")
    return people.acting(client, company)


def wait_for(client: Client, sku: str = "A-1") -> int:
    return client.post(reverse("watch-list"), {"sku": sku}).status_code


def told() -> list[str]:
    tell_of_stock(now=timezone.now())
    return [notice.params["sku"] for notice in Notice.objects.filter(event="back_in_stock")]


def test_he_is_told_once_when_it_is_there_and_not_before(client: Client, erp: FakeErp, buyer: Actor) -> None:
    erp.set_stock("A-1", 0)
    assert wait_for(client) == 302
    assert wait_for(client) == 302
    assert StockWatch.objects.count() == 1
    assert told() == []
    erp.set_stock("A-1", 40)
    assert told() == ["A-1"]
    assert told() == ["A-1"]
    assert "You wait for nothing" in client.get(reverse("watch-list")).content.decode()


def test_an_erp_that_does_not_answer_tells_nobody(client: Client, erp: FakeErp, buyer: Actor) -> None:
    wait_for(client)
    erp.fail("down", "offers", times=9)
    assert told() == []
    assert StockWatch.objects.filter(told_at=None).exists()


def test_an_unknown_item_is_refused_in_words(client: Client, buyer: Actor) -> None:
    for sku in ("NONE", "", "x" * 300):
        assert wait_for(client, sku) == 422
    assert not StockWatch.objects.exists()


def test_he_stops_his_own_watch_and_nobody_elses(client: Client, buyer: Actor) -> None:
    wait_for(client)
    other = people.acting(Client(), buyer.sold_to)
    StockWatch.objects.create(person=other.user, sold_to=other.sold_to, sku="A-1", asked_at=timezone.now())
    client.post(reverse("watch-list"), {"sku": "A-1", "do": "stop"})
    assert list(StockWatch.objects.values_list("person", flat=True)) == [other.user.pk]
