"""A head office sees its branches together, and nobody else's."""

import datetime as dt
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.actors import Actor
from accounts.models import Membership, Role, SoldTo
from erp_sync.mirror.models import Invoice, Item, Order
from tests.builders import catalogue, deliveries, people

pytestmark = pytest.mark.django_db

PAGE = "/company/branches/"


@pytest.fixture
def head(client: Client) -> Actor:
    """Somebody of a head office who may read its branches, logged in."""
    actor = people.buyer(people.sold_to("Head Office"), role=Role.ADMIN)
    Membership.objects.filter(user=actor.user).update(branches="read")
    people.log_in(client, actor)
    return actor


@pytest.fixture
def branch(head: Actor) -> SoldTo:
    company = people.sold_to("Branch North S.A.")
    company.parent = head.sold_to
    company.save()
    return company


def invoice(company: SoldTo, number: str) -> Invoice:
    now = timezone.now()
    return Invoice.objects.create(
        erp_id=number, number=number, version=now, synced_at=now, customer_erp_id=company.erp_id, kind="invoice",
        state="open", invoiced_on=now.date() - dt.timedelta(days=40), due_on=now.date() - dt.timedelta(days=10),
        currency="EUR", untaxed_total=Decimal(100), tax_total=Decimal(21), total=Decimal(121), amount_due=Decimal(121),
    )  # fmt: skip


def numbers_on(client: Client, **query: str) -> list[str]:
    found = client.get(PAGE, query).context["found"].rows
    return sorted(row.invoice.number if row.invoice else row.order.number for row in found)


def test_orders_invoices_and_missing_goods_of_all_branches_stand_together(
    client: Client, head: Actor, branch: SoldTo
) -> None:
    own, theirs = deliveries.order(head.sold_to, "SO-HEAD"), deliveries.order(branch, "SO-NORTH")
    foreign = people.sold_to()
    deliveries.line(deliveries.order(foreign, "SO-FOREIGN"))
    deliveries.line(own, delivered=10)
    deliveries.line(theirs, delivered=4)
    for company, number in ((head.sold_to, "IN-HEAD"), (branch, "IN-NORTH"), (foreign, "IN-FOREIGN")):
        invoice(company, number)
    assert numbers_on(client) == ["SO-HEAD", "SO-NORTH"]
    assert numbers_on(client, what="invoices") == ["IN-HEAD", "IN-NORTH"]
    assert numbers_on(client, what="missing") == ["SO-NORTH"]
    assert numbers_on(client, what="invoices", branch=branch.number) == ["IN-NORTH"]
    assert client.get(PAGE, {"branch": foreign.number}).status_code == 404
    sums = client.get(PAGE, {"what": "invoices"}).context["found"].sums
    assert [(one.company.name, one.amount) for one in sums] == [("Branch North S.A.", 121), ("Head Office", 121)]


def test_what_is_missing_is_called_as_the_reader_calls_it(client: Client, head: Actor, branch: SoldTo) -> None:
    item = catalogue.item("A-1", "Bolt")
    Item.objects.filter(pk=item.pk).update(texts={"en": {"name": "Bolt"}, "es": {"name": "Tornillo"}})
    deliveries.line(deliveries.order(branch, "SO-NORTH"), sku="A-1", description="[A-1] Bolt", delivered=4)
    client.cookies["django_language"] = "es"
    shown = client.get(PAGE, {"what": "missing"}).content.decode()
    assert "Tornillo" in shown
    assert "[A-1]" not in shown


def test_an_order_without_a_number_has_its_reference_and_returns_are_no_orders(
    client: Client, head: Actor, branch: SoldTo
) -> None:
    unnamed = deliveries.order(branch, web_reference="WEB-9", status="cancelled")
    Order.objects.filter(pk=unnamed.pk).update(number="")
    deliveries.order(branch, "SO-BACK", is_return=True, total=Decimal(-121))
    page = client.get(PAGE)
    assert [row.order_number for row in page.context["found"].rows] == ["WEB-9"]
    assert f'value="{reverse("order-detail", args=["WEB-9"])}"' in page.content.decode()
    assert page.context["found"].sums == ()


def test_a_document_opens_in_its_company(client: Client, head: Actor, branch: SoldTo) -> None:
    order = deliveries.order(branch, "SO-NORTH")
    there = reverse("order-detail", args=[order.number])
    assert client.get(there).status_code == 404
    answer = client.post(reverse("company-switch"), {"company": branch.number, "next": there})
    assert (answer.status_code, answer.headers["Location"]) == (302, there)
    page = client.get(there)
    assert page.status_code == 200
    assert "You now read Branch North S.A.</p>" in page.content.decode()
    assert client.get(PAGE).status_code == 404  # the branch has no branches


@pytest.mark.parametrize("there", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_a_switch_never_leads_elsewhere(client: Client, head: Actor, branch: SoldTo, there: str) -> None:
    answer = client.post(reverse("company-switch"), {"company": branch.number, "next": there})
    assert answer.headers["Location"] == "/"


def test_without_the_right_there_is_no_such_page(client: Client, head: Actor, branch: SoldTo) -> None:
    Membership.objects.filter(user=head.user).update(branches="")
    assert client.get(PAGE).status_code == 404
    people.acting(client, branch, role=Role.ADMIN)
    assert client.get(PAGE).status_code == 404


def test_the_right_is_asked_at_every_request(client: Client, head: Actor, branch: SoldTo) -> None:
    assert client.get(PAGE).status_code == 200
    branch.parent = None
    branch.save()
    assert client.get(PAGE).status_code == 404
