"""The order pad: what is typed, pasted or sent becomes rows with a verdict; nothing is lost, nothing doubled."""

from __future__ import annotations

import datetime as dt
import io
import uuid
import zipfile
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from adoption.events.models import Event
from adoption.surveys import services as surveys
from erp_sync.adapters.fake import FakeErp
from erp_sync.mirror.models import Item
from shop.carts.models import CartLine
from shop.orders.models import Substitution
from shop.quick import selectors, services
from shop.quick.models import Pad, PadRow, RowState
from shop.quick.parsing import TypedRow
from tests.builders import catalogue, people

pytestmark = pytest.mark.django_db


def send(client: Client, **fields: Any) -> Any:
    return client.post(reverse("quick-add"), fields, follow=True)


def rows() -> list[tuple[int, str, str]]:
    return [(row.row, row.sku, row.state) for row in PadRow.objects.all()]


def basket() -> dict[str, Decimal]:
    return {line.sku: line.quantity for line in CartLine.objects.all()}


def test_a_line_is_found_by_sku_barcode_own_number_and_name(client: Client) -> None:
    actor = people.acting(client)
    catalogue.item("TOR-1", "Hex bolt M8", name_es="Tornillo hexagonal M8", barcodes=("8412345678905",))
    catalogue.own_part_number(customer_erp_id=actor.sold_to.erp_id, sku="TOR-1", number="4411")
    for typed in ("tor-1", "8412345678905", "4411", "tornillo hexagonal"):
        send(client, item=typed, quantity="2")
    assert [row.found_by for row in PadRow.objects.all()] == ["sku", "barcode", "own", "name"]
    assert {row.sku for row in PadRow.objects.all()} == {"TOR-1"}
    assert {row.state for row in PadRow.objects.all()} == {"ready"}


def test_a_pasted_mail_keeps_every_line_and_takes_the_good_ones_once(client: Client) -> None:
    people.acting(client)
    catalogue.item("TOR-1")
    catalogue.item("TOR-2", multiple=Decimal(10))
    text = "Hola Ana,\n\n- 3 x TOR-1\nTOR-2;25\nNO-SUCH\t4\nTOR-1, 1.5.7\n"
    key = str(uuid.uuid4())
    send(client, lines=text, key=key)
    page = send(client, lines=text, key=key).content.decode()
    assert rows() == [
        (1, "", "wrong"),
        (3, "TOR-1", "ready"),
        (4, "TOR-2", "ready"),
        (5, "", "wrong"),
        (6, "TOR-1", "wrong"),
    ]
    assert "is not a number that we can read" in page
    for _click in range(2):
        client.post(reverse("quick-rows"), {"do": "take"}, follow=True)
    assert basket() == {"TOR-1": 3, "TOR-2": 30}
    assert [row.row for row in PadRow.objects.all()] == [1, 5, 6]


def test_an_ambiguous_quantity_is_asked_and_corrected_in_its_row(client: Client) -> None:
    people.acting(client)
    catalogue.item("TOR-1")
    send(client, lines="TOR-1;1.250\nTOR-1;1.250,5", key=str(uuid.uuid4()))
    assert [row.quantity for row in PadRow.objects.all()] == [None, Decimal("1250.5")]
    PadRow.objects.all().delete()
    client.cookies["django_language"] = "es"
    page = send(client, lines="TOR-1;1,250", key=str(uuid.uuid4())).content.decode()
    (row,) = PadRow.objects.all()
    assert (row.state, row.quantity) == ("wrong", None)
    assert "1,250" in page
    client.post(reverse("quick-rows"), {f"quantity-{row.pk}": "1250", "row": row.pk}, headers={"HX-Request": "true"})
    row.refresh_from_db()
    assert (row.state, row.order_quantity) == ("ready", 1250)


