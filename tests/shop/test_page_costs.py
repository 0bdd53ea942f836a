"""What pages cost the database and the ERP: the same few questions, however much a page shows."""

import datetime as dt
import uuid
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.actors import Actor
from erp_sync.http import counted_calls
from erp_sync.mirror.models import Order, OrderLine
from shop.carts import services
from shop.orders.models import Order as ShopOrder
from shop.orders.models import OrderLine as ShopOrderLine
from shop.orders.models import OrderMove
from tests.builders import catalogue, people

pytestmark = pytest.mark.django_db
# Savepoints of the event (and of the test's own transaction) are no work for the database.
BOOKKEEPING = ("SAVEPOINT", "RELEASE SAVEPOINT", "BEGIN", "COMMIT", "ROLLBACK")


@pytest.fixture(autouse=True)
def _prices_stay_fresh(settings: Any) -> None:
    """However slow the machine is, nothing is asked anew between two looks at a page."""
    settings.ERP_LIMITS = settings.ERP_LIMITS | {"refresh_after_s": 3600.0, "fresh_s": 3600.0, "near_s": 3600.0}


def cost(client: Client, address: str, **query: str) -> tuple[int, int]:
    """Return how many queries and ERP calls a page takes when everything that is kept is known."""
    assert client.get(address, query | {"prices": "wait"}).status_code == 200
    with CaptureQueriesContext(connection) as caught, counted_calls() as calls:
        assert client.get(address, query).status_code == 200
    return sum(1 for q in caught.captured_queries if not q["sql"].lstrip().startswith(BOOKKEEPING)), calls.count


def ordered(actor: Actor, number: str, skus: list[str]) -> str:
    """Return the address of an order by telephone."""
    order = Order.objects.create(
        erp_id=f"erp-{number}", version=timezone.now(), synced_at=timezone.now(), number=number, status="open",
        customer_erp_id=actor.sold_to.erp_id, step="confirmed", placed_at=timezone.now() - dt.timedelta(days=3),
        currency="EUR", channel_hint="phone", total=Decimal(121),
    )  # fmt: skip
    OrderLine.objects.bulk_create(
        OrderLine(order=order, erp_id=f"{number}-{n}", line_no=n, sku=sku, quantity=Decimal(2), net_price=Decimal(5))
        for n, sku in enumerate(skus, start=1)
    )
    return reverse("order-detail", kwargs={"number": number})


def test_an_order_page_costs_the_same_for_one_line_and_for_many(client: Client) -> None:
    actor = people.acting(client)
    skus = [catalogue.item().sku for _ in range(40)]
    short, long = ordered(actor, "S-1", skus[:1]), ordered(actor, "S-2", skus)
    assert cost(client, short) == cost(client, long)
    assert cost(client, long)[0] <= 8
    assert cost(client, long)[1] == 0


def test_the_page_of_an_order_of_the_shop_costs_no_more(client: Client) -> None:
    actor = people.acting(client)
    sku = catalogue.item().sku
    address = ordered(actor, "S-1", [sku])
    now = timezone.now()
    own = ShopOrder.objects.create(
        reference="WEB-1", sold_to=actor.sold_to, placed_by=actor.user, channel="web_self", order_key=uuid.uuid4(),
        content_hash="x", state="confirmed", currency="EUR", placed_at=now, prices_valid_until=now, erp_number="S-1",
    )  # fmt: skip
    ShopOrderLine.objects.create(
        order=own, line_no=1, sku=sku, quantity=Decimal(2), unit="u", net_price=Decimal(5), currency="EUR",
        price_as_of=now, price_source="live",
    )  # fmt: skip
    OrderMove.objects.create(order=own, to_state="confirmed", at=now)
    Order.objects.update(web_reference="WEB-1")
    assert cost(client, address)[0] <= 8


def test_a_warm_basket_asks_no_erp_and_costs_the_same_for_one_line_and_for_many(client: Client) -> None:
    actor = people.acting(client)
    skus = [catalogue.item().sku for _ in range(30)]
    services.add_line(actor=actor, sku=skus[0], quantity=Decimal(1), language="en", now=timezone.now())
    short = cost(client, reverse("basket"))
    for sku in skus[1:]:
        services.add_line(actor=actor, sku=sku, quantity=Decimal(1), language="en", now=timezone.now())
    assert cost(client, reverse("basket")) == short
    assert short[0] <= 5
    assert short[1] == 0


def test_a_cold_basket_asks_the_erp_once_whatever_the_number_of_lines(client: Client) -> None:
    actor = people.acting(client)
    for sku in [catalogue.item().sku for _ in range(30)]:
        services.add_line(actor=actor, sku=sku, quantity=Decimal(1), language="en", now=timezone.now())
    with counted_calls() as calls:
        client.get(reverse("basket"), {"prices": "wait"})
    assert calls.operations == ["offers"]


def test_putting_an_item_into_the_basket_takes_few_statements(client: Client) -> None:
    people.acting(client)
    sku = catalogue.item().sku
    typed = {"sku": sku, "quantity": "1"}
    client.post(reverse("basket-add"), typed, headers={"HX-Request": "true"})
    with CaptureQueriesContext(connection) as caught, counted_calls() as calls:
        client.post(reverse("basket-add"), typed, headers={"HX-Request": "true"})
    assert sum(1 for q in caught.captured_queries if not q["sql"].lstrip().startswith(BOOKKEEPING)) <= 7
    assert calls.count == 0


def test_the_first_page_and_the_order_list_take_at_most_nine_and_six_questions(client: Client) -> None:
    actor = people.acting(client)
    ordered(actor, "S-1", [catalogue.item().sku for _ in range(3)])
    assert cost(client, reverse("home"))[0] <= 8
    assert cost(client, reverse("order-list"))[0] <= 6
