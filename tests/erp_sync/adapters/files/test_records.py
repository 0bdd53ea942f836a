"""Rows as records, and the template that an ERP consultant begins with."""

import csv
import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from erp_sync import records as r
from erp_sync.adapters.files import template
from erp_sync.adapters.files.adapter import FilesErp
from erp_sync.adapters.files.canon import LAYOUTS
from erp_sync.errors import ErpBroken, ErpRejected
from tests.erp_sync.adapters.files.other_side import OtherSide
from tests.erp_sync.adapters.files.wholesaler import connected, started

SECONDS = 60.0
DOCS = Path(__file__).resolve().parents[4] / "docs" / "adapters-files.md"


def one(erp: FilesErp, kind: str, erp_id: str) -> Any:
    found = {record.erp_id: record for record in erp.pull(kind, r.Cursor(), limit=50, deadline_s=SECONDS).records}
    return found[erp_id]


def test_the_first_page_takes_what_lies_there(tmp_path: Path) -> None:
    _side, erp = started(tmp_path)
    page = erp.pull("customers", r.Cursor(), limit=10, deadline_s=SECONDS)
    assert [one.erp_id for one in page.records] == ["c1", "c2", "c3"]


def test_an_item_has_texts_units_and_facts(erp: FilesErp) -> None:
    item = one(erp, "items", "TOR-0440")
    assert item.texts == {"en": r.Text("Article 1"), "es": r.Text("Artículo 1")}
    assert (item.sales_unit.code, item.packs[0].code, item.packs[0].factor) == ("pc", "BOX", 100)
    assert (item.category_erp_ids, item.attributes) == (("bolts",), {"material": {"en": "Steel"}})


def test_a_customer_has_places_contacts_and_his_own_numbers(erp: FilesErp) -> None:
    customer = one(erp, "customers", "c1")
    assert (customer.number, customer.price_list, customer.own_part_numbers) == ("c1", "breaks", (("TOR-0440", "F-1"),))
    assert [(place.erp_id, place.city, place.is_delivery) for place in customer.addresses] == [
        ("c1/c1-1", "Madrid", True)
    ]


def test_places_that_each_customer_counts_from_one_stay_apart_and_leave_by_the_erps_own_key(
    side: OtherSide, erp: FilesErp
) -> None:
    rows = "address_id,account_id,street,city\n1,c1,Calle Mayor 1,Madrid\n1,c2,Rua Nova 2,Porto"
    side.export({"addresses": rows}, content="changes")
    erp.now(deadline_s=SECONDS)
    places = [one(erp, "customers", customer).addresses[-1] for customer in ("c1", "c2")]
    assert [(place.erp_id, place.city) for place in places] == [("c1/1", "Madrid"), ("c2/1", "Porto")]
    lines = (r.NewOrderLine(1, "TOR-0440", "TOR-0440", Decimal(10), Decimal("1.0505")),)
    erp.create_order(r.NewOrder("WEB-1", "c2", "", "EUR", lines, ship_to_erp_id="c2/1"), deadline_s=SECONDS)
    (row,) = csv.DictReader((side.root / "outgoing" / "WEB-1.csv").read_text(encoding="utf-8").splitlines())
    assert (row["account_id"], row["ship_to"]) == ("c2", "1")


def test_an_order_knows_what_was_delivered_and_a_date_alone_is_local_midnight(erp: FilesErp) -> None:
    order = one(erp, "orders", "SO1")
    assert (order.placed_at, order.time_known) == (dt.datetime(2026, 11, 1, 23, tzinfo=dt.UTC), False)
    assert (order.status, order.step, order.channel_hint) == ("completed", "delivered", r.Channel.PHONE)
    assert (order.untaxed_total, order.lines[0].quantity_delivered, order.lines[0].unit) == (Decimal("10.50"), 10, "pc")


def test_an_invoice_is_due_less_what_was_paid_and_a_payment_has_the_companys_day(
    side: OtherSide, erp: FilesErp
) -> None:
    invoice = one(erp, "invoices", "I1")
    assert (invoice.number, invoice.untaxed_total, invoice.tax_total) == ("2026/1", Decimal("10.50"), Decimal("2.21"))
    assert (invoice.amount_due, invoice.state, invoice.order_numbers) == (Decimal("10.00"), "open", ("SO1",))
    assert one(erp, "payments", "P1").paid_on == dt.date(2026, 11, 20)
    since = erp.now(deadline_s=SECONDS)
    rest = "payment_id,invoice_id,paid_at,amount\nP2,I1,2026-11-22T10:00:00+01:00,10.00"
    side.export({"payments": rest}, content="changes")
    erp.now(deadline_s=SECONDS)
    (again,) = erp.pull("invoices", r.Cursor(since), limit=50, deadline_s=SECONDS).records
    assert isinstance(again, r.InvoiceRecord)
    assert (again.amount_due, again.state) == (0, "paid")


def test_a_delivery_says_what_it_brings_of_which_line(erp: FilesErp) -> None:
    delivery = one(erp, "deliveries", "D1")
    assert (delivery.customer_erp_id, delivery.state) == ("c1", "delivered")
    assert delivery.lines == (r.DeliveryLineRecord("SO1", "SO1-1", "TOR-0440", Decimal(10), ""),)


