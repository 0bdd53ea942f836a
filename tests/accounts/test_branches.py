"""Somebody of a head office acts for its branches, or reads them; nobody else sees them."""

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from accounts.actors import Actor
from accounts.models import Branches, Role, SoldTo
from erp_sync.mirror.models import Order as ErpOrder
from shop.carts.models import CartLine
from tests.builders import catalogue, people

pytestmark = pytest.mark.django_db


def head_and_branch(client: Client, branches: str) -> tuple[Actor, SoldTo]:
    branch = people.sold_to("Branch")
    actor = people.acting(client, people.sold_to("Head office"), role=Role.APPROVER)
    SoldTo.objects.filter(pk=branch.pk).update(parent=actor.sold_to)
    assert actor.membership is not None
    actor.membership.branches = branches
    actor.membership.save()
    from django.utils import timezone

    ErpOrder.objects.create(
        erp_id="erp-B", version=timezone.now(), synced_at=timezone.now(), number="S-BRANCH", status="open",
        customer_erp_id=branch.erp_id, step="confirmed", placed_at=timezone.now(), currency="EUR",
    )  # fmt: skip
    return actor, branch


def switch(client: Client, company: SoldTo) -> int:
    return client.post(reverse("company-switch"), {"company": company.number}).status_code


def test_who_may_order_for_a_branch_picks_it_and_acts_for_it(client: Client) -> None:
    catalogue.item("A-1")
    _actor, branch = head_and_branch(client, Branches.ORDER)
    assert "branch of Head office" in client.get(reverse("company-switch")).content.decode()
    assert switch(client, branch) == 302
    assert client.get(reverse("order-detail", args=["S-BRANCH"])).status_code == 200
    client.post(reverse("basket-add"), {"sku": "A-1", "quantity": "1"})
    assert CartLine.objects.get().cart.sold_to == branch


def test_who_reads_a_branch_sees_its_documents_and_changes_nothing(client: Client) -> None:
    catalogue.item("A-1")
    _actor, branch = head_and_branch(client, Branches.READ)
    assert switch(client, branch) == 302
    assert client.get(reverse("order-detail", args=["S-BRANCH"])).status_code == 200
    answer = client.post(reverse("basket-add"), {"sku": "A-1", "quantity": "1"})
    assert answer.status_code == 403
    assert "You may read the documents of Branch" in answer.content.decode()
    assert not CartLine.objects.exists()
    assert switch(client, _actor.sold_to) == 302  # and back home


def test_without_that_right_a_branch_is_a_stranger(client: Client) -> None:
    actor, branch = head_and_branch(client, Branches.NONE)
    assert switch(client, branch) == 404
    assert client.get(reverse("order-detail", args=["S-BRANCH"])).status_code == 404
    session = client.session
    session["company"] = branch.pk  # whatever a session says, the right is asked each time
    session.save()
    assert client.get(reverse("order-detail", args=["S-BRANCH"])).status_code == 404
    assert actor.sold_to != branch


def test_the_right_ends_with_the_membership_and_with_the_tree(client: Client) -> None:
    _actor, branch = head_and_branch(client, Branches.ORDER)
    switch(client, branch)
    SoldTo.objects.filter(pk=branch.pk).update(parent=None)
    assert client.get(reverse("order-detail", args=["S-BRANCH"])).status_code == 404


def test_a_tree_has_two_floors() -> None:
    head, branch, twig = people.sold_to(), people.sold_to(), people.sold_to()
    branch.parent = head
    branch.clean()
    branch.save()
    twig.parent = branch
    with pytest.raises(ValidationError):
        twig.clean()
    head.parent = twig
    with pytest.raises(ValidationError):
        head.clean()
