"""Files of an item in their versions and languages, and what is told when a safety data sheet is renewed."""

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from accounts.actors import Actor
from erp_sync import records as r
from erp_sync.adapters.fake import FakeErp
from erp_sync.mirror.models import Item
from erp_sync.mirror.models import Order as ErpOrder
from shop.catalogue import documents, renewals
from shop.notices.models import Notice
from tests.builders import catalogue, deliveries, people

pytestmark = pytest.mark.django_db

FIRST, SECOND = dt.date(2025, 3, 1), dt.date(2026, 2, 1)


def sheet(erp_id: str, language: str = "en", **facts: Any) -> r.DocumentRef:
    return r.DocumentRef(erp_id, f"{erp_id}.pdf", **({"kind": "safety", "language": language} | facts))


@pytest.fixture
def item() -> Item:
    """An item with a renewed sheet in English, one in Spanish, and a data sheet for everybody."""
    files = (
        sheet("new", dated_on=SECOND, version="2", size=4096),
        sheet("old", dated_on=FIRST, version="1"),
        sheet("es-1", "es", dated_on=FIRST),
        r.DocumentRef("plan", "Drawing.pdf"),
    )
    return catalogue.item("A-1", name="Degreaser", name_es="Desengrasante", documents=files)


def ids(found: tuple[documents.Document, ...]) -> list[str]:
    return [one.id for one in found]


def test_the_newest_of_a_kind_and_language_is_in_force(item: Item) -> None:
    found = documents.documents_of(item)
    assert {one.id: one.until_on for one in found} == {"new": None, "old": SECOND, "es-1": None, "plan": None}
    assert ids(documents.in_own_language(found)) == ["new", "plan"]
    with translation.override("es"):
        assert ids(documents.in_own_language(documents.documents_of(item))) == ["es-1", "plan"]


@pytest.mark.parametrize(("day", "expected"), [(FIRST - dt.timedelta(days=1), None), (FIRST, "old"), (SECOND, "new")])
def test_which_version_was_in_force_on_a_day(item: Item, day: dt.date, expected: str | None) -> None:
    found = documents.valid_on(item, kind="safety", day=day)
    assert (found.id if found else None) == expected


def bought(actor: Actor, day: dt.date) -> Any:
    at = dt.datetime.combine(day, dt.time(12), dt.UTC)
    order = deliveries.order(actor.sold_to, placed_at=at)
    deliveries.line(order, "A-1")
    return order


def test_an_old_version_is_for_those_who_bought_then(client: Client, erp: FakeErp, item: Item) -> None:
    then, later = people.buyer(), people.buyer()
    bought(then, FIRST)
    bought(later, SECOND)
    old, page = reverse("item-document", args=["A-1", "old"]), reverse("item-detail", args=["A-1"])
    people.log_in(client, then)
    assert client.get(old).status_code == 200
    assert "Versions of the days when you bought" in client.get(page).content.decode()
    people.log_in(client, later)
    assert client.get(old).status_code == 404
    assert "Versions of the days when you bought" not in client.get(page).content.decode()
    assert client.get(reverse("item-document", args=["A-1", "new"])).status_code == 200


def test_the_order_names_the_sheet_of_its_day(client: Client, item: Item) -> None:
    actor = people.buyer()
    order = bought(actor, FIRST)
    people.log_in(client, actor)
    sheet, page = reverse("item-document", args=["A-1", "old"]), reverse("order-detail", args=[order.number])
    assert sheet in client.get(page).content.decode()
    ErpOrder.objects.update(status="cancelled")
    assert sheet not in client.get(page).content.decode()  # nothing was bought: the link would lead to 404


def test_buyers_are_told_of_a_new_sheet_once_and_of_a_first_one_not_at_all(item: Item) -> None:
    actor, other = people.buyer(), people.buyer()
    bought(actor, SECOND)
    now = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)
    assert renewals.tell_of_renewed_sheets(now=now) == 0
    files = item.documents
    Item.objects.filter(pk=item.pk).update(documents=[*files, files[0] | {"erp_id": "third", "dated_on": "2026-10-01"}])
    assert renewals.tell_of_renewed_sheets(now=now) == 1
    assert renewals.tell_of_renewed_sheets(now=now) == 0
    notice = Notice.objects.get(event="sheet_renewed")
    assert (notice.sold_to_id, notice.path) == (actor.sold_to.pk, reverse("item-detail", args=["A-1"]))
    assert [notice.params[name] for name in ("name_en", "name_es")] == ["Degreaser", "Desengrasante"]
    assert other.sold_to.pk != notice.sold_to_id


def test_a_document_without_a_date_or_size_is_shown_all_the_same() -> None:
    item = catalogue.item(documents=(replace(sheet("x"), kind="document"),))
    only = documents.documents_of(item)[0]
    assert (only.is_in_force, only.kilobytes, only.title) == (True, None, "x.pdf")
