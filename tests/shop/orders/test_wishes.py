"""Letting an order go or changing it: what the ERP allows, once, with its own words in the end."""

import datetime as dt
import uuid
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.actors import Actor
from accounts.errors import NotPermitted
from accounts.models import AuditEntry
from erp_sync.adapters.fake import FakeErp
from erp_sync.mirror.models import Order as ErpOrder
from erp_sync.outbox import exporter
from erp_sync.outbox.models import OutboxRow
from erp_sync.outbox.signals import WriteSettled
from shop.carts import services as carts
from shop.messages.models import Message
from shop.notices.models import Notice
from shop.orders import wishes
from shop.orders.checkout import checkout
from shop.orders.models import Order, OrderState, OrderWish, WishState
from shop.orders.selectors import get_order
from shop.orders.services import CheckoutData
from shop.orders.wishes import Change, WishRefused
from tests.builders import catalogue, deliveries, people
from tests.builders.orders import place_order

pytestmark = pytest.mark.django_db
EVERYTHING = ["cancel", "requested_on", "ship_to", "customer_reference", "lines"]
SOON = timezone.now().date() + dt.timedelta(days=10)


def an_order(actor: Actor, number: str = "SO-1", **facts: object) -> ErpOrder:
    order = deliveries.order(actor.sold_to, number, **({"allowed": EVERYTHING} | facts))
    deliveries.line(order, "A-1", 5)
    return order


def settled(wish: OrderWish, state: str, message: str = "") -> WriteSettled:
    kind = "cancel" if wish.kind == "cancel" else "order_change"
    return WriteSettled(kind=kind, reference=wish.reference, state=state, written=None, message=message)


def cancel(actor: Actor, number: str = "SO-1") -> OrderWish:
    order = get_order(actor=actor, number=number)
    return wishes.cancel_order(actor=actor, order=order, reason="Wrong size", now=timezone.now())


def change(actor: Actor, **what: object) -> OrderWish:
    order = get_order(actor=actor, number="SO-1")
    return wishes.change_order(actor=actor, order=order, change=Change(**what), now=timezone.now())  # type: ignore[arg-type]


def test_a_cancellation_is_asked_for_once_whoever_clicks_second() -> None:
    actor = people.buyer()
    an_order(actor)
    wish = cancel(actor)
    with pytest.raises(WishRefused, match=f"{actor.user} has already asked"):
        cancel(people.buyer(actor.sold_to))
    assert OrderWish.objects.get() == wish
    row = OutboxRow.objects.get()
    assert (row.kind, row.reference, wish.state) == ("cancel", wish.reference, WishState.ASKED)


def test_what_the_erp_no_longer_allows_is_a_sentence_and_nothing_is_sent() -> None:
    actor = people.buyer()
    an_order(actor, allowed=["customer_reference"])
    with pytest.raises(WishRefused, match="no longer allows this for order SO-1"):
        cancel(actor)
    with pytest.raises(WishRefused, match="no longer allows"):
        change(actor, requested_on=SOON, customer_reference="PO-9")
    assert not OrderWish.objects.exists()
    assert not OutboxRow.objects.exists()


def test_only_what_differs_is_asked_for() -> None:
    actor = people.buyer()
    an_order(actor, customer_reference="PO-1")
    wish = change(actor, requested_on=SOON, customer_reference="PO-1")
    assert (wish.requested_on, wish.customer_reference, wish.ship_to_erp_id) == (SOON, None, None)


def test_a_change_that_changes_nothing_and_a_foreign_place_are_refused() -> None:
    actor, other = people.buyer(), people.sold_to()
    an_order(actor, customer_reference="PO-1")
    with pytest.raises(WishRefused, match="Nothing differs"):
        change(actor, customer_reference="PO-1")
    with pytest.raises(WishRefused, match="one of your delivery addresses"):
        change(actor, ship_to_erp_id=other.erp_id.replace("C", "A"))
    assert not OutboxRow.objects.exists()


def test_the_erps_refusal_stands_in_its_own_words_and_the_asker_is_told() -> None:
    actor = people.buyer()
    an_order(actor)
    wish = cancel(actor)
    wishes.settle(event=settled(wish, "rejected", "Goods are packed."), now=timezone.now())
    wish.refresh_from_db()
    assert (wish.state, wish.erp_message) == (WishState.REFUSED, "Goods are packed.")
    assert Notice.objects.filter(event="order_wish_refused", person=actor.user).count() == 1
    assert cancel(actor).state == WishState.ASKED


def test_in_doubt_one_of_ours_looks_and_nothing_else_can_be_asked_for() -> None:
    actor = people.buyer()
    an_order(actor)
    wish = cancel(actor)
    wishes.settle(event=settled(wish, "dead", "no answer"), now=timezone.now())
    with pytest.raises(WishRefused, match="already asked"):
        change(actor, requested_on=SOON)


def test_a_rep_may_cancel_for_the_customer_and_it_is_written_down() -> None:
    actor = people.assisting()
    an_order(actor)
    cancel(actor)
    assert AuditEntry.objects.filter(action="order.cancel").count() == 1