def test_packs_that_cannot_be_read_are_told_and_the_other_items_go_on(side: OtherSide, erp: FilesErp) -> None:
    rows = "sku,name,unit,tax_rate,packs\nA-1,One,pc,21,BOX=many\nA-2,Two,pc,21,BOX=12"
    side.export({"items": rows}, content="changes")
    erp.now(deadline_s=SECONDS)
    page = erp.pull("items", r.Cursor(), limit=50, deadline_s=SECONDS)
    assert [(bad.erp_id, bad.reason) for bad in page.broken] == [
        ("A-1", "items.csv: column packs: 'many' is no number like 12.5")
    ]
    assert one(erp, "items", "A-2").packs[0].factor == 12


def test_a_paper_is_found_by_its_number_and_nothing_else_can_be_read(side: OtherSide, erp: FilesErp) -> None:
    assert erp.invoice_pdf("I1", deadline_s=SECONDS).filename == "2026~1.pdf"
    for erp_id in ("I2", "../documents/2026~1", ""):
        with pytest.raises(ErpRejected, match="There is no paper"):
            erp.invoice_pdf(erp_id, deadline_s=SECONDS)
    paper = side.root / "documents" / "invoices" / "2026~1.pdf"
    paper.write_text("<html>")
    with pytest.raises(ErpBroken, match="is no PDF"):
        erp.invoice_pdf("I1", deadline_s=SECONDS)


def test_an_order_has_not_the_paper_of_an_invoice_with_its_number(side: OtherSide, erp: FilesErp) -> None:
    (side.root / "documents" / "invoices" / "SO1.pdf").write_bytes(b"%PDF-1.4 of another customer")
    with pytest.raises(ErpRejected, match="not printed this document yet"):
        erp.order_pdf("SO1", deadline_s=SECONDS)
    (side.root / "documents" / "orders" / "SO1.pdf").write_bytes(b"%PDF-1.4 of the order")
    assert erp.order_pdf("SO1", deadline_s=SECONDS).content == b"%PDF-1.4 of the order"


def test_an_invoice_was_paid_on_the_companys_day_and_halves_go_up(side: OtherSide, erp: FilesErp) -> None:
    head = "invoice_id,kind,account_id,invoice_date,total,paid_at\nI9,credit,c1,2026-11-01,0.13,2026-12-01"
    lines = "invoice_id,line_no,qty,net_price\nI9,1,0.5,0.25"
    side.export({"invoices": head, "invoice_lines": lines}, content="changes")
    erp.now(deadline_s=SECONDS)
    invoice = one(erp, "invoices", "I9")
    assert (invoice.paid_on, invoice.lines[0].amount) == (dt.date(2026, 12, 1), Decimal("0.13"))


def test_what_the_files_cannot_carry_is_refused_in_a_sentence(erp: FilesErp) -> None:
    wish = r.NewReturn("RET-1", "c1", "SO1", "SO1-1", "TOR-0440", Decimal(1), "pc", "damaged")
    with pytest.raises(ErpRejected, match="goes to its staff"):
        erp.write(wish, deadline_s=SECONDS)
    with pytest.raises(ErpRejected, match="goes to its staff"):
        erp.accept_quote(r.QuoteAcceptance("WEB-1", "QUO-1", "", "c1", "EUR", ()), deadline_s=SECONDS)
    assert erp.find_written(wish, deadline_s=SECONDS) == []


def test_the_template_is_a_batch_that_is_taken_as_it_is(tmp_path: Path) -> None:
    root = tmp_path / "erp"
    call_command("erp_files_template", str(root))
    (root / "template" / "000001").rename(root / "incoming" / "000001")
    erp = FilesErp.from_settings(url=root.as_uri(), database="", user="", password="", options={})
    erp.now(deadline_s=SECONDS)
    assert erp.health(deadline_s=SECONDS).version == "1, batch 1 of 2026-11-21 22:10 UTC"
    assert [need.name for need in erp.needs(deadline_s=SECONDS) if not need.is_there] == []
    with pytest.raises(CommandError, match="is not empty"):
        call_command("erp_files_template", str(root))


def test_every_column_is_in_the_readme_and_every_file_in_the_docs() -> None:
    readme, docs = template.readme(), DOCS.read_text(encoding="utf-8")
    for layout in LAYOUTS.values():
        section = readme.partition(f"## {layout.file}\n")[2].partition("\n## ")[0]
        assert all(f"| {column.name} |" in section for column in layout.columns)
        line = next(line for line in docs.splitlines() if line.startswith(f"| `{layout.file}` "))
        assert all(f"`{column.name}`" in line for column in layout.columns), layout.file


def test_needs_name_the_file_that_never_came(tmp_path: Path) -> None:
    side = OtherSide(tmp_path)
    side.export({"items": "sku,name,unit,tax_rate\nA-1,One,pc,21"})
    missing = [need for need in connected(side).needs(deadline_s=SECONDS) if not need.is_there]
    assert [need.name for need in missing] == ["accounts.csv", "addresses.csv"]
    assert "erp_files_template" in missing[0].cure
