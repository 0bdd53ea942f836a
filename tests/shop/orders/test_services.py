"""Placing an order: once for each key, at the prices the buyer saw, with its receipt."""

import dataclasses
import datetime as dt
import uuid
from decimal import Decimal

import pytest
from django.core import mail
from django.utils import timezone

from accounts.actors import Actor
from adoption.events.models import Event
from erp_sync import gateway
from erp_sync.adapters.fake import FakeErp
from erp_sync.mirror.models import Item
from erp_sync.outbox import exporter
from erp_sync.outbox.models import OutboxRow
from shop.carts import services as carts
from shop.carts.models import CartLine
from shop.errors import BasketChanged, OrderKeyReused
from shop.notices.sending import send_due
from shop.orders.checkout import checkout
from shop.orders.models import Order, OrderLine, OrderState
from shop.orders.services import CheckoutBlocked, CheckoutData
from tests.builders import catalogue, people
from tests.builders.orders import place_order

pytestmark = pytest.mark.django_db


def basket_of(actor: Actor, *lines: tuple[str, str]) -> None:
    for sku, quantity in lines:
        carts.add_line(actor=actor, sku=sku, quantity=Decimal(quantity), language="en", now=timezone.now())


def ready_buyer(erp: FakeErp, *, credit: str | None = None) -> Actor:
    actor = people.buyer()
    erp.add_customer(actor.sold_to.erp_id, credit_limit=Decimal(credit) if credit else None)
    catalogue.item("A-1", price="2.00")
    catalogue.item("B-2", price="0.3333")
    basket_of(actor, ("A-1", "3"), ("B-2", "10"))
    return actor


def typed(actor: Actor, **changes: object) -> CheckoutData:
    current = checkout(actor=actor, now=timezone.now())
    known: dict[str, object] = {
        "ship_to_erp_id": current.places[0].erp_id,
        "customer_reference": "PO-77",
        "requested_on": None,
        "note": "",
        "shown": str(current.fingerprint),
    }
    return CheckoutData(**(known | changes))  # type: ignore[arg-type]


def place(actor: Actor, data: CheckoutData, key: uuid.UUID | None = None) -> Order:
    return place_order(actor=actor, key=key or uuid.uuid4(), data=data, now=timezone.now())


def test_order_keeps_the_receipt_of_every_price(erp: FakeErp) -> None:
    actor = ready_buyer(erp)
    order = place(actor, typed(actor))
    assert order.state == OrderState.PLACED
    assert order.channel == "web_self"
    assert (order.untaxed_total, order.total) == (Decimal("9.33"), Decimal("11.29"))
    line = OrderLine.objects.get(sku="B-2")
    assert (line.net_price, line.currency, line.price_source) == (Decimal("0.3333"), "EUR", gateway.LIVE)
    assert line.price_as_of <= timezone.now()
    assert line.price_request_id
    assert not CartLine.objects.exists()
    assert OutboxRow.objects.get().reference == order.reference


def test_order_is_announced_in_the_same_transaction(erp: FakeErp) -> None:
    actor = ready_buyer(erp)
    order = place(actor, typed(actor))
    event = Event.objects.get(kind="order_submitted")
    assert (event.object_id, event.account_id, event.actor) == (order.reference, actor.sold_to.erp_id, "buyer")
    assert event.props["channel"] == "web_self"


def test_same_key_and_content_gives_the_same_order(erp: FakeErp) -> None:
    actor = ready_buyer(erp)
    key, data = uuid.uuid4(), typed(actor)
    first = place(actor, data, key)
    again = place(actor, data, key)
    assert first.pk == again.pk
    assert Order.objects.count() == OutboxRow.objects.count() == 1


def test_same_key_with_other_content_is_refused(erp: FakeErp) -> None:
    actor = ready_buyer(erp)
    key, data = uuid.uuid4(), typed(actor)
    place(actor, data, key)
    with pytest.raises(OrderKeyReused):
        place(actor, dataclasses.replace(data, customer_reference="another"), key)
    assert Order.objects.count() == 1


def test_price_change_between_page_and_submit_is_shown_first(erp: FakeErp) -> None:
    actor = ready_buyer(erp)
    data = typed(actor)
    erp.set_price("", "A-1", (1, "2.50"))
    with pytest.raises(BasketChanged):
        place(actor, data)
    assert not Order.objects.exists()
    assert CartLine.objects.count() == 2
    assert place(actor, typed(actor)).total is not None


