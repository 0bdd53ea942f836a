"""What the adapter sends and how it reads the answers, held against a real ERPNext 15.93 as it was recorded."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from erp_sync import records as r
from erp_sync.adapters.erpnext.adapter import ErpNextErp
from erp_sync.adapters.erpnext.catalogue import Items
from erp_sync.adapters.erpnext.client import ErpNextClient
from erp_sync.adapters.erpnext.credit import Credit
from erp_sync.adapters.erpnext.customers import Customers
from erp_sync.adapters.erpnext.documents import Documents
from erp_sync.adapters.erpnext.faults import Missing, Stale, Taken
from erp_sync.adapters.erpnext.orders_write import OrdersWrite
from erp_sync.adapters.erpnext.payments_write import PaymentsWrite
from erp_sync.adapters.erpnext.prices import Prices, net_price
from erp_sync.adapters.erpnext.pulls import Position, Pulls
from erp_sync.adapters.erpnext.quotes_write import MAKE_ORDER
from erp_sync.adapters.erpnext.setup import Options, Setup, SetupSource
from erp_sync.adapters.erpnext.zone import SiteZone
from erp_sync.errors import ErpRejected
from erp_sync.http import Deadline, ErpHttp
from tests.erp_stubs.transport import StubLine
from tests.erp_sync.adapters.erpnext.replay import Replay, exchanges

MADRID = SiteZone(ZoneInfo("Europe/Madrid"))
NEW_YEAR = dt.datetime(2025, 12, 31, 23, tzinfo=dt.UTC)
TODAY = dt.date(2026, 11, 21)
ORDER, INVOICE = "SAL-ORD-2026-00005", "ACC-SINV-2026-00003"


class Recorded:
    """The parts of an adapter that speaks to the recordings."""

    def __init__(self) -> None:
        self.replay = Replay()
        http = ErpHttp("https://erp.test", transport=StubLine(self.replay))
        self.client = ErpNextClient(http, key="key", secret="secret")
        self.options = Options(company="Distri SA", attributes=(), order_warehouse="Stores - DSA")
        self.known = Setup("Distri SA", "EUR", MADRID, frozenset({"Stores - DSA"}), {}, frozenset({"Nos", "Box"}))
        self.setup = SetupSource(self.client, self.options, self.known)
        self.prices = Prices(self.client, self.setup)
        self.orders = OrdersWrite(self.client, self.setup, self.prices)
        self.erp = ErpNextErp(self.client, self.options, self.known)
        self.deadline = Deadline(30)


def _rows(tag: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = exchanges()[tag]["response"]["data"]
    return found


def _logged_in(at: Recorded) -> None:
    assert at.client.ask("frappe.auth.get_logged_user", at.deadline) == {"message": "Administrator"}


def _items(at: Recorded) -> None:
    """The uoms are those of the recorded item; of prices, barcodes and variants there are none."""
    uoms = exchanges()["product_detail"]["response"]["data"]["uoms"]
    empty = ("Item Barcode", "Item Variant Attribute", "Item Price")
    at.replay.also = {f"/api/resource/{name}": {"data": []} for name in empty}
    at.replay.also["/api/resource/UOM Conversion Detail"] = {"data": uoms}
    source = Items(at.client, at.setup)
    pulls = Pulls(at.client, at.setup, {"items": (source,)})
    page = pulls.page("items", r.Cursor(NEW_YEAR), 50, at.deadline)
    first = page.records[0]
    assert [one.sku for one in page.records] == ["SKU-001", "SKU-002", "SKU-003"]
    assert (page.broken, page.next) == ((), None)
    assert first.version == dt.datetime(2026, 11, 21, 21, 12, 7, 448132, tzinfo=dt.UTC)
    assert first.texts == {"en": r.Text("Bolt 1", "")}
    assert first.sales_unit.code == "Nos"
    assert [(one.code, one.factor) for one in first.packs] == [("Box", Decimal(12))]
    assert first.is_active


def _customers(at: Recorded) -> None:
    listing = Pulls(at.client, at.setup, {}).listing(
        Customers(at.client, at.setup), NEW_YEAR, Position(), 50, at.deadline
    )
    assert [row["name"] for row in listing.rows] == ["Acme"]


def _prices(at: Recorded) -> None:
    """The line without a rule has the rate 0: its price is the list's, not nothing."""
    asked = (("SKU-001", 1), ("SKU-002", 5), ("SKU-002", 120), ("SKU-003", 2))
    lines = [{"item_code": code, "qty": many} for code, many in asked]
    context = r.PriceContext("Acme", "Standard Selling", "EUR")
    doc = at.prices.simulated(context, lines, at.known, at.deadline, posting_date=TODAY.isoformat())
    told = [net_price(row) for row in doc["items"]]
    assert told == [Decimal("8.55"), Decimal(12), Decimal("9.6"), Decimal("12.35")]


