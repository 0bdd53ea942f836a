"""The basket: what goes in, what is shown, what never comes from the client."""

from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from erp_sync.adapters.fake import FakeErp
from erp_sync.mirror.models import Item
from shop.carts import selectors, services
from shop.carts.models import CartLine
from shop.errors import BadQuantity, UnknownItem
from tests.builders import catalogue, people

pytestmark = pytest.mark.django_db


def test_adding_twice_adds_up() -> None:
    actor, item = people.buyer(), catalogue.item("A-1")
    for _time in range(2):
        services.add_line(actor=actor, sku=item.sku, quantity=Decimal(3), language="en", now=timezone.now())
    assert [line.quantity for line in CartLine.objects.all()] == [6]


@pytest.mark.parametrize("quantity", ["0", "-1", "1000000000", "2.5"])
def test_bad_quantity_leaves_nothing(quantity: str) -> None:
    actor, item = people.buyer(), catalogue.item("A-1")
    with pytest.raises(BadQuantity):
        services.add_line(actor=actor, sku=item.sku, quantity=Decimal(quantity), language="en", now=timezone.now())
    assert not CartLine.objects.exists()


def test_unknown_sku_is_refused_with_what_to_do(client: Client) -> None:
    people.acting(client)
    answer = client.post(reverse("basket-add"), {"sku": "NOPE", "quantity": "1"}, follow=True)
    assert "We have no item NOPE. Check the number, or search for its name." in answer.content.decode()
    with pytest.raises(UnknownItem):
        services.orderable_item("NOPE")


def test_price_from_the_client_is_ignored(client: Client, erp: FakeErp) -> None:
    people.acting(client)
    catalogue.item("A-1", price="2.00")
    client.post(
        reverse("basket-add"), {"sku": "A-1", "quantity": "2", "price": "0.01", "net_price": "0", "sold_to": "1"}
    )
    page = client.get(reverse("basket"), {"prices": "wait"}).content.decode()
    assert "€4.00" in page
    assert "0.01" not in page


def test_basket_belongs_to_person_and_company(client: Client) -> None:
    company = people.sold_to()
    one, other, rep = people.buyer(company), people.buyer(company), people.assisting(company)
    catalogue.item("A-1")
    services.add_line(actor=one, sku="A-1", quantity=Decimal(1), language="en", now=timezone.now())
    assert selectors.line_count(actor=one) == 1
    assert selectors.line_count(actor=other) == 0
    assert selectors.line_count(actor=rep) == 0


def test_withdrawn_item_is_named_with_its_replacement(client: Client) -> None:
    actor = people.acting(client)
    catalogue.item("OLD-1", replaced_by="NEW-1")
    catalogue.item("NEW-1")
    services.add_line(actor=actor, sku="OLD-1", quantity=Decimal(2), language="en", now=timezone.now())
    Item.objects.filter(sku="OLD-1").update(is_active=False)
    page = client.get(reverse("basket")).content.decode()
    assert "OLD-1 is no longer sold. Replace it by NEW-1 or take it out." in page
    client.post(reverse("basket-line"), {"sku": "OLD-1", "do": "swap"})
    assert [(line.sku, line.quantity) for line in CartLine.objects.all()] == [("NEW-1", 2)]


def test_price_change_since_it_was_seen_is_marked(erp: FakeErp) -> None:
    actor = people.buyer()
    catalogue.item("A-1", price="10.00")
    seen = services.SeenPrice(Decimal(8), "EUR", timezone.now())
    services.add_line(actor=actor, sku="A-1", quantity=Decimal(1), language="en", now=timezone.now(), seen=seen)
    line = selectors.basket(actor=actor).lines[0]
    assert line.price_change == Decimal("0.25")


def test_a_sum_says_how_many_lines_are_not_in_it(client: Client, erp: FakeErp) -> None:
    actor = people.acting(client)
    for sku in ("A-1", "B-1"):
        catalogue.item(sku)
        services.add_line(actor=actor, sku=sku, quantity=Decimal(1), language="en", now=timezone.now())
    selectors.basket(actor=actor)
    catalogue.item("C-1")
    services.add_line(actor=actor, sku="C-1", quantity=Decimal(1), language="en", now=timezone.now())
    erp.book.is_down = True
    page = client.get(reverse("basket"), {"prices": "wait"}).content.decode()
    assert "1 line has no price yet and is not in this sum." in page


def test_removed_line_can_be_put_back(client: Client) -> None:
    actor = people.acting(client)
    catalogue.item("A-1")
    services.add_line(actor=actor, sku="A-1", quantity=Decimal(7), language="en", now=timezone.now())
    headers = {"HX-Request": "true"}
    page = client.post(reverse("basket-line"), {"sku": "A-1", "do": "remove"}, headers=headers).content.decode()
    assert "put_back" in page
    for _press in range(2):  # a double click puts it back once
        client.post(reverse("basket-line"), {"sku": "A-1", "do": "put_back", "quantity": "7"})
    assert CartLine.objects.get().quantity == 7


def test_wrong_quantity_keeps_what_was_typed(client: Client) -> None:
    actor = people.acting(client)
    catalogue.item("A-1", multiple=Decimal(10))
    services.add_line(actor=actor, sku="A-1", quantity=Decimal(10), language="en", now=timezone.now())
    answer = client.post(
        reverse("basket-line"), {"sku": "A-1", "do": "set", "quantity": "25"}, headers={"HX-Request": "true"}
    )
    page = answer.content.decode()
    assert "enter 20 or 30" in page
    assert 'value="25"' in page
    assert CartLine.objects.get().quantity == 10


def test_queries_do_not_grow_with_the_lines(client: Client, django_assert_max_num_queries: object) -> None:
    actor = people.acting(client)
    for number in range(40):
        catalogue.item(f"A-{number}")
        services.add_line(actor=actor, sku=f"A-{number}", quantity=Decimal(1), language="en", now=timezone.now())
    client.get(reverse("basket"), {"prices": "wait"})
    with django_assert_max_num_queries(8):  # type: ignore[operator]
        assert client.get(reverse("basket")).status_code == 200


def test_anonymous_is_sent_to_log_in(client: Client) -> None:
    assert client.get(reverse("basket")).status_code == 302
