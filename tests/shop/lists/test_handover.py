"""A rep hands his basket to the customer: the person has it, is told, and nothing is ordered."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.actors import Actor
from accounts.models import Membership
from erp_sync.adapters.fake import FakeErp
from shop.carts import services as carts
from shop.carts.selectors import line_count
from shop.lists.handover import hand_over
from shop.lists.models import ItemList, ListKind
from shop.notices.models import Notice
from shop.orders.models import Order
from tests.builders import catalogue, people

pytestmark = pytest.mark.django_db


@pytest.fixture
def buyer(erp: FakeErp) -> Actor:
    company = people.sold_to()
    erp.add_customer(company.erp_id)
    catalogue.item("A-1", "Bolt", price="10.00")
    return people.buyer(company)


@pytest.fixture
def rep(buyer: Actor, client: Client) -> Actor:
    actor = people.assisting(buyer.sold_to)
    people.log_in(client, actor)
    carts.add_line(actor=actor, sku="A-1", quantity=Decimal(4), language="en", now=timezone.now())
    return actor


def test_the_person_gets_the_basket_and_is_told_and_nothing_is_ordered(
    client: Client, buyer: Actor, rep: Actor
) -> None:
    membership = buyer.membership
    assert membership is not None
    typed = {"to": membership.pk, "note": "As we said on Tuesday"}
    assert client.post(reverse("basket-hand-over"), typed).status_code == 302
    made = ItemList.objects.get()
    assert (made.owner, made.kind, made.changed_by) == (buyer.user, ListKind.BASKET, rep.user)
    assert [(line.sku, line.quantity) for line in made.lines.all()] == [("A-1", 4)]
    notice = Notice.objects.get(person=buyer.user)
    assert (notice.event, notice.params["note"]) == ("basket_handed_over", "As we said on Tuesday")
    assert line_count(actor=rep) == 0
    assert not Order.objects.exists()

    theirs = people.log_in(Client(), buyer)
    assert "Bolt" in theirs.get(notice.path).content.decode()


def test_what_another_window_adds_meanwhile_is_not_lost(buyer: Actor, rep: Actor) -> None:
    to = str(Membership.objects.get(user=buyer.user).pk)
    with CaptureQueriesContext(connection) as asked:
        hand_over(actor=rep, to=to, note="", now=timezone.now())
    basket = [one["sql"] for one in asked if "shop_cart" in one["sql"]]
    assert basket[0].endswith("FOR UPDATE")  # held before it is read, until it is empty


def test_nobody_chosen_an_empty_basket_or_a_foreign_person_sends_nothing(client: Client, rep: Actor) -> None:
    foreign = people.buyer(people.sold_to("Other")).membership
    assert foreign is not None
    for to in ("", "x", "9" * 40, str(foreign.pk)):
        assert client.post(reverse("basket-hand-over"), {"to": to}).status_code == 422
    assert line_count(actor=rep) == 1
    assert not ItemList.objects.exists()
    carts.clear(actor=rep, now=timezone.now())
    people.buyer(rep.sold_to)
    assert "Hand over</button>" not in client.get(reverse("basket-hand-over")).content.decode()


def test_a_buyer_has_no_such_page(buyer: Actor) -> None:
    theirs = people.log_in(Client(), buyer)
    assert theirs.get(reverse("basket-hand-over")).status_code == 404
    assert theirs.post(reverse("basket-hand-over"), {"to": "1"}).status_code == 404
