"""Lists: kept, shared, ordered with one click; two people who edit one lose nothing and are told."""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.selectors import company_day
from adoption.events.models import Event
from erp_sync.adapters.fake import FakeErp
from erp_sync.mirror.models import Item
from shop.carts import services as carts
from shop.carts.models import CartLine
from shop.lists import recurring, selectors, services
from shop.lists.errors import ListRefused
from shop.lists.models import ItemList, ItemListChange, ItemListLine, RecurringOrder
from shop.lists.services import Line, LineEdit
from shop.quick.models import PadRow
from tests.builders import catalogue, deliveries, people

pytestmark = pytest.mark.django_db
NOW = timezone.now


def shared(actor: Any, *lines: tuple[str, str | None], name: str = "Monday") -> ItemList:
    made = [Line(catalogue.item(sku).sku, Decimal(quantity) if quantity else None) for sku, quantity in lines]
    return services.create_list(actor=actor, name=name, lines=made, is_shared=True, now=NOW())


def edit(line: ItemListLine, seen: str, typed: str) -> dict[str, str]:
    return {f"seen-{line.pk}": seen, f"quantity-{line.pk}": typed}


def basket() -> dict[str, Decimal]:
    return {line.sku: line.quantity for line in CartLine.objects.all()}


def test_two_people_edit_one_list_and_nothing_is_lost(client: Client) -> None:
    company = people.sold_to()
    ana = people.buyer(company)
    made = shared(ana, ("A-1", "5"), ("A-2", "5"), ("A-3", "5"))
    first, second, third = made.lines.all()
    people.acting(client, company)
    # Ana saves while Berta has the page of before open: one line Berta leaves, one both change, one only Berta does.
    edits = {first.pk: LineEdit("5.0000", "8"), second.pk: LineEdit("5.0000", "9")}
    services.save_lines(actor=ana, item_list=made, edits=edits, language="en", now=NOW())
    typed = edit(first, "5.0000", "5") | edit(second, "5.0000", "12") | edit(third, "5.0000", "7")
    answer = client.post(reverse("list-detail", args=[made.pk]), typed)
    page = " ".join(answer.content.decode().split())
    assert answer.status_code == 409
    assert f"{ana.user} changed it from 5 to 9 at" in page
    assert "while you typed 12. Save again to take yours" in page
    assert [line.quantity for line in made.lines.all()] == [8, 9, 7]
    # The page holds what is there now as seen, and what she typed: saving again decides.
    assert f'name="seen-{second.pk}" value="9.0000"' in page
    client.post(reverse("list-detail", args=[made.pk]), edit(second, "9.0000", "12"))
    assert [line.quantity for line in made.lines.all()] == [8, 12, 7]
    assert ItemListChange.objects.count() == 4


def test_a_line_that_was_taken_off_meanwhile_is_told(client: Client) -> None:
    company = people.sold_to()
    ana = people.buyer(company)
    made = shared(ana, ("A-1", "5"), ("A-2", "1"))
    line = made.lines.get(sku="A-1")
    people.acting(client, company)
    services.remove_line(actor=ana, item_list=made, pk=line.pk, now=NOW())
    answer = client.post(reverse("list-detail", args=[made.pk]), edit(line, "5.0000", "6"))
    assert answer.status_code == 409
    assert f"{ana.user} took A-1 off the list at" in " ".join(answer.content.decode().split())


def test_a_wrong_quantity_costs_its_own_line_only(client: Client) -> None:
    actor = people.acting(client)
    made = shared(actor, ("A-1", "5"), ("A-2", "5"))
    first, second = made.lines.all()
    answer = client.post(
        reverse("list-detail", args=[made.pk]), edit(first, "5.0000", "x") | edit(second, "5.0000", "")
    )
    assert answer.status_code == 422
    assert 'value="x"' in answer.content.decode()
    assert [line.quantity for line in made.lines.all()] == [5, None]


