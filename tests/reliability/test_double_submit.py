"""One checkout sent many times at once is one order, and everybody is told the same number (double_submit)."""

import uuid
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from threading import Barrier

import pytest
from django.db import connection
from django.db.models import Model
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from accounts.actors import Actor
from erp_sync import gateway
from erp_sync.adapters import fake
from erp_sync.adapters.fake_server import FakeServer
from erp_sync.outbox.models import OutboxRow
from shop.carts import services as carts
from shop.carts.models import Cart
from shop.orders.checkout import checkout
from shop.orders.models import Order
from tests.builders import catalogue, people
from tests.reliability.conftest import HTTP_ADAPTER
from tests.reliability.web import Web
from tests.reliability.world import SKU

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

ROUNDS, POSTS = 5, 20


@pytest.fixture
def shop_settings(settings: Settings) -> Iterator[dict[str, object]]:
    """An ERP on a socket, so that the web processes see the one that the test fills."""
    erp = fake.shared()
    erp.reset()
    gateway.forget()
    server = FakeServer(erp=erp)
    server.start()
    found: dict[str, object] = {
        "ERP_ADAPTER": HTTP_ADAPTER,
        "ERP_URL": server.url,
        "ERP_LIMITS": {"calls_at_once": 20, "call_wait_s": 5},
    }
    for name, value in found.items():
        setattr(settings, name, value)
    yield found
    server.stop()
    erp.reset()
    gateway.forget()


class Checkout:
    """A buyer with a full basket who has the checkout open."""

    def __init__(self) -> None:
        self.actor: Actor = people.buyer()
        fake.shared().add_customer(self.actor.sold_to.erp_id)
        self.client = people.log_in(Client(), self.actor)
        self.session = self.client.session.session_key or ""
        self.fill()

    def fill(self) -> None:
        """Put something into the basket."""
        carts.add_line(actor=self.actor, sku=SKU, quantity=Decimal(3), language="en", now=timezone.now())

    def fields(self) -> dict[str, str]:
        """Return what the open page would send."""
        current = checkout(actor=self.actor, now=timezone.now())
        return {
            "ship_to": current.places[0].erp_id,
            "customer_reference": "PO-1",
            "requested_on": "",
            "note": "",
            "order_key": str(Cart.objects.get(user=self.actor.user).order_key),
            "shown": str(current.fingerprint),
        }

    def send_at_once(self, web: Web, fields: dict[str, str]) -> Counter[tuple[int, str]]:
        """Send the same form POSTS times at the same moment; return the different answers."""
        gate = Barrier(POSTS)

        def send(_number: int) -> tuple[int, str]:
            gate.wait(timeout=30)
            return web.post("/checkout/", fields, session=self.session)

        with ThreadPoolExecutor(POSTS) as pool:
            return Counter(pool.map(send, range(POSTS)))


def count(model: type[Model]) -> int:
    return model._default_manager.count()


def test_one_key_is_one_order_and_one_answer(shop_settings: dict[str, object]) -> None:
    catalogue.item(SKU, price="2.00")
    buyer = Checkout()
    with Web(settings=shop_settings) as web:
        for number in range(1, ROUNDS + 1):
            answers = buyer.send_at_once(web, buyer.fields())
            order = Order.objects.latest("pk")
            assert answers == {(302, f"/orders/{order.reference}/placed/"): POSTS}
            assert (count(Order), count(OutboxRow)) == (number, number)
            buyer.fill()


def test_the_back_button_after_an_order_shows_the_order_again(shop_settings: dict[str, object]) -> None:
    catalogue.item(SKU, price="2.00")
    buyer = Checkout()
    fields = buyer.fields()
    first = buyer.client.post("/checkout/", fields)
    buyer.fill()  # he goes on buying, then goes back and sends the old page again
    again = buyer.client.post("/checkout/", fields)
    other = buyer.client.post("/checkout/", fields | {"note": "changed"})
    assert (first.status_code, again.status_code, other.status_code) == (302, 302, 409)
    assert first.headers["Location"] == again.headers["Location"]
    assert count(Order) == 1
    cart = Cart.objects.get(user=buyer.actor.user)
    assert cart.lines.count() == 1
    assert cart.customer_reference == ""  # what belonged to the first order is not offered for the next one


def test_control_without_key_and_lock_one_click_becomes_many_orders(shop_settings: dict[str, object]) -> None:
    catalogue.item(SKU, price="2.00")
    buyer = Checkout()
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE shop_order DROP CONSTRAINT order_key_once")
    try:
        with Web(settings=shop_settings, variant="careless") as web:
            buyer.send_at_once(web, buyer.fields() | {"order_key": str(uuid.uuid4())})
        assert count(Order) > 1
    finally:
        with connection.cursor() as cursor:
            cursor.execute("TRUNCATE shop_order CASCADE")
            cursor.execute("ALTER TABLE shop_order ADD CONSTRAINT order_key_once UNIQUE (sold_to_id, order_key)")
