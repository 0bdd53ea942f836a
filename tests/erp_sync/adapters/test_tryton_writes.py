"""What is special about writing quotes and changes to a real Tryton."""

import datetime as dt
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from erp_sync import records as r
from erp_sync.errors import ErpRejected, ErpUnavailable
from tests.erp_sync.adapters.samples import SECONDS, Cut, TrytonSample, new_reference

pytestmark = pytest.mark.tryton

TAKEN_OFF = Decimal("7.77")


def staff_quote(sample: TrytonSample) -> r.QuoteRecord:
    """Return a quotation that the ERP's own staff made for this test."""
    source = next(one for one in sample.all_of("quotes") if not one.reference and one.state == "quoted")
    copied = sample.staff("sale.sale.copy", [int(source.erp_id)], {})[0]
    sample.staff("sale.sale.quote", [copied])
    quote: r.QuoteRecord = next(one for one in sample.all_of("quotes") if one.erp_id == str(copied))
    return quote


def acceptance_of(quote: r.QuoteRecord, **changes: Any) -> r.QuoteAcceptance:
    lines = tuple(
        r.NewQuoteLine(one.line_no, one.sku, one.item_erp_id, one.quantity, one.net_price or Decimal(0))
        for one in quote.lines
    )
    acceptance = r.QuoteAcceptance(new_reference(), "", quote.erp_id, quote.customer_erp_id, quote.currency, lines)
    return replace(acceptance, expected_total=quote.total, **changes)


def test_a_quotation_of_the_staff_becomes_an_order_at_its_own_total(tryton_sample: TrytonSample) -> None:
    quote = staff_quote(tryton_sample)
    acceptance = acceptance_of(quote)
    order = tryton_sample.erp.accept_quote(acceptance, deadline_s=SECONDS)
    assert (order.erp_id, order.state, order.reference) == (quote.erp_id, "confirmed", acceptance.reference)
    assert order.totals.total == quote.total


def test_a_quotation_that_the_staff_changed_meanwhile_is_not_accepted(tryton_sample: TrytonSample) -> None:
    quote = staff_quote(tryton_sample)
    line = int(quote.lines[0].erp_id)
    tryton_sample.staff("sale.line.write", [line], {"unit_price": Decimal("9999.0000")})
    with pytest.raises(ErpRejected, match="changed in the meantime"):
        tryton_sample.erp.accept_quote(acceptance_of(quote), deadline_s=SECONDS)
    tryton_sample.staff("sale.sale.draft", [int(quote.erp_id)])
    with pytest.raises(ErpRejected, match="changed in the meantime"):
        tryton_sample.erp.accept_quote(acceptance_of(quote), deadline_s=SECONDS)


def test_an_acceptance_that_was_cut_after_each_step_is_carried_on(tryton_sample: TrytonSample) -> None:
    quote = staff_quote(tryton_sample)
    acceptance = replace(acceptance_of(quote), lines=acceptance_of(quote).lines[:1], expected_total=None)
    for method in ("write", "draft", "quote", "confirm"):
        cut = Cut(f"model.sale.sale.{method}", sent=True)
        with pytest.raises(ErpUnavailable) as failure:
            tryton_sample.at.erp(cut).accept_quote(acceptance, deadline_s=SECONDS)
        assert not failure.value.nothing_sent, method
        assert cut.cuts == 1, method
    order = tryton_sample.erp.accept_quote(acceptance, deadline_s=SECONDS)
    assert order.lines == ((1, acceptance.lines[0].quantity, acceptance.lines[0].net_price),)
    assert len(tryton_sample.erp.find_order(acceptance.reference, deadline_s=SECONDS)) == 1


def test_a_payment_that_was_cut_after_each_step_is_carried_on(tryton_sample: TrytonSample) -> None:
    invoice, _other = tryton_sample.open_invoices()
    share = r.Allocation(invoice.erp_id, Decimal("1.00"))
    payment = r.NewPayment(
        new_reference().replace("WEB", "PAY"), invoice.customer_erp_id, "EUR", Decimal("1.00"), dt.date(2026, 3, 2),
        allocations=(share,),
    )  # fmt: skip
    for method in ("model.account.payment.create", "model.account.payment.submit",
                   "wizard.account.payment.process.execute", "model.account.payment.succeed"):  # fmt: skip
        cut = Cut(method, sent=True)
        with pytest.raises(ErpUnavailable):
            tryton_sample.at.erp(cut).write(payment, deadline_s=SECONDS)
        assert cut.cuts == 1, method
    written = tryton_sample.erp.write(payment, deadline_s=SECONDS)
    assert (written.state, written.total) == ("succeeded", Decimal("1.00"))
    rows = tryton_sample.call(
        "account.payment.search_read", [["reference", "like", f"{payment.reference}%"]], 0, None, None, ["amount"]
    )
    assert [row["amount"] for row in rows] == [Decimal("1.00")]