def test_somebody_without_a_role_cannot() -> None:
    actor = people.buyer()
    an_order(actor)
    nobody = Actor(user=actor.user, sold_to=actor.sold_to)
    with pytest.raises(NotPermitted):
        cancel(nobody)


@pytest.mark.django_db(transaction=True)
def test_an_order_of_the_shop_is_cancelled_in_the_erp_and_says_so(erp: FakeErp) -> None:
    actor = people.buyer()
    order = placed(erp, actor)
    ErpOrder.objects.create(
        erp_id=order.erp_id, number=order.erp_number, customer_erp_id=actor.sold_to.erp_id, status="open",
        placed_at=order.placed_at, currency="EUR", channel_hint="shop", web_reference=order.reference,
        allowed=EVERYTHING, version=timezone.now(), synced_at=timezone.now(),
    )  # fmt: skip
    wish = cancel(actor, order.erp_number)
    exporter.export_due(now=timezone.now() + dt.timedelta(seconds=2))
    wish.refresh_from_db()
    order.refresh_from_db()
    assert (wish.state, order.state) == (WishState.DONE, OrderState.CANCELLED)
    assert erp.orders_of(order.reference)[0].state == "cancelled"
    assert Notice.objects.filter(event="order_cancelled").count() == 1


def placed(erp: FakeErp, actor: Actor) -> Order:
    erp.add_customer(actor.sold_to.erp_id)
    catalogue.item("A-1", price="2.00")
    carts.add_line(actor=actor, sku="A-1", quantity=Decimal(3), language="en", now=timezone.now())
    current = checkout(actor=actor, now=timezone.now())
    data = CheckoutData(current.places[0].erp_id, "PO-1", None, "", str(current.fingerprint))
    order = place_order(actor=actor, key=uuid.uuid4(), data=data, now=timezone.now())
    exporter.export_due(now=timezone.now() + dt.timedelta(seconds=1))
    order.refresh_from_db()
    return order


# --- pages --------------------------------------------------------------------------------------------------------


def test_the_order_page_offers_what_may_be_asked_for_then_waits_then_says_what_came(client: Client) -> None:
    actor = people.acting(client)
    an_order(actor)
    address = reverse("order-detail", kwargs={"number": "SO-1"})
    cancel_url = reverse("order-cancel", kwargs={"number": "SO-1"})
    assert cancel_url in client.get(address).text
    assert client.get(cancel_url).status_code == 200
    assert client.post(cancel_url, {"reason": "Wrong size"}).status_code == 302
    waiting = client.get(address).text
    assert "Asked for, waiting for the ERP" in waiting
    assert "Wrong size" in waiting
    assert cancel_url not in waiting
    wishes.settle(event=settled(OrderWish.objects.get(), "rejected", "Too late."), now=timezone.now())
    assert "It says: Too late." in client.get(address).text


def test_the_form_of_a_change_has_only_what_may_be_changed(client: Client) -> None:
    actor = people.acting(client)
    an_order(actor, allowed=["customer_reference"])
    address = reverse("order-change", kwargs={"number": "SO-1"})
    page = client.get(address).text
    assert 'name="customer_reference"' in page
    assert 'name="requested_on"' not in page
    # What is not in the form is not changed, whatever is sent.
    client.post(address, {"customer_reference": "PO-2", "requested_on": SOON.isoformat(), "ship_to": "A1"})
    wish = OrderWish.objects.get()
    assert (wish.customer_reference, wish.requested_on, wish.ship_to_erp_id) == ("PO-2", None, None)


def test_a_day_that_is_over_is_refused_with_what_was_typed(client: Client) -> None:
    actor = people.acting(client)
    an_order(actor)
    address = reverse("order-change", kwargs={"number": "SO-1"})
    answer = client.post(address, {"requested_on": "2020-01-01", "customer_reference": "PO-2"})
    assert answer.status_code == 422
    assert "PO-2" in answer.text
    assert not OrderWish.objects.exists()


def test_an_order_that_is_shut_says_so_and_asks_to_write(client: Client) -> None:
    actor = people.acting(client)
    an_order(actor, allowed=[])
    assert "no longer allows changes" in client.get(reverse("order-detail", kwargs={"number": "SO-1"})).text
    assert client.get(reverse("order-cancel", kwargs={"number": "SO-1"})).status_code == 302


@pytest.mark.parametrize("name", ["order-cancel", "order-change", "order-message"])
def test_an_order_of_another_company_is_not_there(client: Client, name: str) -> None:
    an_order(people.buyer())
    people.acting(client)
    address = reverse(name, kwargs={"number": "SO-1"})
    assert client.post(address, {"text": "x"}).status_code == 404
    assert not OrderWish.objects.exists()


def test_a_message_on_an_order_is_kept_and_a_bad_one_gives_the_words_back(client: Client) -> None:
    actor = people.acting(client)
    an_order(actor)
    address = reverse("order-message", kwargs={"number": "SO-1"})
    assert client.post(address, {"text": "Where is it?"}).status_code == 302
    assert "Where is it?" in client.get(reverse("order-detail", kwargs={"number": "SO-1"})).text
    assert client.post(address, {"text": ""}).status_code == 422
    assert Message.objects.count() == 1
