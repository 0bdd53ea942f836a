"""Writing to ERPNext on bad days: nothing is lost, nothing doubled, and what cannot go on says why."""

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from erp_sync import records as r
from erp_sync.adapters.erpnext.adapter import ErpNextErp
from erp_sync.errors import ErpBroken, ErpMisconfigured, ErpRejected, ErpUnavailable
from tests.erp_stubs.transport import Fault, Killed, StubLine, sends
from tests.erp_sync.adapters.erpnext.erpnext_sample import ErpNextSample, erp_at, line_to
from tests.erp_sync.adapters.erpnext.meanwhile import Meanwhile
from tests.erp_sync.adapters.erpnext.stub.site import Site
from tests.erp_sync.adapters.samples import new_order, new_reference

SECONDS = 30.0
MOST_STEPS = 30
CONTEXT = r.PriceContext("Acme", "Standard Selling", "EUR")
PROCESSED = (
    Fault.ERROR_AFTER,
    Fault.LOST_AFTER,
    Fault.BROKEN_AFTER,
    Fault.GARBAGE,
    Fault.SLOW,
    Fault.KILLED_AFTER,
)
REFUSED = (Fault.REFUSED, Fault.LOST_BEFORE, Fault.TOO_MANY, Fault.UNAVAILABLE, Fault.UNAUTHORIZED)
GOES_WRONG = (ErpUnavailable, ErpBroken, ErpMisconfigured, Killed)


def _order(erp: ErpNextErp, *skus: str) -> r.NewOrder:
    return new_order(erp, CONTEXT, [r.Ask(sku, sku, Decimal(2)) for sku in skus or ("TOR-0440",)])


def _ours(site: Site, doctype: str, key: str) -> list[dict[str, Any]]:
    return [doc for doc in site.docs[doctype].values() if doc.get("b2b_key") == key]


def _at_every_step(
    site: Site, fault: Fault, prepare: Callable[[ErpNextErp], Callable[[ErpNextErp], object]]
) -> list[tuple[int, BaseException]]:
    """Do something, broken at its first request, then its second, and so on; each time again, by another process.

    Returns what was raised at each request.
    """
    raised: list[tuple[int, BaseException]] = []
    for step in range(1, MOST_STEPS):
        line = line_to(site)
        erp = erp_at(line)
        act = prepare(erp)
        erp.credit("Acme", deadline_s=SECONDS)  # the set-up is read
        plan = line.next(fault, at=step)
        try:
            act(erp)
        except GOES_WRONG as error:
            raised.append((step, error))
        if not plan.struck:
            return raised
        act(erp_at(line_to(site)))
    raise AssertionError(f"more than {MOST_STEPS} requests")


# --- orders ---


@pytest.mark.parametrize("fault", [*PROCESSED, *REFUSED])
def test_an_order_cut_at_any_request_is_one_confirmed_order(site: Site, fault: Fault) -> None:
    orders: list[r.NewOrder] = []

    def prepare(erp: ErpNextErp) -> Callable[[ErpNextErp], object]:
        order = _order(erp, "TOR-0440", "CAB-0025")
        orders.append(order)
        return lambda erp: erp.create_order(order, deadline_s=SECONDS)

    raised = _at_every_step(site, fault, prepare)
    assert [step for step, _ in raised] == [1, 2, 3, 4], raised
    for order in orders:
        found = _ours(site, "Sales Order", order.reference)
        assert [(one["docstatus"], one["status"]) for one in found] == [(1, "To Deliver and Bill")]
        assert found[0]["total_taxes_and_charges"] > 0
    for step, error in raised:
        is_unsent = fault in {Fault.REFUSED, Fault.LOST_BEFORE, Fault.TOO_MANY} and step == 1
        if isinstance(error, ErpUnavailable):
            assert error.nothing_sent is is_unsent, (step, error)


