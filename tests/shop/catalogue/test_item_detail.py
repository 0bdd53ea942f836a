"""The page of one item: price and breaks, stock by warehouse, documents, replacement, history."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.signals import Fact
from adoption.events.models import Event
from erp_sync import records as r
from erp_sync.adapters.fake import FakeErp
from erp_sync.mirror.models import Order, OrderLine
from shop.signals import shop_fact
from tests.builders import catalogue, people
from tests.shop.catalogue.test_item_list import BOOKKEEPING

pytestmark = pytest.mark.django_db


def show(client: Client, sku: str, **query: str) -> str:
    answer = client.get(reverse("item-detail", args=[sku]), query)
    assert answer.status_code == 200
    return answer.content.decode()


def ordered(customer_erp_id: str, sku: str, number: str, *, status: str = "completed") -> None:
    now = timezone.now()
    order = Order.objects.create(
        erp_id=number,
        version=now,
        synced_at=now,
        number=number,
        customer_erp_id=customer_erp_id,
        status=status,
        placed_at=now - dt.timedelta(days=30),
        currency="EUR",
        channel_hint="phone",
    )
    OrderLine.objects.create(
        order=order, erp_id=number, line_no=1, sku=sku, quantity=Decimal(12), unit="BOX", net_price=Decimal("9.5")
    )


def test_the_page_shows_price_breaks_and_stock_by_warehouse(client: Client, erp: FakeErp) -> None:
    item = catalogue.item(price="10.00", stock=None)
    erp.set_stock(item.sku, 30, warehouse="Bilbao")
    erp.set_stock(item.sku, 12, warehouse="Valencia")
    erp.set_price("PL", item.sku, (1, "9.00"), (50, "8.50"))
    people.acting(client, people.sold_to(price_list="PL"))

    first = show(client, item.sku)
    panel = client.get(reverse("item-prices"), {"sku": item.sku, "full": ""}).content.decode()
    warm = show(client, item.sku)

    assert "€9.00" not in first
    for seen in (panel, warm):
        assert "€9.00" in seen
        assert "from 50: €8.50" in seen
        assert "In stock: 42" in seen
        assert "Bilbao" in seen
        assert "Valencia" in seen
    assert f"{reverse('item-prices')}?full&amp;sku={item.sku}" in first
    assert f"{reverse('item-prices')}?full" not in warm


def test_the_stamp_opens_to_what_proves_the_price(client: Client, erp: FakeErp) -> None:
    item = catalogue.item()
    erp.set_price("Gold 2026", item.sku, (1, "9.00"))
    people.acting(client, people.sold_to(price_list="Gold 2026"))

    seen = show(client, item.sku, prices="wait")

    assert "<dt>Rule</dt><dd>Gold 2026</dd>" in seen
    assert "<dt>Request</dt>" in seen
    assert "<dt>As of</dt>" in seen


@pytest.mark.usefixtures("warm_mirror")
def test_an_item_page_is_a_handful_of_queries(client: Client) -> None:
    item = catalogue.item()
    actor = people.acting(client)
    for number in range(8):
        ordered(actor.sold_to.erp_id, item.sku, f"SO-{number}")
    show(client, item.sku, prices="wait")

    with CaptureQueriesContext(connection) as caught:
        show(client, item.sku)

    real = [q["sql"] for q in caught.captured_queries if not q["sql"].startswith(BOOKKEEPING)]
    assert len(real) <= 8


def test_an_unknown_item_is_not_found(client: Client) -> None:
    people.acting(client)

    for sku in ("NO-SUCH", "a/b", "%00", "../etc"):
        assert client.get(reverse("item-detail", args=[sku])).status_code == 404


def test_a_sku_may_hold_a_slash(client: Client) -> None:
    item = catalogue.item("M8/40 A2", name="Bolt")
    people.acting(client)

    assert "Bolt" in show(client, item.sku)


def test_a_withdrawn_item_names_what_is_sold_at_the_end_of_the_chain(client: Client) -> None:
    catalogue.item("OLD-1", is_active=False, replaced_by="OLD-2")
    catalogue.item("OLD-2", is_active=False, replaced_by="NEW-3")
    catalogue.item("NEW-3", name="The new one")
    people.acting(client)

    seen = show(client, "OLD-1")

    assert "It was replaced by NEW-3, The new one." in seen
    assert reverse("item-detail", args=["NEW-3"]) in seen
    assert reverse("basket-add") not in seen
    assert "replaces OLD-2" in show(client, "NEW-3")


def test_a_circle_of_replacements_ends(client: Client) -> None:
    catalogue.item("A-1", is_active=False, replaced_by="A-2")
    catalogue.item("A-2", is_active=False, replaced_by="A-1")
    people.acting(client)

    assert "There is no direct replacement." in show(client, "A-1")


def test_the_history_is_the_companys_own_and_of_every_channel(client: Client) -> None:
    item = catalogue.item(sales_unit=r.PackUnit(code="BOX", names={"en": "Box of 100"}, factor=Decimal(100)))
    other = people.sold_to()
    actor = people.acting(client)
    ordered(actor.sold_to.erp_id, item.sku, "SO-MINE")
    ordered(actor.sold_to.erp_id, item.sku, "SO-DRAFT", status="draft")
    ordered(other.erp_id, item.sku, "SO-THEIRS")

    seen = show(client, item.sku)

    assert "SO-MINE" in seen
    assert ">12 Box of 100<" in seen
    assert "Phone" in seen
    assert "€9.50" in seen
    assert "SO-DRAFT" not in seen
    assert "SO-THEIRS" not in seen


def test_a_document_is_handed_out_from_the_erp_and_only_of_its_item(client: Client, erp: FakeErp) -> None:
    item = catalogue.item(documents=(r.DocumentRef("doc-1", "Data sheet", language="en"),))
    other = catalogue.item()
    people.acting(client)

    own = client.get(reverse("item-document", args=[item.sku, "doc-1"]))
    foreign = client.get(reverse("item-document", args=[other.sku, "doc-1"]))

    assert own.status_code == 200
    assert own.headers["Content-Type"] == "application/pdf"
    assert own.content.startswith(b"%PDF-")
    assert own.headers["Cache-Control"] == "private, no-store"
    assert foreign.status_code == 404
    assert erp.book.calls.count("item_document") == 1


def test_without_the_erp_a_document_leads_back_with_a_sentence(client: Client, erp: FakeErp) -> None:
    item = catalogue.item(documents=(r.DocumentRef("doc-1", "Data sheet"),))
    people.acting(client)
    erp.book.is_down = True

    waits = client.get(reverse("item-document", args=[item.sku, "doc-1"]))
    answer = client.get(waits["Refresh"].partition("url=")[2], follow=True)

    assert answer.status_code == 200
    assert "“Data sheet” could not be fetched" in answer.content.decode()


def test_looking_at_an_item_is_announced(client: Client) -> None:
    item = catalogue.item()
    actor = people.acting(client)
    facts: list[Fact] = []

    def note(event: Fact, **_: object) -> None:
        facts.append(event)

    shop_fact.connect(note)
    try:
        show(client, item.sku)
        show(client, item.sku)
        client.get(reverse("item-detail", args=["NO-SUCH"]))
    finally:
        shop_fact.disconnect(note)

    assert [(f.kind, f.object_type, f.object_id) for f in facts] == [("product_view", "item", item.sku)] * 2
    assert len({f.event_id for f in facts}) == 2
    assert facts[0].who.account_id == actor.sold_to.erp_id


def test_names_and_facts_are_in_the_language_of_the_reader(client: Client) -> None:
    item = catalogue.item(
        name="Hinge",
        name_es="Bisagra",
        attributes={"material": {"en": "Brass", "es": "Latón"}},
    )
    people.acting(client)

    english = show(client, item.sku)
    client.cookies["django_language"] = "es"
    spanish = show(client, item.sku)

    assert ["Hinge" in english, "Brass" in english] == [True, True]
    assert ["Bisagra" in spanish, "Latón" in spanish] == [True, True]


def test_nothing_in_stock_is_noted_once_for_each_visit(client: Client, erp: FakeErp) -> None:
    item = catalogue.item(price="10.00", stock=None)
    erp.set_stock(item.sku, 0, warehouse="Bilbao")
    people.acting(client)
    for _time in range(2):
        show(client, item.sku, prices="wait")
    event = Event.objects.get(kind="friction")
    assert event.props == {"cause": "out_of_stock", "about": item.sku}
    there = catalogue.item("B-2", price="10.00", stock=None)
    erp.set_stock(there.sku, 5, warehouse="Bilbao")
    show(client, there.sku, prices="wait")
    assert Event.objects.filter(kind="friction").count() == 1