def _stock(at: Recorded) -> None:
    bins = at.prices.bins(["SKU-001", "SKU-002", "SKU-003"], at.deadline)
    assert [(one["actual_qty"], one["reserved_qty"]) for one in bins] == [(100, 11), (4, 112), (103, 7)]


def _new_order(total: str = "167.20") -> r.NewOrder:
    lines = (
        r.NewOrderLine(1, "SKU-001", "SKU-001", Decimal(4), Decimal("8.55")),
        r.NewOrderLine(2, "SKU-004", "SKU-004", Decimal(10), Decimal("13.30")),
    )
    return r.NewOrder(
        reference="web-0210",
        customer_erp_id="Acme",
        price_list="Standard Selling",
        currency="EUR",
        lines=lines,
        ship_to_erp_id="Acme HQ2-Shipping",
        customer_reference="PO-210",
        requested_on=dt.date(2026, 12, 5),
        expected_total=Decimal(total),
    )


def _order(at: Recorded) -> None:
    written = at.erp.create_order(_new_order(), deadline_s=30)
    assert (written.erp_id, written.state, written.reference) == (ORDER, "confirmed", "web-0210")
    assert written.totals == r.Totals(
        "EUR", Decimal("167.2"), Decimal(0), Decimal("167.2"), line_amounts=(Decimal("34.2"), Decimal("133.0"))
    )
    assert written.lines == ((1, Decimal(4), Decimal("8.55")), (2, Decimal(10), Decimal("13.3")))
    assert at.replay.used == ["create_order_draft", "submit_order"]


def _dearer_order(at: Recorded) -> None:
    with pytest.raises(ErpRejected, match=r"total of SAL-ORD-2026-00005 is 167\.20, not 167\.19"):
        at.erp.create_order(_new_order("167.19"), deadline_s=30)
    assert at.replay.used == ["create_order_draft"]


def _read_order(at: Recorded) -> None:
    doc = at.orders.documents.read(ORDER, at.deadline)
    written = at.orders.written(doc)
    assert (written.number, written.state, written.totals.total) == (ORDER, "confirmed", Decimal("167.2"))


def _paper(at: Recorded) -> None:
    pdf = at.erp.invoice_pdf(INVOICE, deadline_s=30)
    assert (pdf.filename, len(pdf.content)) == (f"{INVOICE}.pdf", 28732)


def _payment(at: Recorded) -> None:
    share = r.Allocation(INVOICE, Decimal(20))
    payment = r.NewPayment("pay-210", "Acme", "EUR", Decimal(20), TODAY, "web", "psp", "PSP-200", (share,))
    values = PaymentsWrite(at.client, at.setup).entry(payment, "pay-210", payment.allocations, at.deadline)
    documents = Documents(at.client, "Payment Entry")
    doc = documents.submit(documents.make("pay-210", values, at.deadline), at.deadline)
    assert (doc["name"], doc["docstatus"], doc["paid_amount"]) == ("ACC-PAY-2026-00002", 1, 20)
    assert at.replay.used == ["map payment", "create payment", "submit payment"]


def _credit(at: Recorded) -> None:
    credit = Credit(at.client, at.setup)
    assert credit.customer("Acme", at.deadline)["credit_limits"][0]["credit_limit"] == 5000
    assert credit.balance("Acme", at.known, TODAY, at.deadline) == Decimal("1032.85")


def _quote_order(at: Recorded) -> None:
    doc = at.client.mapped(MAKE_ORDER, at.deadline, source_name="SAL-QTN-2026-00002")
    row = doc["items"][0]
    assert (row["prevdoc_docname"], row["rate"]) == ("SAL-QTN-2026-00002", Decimal("12.35"))


def _taken(at: Recorded) -> None:
    with pytest.raises(Taken):
        at.client.insert("Sales Order", _body("create_order_REPEAT_same_key"), at.deadline)


def _same_po(at: Recorded) -> None:
    with pytest.raises(ErpRejected) as caught:
        at.client.insert("Sales Order", _body("create_order_same_customer_po"), at.deadline)
    words = "Sales Order SAL-ORD-2026-00005 already exists against Customer's Purchase Order PO-210."
    assert caught.value.message.startswith(words)
    assert "<" not in caught.value.message


def _over_limit(at: Recorded) -> None:
    with pytest.raises(ErpRejected) as caught:
        at.client.insert("Sales Order", _body("err_credit_limit"), at.deadline)
    assert caught.value.message.startswith(
        "Credit limit has been crossed for customer Acme (22217.699999999997/5000.0)"
    )
    assert "<" not in caught.value.message


def _not_there(at: Recorded) -> None:
    with pytest.raises(Missing):
        at.client.read("Item", "nope", at.deadline)