def test_an_order_of_a_process_that_died_before_it_was_submitted_is_carried_on(site: Site, line: StubLine) -> None:
    erp = erp_at(line)
    order = _order(erp)
    line.next(Fault.KILLED_AFTER, when=sends("POST", "/api/resource/Sales%20Order"))
    with pytest.raises(Killed):
        erp.create_order(order, deadline_s=SECONDS)
    drafts = _ours(site, "Sales Order", order.reference)
    assert [one["docstatus"] for one in drafts] == [0]
    written = erp_at(line_to(site)).create_order(order, deadline_s=SECONDS)
    assert (written.erp_id, written.state) == (drafts[0]["name"], "confirmed")


def test_an_order_over_the_rate_limit_never_came_and_the_error_says_how_long_to_wait(
    site: Site, line: StubLine, erp: ErpNextErp
) -> None:
    order = _order(erp)
    line.next(Fault.TOO_MANY, when=sends("POST", "/api/resource/Sales%20Order"))
    with pytest.raises(ErpUnavailable, match="wait 7 s") as caught:
        erp.create_order(order, deadline_s=SECONDS)
    assert caught.value.nothing_sent
    assert not _ours(site, "Sales Order", order.reference)
    assert erp.create_order(order, deadline_s=SECONDS).state == "confirmed"


def test_a_vanished_key_field_stops_orders_and_leaves_no_draft_without_it(site: Site, erp: ErpNextErp) -> None:
    order = _order(erp)
    field = site.schema["Sales Order"]["b2b_key"]
    count = len(site.docs["Sales Order"])
    site.drop_field("Sales Order", "b2b_key")
    for _ in range(2):
        with pytest.raises(ErpMisconfigured, match="does not keep b2b_key on Sales Order"):
            erp.create_order(order, deadline_s=SECONDS)
    assert len(site.docs["Sales Order"]) == count
    with pytest.raises(ErpMisconfigured, match="b2b_key"):
        erp.pull("orders", r.Cursor(), limit=10, deadline_s=SECONDS)
    missing = [one.name for one in erp.needs(deadline_s=SECONDS) if not one.is_there]
    assert missing == ["Sales Order.b2b_key (unique)"]
    site.schema["Sales Order"]["b2b_key"] = field
    for doc in site.docs["Sales Order"].values():
        doc["b2b_key"] = None
    assert erp.create_order(order, deadline_s=SECONDS).state == "confirmed"
    assert len(_ours(site, "Sales Order", order.reference)) == 1


def test_a_field_that_is_not_unique_any_more_is_told(site: Site, erp: ErpNextErp) -> None:
    site.schema["Payment Entry"]["b2b_key"] = replace(site.schema["Payment Entry"]["b2b_key"], flags="")
    site.forbidden.add(("Delivery Note", "create"))
    missing = {one.name: one.cure for one in erp.needs(deadline_s=SECONDS) if not one.is_there}
    assert set(missing) == {"Payment Entry.b2b_key (unique)", "create Delivery Note"}
    assert "Stock User" in missing["create Delivery Note"]


def test_the_same_number_of_the_buyer_is_refused_in_words_and_his_own_order_is_found(
    site: Site, erp: ErpNextErp
) -> None:
    site.allows_same_po = False
    order = _order(erp)
    first = erp.create_order(order, deadline_s=SECONDS)
    assert erp.create_order(order, deadline_s=SECONDS) == first
    other = replace(order, reference=new_reference())
    with pytest.raises(
        ErpRejected, match=f"^Sales Order {first.number} already exists against Customer's Purchase"
    ) as no:
        erp.create_order(other, deadline_s=SECONDS)
    assert "<" not in no.value.message
    assert not _ours(site, "Sales Order", other.reference)


def test_a_price_that_rose_meanwhile_is_not_confirmed(site: Site, erp: ErpNextErp) -> None:
    order = _order(erp)
    for price in site.docs["Item Price"].values():
        price["price_list_rate"] *= 2
    with pytest.raises(ErpRejected, match=r"price of TOR-0440 in SAL-ORD-2026-\d+ is 17\.86, not 8\.93"):
        erp.create_order(order, deadline_s=SECONDS)
    assert [one["docstatus"] for one in _ours(site, "Sales Order", order.reference)] == [0]