def test_a_part_that_is_given_back_opens_the_last_invoice_by_that_much_also_when_cut(
    tryton_sample: TrytonSample,
) -> None:
    first, second = tryton_sample.open_invoices()
    shares = (r.Allocation(first.erp_id, Decimal("2.00")), r.Allocation(second.erp_id, Decimal("3.00")))
    payment = r.NewPayment(
        new_reference().replace("WEB", "PAY"), first.customer_erp_id, "EUR", Decimal("5.00"), dt.date(2026, 3, 2),
        allocations=shares,
    )  # fmt: skip
    tryton_sample.erp.write(payment, deadline_s=SECONDS)
    due = left_of(tryton_sample, first, second)
    back = r.PaymentReversal(
        f"{payment.reference}-R1", payment.reference, first.customer_erp_id, "EUR", Decimal("1.25"),
        dt.date(2026, 3, 3), kept=Decimal("3.75"),
    )  # fmt: skip
    assert not tryton_sample.erp.find_written(back, deadline_s=SECONDS)
    for method in ("model.account.payment.fail", "model.account.payment.create", "model.account.payment.succeed"):
        cut = Cut(method, sent=True)
        with pytest.raises(ErpUnavailable):
            tryton_sample.at.erp(cut).write(back, deadline_s=SECONDS)
        assert cut.cuts == 1, method
    for _time in range(2):
        written = tryton_sample.erp.write(back, deadline_s=SECONDS)
        assert (written.state, written.total) == ("reversed", Decimal("3.75"))
    assert left_of(tryton_sample, first, second) == [due[0], due[1] + Decimal("1.25")]
    assert len(tryton_sample.erp.find_written(back, deadline_s=SECONDS)) == 1
    rest = replace(back, reference=f"{payment.reference}-R2", amount=Decimal("3.75"), kept=Decimal(0))
    tryton_sample.erp.write(rest, deadline_s=SECONDS)
    assert left_of(tryton_sample, first, second) == [due[0] + 2, due[1] + 3]


def left_of(sample: TrytonSample, *invoices: r.InvoiceRecord) -> list[Decimal]:
    rows = sample.call("account.invoice.read", [int(one.erp_id) for one in invoices], ["amount_to_pay"])
    left = {row["id"]: row["amount_to_pay"] for row in rows}
    return [left[int(one.erp_id)] for one in invoices]


def test_goods_go_to_another_place_while_nothing_is_picked(tryton_sample: TrytonSample) -> None:
    places = [one.erp_id for one in tryton_sample.customer.addresses if one.is_delivery]
    if len(places) < 2:
        pytest.skip("the customer has one place only")
    order = replace(tryton_sample.order(), ship_to_erp_id=places[-1])
    made = tryton_sample.erp.create_order(order, deadline_s=SECONDS)
    change = r.OrderChange(f"CHG-{order.reference}", made.erp_id, "", order.customer_erp_id, ship_to_erp_id=places[0])
    tryton_sample.erp.write(change, deadline_s=SECONDS)
    (row,) = tryton_sample.call("sale.sale.read", [int(made.erp_id)], ["shipments.delivery_address", "total_amount"])
    assert {one["delivery_address"] for one in row["shipments."]} == {int(places[0])}
    assert row["total_amount"] == made.totals.total


@pytest.mark.parametrize(("of_lines", "rates"), [((), ("0.10", "0.21")), ((1,), ("0.10",)), ((2,), ("0.21",))])
def test_a_discount_bears_the_taxes_of_what_it_is_taken_from(
    tryton_sample: TrytonSample, of_lines: tuple[int, ...], rates: tuple[str, ...]
) -> None:
    erp, base = tryton_sample.erp, tryton_sample.order()
    lines = tuple(
        replace(base.lines[0], line_no=number, sku=item.sku, item_erp_id=item.erp_id, net_price=Decimal("33.3333"))
        for number, item in enumerate(_of_both_taxes(tryton_sample), start=1)
    )
    whole = replace(base, lines=lines, expected_total=None)
    before = erp.totals(whole, deadline_s=SECONDS)
    less = erp.totals(replace(whole, discount=r.NewDiscount(TAKEN_OFF, "Autumn", of_lines)), deadline_s=SECONDS)
    order = replace(whole, discount=r.NewDiscount(TAKEN_OFF, "Autumn", of_lines), expected_total=less.total)
    written = erp.create_order(order, deadline_s=SECONDS)
    assert (written.state, written.totals.total, written.totals.tax) == ("confirmed", less.total, less.tax)
    assert before.untaxed - less.untaxed == TAKEN_OFF
    saved = sum(TAKEN_OFF / len(rates) * Decimal(rate) for rate in rates)
    assert abs(before.tax - less.tax - saved) <= Decimal("0.01")  # each tax is rounded by itself
    found = next(one for one in tryton_sample.all_of("orders") if one.erp_id == written.erp_id)
    discounts = [one for one in found.lines if one.item_type == "discount"]
    assert [one.description for one in discounts] == ["Autumn"] * len(rates)
    assert sum((one.amount or Decimal(0) for one in discounts), Decimal(0)) == -TAKEN_OFF


def _of_both_taxes(sample: TrytonSample) -> list[r.ItemRecord]:
    """Return an item of the reduced tax and one of the full."""
    found = []
    for tax in ("IVA 10%", "IVA 21%"):
        domain = [["template.account_category.name", "=", tax]]
        rows = sample.call("product.product.search_read", domain, 0, None, None, ["code"])
        codes = {row["code"] for row in rows}
        found.append(next(one for sku, one in sample.items.items() if sku in codes and one.minimum is None))
    return found
