"""An order that the ERP can take and has not given a number yet."""

import datetime as dt
import uuid
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from erp_sync.outbox.signals import WriteSettled, write_settled
from erp_sync.records import Totals, WrittenOrder
from shop.orders.models import Order, OrderState
from tests.builders import people

pytestmark = pytest.mark.django_db
REFERENCE = "WEB-HANDED0000000000000001"
WORDS = "Handed to the ERP, waits for its number"


@pytest.fixture
def order(client: Client) -> Order:
    actor = people.acting(client)
    now = timezone.now()
    return Order.objects.create(
        reference=REFERENCE,
        sold_to=actor.sold_to,
        placed_by=actor.user,
        channel="web_self",
        order_key=uuid.uuid4(),
        content_hash="x",
        currency="EUR",
        total=Decimal("12.10"),
        placed_at=now,
        prices_valid_until=now + dt.timedelta(hours=24),
    )


def told(state: str, number: str = "", erp_id: str = REFERENCE) -> None:
    totals = Totals("EUR", Decimal("10.00"), Decimal("2.10"), Decimal("12.10"))
    written = WrittenOrder(erp_id, number, REFERENCE, state, totals)
    event = WriteSettled("order", REFERENCE, "done" if number else state, written, "")
    write_settled.send(sender=WriteSettled, event=event)


def test_a_handed_order_says_so_on_each_of_its_pages(client: Client, order: Order) -> None:
    told("handed")
    order.refresh_from_db()
    assert (order.state, order.is_handed) == (OrderState.PLACED, True)
    placed = client.get(reverse("checkout-done", kwargs={"number": REFERENCE})).content.decode()
    assert WORDS in placed
    assert 'hx-trigger="every 60s"' in placed
    detail = client.get(reverse("order-detail", kwargs={"number": REFERENCE})).content.decode()
    assert WORDS in detail
    assert reverse("order-pdf", kwargs={"number": REFERENCE}) not in detail
    assert "With the ERP, waits for its number" in client.get(reverse("order-list")).content.decode()


def test_its_number_ends_the_waiting(client: Client, order: Order) -> None:
    told("handed")
    told("confirmed", "SO0001", "1")
    order.refresh_from_db()
    assert (order.state, order.erp_id, order.erp_number, order.is_handed) == ("confirmed", "1", "SO0001", False)
    assert WORDS not in client.get(reverse("order-detail", kwargs={"number": "SO0001"})).content.decode()


def test_an_answer_that_came_before_is_not_undone(order: Order) -> None:
    told("confirmed", "SO0001", "1")
    told("handed")
    order.refresh_from_db()
    assert (order.erp_id, order.erp_number) == ("1", "SO0001")
