"""Reorder, lists and workers never reach another company (reorder_foreign, list_foreign, task_foreign)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal

import pytest
from django.db.models import QuerySet
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django.fixtures import Settings

from accounts.actors import Actor
from erp_sync import gateway
from erp_sync.adapters import fake
from shop.carts.models import CartLine
from shop.lists import selectors, tasks
from shop.lists.models import ItemList, ItemListLine, RecurringOrder
from shop.notices.models import Notice
from shop.quick.models import PadRow
from tests.reliability import world
from tests.reliability.world import Company, World

pytestmark = pytest.mark.django_db


@pytest.fixture
def two(settings: Settings) -> Iterator[World]:
    """Two companies with a list, a pad and orders each."""
    settings.MIDDLEWARE = [one for one in settings.MIDDLEWARE if not one.startswith("zeal.")]
    erp = fake.shared()
    erp.reset()
    gateway.forget()
    yield world.build()
    erp.reset()
    gateway.forget()


def taken(client: Client, path: str, fields: dict[str, str]) -> tuple[int, int]:
    """Post and return the status and how many basket lines there are of anybody more than before."""
    before = CartLine.objects.count()
    status = client.post(path, fields).status_code
    return status, CartLine.objects.count() - before


def reorder(who: Actor, number: str) -> tuple[int, int]:
    return taken(world.log_in(who), reverse("order-reorder", args=[number]), {"take-1": "1", "quantity-1": "2"})


def writes_on(who: Actor, item_list: ItemList) -> list[int]:
    """Try everything that changes a list or orders it; return the statuses."""
    client, line = world.log_in(who), item_list.lines.get()
    asked: list[tuple[str, dict[str, str]]] = [
        ("list-detail", {f"quantity-{line.pk}": "99", f"seen-{line.pk}": "2.0000"}),
        ("list-detail", {"do": f"remove-{line.pk}"}),
        ("list-order", {"do": "order"}),
        ("list-settings", {"name": "mine"}),
        ("list-settings", {"do": "remove"}),
        ("list-recurring", {"do": "stop"}),
    ]
    return [client.post(reverse(name, args=[item_list.pk]), fields).status_code for name, fields in asked]


def list_of(company: Company) -> ItemList:
    return ItemList.objects.get(sold_to=company.sold_to)


def test_an_order_of_another_company_can_not_be_repeated(two: World) -> None:
    assert [reorder(two.a.buyer, number)[1] for number in two.b.order_numbers] == [0, 0, 0]
    assert [reorder(two.a.buyer, number)[0] for number in two.b.order_numbers] == [404, 404, 404]


def test_control_the_owner_repeats_it(two: World) -> None:
    status, lines = reorder(two.b.approver, two.b.order_numbers[0])
    assert (status, lines) == (302, 1)


def test_a_list_of_another_company_can_neither_be_seen_changed_nor_ordered(two: World) -> None:
    foreign = list_of(two.b)
    before = list(ItemListLine.objects.values_list("quantity", "removed_at"))
    assert writes_on(two.a.admin, foreign) == [404] * 6
    assert world.log_in(two.a.admin).get(reverse("list-detail", args=[foreign.pk])).status_code == 404
    assert list(ItemListLine.objects.values_list("quantity", "removed_at")) == before
    assert RecurringOrder.objects.filter(item_list=foreign).exists()
    # An item can't be put on it either, and a line of it is not reached through one's own list.
    client, line = world.log_in(two.a.admin), foreign.lines.get()
    assert client.post(reverse("list-add"), {"sku": world.SKU, "list": str(foreign.pk)}).status_code == 404
    client.post(
        reverse("list-detail", args=[list_of(two.a).pk]), {f"quantity-{line.pk}": "99", f"seen-{line.pk}": "2.0000"}
    )
    client.post(reverse("list-detail", args=[list_of(two.a).pk]), {"do": f"remove-{line.pk}"})
    line.refresh_from_db()
    assert (line.quantity, line.removed_at) == (Decimal(2), None)


def test_a_private_list_is_nobody_elses_in_the_same_company(two: World) -> None:
    ItemList.objects.filter(pk=list_of(two.b).pk).update(is_shared=False)
    assert writes_on(two.b.admin, list_of(two.b)) == [404] * 6


def test_control_a_list_without_its_gate_is_caught(two: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def of_everybody(*, actor: Actor) -> QuerySet[ItemList]:
        return ItemList.objects.all()

    monkeypatch.setattr(selectors, "lists_of", of_everybody)
    assert writes_on(two.a.admin, list_of(two.b)) != [404] * 6


def test_a_task_tells_only_the_person_of_the_lists_own_company(two: World) -> None:
    tasks.remind()
    told = Notice.objects.filter(event="recurring_due")
    assert {(one.person_id, one.sold_to_id) for one in told} == {
        (company.buyer.user.pk, company.sold_to.pk) for company in (two.a, two.b)
    }
    # Who left the company is told nothing, and twice is once.
    two.b.buyer.user.memberships.update(is_active=False)
    Notice.objects.all().delete()
    RecurringOrder.objects.update(reminded_on=None)
    tasks.remind()
    tasks.remind()
    assert [one.sold_to_id for one in Notice.objects.filter(event="recurring_due")] == [two.a.sold_to.pk]


def test_a_task_does_not_touch_what_another_company_removed_just_now(two: World) -> None:
    ItemList.objects.filter(sold_to=two.a.sold_to).update(removed_at=timezone.now() - dt.timedelta(days=3))
    ItemList.objects.filter(sold_to=two.b.sold_to).update(removed_at=timezone.now())
    tasks.forget_removed()
    assert [one.sold_to_id for one in ItemList.objects.all()] == [two.b.sold_to.pk]


def test_a_pad_of_another_company_is_not_reached(two: World) -> None:
    foreign = PadRow.objects.get(pad__sold_to=two.b.sold_to)
    client = world.log_in(two.a.buyer)
    client.post(reverse("quick-rows"), {f"quantity-{foreign.pk}": "99", "do": f"remove-{foreign.pk}"})
    foreign.refresh_from_db()
    assert "99" not in foreign.typed_quantity
