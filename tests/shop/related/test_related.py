"""What is ordered together: counted from all orders, shown to an actor at his prices and in his range."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.actors import Actor
from erp_sync.adapters.fake import FakeErp
from erp_sync.mirror.models import Item
from shop.related.models import BoughtTogether
from shop.related.services import count_together
from tests.builders import catalogue, deliveries, people

pytestmark = pytest.mark.django_db
NOW = timezone.now()


def ordered(*skus: str, times: int = 1, days_ago: int = 5, **facts: Any) -> None:
    company = people.sold_to()
    for _ in range(times):
        order = deliveries.order(company, placed_at=NOW - dt.timedelta(days=days_ago), **facts)
        for sku in skus:
            deliveries.line(order, sku)


def pairs() -> dict[tuple[str, str], tuple[int, Decimal]]:
    count_together(now=NOW)
    return {(one.sku, one.other): (one.orders, one.likeness) for one in BoughtTogether.objects.all()}


def test_items_of_the_same_orders_go_together_by_how_seldom_they_come_alone() -> None:
    ordered("BOLT", "NUT", times=4)
    ordered("BOLT", "TAPE", times=3)
    ordered("TAPE", times=5)
    found = pairs()
    assert found["BOLT", "NUT"] == (4, Decimal("0.7559"))  # 4 / sqrt(7 * 4)
    assert found["BOLT", "TAPE"] == (3, Decimal("0.4009"))  # 3 / sqrt(7 * 8)
    assert ("NUT", "TAPE") not in found
    assert list(BoughtTogether.objects.filter(sku="BOLT").values_list("other", flat=True)) == ["NUT", "TAPE"]


@pytest.mark.parametrize(
    "orders",
    [
        {"times": 2},
        {"times": 3, "days_ago": 800},
        {"times": 3, "status": "cancelled"},
        {"times": 3, "is_return": True},
    ],
    ids=["chance", "long ago", "cancelled", "returned"],
)
def test_what_says_nothing_is_not_counted(orders: dict[str, Any]) -> None:
    ordered("BOLT", "NUT", **orders)
    assert pairs() == {}


def test_an_order_of_the_whole_shelf_says_nothing_of_two_items() -> None:
    ordered(*[f"S-{number}" for number in range(61)], times=3)
    assert pairs() == {}


def test_counting_again_replaces_what_was_counted() -> None:
    ordered("BOLT", "NUT", times=3)
    assert len(pairs()) == 2
    assert len(pairs()) == 2


@pytest.fixture
def buyer(client: Client, erp: FakeErp) -> Actor:
    company = people.sold_to()
    erp.add_customer(company.erp_id)
    for sku, name in (("BOLT", "Bolt"), ("NUT", "Nut"), ("TAPE", "Masking tape"), ("GLUE", "Glue")):
        catalogue.item(sku, name, price="10.00")
    return people.acting(client, company)


def test_a_buyer_sees_what_goes_with_an_item_at_his_price_and_only_what_is_sold_to_him(
    client: Client, erp: FakeErp, buyer: Actor
) -> None:
    for other in ("NUT", "TAPE", "GLUE"):
        ordered("BOLT", other, times=3)
    count_together(now=NOW)
    Item.objects.filter(sku="TAPE").update(is_active=False)
    part = client.get(reverse("item-related", args=["BOLT"]), HTTP_HX_REQUEST="true").content.decode()
    assert "Often ordered together" in part
    assert "Nut" in part
    assert "10.00" in part
    assert "Masking tape" not in part
    assert "<html" not in part
    whole = client.get(reverse("item-related", args=["BOLT"])).content.decode()
    assert "<html" in whole
    assert "Nut" in whole


def test_an_item_alone_says_so(client: Client, buyer: Actor) -> None:
    assert client.get(reverse("item-related", args=["BOLT"]), HTTP_HX_REQUEST="true").content.strip() == b""
    assert b"Nothing is ordered together" in client.get(reverse("item-related", args=["BOLT"])).content
