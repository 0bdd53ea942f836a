"""The list by one's own price: workers keep prices to sort by; what is shown is asked for."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.actors import Actor
from erp_sync.adapters.fake import FakeErp
from erp_sync.mirror import kept_prices
from erp_sync.mirror.models import KeptPrice, PriceAgreement
from tests.builders import catalogue, people

pytestmark = pytest.mark.django_db


def shown(client: Client, **asked: str) -> list[str]:
    page = client.get(reverse("item-list"), asked).content.decode()
    return re.findall(r'<span class="sku">([^<]+)</span>', page)


def ready(client: Client) -> Actor:
    """Three items of which one has no price, and a buyer who has sorted by price once."""
    actor = people.acting(client, people.sold_to(price_list="GOLD"))
    for sku, price in (("A-1", "9.00"), ("A-2", "3.00"), ("A-3", "6.00")):
        catalogue.item(sku, price=price)
    shown(client, sort="price")
    kept_prices.keep_prices(now=timezone.now(), for_s=5)
    return actor


def test_the_first_time_says_that_prices_are_being_fetched(client: Client) -> None:
    people.acting(client)
    catalogue.item("A-1")
    page = client.get(reverse("item-list"), {"sort": "price"}).content.decode()
    assert "Your prices are being fetched from the ERP" in page
    assert PriceAgreement.objects.count() == 1


def test_items_are_sorted_and_narrowed_by_own_price(client: Client, erp: FakeErp) -> None:
    ready(client)
    assert shown(client, sort="price") == ["A-2", "A-3", "A-1"]
    assert shown(client, sort="price_down") == ["A-1", "A-3", "A-2"]
    assert shown(client, sort="price", min="4", max="8") == ["A-3"]
    catalogue.item("A-0", price="1.00")  # not asked for yet: it stands at the end, not nowhere
    assert shown(client, sort="price") == ["A-2", "A-3", "A-1", "A-0"]
    assert shown(client, sort="price", q="item") == ["A-2", "A-3", "A-1", "A-0"]


def test_another_price_list_has_an_order_of_its_own(client: Client, erp: FakeErp) -> None:
    ready(client)
    erp.set_price("SILVER", "A-2", (1, "99.00"))
    other = Client()
    people.acting(other, people.sold_to(price_list="SILVER"))
    shown(other, sort="price")
    kept_prices.keep_prices(now=timezone.now(), for_s=5)
    assert shown(other, sort="price") == ["A-3", "A-1", "A-2"]
    assert shown(client, sort="price") == ["A-2", "A-3", "A-1"]


def test_old_prices_are_told_and_what_is_shown_is_asked_and_put_in_order(client: Client, erp: FakeErp) -> None:
    ready(client)
    PriceAgreement.objects.update(complete_as_of=timezone.now() - dt.timedelta(days=2))
    erp.set_price("GOLD", "A-2", (1, "50.00"))
    page = client.get(reverse("item-list"), {"sort": "price"}).content.decode()
    assert "were asked again just now" in page
    assert re.findall(r'<span class="sku">([^<]+)</span>', page) == ["A-3", "A-1", "A-2"]
    assert "€50.00" in page


def test_a_round_that_was_cut_goes_on_and_forgets_what_is_gone(client: Client, erp: FakeErp) -> None:
    ready(client)
    agreement = PriceAgreement.objects.get()
    PriceAgreement.objects.update(complete_as_of=timezone.now() - dt.timedelta(days=2))
    catalogue.item("A-9", is_active=True)
    agreement.prices.filter(item__sku="A-1").update(as_of=timezone.now() - dt.timedelta(days=3))
    KeptPrice.objects.filter(item__sku="A-1").first()
    erp.fail("down", "offers", times=1)
    assert kept_prices.keep_prices(now=timezone.now(), for_s=5) == 0
    kept_prices.keep_prices(now=timezone.now(), for_s=5)
    agreement.refresh_from_db()
    assert agreement.round_started_at is None
    assert agreement.prices.count() == 4
    assert agreement.prices.get(item__sku="A-2").net_price == Decimal(3)


def test_prices_that_nobody_sorts_by_any_more_are_forgotten(client: Client) -> None:
    ready(client)
    PriceAgreement.objects.update(wanted_at=timezone.now() - dt.timedelta(days=31))
    kept_prices.keep_prices(now=timezone.now(), for_s=5)
    assert not KeptPrice.objects.exists()