def test_another_price_list_than_the_buyer_was_shown_is_refused(site: Site, erp: ErpNextErp) -> None:
    order = _order(erp)
    site.docs["Customer"]["Acme"]["default_price_list"] = "Contract"
    with pytest.raises(ErpRejected, match="by the list Contract, not Standard Selling"):
        erp.create_order(order, deadline_s=SECONDS)


def test_somebody_elses_address_is_refused(erp: ErpNextErp) -> None:
    order = replace(_order(erp), ship_to_erp_id="Beta yard-Shipping")
    with pytest.raises(ErpRejected, match="does not belong to the Acme"):
        erp.create_order(order, deadline_s=SECONDS)


# --- quotes, returns, payments ---


@pytest.mark.parametrize("fault", [Fault.ERROR_AFTER, Fault.LOST_AFTER, Fault.KILLED_AFTER])
def test_a_quote_accepted_over_a_bad_line_is_one_order(site: Site, fault: Fault) -> None:
    sample = ErpNextSample(site)
    made: list[r.QuoteAcceptance] = []

    def prepare(erp: ErpNextErp) -> Callable[[ErpNextErp], object]:
        acceptance = _quoted(erp, sample)
        made.append(acceptance)
        return lambda erp: erp.accept_quote(acceptance, deadline_s=SECONDS)

    assert len(_at_every_step(site, fault, prepare)) >= 5
    for one in made:
        orders = _ours(site, "Sales Order", one.reference)
        assert [order["docstatus"] for order in orders] == [1]
        quote = site.docs["Quotation"][one.quote_erp_id]
        assert (quote["docstatus"], quote["status"], quote["b2b_order"]) == (1, "Ordered", one.reference)


@pytest.mark.parametrize("fault", [Fault.ERROR_AFTER, Fault.KILLED_AFTER, Fault.TOO_MANY])
def test_a_payment_over_a_bad_line_is_booked_once(site: Site, fault: Fault) -> None:
    sample = ErpNextSample(site)
    made: list[tuple[r.NewPayment, str]] = []

    def prepare(_erp: ErpNextErp) -> Callable[[ErpNextErp], object]:
        invoice, _ = sample.open_invoices()
        payment = _payment(invoice, invoice.amount_due)
        made.append((payment, invoice.erp_id))
        return lambda erp: erp.write(payment, deadline_s=SECONDS)

    assert len(_at_every_step(site, fault, prepare)) >= 5
    for payment, invoice in made:
        assert [one["docstatus"] for one in _ours(site, "Payment Entry", payment.reference)] == [1]
        assert site.docs["Sales Invoice"][invoice]["outstanding_amount"] == 0


@pytest.mark.parametrize("fault", [Fault.LOST_AFTER, Fault.KILLED_AFTER])
def test_a_part_of_a_payment_given_back_over_a_bad_line_leaves_what_is_kept(site: Site, fault: Fault) -> None:
    sample = ErpNextSample(site)
    made: list[tuple[r.PaymentReversal, str, Decimal]] = []

    def prepare(erp: ErpNextErp) -> Callable[[ErpNextErp], object]:
        invoice, _ = sample.open_invoices()
        payment = _payment(invoice, invoice.amount_due)
        erp.write(payment, deadline_s=SECONDS)
        back = r.PaymentReversal(
            reference=f"{payment.reference}-R",
            payment_reference=payment.reference,
            customer_erp_id="Acme",
            currency="EUR",
            amount=invoice.amount_due - 50,
            reversed_on=invoice.invoiced_on,
            kept=Decimal(50),
        )
        made.append((back, invoice.erp_id, invoice.amount_due - 50))
        return lambda erp: erp.write(back, deadline_s=SECONDS)

    assert len(_at_every_step(site, fault, prepare)) >= 5
    for back, invoice, due in made:
        assert site.docs["Sales Invoice"][invoice]["outstanding_amount"] == due
        kept = [one for one in site.docs["Payment Entry"].values() if one["b2b_key"].startswith(back.payment_reference)]
        assert sorted(one["docstatus"] for one in kept) == [1, 2]


