"""The catalogue without a log-in: only where the owner allows it, and never a customer's price or stock."""

import html
from decimal import Decimal

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

from erp_sync.adapters.fake import FakeErp
from erp_sync.http import counted_calls
from erp_sync.mirror.models import Item
from tests.builders import catalogue, people

pytestmark = pytest.mark.django_db
LIST, ITEM = "/catalogue/", "/catalogue/A-1/"


@pytest.fixture
def item(erp: FakeErp) -> Item:
    found = catalogue.item("A-1", "Bolt", price="10.00")
    found.list_price = Decimal("12.3400")
    found.save()
    return found


def test_unless_the_owner_allows_it_a_guest_is_led_to_the_log_in(client: Client, item: Item) -> None:
    for address in (LIST, ITEM):
        assert client.get(address).headers["Location"].startswith("/accounts/login/")


def test_a_guest_sees_items_without_prices_and_the_way_in(client: Client, item: Item, settings: Settings) -> None:
    settings.GUEST_CATALOGUE = "items"
    for address in (LIST, LIST + "?q=bolt", ITEM):
        page = client.get(address)
        shown = page.content.decode()
        assert "Bolt" in shown
        assert "12.34" not in shown
        assert "Ask for an account" in shown
        assert "public" not in page.headers.get("Cache-Control", "")


def test_a_guest_sees_list_prices_with_their_age_and_no_erp_is_asked(
    client: Client, item: Item, settings: Settings
) -> None:
    settings.GUEST_CATALOGUE = "prices"
    with counted_calls() as calls:
        for address in (LIST, ITEM):
            shown = client.get(address).content.decode()
            assert "€12.34" in shown
            assert "from our ERP" in shown
    assert calls.count == 0


@pytest.mark.parametrize("address", [LIST, "/help/?q=bolt", "/help/suggest/?text=bolt"])
def test_a_guest_who_asks_too_often_waits_and_another_one_does_not(
    client: Client, settings: Settings, address: str
) -> None:
    settings.GUEST_CATALOGUE, settings.SEARCHES_PER_MINUTE = "items", 2
    with time_machine.travel("2026-03-02T11:00:01Z", tick=False) as clock:
        assert [client.get(address).status_code for _time in range(3)] == [200, 200, 429]
        assert client.get(address, REMOTE_ADDR="203.0.113.9").status_code == 200
        clock.shift(60)
        assert client.get(address).status_code == 200


def test_what_is_withdrawn_or_unknown_is_not_found(client: Client, item: Item, settings: Settings) -> None:
    settings.GUEST_CATALOGUE = "prices"
    Item.objects.update(is_active=False)
    assert client.get(ITEM).status_code == 404
    assert client.get("/catalogue/NONE/").status_code == 404


@pytest.mark.parametrize("guests", ["", "prices"])
def test_whoever_is_logged_in_gets_his_own_pages(client: Client, item: Item, settings: Settings, guests: str) -> None:
    settings.GUEST_CATALOGUE = guests
    people.acting(client)
    assert client.get(LIST).headers["Location"] == reverse("item-list")
    assert client.get(ITEM).headers["Location"] == reverse("item-detail", args=["A-1"])


@pytest.mark.parametrize(
    ("wanted", "way"),
    [
        ("/", LIST),
        ("/orders/", LIST),
        ("/items/", LIST),
        ("/items/?q=bolt&sort=price", LIST + "?q=bolt&amp;sort=price"),
        ("/items/A-1/", ITEM),
        ("/items/A%2F1/", "/catalogue/A/1/"),
        ("https://evil.test/items/A-1/", LIST),
        ('/items/?"><script>', LIST + "?&quot;&gt;&lt;script&gt;"),
    ],
)
def test_the_log_in_shows_a_guest_the_way_to_what_he_wanted(
    client: Client, item: Item, settings: Settings, wanted: str, way: str
) -> None:
    asked = {"next": wanted}
    assert "/catalogue/" not in client.get("/accounts/login/", asked).content.decode()
    settings.GUEST_CATALOGUE = "prices"
    assert f'href="{way}"' in client.get("/accounts/login/", asked).content.decode()
    if wanted in ("/items/A-1/", "/items/?q=bolt&sort=price"):
        assert client.get(html.unescape(way)).status_code == 200