def _stale(at: Recorded) -> None:
    with pytest.raises(Stale, match="modified after you have opened it"):
        at.client.update("Customer", "Acme", _body("err_stale_update"), at.deadline)


def _body(tag: str) -> dict[str, Any]:
    body: dict[str, Any] = exchanges()[tag]["request"]["body"]
    return body


# What the adapter itself does, request for request; of refusals how they are read.
REPLAYED: dict[str, Callable[[Recorded], None]] = {
    "auth_check": _logged_in,
    "products_modified_since": _items,
    "customers_modified_since": _customers,
    "simulate_prices": _prices,
    "stock_by_warehouse": _stock,
    "create_order_draft": _dearer_order,
    "submit_order": _order,
    "read_order": _read_order,
    "invoice_pdf": _paper,
    "map payment": _payment,
    "create payment": _payment,
    "submit payment": _payment,
    "credit_dashboard": _credit,
    "balance": _credit,
    "quote_to_order": _quote_order,
    "create_order_REPEAT_same_key": _taken,
    "create_order_same_customer_po": _same_po,
    "err_credit_limit": _over_limit,
    "err_404": _not_there,
    "err_stale_update": _stale,
}
MORE = "the adapter's list asks for more fields, by the page"
STAFF = "the ERP's staff does it, the shop never"
NOT_REPLAYED = {
    "product_detail": "items are read in lists; its units stand in for the list of units",
    "create_address": STAFF,
    "addresses": MORE,
    "price_list": "prices of some items in one list are asked for, not all prices",
    "pricing_rules": "only from which quantities rules begin, without a limit of 20",
    "apply_price_list": "prices come from set_missing_values, which needs no stock quantity, group or territory",
    "apply_price_list_TRAP_no_stock_qty": "the same; the trap is why",
    "orders_all_channels": MORE + ", cancelled orders too",
    "order_lines_bulk": MORE,
    "(warehouse) map delivery": STAFF,
    "(warehouse) create delivery draft": STAFF,
    "(warehouse) submit delivery": STAFF,
    "deliveries_for_order": "deliveries are pulled by their time of change",
    "(finance) map invoice": STAFF,
    "(finance) create invoice": STAFF,
    "(finance) submit invoice": STAFF,
    "invoices_since": MORE + ", cancelled invoices too",
    "invoice_after_payment": "invoices are read in lists",
    "create_quote": "a request for a price has no last day yet",
    "submit_quote": "a quote is submitted and claimed for its order by one request",
    "read_customer": "read with its limits by the recorded getdoc",
    "update_customer": STAFF,
}


@pytest.mark.parametrize("tag", sorted(REPLAYED))
def test_a_recorded_exchange_is_repeated_exactly(tag: str) -> None:
    at = Recorded()
    REPLAYED[tag](at)
    assert tag in at.replay.used


def test_every_recording_is_replayed_or_has_a_reason() -> None:
    assert not set(REPLAYED) & set(NOT_REPLAYED)
    assert set(REPLAYED) | set(NOT_REPLAYED) == set(exchanges())
    assert len(exchanges()) == 42


def test_what_was_not_recorded_fails() -> None:
    at = Recorded()
    with pytest.raises(AssertionError, match="not recorded"):
        at.client.read("Item", "SKU-999", at.deadline)
    with pytest.raises(AssertionError, match="not recorded"):
        at.client.update("Sales Order", ORDER, {"docstatus": 1, "po_no": "x"}, at.deadline)


def test_the_recorded_documents_have_what_the_adapter_takes_from_them() -> None:
    """Fields that are written or read of whole documents, as the server that was recorded calls them."""
    taken = {
        "submit_order": ("name", "docstatus", "currency", "selling_price_list", "net_total", "grand_total", "b2b_key"),
        "submit payment": ("name", "docstatus", "paid_amount", "paid_to", "references", "b2b_key"),
        "submit_quote": ("name", "docstatus", "status", "modified", "grand_total", "items", "b2b_key"),
        "(warehouse) submit delivery": ("name", "docstatus", "customer", "items", "is_return", "lr_no"),
    }
    for tag, names in taken.items():
        doc = exchanges()[tag]["response"]["data"]
        assert [name for name in names if name not in doc] == [], tag
    rows = ("item_code", "qty", "rate", "net_amount", "price_list_rate", "item_tax_rate", "conversion_factor")
    for row in exchanges()["submit_order"]["response"]["data"]["items"]:
        assert [name for name in rows if name not in row] == []


def test_a_recorded_time_is_of_the_sites_zone() -> None:
    told = _rows("orders_all_channels")[0]["modified"]
    seen = dt.datetime(2026, 11, 21, 21, 40, tzinfo=dt.UTC)
    assert MADRID.utc(told, seen) == dt.datetime(2026, 11, 21, 21, 14, 10, 176362, tzinfo=dt.UTC)