def test_a_text_that_fits_several_items_is_chosen_and_remembered_for_the_company(client: Client) -> None:
    actor = people.acting(client)
    catalogue.item("TOR-1", "Zinc bolt M8")
    catalogue.item("TOR-2", "Zinc bolt M10")
    send(client, item="OLD-77", quantity="1")
    send(client, item="zinc bolt", quantity="1")
    unknown, several = PadRow.objects.all()
    assert sorted(several.choices) == ["TOR-1", "TOR-2"]
    edits = {f"item-{unknown.pk}": "TOR-1", f"item-{several.pk}": "TOR-2"}
    client.post(reverse("quick-rows"), edits | {"do": "save"})
    client.post(reverse("quick-rows"), {"do": "take"})
    assert basket() == {"TOR-1": 1, "TOR-2": 1}
    assert list(Substitution.objects.values_list("number", "sku")) == [("OLD-77", "TOR-1")]
    colleague = people.buyer(actor.sold_to)
    made = services.add_rows(
        actor=colleague, rows=[TypedRow(1, "old-77", "2")], source="paste", language="en", now=timezone.now()
    )
    assert (made[0].sku, made[0].found_by) == ("TOR-1", "remembered")
    stranger = people.buyer()
    made = services.add_rows(
        actor=stranger, rows=[TypedRow(1, "old-77", "2")], source="paste", language="en", now=timezone.now()
    )
    assert made[0].sku == ""


def test_a_replacement_is_asked_once_and_then_known(client: Client) -> None:
    people.acting(client)
    catalogue.item("OLD-1", replaced_by="NEW-1")
    catalogue.item("NEW-1")
    Item.objects.filter(sku="OLD-1").update(is_active=False)
    page = send(client, item="OLD-1", quantity="2").content.decode()
    assert "untick to leave it out" in page
    client.post(reverse("quick-rows"), {"do": "take"})
    assert basket() == {"NEW-1": 2}
    page = send(client, item="OLD-1", quantity="2").content.decode()
    assert "you accepted this on" in page


def test_an_unticked_line_stays_on_the_pad(client: Client) -> None:
    people.acting(client)
    catalogue.item("TOR-1")
    catalogue.item("TOR-2")
    send(client, lines="TOR-1 1\nTOR-2 1", key=str(uuid.uuid4()))
    out = PadRow.objects.get(sku="TOR-2")
    client.post(reverse("quick-rows"), {"do": "take", f"shown-{out.pk}": "1"})
    assert basket() == {"TOR-1": 1}
    assert rows() == [(2, "TOR-2", "ready")]


def test_more_than_the_pad_holds_stays_in_the_box(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "MOST_ROWS", 3)
    people.acting(client)
    catalogue.item("TOR-1")
    page = send(client, lines="\n".join(f"TOR-1 {n}" for n in range(1, 6)), key=str(uuid.uuid4())).content.decode()
    assert len(rows()) == 3
    assert Pad.objects.get().leftover == "TOR-1 4\nTOR-1 5"
    assert "TOR-1 4\nTOR-1 5</textarea>" in page
    page = send(client, lines="TOR-1 9", key=str(uuid.uuid4())).content.decode()
    assert "The pad is full" in page
    assert "TOR-1 9</textarea>" in page


def test_a_line_taken_off_can_be_put_back(client: Client) -> None:
    people.acting(client)
    catalogue.item("TOR-1")
    send(client, item="TOR-1", quantity="4")
    row = PadRow.objects.get()
    page = client.post(reverse("quick-rows"), {"do": f"remove-{row.pk}"}, follow=True).content.decode()
    assert "“TOR-1” is off the pad." in page
    send(client, item="TOR-1", quantity="4")
    assert [(one.sku, one.quantity) for one in PadRow.objects.all()] == [("TOR-1", 4)]
    assert "is off the pad" not in client.get(reverse("quick-order")).content.decode()


def test_a_cleared_pad_can_be_taken_again(client: Client) -> None:
    people.acting(client)
    catalogue.item("TOR-1")
    send(client, item="TOR-1", quantity="4")
    client.post(reverse("quick-rows"), {"do": "clear"})
    assert rows() == []
    send(client, lines=Pad.objects.get().leftover, key=str(uuid.uuid4()))
    assert rows() == [(1, "TOR-1", "ready")]