def test_a_removed_line_and_a_removed_list_are_put_back(client: Client) -> None:
    actor = people.acting(client)
    made = shared(actor, ("A-1", "5"))
    line = made.lines.get()
    here = reverse("list-detail", args=[made.pk])
    page = client.post(here, {"do": f"remove-{line.pk}"}, follow=True).content.decode()
    assert f"back-{line.pk}" in page
    client.post(here, {"do": f"back-{line.pk}"})
    assert made.lines.filter(removed_at=None).count() == 1
    page = client.post(reverse("list-settings", args=[made.pk]), {"do": "remove"}, follow=True).content.decode()
    assert "“Monday” was removed." in page
    assert client.get(here).status_code == 404
    client.post(reverse("list-settings", args=[made.pk]), {"do": "back"})
    assert client.get(here).status_code == 200


def test_only_its_owner_or_an_administrator_removes_a_shared_list(client: Client) -> None:
    company = people.sold_to()
    made = shared(people.buyer(company), ("A-1", "5"))
    colleague, admin = people.buyer(company), people.buyer(company, role="admin")
    with pytest.raises(ListRefused):
        services.remove_list(actor=colleague, item_list=made, now=NOW())
    services.remove_list(actor=admin, item_list=made, now=NOW())
    assert not selectors.lists_of(actor=colleague).exists()


def test_a_list_goes_into_the_basket_with_one_click_and_once(client: Client) -> None:
    actor = people.acting(client)
    made = shared(actor, ("A-1", "5"), ("A-2", None), ("OLD-1", "2"))
    catalogue.item("NEW-1")
    Item.objects.filter(sku="OLD-1").update(is_active=False, replaced_by="NEW-1")
    key = str(uuid.uuid4())
    client.post(reverse("list-order", args=[made.pk]), {"key": key})
    answer = client.post(reverse("list-order", args=[made.pk]), {"key": key})
    assert basket() == {"A-1": 5}
    assert answer.url == reverse("basket")  # type: ignore[attr-defined]
    assert list(PadRow.objects.values_list("sku", "order_sku")) == [("OLD-1", "NEW-1")]
    event = Event.objects.get(kind="reorder_clicked")
    assert (event.actor, event.props["from"]) == ("buyer", "list")
    # He accepts the replacement once; the next time it goes in by itself.
    client.post(reverse("quick-rows"), {"do": "take"})
    client.post(reverse("list-order", args=[made.pk]), {"key": str(uuid.uuid4())})
    assert basket() == {"A-1": 10, "NEW-1": 4}
    assert not PadRow.objects.exists()