def test_item_withdrawn_between_basket_and_submit_keeps_the_basket(erp: FakeErp) -> None:
    actor = ready_buyer(erp)
    data = typed(actor)
    Item.objects.filter(sku="A-1").update(is_active=False)
    with pytest.raises(CheckoutBlocked, match="A-1 is no longer sold"):
        place(actor, data)
    assert CartLine.objects.count() == 2
    assert not OutboxRow.objects.exists()


def test_credit_exceeded_is_a_sentence_not_an_order(erp: FakeErp) -> None:
    actor = ready_buyer(erp, credit="5")
    with pytest.raises(CheckoutBlocked, match=r"above the €5\.00 that are left of your credit"):
        place(actor, typed(actor))
    assert not Order.objects.exists()


def test_excluded_company_cannot_order(erp: FakeErp) -> None:
    company = people.sold_to(eligible=False)
    actor = people.buyer(company)
    erp.add_customer(company.erp_id)
    catalogue.item("A-1", price="2.00")
    basket_of(actor, ("A-1", "3"))
    with pytest.raises(CheckoutBlocked, match="can't order online"):
        place(actor, typed(actor))


def test_foreign_address_is_refused(erp: FakeErp) -> None:
    actor, other = ready_buyer(erp), people.sold_to()
    foreign = other.erp_id.replace("C", "A")
    with pytest.raises(CheckoutBlocked, match="one of your delivery addresses"):
        place(actor, typed(actor, ship_to_erp_id=foreign))


def test_basket_changed_in_another_tab_is_noticed(erp: FakeErp) -> None:
    actor = ready_buyer(erp)
    data = typed(actor)
    basket_of(actor, ("A-1", "1"))
    with pytest.raises(BasketChanged):
        place(actor, data)


def test_erp_down_gives_an_order_that_waits_for_its_confirmation(erp: FakeErp) -> None:
    actor = ready_buyer(erp)
    checkout(actor=actor, now=timezone.now())
    erp.book.is_down = True
    order = place(actor, typed(actor))
    assert order.state == OrderState.PENDING_CONFIRMATION
    assert order.total is None
    assert OutboxRow.objects.get().payload["recheck"] is True
    assert {line.price_source for line in OrderLine.objects.all()} <= {gateway.CACHE, gateway.LAST_KNOWN}


def test_erp_down_without_a_known_price_refuses_and_keeps_the_basket(erp: FakeErp) -> None:
    actor = ready_buyer(erp)
    gateway.forget()
    erp.book.is_down = True
    with pytest.raises(CheckoutBlocked, match="There is no price for A-1, B-2"):
        place(actor, typed(actor))
    assert CartLine.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_confirmed_order_has_the_erps_number_and_total_and_a_mail(erp: FakeErp) -> None:
    actor = ready_buyer(erp)
    order = place(actor, typed(actor))
    exporter.export_due(now=timezone.now() + dt.timedelta(seconds=1))
    order.refresh_from_db()
    assert order.state == OrderState.CONFIRMED
    assert [written.number for written in erp.orders_of(order.reference)] == [order.erp_number]
    assert order.total == Decimal("11.29")
    send_due(now=timezone.now())
    assert [(one.to, order.erp_number in one.subject) for one in mail.outbox] == [([actor.user.email], True)]


@pytest.mark.django_db(transaction=True)
def test_refused_order_shows_the_erps_words_and_the_lines_are_back(erp: FakeErp) -> None:
    actor = ready_buyer(erp)
    order = place(actor, typed(actor))
    erp.fail("reject", "create_order", message="Customer is blocked in accounting.")
    exporter.export_due(now=timezone.now() + dt.timedelta(seconds=1))
    order.refresh_from_db()
    assert (order.state, order.erp_message) == (OrderState.REJECTED, "Customer is blocked in accounting.")
    trouble = Event.objects.get(kind="friction")
    assert (trouble.props, trouble.user_id) == (
        {"cause": "order_refused", "about": order.reference},
        str(actor.user.person_key),
    )
    assert sorted(CartLine.objects.values_list("sku", "quantity")) == [("A-1", 3), ("B-2", 10)]
    send_due(now=timezone.now())
    assert "back in the basket" in mail.outbox[0].subject
    assert "Customer is blocked in accounting." in mail.outbox[0].body


def test_rep_orders_as_himself_and_it_shows(erp: FakeErp) -> None:
    company = people.sold_to()
    actor = people.assisting(company)
    erp.add_customer(company.erp_id)
    catalogue.item("A-1", price="2.00")
    basket_of(actor, ("A-1", "3"))
    order = place(actor, typed(actor))
    assert (order.channel, order.placed_by, order.assisted) == ("web_assisted", actor.user, actor.assisted)
    event = Event.objects.get(kind="order_submitted")
    assert (event.actor, event.impersonator_id) == ("rep", str(actor.user.person_key))
