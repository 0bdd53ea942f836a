"""Where buyers see an offer, and where staff write it."""

import dataclasses
import uuid
from typing import Any

import pytest
from django.contrib import admin
from django.http import HttpRequest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.actors import Actor
from erp_sync.adapters.fake import FakeErp
from shop.offers import services
from shop.offers.admin import LATEST
from shop.offers.forms import OfferForm
from shop.offers.models import Offer, OfferUse
from shop.offers.selectors import Discount
from tests.builders import catalogue, offers, people

pytestmark = pytest.mark.django_db

WRITTEN = {
    "name_en": "Autumn",
    "name_es": "Otoño",
    "starts_on": "2040-11-01",
    "ends_on": "2040-11-30",
    "audience": "all",
    "gives": "percent",
    "value": "5",
    "is_self_service": "on",
    "is_active": "on",
}


@pytest.fixture
def buyer(client: Client, erp: FakeErp) -> Actor:
    actor = people.buyer()
    erp.add_customer(actor.sold_to.erp_id)
    catalogue.item("A-1", price="20.00")
    people.log_in(client, actor)
    return actor


def test_an_offer_is_shown_in_list_item_basket_and_checkout(client: Client, buyer: Actor) -> None:
    offers.offer("Autumn sale", minimum="10")
    client.post(reverse("basket-add"), {"sku": "A-1", "quantity": "3"})
    page = ""
    for name, arguments in (("item-list", {}), ("item-detail", {"sku": "A-1"}), ("basket", {}), ("checkout", {})):
        page = client.get(reverse(name, kwargs=arguments) + "?prices=wait").content.decode()
        assert "Autumn sale" in page, name
    assert "\u2212€3.00" in page


def test_an_offer_that_is_switched_off_is_not_shown(client: Client, buyer: Actor) -> None:
    offers.offer("Autumn sale", is_active=False)
    assert "Autumn sale" not in client.get(reverse("item-list")).content.decode()


@pytest.fixture
def staff(client: Client) -> Client:
    return people.log_in(client, people.manager())


def add(client: Client, **changes: Any) -> Any:
    data = {name: value for name, value in (WRITTEN | changes).items() if value is not None}
    return client.post(reverse("admin:shop_offer_add"), data)


def test_staff_writes_an_offer_with_items_and_words(staff: Client) -> None:
    catalogue.item("A-1")
    catalogue.item("b-2x")
    assert staff.get(reverse("admin:shop_offer_add")).status_code == 200
    assert add(staff, numbers="a-1\nb-2x").status_code == 302
    offer = Offer.objects.get()
    assert (offer.names, offer.skus) == ({"en": "Autumn", "es": "Otoño"}, ["A-1", "b-2x"])
    page = staff.get(reverse("admin:shop_offer_changelist")).content.decode()
    assert "5\N{NO-BREAK SPACE}% online until" in page
    assert staff.get(reverse("admin:shop_offer_change", args=[offer.pk])).status_code == 200


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name_en": "", "name_es": ""}, "name_en"),
        ({"ends_on": "2040-10-01"}, "ends_on"),
        ({"starts_on": "2020-01-01", "ends_on": "2020-02-01"}, "ends_on"),
        ({"value": "51"}, "value"),
        ({"value": "0"}, "value"),
        ({"gives": "amount", "value": "20"}, "minimum"),
        ({"gives": "amount", "value": "20", "minimum": "39"}, "minimum"),
        ({"audience": "price_list"}, "price_list"),
        ({"audience": "chosen"}, "companies"),
        ({"numbers": "NOSUCH"}, "numbers"),
    ],
)
def test_a_mistake_is_said_at_its_field_and_nothing_is_saved(
    staff: Client, changes: dict[str, Any], field: str
) -> None:
    answer = add(staff, **changes)
    assert answer.status_code == 200
    assert list(answer.context["adminform"].form.errors) == [field]
    assert not Offer.objects.exists()


def test_a_sign_up_credit_is_always_once(staff: Client) -> None:
    add(staff, audience="new", gives="amount", value="20", minimum="60")
    assert Offer.objects.get().is_once


def test_the_list_says_why_nobody_gets_an_offer(staff: Client, erp: FakeErp) -> None:
    erp.capabilities = dataclasses.replace(erp.capabilities, has_discount_lines=False)
    page = staff.get(reverse("admin:shop_offer_changelist")).content.decode()
    assert "write a discount as a line of an order" in page


def test_an_offer_that_orders_took_is_not_deleted(staff: Client, erp: FakeErp) -> None:
    offer = offers.offer()
    taken = Discount(offer.pk, "Autumn", offer.value)
    services.claim(sold_to=people.sold_to(), order_key=uuid.uuid4(), discount=taken, now=timezone.now())
    assert staff.post(reverse("admin:shop_offer_delete", args=[offer.pk]), {"post": "yes"}).status_code == 403


def test_saving_an_offer_keeps_what_orders_took_in_the_meantime(staff: Client, erp: FakeErp) -> None:
    offer = offers.offer(budget="100")
    form = OfferForm(WRITTEN | {"starts_on": offer.starts_on, "ends_on": offer.ends_on}, instance=offer)
    assert form.is_valid(), form.errors
    taken = Discount(offer.pk, "Autumn", offer.value)
    services.claim(sold_to=people.sold_to(), order_key=uuid.uuid4(), discount=taken, now=timezone.now())
    admin.site.get_model_admin(Offer).save_model(HttpRequest(), form.save(commit=False), form, change=True)
    offer.refresh_from_db()
    assert (offer.used, offer.budget) == (taken.amount, None)


def test_an_offer_that_many_orders_took_shows_the_last_ones_and_can_be_switched_off(
    staff: Client, erp: FakeErp
) -> None:
    offer, company = offers.offer(), people.sold_to()
    OfferUse.objects.bulk_create(
        OfferUse(offer=offer, sold_to=company, order_key=uuid.uuid4(), amount=offer.value, at=timezone.now())
        for _number in range(LATEST + 1)
    )
    page = staff.get(reverse("admin:shop_offer_change", args=[offer.pk])).content.decode()
    assert page.count(f"{company} · €5.00") == LATEST
    assert page.count("<input") < LATEST  # a form of thousands of fields is refused as too large
    off = {name: value for name, value in WRITTEN.items() if name != "is_active"}
    assert staff.post(reverse("admin:shop_offer_change", args=[offer.pk]), off).status_code == 302
    offer.refresh_from_db()
    assert not offer.is_active
