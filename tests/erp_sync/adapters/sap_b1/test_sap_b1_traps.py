"""The silent traps of SAP Business One: prices, units, days, changes that nothing tells. And: the stub is strict."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from erp_sync import records as r
from erp_sync.adapters.sap_b1 import mapping as to
from erp_sync.adapters.sap_b1.adapter import SapB1Erp
from erp_sync.adapters.sap_b1.setup import Options
from erp_sync.errors import ErpMisconfigured
from tests.erp_sync.adapters.sap_b1.odata import Filter, Refused, Types
from tests.erp_sync.adapters.sap_b1.world import SECONDS, SapSample, Stub, declare, item

CONTEXT = r.PriceContext("C1", "1", "EUR")


def price(stub: Stub, code: str, many: int = 1, context: r.PriceContext = CONTEXT, **options: Any) -> Decimal | None:
    erp = stub.adapter(**options)
    return erp.offers(context, [r.Ask(code, code, Decimal(many))], deadline_s=SECONDS)[0].net_price


def made_days_ago(sample: SapSample, days: int) -> r.WrittenOrder:
    """Return an order that was made, and told a change for the last time, so many days ago."""
    written = sample.erp.create_order(sample.order(), deadline_s=SECONDS)
    row = sample.company.find("Orders", int(written.erp_id))
    row["CreationDate"] = (sample.company.now().date() - dt.timedelta(days=days)).isoformat()
    return written


# --- prices ---


def test_a_price_of_nothing_is_no_price() -> None:
    stub = Stub()
    stub.company.find("Items", "C'3")["ItemPrices"][0]["Price"] = 0.0
    assert price(stub, "C'3") is None


def test_a_price_in_another_currency_is_no_price() -> None:
    stub = Stub()
    stub.company.find("Items", "C'3")["ItemPrices"][0]["Currency"] = "$"
    assert price(stub, "C'3") is None
    assert price(stub, "C'3", context=r.PriceContext("C1", "1", "USD"), currencies={"$": "USD"}) == Decimal("3.3333")


def test_a_list_with_tax_in_its_prices_gives_none() -> None:
    stub = Stub()
    stub.company.find("BusinessPartners", "C1")["PriceListNum"] = 3
    assert price(stub, "A-1", context=r.PriceContext("C1", "3", "EUR")) is None


def test_the_discount_that_stands_apart_is_taken_off_unless_told_otherwise() -> None:
    assert price(Stub(), "A-1", 100) == Decimal("1.2000")
    assert price(Stub(), "A-1", 100, discount_apart=False) == Decimal("1.3333")


@pytest.mark.parametrize(("told", "wanted"), [("", None), ("sales", "2.0000"), ("inventory", "20.0000")])
def test_a_pack_without_a_unit_group_has_a_price_only_when_somebody_looked(told: str, wanted: str | None) -> None:
    stub = Stub()
    stub.company.tables["Items"].append(item("PACK", 2.0) | {"SalesUnit": "ten", "SalesItemsPerUnit": 10.0})
    found = price(stub, "PACK", manual_unit_prices=told)
    assert found == (Decimal(wanted) if wanted else None)


def test_one_item_that_the_erp_refuses_to_price_takes_no_other_with_it() -> None:
    stub = Stub()
    stub.company.find("Items", "B-2")["DefaultSalesUoMEntry"] = 2
    stub.company.find("UnitOfMeasurementGroups", 1)["UoMGroupDefinitionCollection"][1]["AlternateUoM"] = 2
    plain = stub.company.price

    def refuses(params: Mapping[str, Any]) -> dict[str, Any]:
        if params["ItemCode"] == "B-2":
            raise Refused(400, -10, "No price can be found")
        return plain(params)

    stub.company.price = refuses  # type: ignore[method-assign]
    asks = [r.Ask(code, code) for code in ("A-1", "B-2", "C'3")]
    offers = stub.erp_adapter.offers(CONTEXT, asks, deadline_s=SECONDS)
    assert [one.net_price for one in offers] == [Decimal("1.3333"), None, Decimal("3.3333")]
    assert all(one.is_salable for one in offers)


def test_stock_is_told_in_boxes_and_what_is_committed_is_not_promised() -> None:
    offer = Stub().erp_adapter.offers(CONTEXT, [r.Ask("B-2", "B-2")], warehouses=True, deadline_s=SECONDS)[0]
    assert offer.unit == "BX"
    assert offer.stock == (
        r.WarehouseStock("North", Decimal(50), Decimal(45)), r.WarehouseStock("South", Decimal(8), Decimal(8))
    )  # fmt: skip


def test_an_item_is_told_with_its_units_names_and_list_price() -> None:
    sample = SapSample()
    box = sample.items["B-2"]
    assert (box.sales_unit.code, box.list_price, box.brand) == ("BX", Decimal("6.0000"), "Acme")
    assert [(one.code, one.factor) for one in box.packs] == [("PC", Decimal("0.0833"))]
    assert not next(one for one in sample.pull("items") if one.sku == "OLD").is_active


# --- changes that nothing tells ---


def test_a_delivery_brings_its_old_order_although_that_tells_no_change() -> None:
    sample = SapSample()
    written, quiet = made_days_ago(sample, 20), made_days_ago(sample, 20)
    sample.company.follow_up("DeliveryNotes", "Orders", int(written.erp_id), Decimal("0.5"))
    since = r.Cursor(changed_at=dt.datetime.now(dt.UTC) - dt.timedelta(minutes=5))
    pulled = _all(sample, "orders", since)
    assert pulled[written.erp_id].lines[0].quantity_delivered == Decimal("0.5")
    assert quiet.erp_id not in pulled


def test_a_payment_in_foreign_currency_is_told_in_it_and_not_in_the_local_one() -> None:
    stub = Stub()
    bill = {"InvoiceType": "it_Invoice", "DocEntry": 1, "SumApplied": 90.0, "AppliedFC": 100.0}
    note = {"InvoiceType": "it_CredItnote", "DocEntry": 2, "SumApplied": 9.0, "AppliedFC": 10.0}
    common = {"CardCode": "C1", "DocType": "rCustomer", "DocDate": "2026-01-05", "DocCurrency": "$", "Cancelled": "tNO"}
    sums = {"TransferSum": 90.0, "CashSum": 0.0, "CashSumFC": 0.0}
    shares = [{**bill, "LineNum": 0}, {**note, "LineNum": 1}]
    on_account = {"PaymentInvoices": [], "TransferSum": 0.0, "CashSum": 18.0, "CashSumFC": 20.0}
    for entry, told in enumerate(({**sums, "PaymentInvoices": shares}, on_account), 9001):
        stub.company.tables["IncomingPayments"].append({"DocEntry": entry, "DocNum": entry, **common, **told})
    page: r.Page[Any] = stub.adapter(currencies={"$": "USD"}).pull("payments", r.Cursor(), limit=10, deadline_s=SECONDS)
    amounts = [one.amount for one in page.records if one.currency == "USD"]
    assert amounts == [Decimal("100.00"), Decimal("-10.00"), Decimal("20.00")]


@pytest.mark.parametrize("kind", ["payment", "credit note"])
def test_money_brings_its_old_invoice_although_that_tells_no_change(kind: str) -> None:
    sample = SapSample()
    paid, quiet = sample.open_invoices()
    old = (sample.company.now().date() - dt.timedelta(days=20)).isoformat()
    for row in sample.company.tables["Invoices"]:
        row["CreationDate"] = old
    if kind == "payment":
        share = r.Allocation(paid.erp_id, Decimal(1))
        payment = r.NewPayment("PAY-9", "C1", "EUR", Decimal(1), paid.invoiced_on, allocations=(share,))
        sample.erp.write(payment, deadline_s=SECONDS)
    else:
        sample.company.find("Invoices", int(paid.erp_id[1:]))["PaidToDate"] = 1.0
        sample.company.follow_up("CreditNotes", "Invoices", int(paid.erp_id[1:]))
    pulled = _all(sample, "invoices", r.Cursor(changed_at=dt.datetime.now(dt.UTC) - dt.timedelta(minutes=5)))
    assert pulled[paid.erp_id].amount_due == paid.amount_due - 1
    assert quiet.erp_id not in pulled


def test_a_line_that_staff_closed_is_let_go_and_not_delivered() -> None:
    sample = SapSample()
    written = sample.erp.create_order(sample.order(), deadline_s=SECONDS)
    row = sample.company.find("Orders", int(written.erp_id))
    row["DocumentLines"][0] |= {"LineStatus": "bost_Close", "RemainingOpenQuantity": 0.0}
    sample.company.follow_up("DeliveryNotes", "Orders", int(written.erp_id))
    lines = _all(sample, "orders", r.Cursor())[written.erp_id].lines
    assert [(one.quantity_delivered, one.quantity_cancelled) for one in lines] == [(0, 1), (1, 0), (1, 0)]
    before = len(sample.stub.line.sent("GET", "/b1s/v2/DeliveryNotes"))
    sample.erp = sample.stub.adapter(closed_is_delivered=True)
    lines = _all(sample, "orders", r.Cursor())[written.erp_id].lines
    assert [one.quantity_delivered for one in lines] == [1, 1, 1]
    assert len(sample.stub.line.sent("GET", "/b1s/v2/DeliveryNotes")) == before


def test_what_was_delivered_months_after_an_order_is_delivered() -> None:
    sample = SapSample()
    written = made_days_ago(sample, 200)
    row = sample.company.find("Orders", int(written.erp_id))
    row["DocDate"] = row["CreationDate"]
    sample.company.follow_up("DeliveryNotes", "Orders", int(written.erp_id))
    order = _all(sample, "orders", r.Cursor())[written.erp_id]
    assert (order.status, order.step) == ("completed", "shipped")
    assert [(one.quantity_delivered, one.quantity_cancelled) for one in order.lines] == [(1, 0)] * 3


def test_a_quote_that_staff_made_an_order_of_is_accepted_and_one_that_they_closed_is_not() -> None:
    sample = SapSample()
    today = sample.company.now().date().isoformat()
    body = {"CardCode": "C1", "DocDueDate": today, "DocumentLines": [{"ItemCode": "A-1", "Quantity": 2.0}]}
    ordered, closed = (sample.company.make("Quotations", dict(body)) for _ in range(2))
    assert ordered is not None
    assert closed is not None
    sample.company.follow_up("Orders", "Quotations", ordered["DocEntry"])
    sample.company.press("Quotations", closed["DocEntry"], "Close")
    quotes = _all(sample, "quotes", r.Cursor())
    assert quotes[str(ordered["DocEntry"])].state == "accepted"
    assert quotes[str(closed["DocEntry"])].state == "declined"


def test_an_order_that_staff_copied_from_our_quote_is_not_taken_for_ours() -> None:
    sample = SapSample()
    today = sample.company.now().date().isoformat()
    line = {"ItemCode": "A-1", "Quantity": 2.0}
    copied = {"U_B2BKey": "WEB-Q1", "U_B2BState": "quoted", "U_Channel": "phone"}
    made = sample.company.make("Orders", {"CardCode": "C1", "DocDueDate": today, "DocumentLines": [line], **copied})
    assert made is not None
    record = _all(sample, "orders", r.Cursor())[str(made["DocEntry"])]
    assert (record.web_reference, record.channel_hint) == ("", r.Channel.PHONE)
    assert sample.erp.find_order("WEB-Q1", deadline_s=SECONDS) == []


def test_the_document_that_takes_another_back_is_no_invoice() -> None:
    sample = SapSample()
    sample.open_invoices()
    row = sample.company.tables["Invoices"][0]
    row["CancelStatus"] = "csYes"
    sample.company.tables["Invoices"].append(row | {"DocEntry": 999_999, "CancelStatus": "csCancellation"})
    invoices = _all(sample, "invoices", r.Cursor())
    assert "I999999" not in invoices
    assert invoices[f"I{row['DocEntry']}"].state == "cancelled"


def test_pages_go_by_the_key_and_never_by_the_link_of_the_erp() -> None:
    sample = SapSample(Stub(most_rows=2))
    assert len(sample.pull("items")) == 4
    assert not [one for one in sample.stub.line.requests if "skip" in one.path]


def test_where_lines_cannot_be_selected_the_check_says_so_and_rows_are_read_whole() -> None:
    sample = SapSample()
    first, _second = sample.open_invoices()
    before = {kind: sample.pull(kind) for kind in ("items", "customers", "orders", "invoices")}
    sample.stub.service.selects_lists = False
    missing = [one for one in sample.erp.needs(deadline_s=SECONDS) if not one.is_there]
    assert [one.name for one in missing] == ["$select of DocumentLines"]
    assert "select_lines" in missing[0].cure
    sample.erp = sample.stub.adapter(select_lines=False)
    assert {kind: sample.pull(kind) for kind in before} == before
    assert sample.erp.create_order(sample.order(), deadline_s=SECONDS).state == "confirmed"
    assert all(one.is_there for one in sample.erp.needs(deadline_s=SECONDS))
    assert first.lines


# --- days and times ---


def test_a_day_is_that_of_the_erps_own_zone() -> None:
    zone = ZoneInfo("America/Guatemala")
    assert to.instant("2026-03-01", "19:30:00", zone) == dt.datetime(2026, 3, 2, 1, 30, tzinfo=dt.UTC)
    sample = SapSample()
    before = len(sample.stub.line.requests)
    _all(sample, "items", r.Cursor(changed_at=dt.datetime(2026, 3, 2, 3, 30, tzinfo=dt.UTC)))
    assert "2026-03-01" in sample.stub.line.requests[before].path


def test_just_after_midnight_the_day_before_is_asked_for_too() -> None:
    sample = SapSample()
    before = len(sample.stub.line.requests)
    _all(sample, "items", r.Cursor(changed_at=dt.datetime(2026, 3, 2, 6, 20, tzinfo=dt.UTC)))
    assert "2026-03-01" in sample.stub.line.requests[before].path


# --- settings ---


def test_settings_that_are_missing_or_unknown_are_named() -> None:
    given = {"url": "https://b1.test:50000/b1s/v2/", "database": "SBO", "user": "webshop", "password": "x"}
    erp = SapB1Erp.from_settings(**given, options={"timezone": "Europe/Madrid"})
    assert (erp.capabilities.timezone, erp.capabilities.has_payments) == ("Europe/Madrid", False)
    with pytest.raises(ErpMisconfigured, match="ERP_DATABASE must be set"):
        SapB1Erp.from_settings(**{**given, "database": ""}, options={})
    for wrong in ({"colour": "red"}, {"timezone": "Middle/Earth"}, {"manual_unit_prices": "perhaps"}):
        with pytest.raises(ErpMisconfigured):
            Options.of(wrong)


# --- the stub is strict ---


@pytest.mark.parametrize(
    "wrong",
    [
        {"Colour": "red"},
        {"U_Other": "x"},
        {"NumAtCard": 7},
        {"NumAtCard": "x" * 101},
        {"Confirmed": True},
        {"DocumentStatus": "bost_Close"},
        {"DocTotal": 5.0},
        {"DocumentLines": [{"ItemCode": "A-1", "Amount": 1}]},
        {"DocumentLines": [{"ItemCode": "A-1", "LineStatus": "closed"}]},
    ],
    ids=str,
)
def test_the_stub_refuses_what_the_published_types_do_not_have(wrong: dict[str, Any]) -> None:
    stub = Stub()
    body = {"CardCode": "C1", "DocDueDate": "2026-01-31", "DocumentLines": [{"ItemCode": "A-1", "Quantity": 1.0}]}
    assert stub.company.calculated("Orders", dict(body))["DocTotal"] == 1.61
    with pytest.raises(Refused):
        stub.company.calculated("Orders", {**body, **wrong})


@pytest.mark.parametrize(
    "wrong", ["Colour eq 'x'", "DocEntry eq '5'", "CardCode eq 5", "DocumentStatus eq 'open'", "DocNum is 5"]
)
def test_the_stub_refuses_a_filter_that_does_not_fit(wrong: str) -> None:
    company = Stub().company
    assert Filter("DocEntry eq 5 and (CardCode eq 'O''x' or DocNum gt 3)", "Document", company.types).fits(
        {"DocEntry": 5, "CardCode": "O'x"}
    )
    with pytest.raises(Refused):
        Filter(wrong, "Document", company.types)


def test_the_fields_of_the_setting_up_are_those_that_are_needed() -> None:
    stub = Stub()
    assert all(one.is_there for one in stub.erp_adapter.needs(deadline_s=SECONDS))
    stub.company.types = Types()
    names = {one.name for one in stub.erp_adapter.needs(deadline_s=SECONDS) if not one.is_there}
    assert {"Orders.U_B2BKey", "Orders.U_Channel", "DocumentLine.U_B2BLine", "IncomingPayments.U_B2BKey"} <= names
    declare(stub.company)
    assert all(one.is_there for one in stub.erp_adapter.needs(deadline_s=SECONDS))


def _all(sample: SapSample, kind: str, cursor: r.Cursor | None) -> dict[str, Any]:
    found: dict[str, Any] = {}
    while cursor is not None:
        page: r.Page[Any] = sample.erp.pull(kind, cursor, limit=50, deadline_s=SECONDS)
        assert not page.broken, page.broken
        found |= {one.erp_id: one for one in page.records}
        cursor = page.next
    return found