def test_a_return_over_a_bad_line_is_asked_for_once(site: Site) -> None:
    sample = ErpNextSample(site)
    made: list[r.NewReturn] = []

    def prepare(_erp: ErpNextErp) -> Callable[[ErpNextErp], object]:
        made.append(sample.returnable())
        wish = made[-1]
        return lambda erp: erp.write(wish, deadline_s=SECONDS)

    assert len(_at_every_step(site, Fault.LOST_AFTER, prepare)) >= 4
    for one in made:
        assert [doc["is_return"] for doc in _ours(site, "Delivery Note", one.reference)] == [1]


def test_a_price_with_more_digits_than_the_erp_keeps_is_not_offered(site: Site) -> None:
    sample = ErpNextSample(site)
    site.rate_digits = 2
    with pytest.raises(ErpRejected, match=r"price of CAB-0025 in SAL-QTN-2026-00002 is 1\.23, not 1\.2345"):
        _quoted(sample.erpnext, sample, Decimal("1.2345"))
    assert site.docs["Quotation"]["SAL-QTN-2026-00002"]["b2b_answer"] is None


def _quoted(erp: ErpNextErp, sample: ErpNextSample, price: Decimal = Decimal("0.9001")) -> r.QuoteAcceptance:
    """Return the acceptance of a quote that was asked for and answered."""
    order = sample.order()
    reference = order.reference.replace("WEB-", "RFQ-")
    lines = (r.NewQuoteLine(1, "CAB-0025", "CAB-0025", Decimal(40), price),)
    made = erp.write(r.NewQuote(reference, "Acme", "Standard Selling", "EUR", lines), deadline_s=SECONDS)
    day = erp.now(deadline_s=SECONDS).date() + dt.timedelta(days=9)
    answer = r.QuoteAnswer(f"{reference}-V1", reference, made.erp_id, "Acme", "Standard Selling", "EUR", lines, day)
    erp.write(answer, deadline_s=SECONDS)
    return r.QuoteAcceptance(order.reference, reference, made.erp_id, "Acme", "EUR", lines)


def _payment(invoice: r.InvoiceRecord, amount: Decimal) -> r.NewPayment:
    share = r.Allocation(invoice.erp_id, amount)
    return r.NewPayment(f"PAY-{invoice.number}", "Acme", "EUR", amount, invoice.invoiced_on, allocations=(share,))


def test_of_two_who_accept_a_quote_at_the_same_moment_one_gets_it(site: Site) -> None:
    sample = ErpNextSample(site)
    mine = _quoted(sample.erpnext, sample)
    theirs = replace(mine, reference=new_reference())
    other = erp_at(line_to(site))
    line = line_to(site)
    line.application = Meanwhile(
        line.application,
        lambda request: request.method == "PUT" and "/Quotation/" in request.url.path,
        lambda: other.accept_quote(theirs, deadline_s=SECONDS),
    )
    erp = erp_at(line)
    with pytest.raises(ErpUnavailable, match="somebody else"):
        erp.accept_quote(mine, deadline_s=SECONDS)
    with pytest.raises(ErpRejected, match="became another order"):
        erp.accept_quote(mine, deadline_s=SECONDS)
    assert [one["b2b_key"] for one in site.docs["Sales Order"].values() if one["b2b_key"]] == [theirs.reference]


def test_a_change_on_top_of_somebody_elses_is_not_written(site: Site) -> None:
    order = erp_at(line_to(site)).create_order(_order(erp_at(line_to(site))), deadline_s=SECONDS)
    line = line_to(site)
    line.application = Meanwhile(
        line.application,
        lambda request: request.method == "PUT",
        lambda: site.touch("Sales Order", order.erp_id, po_no="by phone"),
    )
    wish = r.OrderChange("CHG-1", order.erp_id, order.reference, "Acme", customer_reference="PO NEW")
    with pytest.raises(ErpUnavailable, match="somebody else"):
        erp_at(line).write(wish, deadline_s=SECONDS)
    assert site.docs["Sales Order"][order.erp_id]["po_no"] == "by phone"
