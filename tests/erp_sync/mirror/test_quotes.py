"""Quotes in the mirror, what becomes of them, and the first promise of an order line."""

import datetime as dt
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from erp_sync import records as r
from erp_sync.adapters.fake import FakeErp
from erp_sync.mirror import keys, sync
from erp_sync.mirror.models import Invoice, Order, OrderLine, Quote, Return
from tests.erp_sync.mirror import facts

pytestmark = pytest.mark.django_db

NOW = facts.NOW
MONDAY, FRIDAY = dt.date(2026, 3, 9), dt.date(2026, 3, 13)


@pytest.fixture
def erp() -> FakeErp:
    return FakeErp()


def quote(erp_id: str = "7", **changes: Any) -> r.QuoteRecord:
    lines = (
        r.QuoteLineRecord(1, "q1", "A", "item-A", "Hex bolt", Decimal(10), "u", Decimal("1.8"), delivery_on=MONDAY),
        r.QuoteLineRecord(2, "q2", "", "", "special bracket", Decimal(3), "", None),
    )
    values: dict[str, Any] = {
        "version": NOW,
        "number": "QU7",
        "reference": "",
        "customer_erp_id": "c1",
        "state": "quoted",
        "currency": "EUR",
        "requested_at": NOW,
        "total": Decimal("21.78"),
        "valid_until": FRIDAY,
        "lines": lines,
    }
    return r.QuoteRecord(erp_id=erp_id, **(values | changes))


def test_a_quote_is_copied_with_its_lines(erp: FakeErp) -> None:
    erp.put("quotes", quote(note="Please by noon.", terms="30 days"))
    assert sync.pull(kind="quotes", now=NOW, erp=erp).changed == 1
    row = Quote.objects.get()
    assert (row.number, row.state, row.valid_until, row.total) == ("QU7", "quoted", FRIDAY, Decimal("21.78"))
    assert (row.note, row.terms) == ("Please by noon.", "30 days")
    bolt, text = row.lines.all()
    assert (bolt.sku, bolt.item_erp_id, bolt.net_price, bolt.delivery_on) == ("A", "item-A", Decimal("1.8"), MONDAY)
    assert (text.sku, text.description, text.quantity, text.net_price) == ("", "special bracket", Decimal(3), None)


@pytest.mark.parametrize(
    ("status", "state"),
    [("open", "accepted"), ("completed", "accepted"), ("cancelled", "declined"), ("quotation", "quoted")],
)
def test_the_order_tells_what_became_of_a_quote(erp: FakeErp, status: str, state: str) -> None:
    erp.put("quotes", quote())
    sync.pull(kind="quotes", now=NOW, erp=erp)
    erp.put("orders", facts.order("9", status=status, quote_erp_id="7"))
    sync.pull(kind="orders", now=NOW, erp=erp)
    assert Quote.objects.get().state == state


def test_an_order_without_a_quote_changes_none(erp: FakeErp) -> None:
    erp.put("quotes", quote())
    sync.pull(kind="quotes", now=NOW, erp=erp)
    erp.put("orders", facts.order("9"))
    sync.pull(kind="orders", now=NOW, erp=erp)
    assert Quote.objects.get().state == "quoted"


def test_a_quote_that_is_over_stays_although_the_erp_lists_it_no_more(erp: FakeErp) -> None:
    for erp_id, state in (("1", "accepted"), ("2", "declined"), ("3", "quoted"), ("4", "draft")):
        erp.put("quotes", quote(erp_id, state=state))
    sync.pull(kind="quotes", now=NOW, erp=erp)
    for erp_id in "1234":
        erp.remove("quotes", erp_id)
    assert keys.compare(kind="quotes", now=NOW + dt.timedelta(hours=9), erp=erp).gone == 2
    gone = Quote.objects.exclude(gone_at=None).values_list("erp_id", flat=True)
    assert set(gone) == {"3", "4"}


def test_the_first_promise_of_a_line_is_never_moved(erp: FakeErp) -> None:
    line = facts.order_line(1, "A", promised_on=None)
    for promise in (None, MONDAY, FRIDAY, None):
        erp.put("orders", facts.order("9", lines=(replace(line, promised_on=promise), facts.order_line(2, "B"))))
        sync.pull(kind="orders", now=NOW, full=True, erp=erp)
    row = OrderLine.objects.get(erp_id="line-1")
    assert (row.promised_on, row.first_promised_on) == (None, MONDAY)
    assert OrderLine.objects.get(erp_id="line-2").first_promised_on is None


def test_what_an_order_and_an_invoice_allow_is_copied(erp: FakeErp) -> None:
    erp.put("orders", facts.order("9", allowed=("cancel", "lines")))
    erp.put("invoices", facts.invoice("9", discount_until=MONDAY, discount_amount=Decimal("0.24")))
    sync.pull_all(kinds=("orders", "invoices"), now=NOW, erp=erp)
    assert Order.objects.get().allowed == ["cancel", "lines"]
    invoice = Invoice.objects.get()
    assert (invoice.discount_until, invoice.discount_amount) == (MONDAY, Decimal("0.24"))


def test_a_return_keeps_our_reference_and_its_credit_note(erp: FakeErp) -> None:
    erp.put("returns", r.ReturnRecord("4", NOW, "RT4", "c1", "done", reference="RET-1", credit_number="R2026-1"))
    sync.pull(kind="returns", now=NOW, erp=erp)
    row = Return.objects.get()
    assert (row.reference, row.credit_number) == ("RET-1", "R2026-1")


def test_what_the_erp_forgot_of_a_quote_stays_as_it_was_told_before(erp: FakeErp) -> None:
    later = {"requested_at": NOW + dt.timedelta(days=40), "valid_until": None, "total": Decimal(7), "state": "accepted"}
    for erp_id in ("7", "8"):
        forgotten = ("requested_at", "valid_until")
        if erp_id == "7":
            erp.put("quotes", quote(erp_id))
            sync.pull(kind="quotes", now=NOW, erp=erp)
        erp.put("quotes", quote(erp_id, **later, forgotten=forgotten, version=NOW + dt.timedelta(days=40)))
    sync.pull(kind="quotes", now=NOW, full=True, erp=erp)
    rows = {one.erp_id: (one.requested_at, one.valid_until, one.total) for one in Quote.objects.all()}
    assert rows["7"] == (NOW, FRIDAY, Decimal(7))
    assert rows["8"] == (NOW + dt.timedelta(days=40), None, Decimal(7))  # there was nothing before