def test_with_the_erp_down_lines_are_kept_and_can_be_taken_without_a_price(client: Client, erp: FakeErp) -> None:
    people.acting(client)
    catalogue.item("TOR-1")
    erp.fail("down", "offers", times=9)
    page = send(client, lines="TOR-1;3\nNO-SUCH;1", key=str(uuid.uuid4())).content.decode()
    assert "no price at the moment" in page
    assert rows() == [(1, "TOR-1", "ready"), (2, "", "wrong")]
    client.post(reverse("quick-rows"), {"do": "take"})
    assert basket() == {"TOR-1": 3}


def test_a_long_list_is_checked_in_steps_with_its_progress(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shop.quick.views.CHECKED_AT_ONCE", 2)
    people.acting(client)
    for number in range(3):
        catalogue.item(f"TOR-{number}")
    page = send(client, lines="TOR-0 1\nTOR-1 1\nTOR-2 1", key=str(uuid.uuid4())).content.decode()
    assert "Checking with the ERP" in page
    assert {row.state for row in PadRow.objects.all()} == {RowState.NEW.value}
    answer = client.post(reverse("quick-check"), headers={"HX-Request": "true"})
    assert answer["HX-Retarget"] == "#pad"
    assert {row.state for row in PadRow.objects.all()} == {RowState.READY.value}


def test_the_number_of_statements_does_not_grow_with_the_lines(
    client: Client, django_assert_max_num_queries: Any
) -> None:
    people.acting(client)
    for number in range(60):
        catalogue.item(f"TOR-{number}")
    lines = "\n".join(f"TOR-{number} 2" for number in range(60))
    with django_assert_max_num_queries(45):
        send(client, lines=lines, key=str(uuid.uuid4()))


def test_the_price_of_a_row_is_that_of_all_rows_of_its_item_together(client: Client, erp: FakeErp) -> None:
    people.acting(client)
    catalogue.item("TOR-1")
    erp.set_price("", "TOR-1", (1, "10.00"), (10, "8.00"))
    send(client, lines="TOR-1 6\nTOR-1 6", key=str(uuid.uuid4()))
    assert {row.net_price for row in PadRow.objects.all()} == {Decimal(8)}


def test_lines_of_the_pad_go_to_the_facts_as_one(client: Client) -> None:
    people.acting(client)
    catalogue.item("TOR-1")
    send(client, lines="TOR-1 6\nTOR-1 6", key=str(uuid.uuid4()))
    client.post(reverse("quick-rows"), {"do": "take"})
    event = Event.objects.get(kind="cart_add")
    assert (event.actor, event.props) == ("buyer", {"lines": "2", "from": "paste"})


@pytest.mark.parametrize("source", ["paste", "list"])
def test_a_visit_that_filled_the_basket_and_did_not_order_is_asked_why(source: str) -> None:
    """M19: the question on leaving is for every visit without an order, however the basket was filled."""
    actor, now = people.buyer(), timezone.now()
    catalogue.item("TOR-1")
    before = now - dt.timedelta(hours=1)
    rows = [TypedRow(1, "TOR-1", "2")]
    services.add_rows(actor=actor, rows=rows, source=source, language="en", now=before)
    services.check_next(actor=actor)
    services.take_ready(actor=actor, now=before)
    asked = surveys.at_home(actor=replace(actor, session_id="next"), now=now)
    assert asked is not None
    assert (asked[0].survey, asked[1]) == ("exit", actor.session_id)


# --- files ------------------------------------------------------------------------------------------------------------


def workbook(sheet: str, strings: str = "") -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("[Content_Types].xml", "<Types/>")
        book.writestr("xl/workbook.xml", "<workbook/>")
        book.writestr("xl/worksheets/sheet1.xml", sheet)
        if strings:
            book.writestr("xl/sharedStrings.xml", strings)
    return made.getvalue()


def upload(client: Client, name: str, data: bytes) -> Any:
    return send(client, file=SimpleUploadedFile(name, data), key=str(uuid.uuid4()))


def test_the_template_filled_in_comes_back_as_lines(client: Client) -> None:
    import xlsxwriter

    people.acting(client)
    catalogue.item("TOR-1")
    answer = client.get(reverse("quick-template"), {"format": "csv"})
    head = b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]
    upload(client, "list.csv", (head + "TOR-1,7,\r\n").encode())
    made = io.BytesIO()
    book = xlsxwriter.Workbook(made)
    sheet = book.add_worksheet()
    for at, (item, quantity) in enumerate((("Artículo", "Cantidad"), ("TOR-1", 2.125), ("8412345678905", 3))):
        sheet.write_string(at, 0, item)
        sheet.write(at, 1, quantity)
    sheet.write_string(3, 0, "=1+1")
    sheet.write_string(3, 1, "x")
    book.close()
    upload(client, "list.xlsx", made.getvalue())
    found = list(PadRow.objects.values_list("typed", "typed_quantity"))
    assert found == [("TOR-1", "7"), ("TOR-1", "2.1250"), ("8412345678905", "3"), ("=1+1", "x")]


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("bomb.xlsx", workbook("<worksheet>" + " " * 60_000_000 + "</worksheet>")),
        ("entity.xlsx", workbook(f'<!--{"x" * 2000}--><!DOCTYPE a [<!ENTITY b "c">]><worksheet/>')),
        ("cut.xlsx", workbook("<worksheet><sheetData><row>")),
        ("page.csv", b"<html><script>alert(1)</script></html>"),
        ("empty.csv", b""),
        ("picture.xlsx", b"\x89PNG\r\n\x1a\n"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_file_that_is_no_list_is_refused_in_a_sentence(client: Client, name: str, data: bytes) -> None:
    people.acting(client)
    answer = upload(client, name, data)
    assert answer.status_code == 422
    assert f"“{name}”" in answer.content.decode()
    assert "Nothing was changed" in answer.content.decode()
    assert not PadRow.objects.exists()


# --- whose pad --------------------------------------------------------------------------------------------------------


def test_somebody_elses_row_can_neither_be_changed_nor_seen(client: Client) -> None:
    company = people.sold_to()
    owner = people.buyer(company)
    catalogue.item("TOR-1")
    (row,) = services.add_rows(
        actor=owner, rows=[TypedRow(1, "TOR-1", "2")], source="typed", language="en", now=timezone.now()
    )
    people.acting(client, company)
    fields = {f"quantity-{row.pk}": "99", "row": row.pk, "do": f"remove-{row.pk}"}
    answer = client.post(reverse("quick-rows"), fields, headers={"HX-Request": "true"})
    assert "TOR-1" not in answer.content.decode()
    row.refresh_from_db()
    assert row.typed_quantity == "2"
    assert selectors.pad_page(actor=owner).counts.total == 1
    client.post(reverse("quick-rows"), {"do": "take"})
    assert not CartLine.objects.exists()


def test_suggestions_begin_with_the_very_number_and_know_own_numbers(client: Client) -> None:
    actor = people.acting(client)
    catalogue.item("TOR-10", "Zinc bolt M8")
    catalogue.item("TOR-100", "Zinc bolt M10")
    catalogue.own_part_number(customer_erp_id=actor.sold_to.erp_id, sku="TOR-100", number="4411-B")
    found = [
        [one.sku for one in selectors.suggestions(actor=actor, query=text)] for text in ("tor-10", "4411", "zin", "t")
    ]
    assert found == [["TOR-10", "TOR-100"], ["TOR-100"], ["TOR-10", "TOR-100"], []]
    stranger = people.buyer()
    assert selectors.suggestions(actor=stranger, query="4411") == ()
    page = client.get(reverse("quick-find"), {"item": "zinc"}).content.decode()
    assert page.count('role="option"') == 2