def test_a_list_that_the_basket_cannot_hold_waits_on_the_pad_once(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    actor = people.acting(client)
    made = shared(actor, ("A-1", "5"), ("A-2", "5"))
    monkeypatch.setattr(carts, "MOST_LINES", 1)
    answer = client.post(reverse("list-order", args=[made.pk]), {"key": str(uuid.uuid4())})
    assert answer.headers["Location"] == reverse("quick-order")
    assert (basket(), PadRow.objects.count()) == ({}, 2)


def test_a_quantity_that_comes_from_an_items_page_is_told_as_a_change(client: Client) -> None:
    actor = people.acting(client)
    made = shared(actor, ("A-1", "5"))
    services.add_line(actor=actor, item_list=made, sku="A-1", quantity=Decimal(8), now=NOW())
    change = ItemListChange.objects.get()
    assert (change.what, change.before, change.after) == ("quantity", "5", "8")


def test_with_the_erp_down_a_list_is_ordered_and_its_prices_come_at_checkout(client: Client, erp: FakeErp) -> None:
    actor = people.acting(client)
    made = shared(actor, ("A-1", "5"))
    erp.fail("down", "offers", times=9)
    client.post(reverse("list-order", args=[made.pk]), {"key": str(uuid.uuid4())})
    assert basket() == {"A-1": 5}


def test_the_basket_is_saved_and_the_item_is_added_from_its_page(client: Client) -> None:
    people.acting(client)
    catalogue.item("A-1")
    catalogue.item("A-2")
    client.post(reverse("basket-add"), {"sku": "A-1", "quantity": "3"})
    client.post(reverse("list-new"), {"from": "basket", "name": "Roof job", "is_shared": "yes"})
    saved = ItemList.objects.get()
    assert (saved.kind, saved.is_shared, basket()) == ("basket", True, {"A-1": 3})
    client.post(reverse("list-add"), {"sku": "A-2", "list": "favourites", "next": "//evil.example/"})
    client.post(reverse("list-add"), {"sku": "A-2", "list": "new", "name": "Vans", "quantity": "4"})
    found = {one.name: [(line.sku, line.quantity) for line in one.lines.all()] for one in ItemList.objects.all()}
    assert found == {"Roof job": [("A-1", 3)], "Favourites": [("A-2", None)], "Vans": [("A-2", 4)]}


def test_a_recurring_order_is_due_released_and_set_to_its_next_day(client: Client) -> None:
    actor = people.acting(client)
    made = shared(actor, ("A-1", "5"))
    today = company_day(NOW())
    fields = {"interval": "weeks-2", "next_on": today.isoformat()}
    client.post(reverse("list-recurring", args=[made.pk]), fields)
    assert recurring.remind_due(now=NOW()) == 1
    assert recurring.remind_due(now=NOW()) == 0
    assert "is due since" in client.get(reverse("home")).content.decode()
    answer = client.post(reverse("list-order", args=[made.pk]), {"do": "release", "key": str(uuid.uuid4())})
    assert answer.url == reverse("checkout")  # type: ignore[attr-defined]
    assert RecurringOrder.objects.get().next_on == today + dt.timedelta(days=14)
    assert basket() == {"A-1": 5}


def test_the_last_of_a_month_stays_the_last_of_every_month() -> None:
    made = shared(people.buyer(), ("A-1", "5"))
    one = RecurringOrder(item_list=made, unit="months", every=1, day=31, next_on=dt.date(2027, 1, 31))
    days = []
    for _month in range(3):
        one.next_on = recurring.following(one)
        days.append(one.next_on)
    assert days == [dt.date(2027, 2, 28), dt.date(2027, 3, 31), dt.date(2027, 4, 30)]


@pytest.mark.parametrize("day", ["", "2026-13-01", "1999-01-01", "2999-01-01"])
def test_a_senseless_day_is_refused(client: Client, day: str) -> None:
    actor = people.acting(client)
    made = shared(actor, ("A-1", "5"))
    client.post(reverse("list-recurring", args=[made.pk]), {"interval": "weeks-2", "next_on": day})
    assert not RecurringOrder.objects.exists()


def test_what_was_bought_by_phone_is_bought_again(client: Client) -> None:
    actor = people.acting(client)
    catalogue.item("A-1", "Hex bolt")
    catalogue.item("A-2", "Washer")
    for number, sku in (("P-1", "A-1"), ("P-2", "A-2"), ("P-3", "A-1")):
        deliveries.line(deliveries.order(actor.sold_to, number), sku, quantity=Decimal(6))
    other = people.sold_to()
    deliveries.line(deliveries.order(other, "P-9"), "A-2", description="zqforeign")
    page = client.get(reverse("history"), {"sort": "often"}).content.decode()
    assert page.index("Hex bolt") < page.index("Washer")
    assert "bought 2 times" in page
    assert "Washer" not in client.get(reverse("history"), {"q": "a-1"}).content.decode()
    client.post(reverse("history"), {"take": ["A-1"], "quantity-A-1": "6", "key": str(uuid.uuid4())})
    assert basket() == {"A-1": 6}
    assert Event.objects.get(kind="reorder_clicked").props["from"] == "history"


def test_pages_of_lists_cost_the_same_for_few_and_many_lines(
    client: Client, django_assert_max_num_queries: Any
) -> None:
    actor = people.acting(client)
    made = shared(actor, *[(f"A-{number}", "2") for number in range(50)])
    with django_assert_max_num_queries(12):
        assert client.get(reverse("list-detail", args=[made.pk])).status_code == 200
    with django_assert_max_num_queries(8):
        assert client.get(reverse("list-index")).status_code == 200
