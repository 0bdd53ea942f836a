"""Questions about what comes after an order: returns, payments, changes; done exactly and once."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from erp_sync import records as r
from erp_sync.conformance import calls
from erp_sync.conformance.sample import CannotAsk, Sample, must, promises
from erp_sync.errors import ErpUnavailable

FAR_AWAY = dt.timedelta(days=20)


@promises(_("Asked twice it is there once and is pulled with our reference; of more than there was it is refused."))
def a_return_is_asked_for_once(sample: Sample) -> None:
    new = sample.returnable()
    must(not calls.find(sample, new), "found before it was asked for")
    first, again = calls.write(sample, new), calls.write(sample, new)
    must(first == again, f"two returns: {first}, {again}")
    must(len(calls.find(sample, new)) == 1, "not found once")
    record = calls.pulled(sample, "returns", first.erp_id)
    must(record.reference == new.reference, f"reference is {record.reference!r}")
    must(record.quantity == new.quantity, f"quantity is {record.quantity}")
    must(record.order_line_erp_id == new.order_line_erp_id, "of another line")
    much = replace(sample.returnable(), quantity=Decimal(1_000_000))
    calls.refused(lambda: calls.write(sample, much), "a return of a million")
    must(not calls.find(sample, much), "the refused return is there")
    another = sample.returnable()
    must(calls.write(sample, another).erp_id != first.erp_id, "another return is the same")


@promises(_("A part of one invoice and the whole of another are paid once; the mirror sees what is left."))
def a_payment_is_allocated_exactly_and_once(sample: Sample) -> None:
    first, second = sample.open_invoices()
    part = (first.amount_due / 2).quantize(Decimal("0.01"))
    payment = _payment(first, (first.erp_id, part), (second.erp_id, second.amount_due))
    must(not calls.find(sample, payment), "found before it was made")
    told = [calls.write(sample, payment), calls.write(sample, payment)]
    must(told[0] == told[1], f"two payments: {told}")
    must(told[0].state == "succeeded", f"it is {told[0].state}")
    must(told[0].total == payment.amount, f"it is of {told[0].total}")
    must(len(calls.find(sample, payment)) == 1, "not found once")
    left = {one.erp_id: calls.pulled(sample, "invoices", one.erp_id) for one in (first, second)}
    must(left[first.erp_id].amount_due == first.amount_due - part, f"{left[first.erp_id].amount_due} is left")
    must(left[second.erp_id].amount_due == 0, f"{left[second.erp_id].amount_due} is left")
    must(left[second.erp_id].state == "paid", f"it is {left[second.erp_id].state}")
    pulled = [one for one in calls.changed(sample, "payments") if one.reference == payment.reference]
    must(sum(one.amount for one in pulled) == payment.amount, f"pulled {pulled}")
    must({one.invoice_erp_id for one in pulled} == {first.erp_id, second.erp_id}, f"pulled {pulled}")
    must({one.via for one in pulled} == {"web"}, f"pulled {pulled}")


@promises(_("More than an invoice has left, or an invoice of somebody else: refused, and nothing of it is there."))
def too_much_money_is_refused_whole(sample: Sample) -> None:
    first, second = sample.open_invoices()
    much = _payment(first, (second.erp_id, second.amount_due), (first.erp_id, first.amount_due + 1))
    calls.refused(lambda: calls.write(sample, much), "more than is due")
    must(not calls.find(sample, much), "a part of it is there")
    due = [one.amount_due for one in calls.changed(sample, "invoices") if one.erp_id == second.erp_id]
    must(due in ([], [second.amount_due]), "an invoice was paid")


@promises(_("Given back once or twice it is reversed, and the invoice is due again."))
def a_reversed_payment_leaves_the_invoice_open(sample: Sample) -> None:
    invoice, _second = sample.open_invoices()
    payment = _payment(invoice, (invoice.erp_id, invoice.amount_due))
    reversal = _reversal(payment)
    try:
        calls.write(sample, reversal)
    except ErpUnavailable as error:
        must(error.nothing_sent, "it says that something was sent")
    calls.write(sample, payment)
    must(not calls.find(sample, reversal), "found before it was reversed")
    for _time in range(2):
        must(calls.write(sample, reversal).state == "reversed", "it is not reversed")
    must(
        calls.pulled(sample, "invoices", invoice.erp_id).amount_due == invoice.amount_due,
        "the invoice is not due again",
    )
    must(calls.find(sample, payment)[0].state == "reversed", "the payment stands")


@promises(
    _("A credit note that is used up and the money together settle the invoice; given back, both are open again.")
)
def a_credit_note_helps_to_pay(sample: Sample) -> None:
    invoice, note = sample.credit_note()
    payment = _payment(invoice, (invoice.erp_id, invoice.amount_due), (note.erp_id, -note.amount_due))
    told = [calls.write(sample, payment), calls.write(sample, payment)]
    must(told[0] == told[1], f"two payments: {told}")
    must(told[0].total == payment.amount, f"it is of {told[0].total}, not {payment.amount}")
    for one in (invoice, note):
        record = calls.pulled(sample, "invoices", one.erp_id)
        must((record.state, record.amount_due) == ("paid", 0), f"{one.kind}: {record.state}, {record.amount_due}")
    pulled = [one.amount for one in calls.changed(sample, "payments") if one.reference == payment.reference]
    must(sum(pulled) == payment.amount, f"pulled {pulled}")
    calls.write(sample, _reversal(payment))
    for one in (invoice, note):
        record = calls.pulled(sample, "invoices", one.erp_id)
        must((record.state, record.amount_due) == ("open", one.amount_due), f"{one.kind}: {record.amount_due} is due")


@promises(_("What the pull says is allowed can be changed, and reads so afterwards; twice is once."))
def a_confirmed_order_is_changed_as_allowed(sample: Sample) -> None:
    record = _ordered(sample)
    must("customer_reference" in record.allowed, f"allowed is {record.allowed}")
    day = record.placed_at.date() + FAR_AWAY
    wish = r.OrderChange("CHG-1-" + record.number, record.erp_id, record.web_reference, record.customer_erp_id)
    wish = replace(wish, customer_reference="PO NEW", requested_on=day if "requested_on" in record.allowed else None)
    must(not calls.find(sample, wish), "found before it was changed")
    must(calls.write(sample, wish) == calls.write(sample, wish), "twice is not once")
    now = calls.pulled(sample, "orders", record.erp_id)
    must(now.customer_reference == "PO NEW", f"reference is {now.customer_reference!r}")
    must(wish.requested_on is None or now.requested_on == day, f"date is {now.requested_on}")


@promises(_("A line that is cancelled is no longer to be delivered; the others stay."))
def one_line_is_let_go(sample: Sample) -> None:
    record = _ordered(sample)
    if "lines" not in record.allowed:
        raise CannotAsk(_("The ERP does not let single lines of an order go."))
    gone, *others = record.lines
    wish = r.OrderChange(
        "CHG-2-" + record.number, record.erp_id, "", record.customer_erp_id, cancel_lines=(gone.erp_id,)
    )
    calls.write(sample, wish)
    must(len(calls.find(sample, wish)) == 1, "not found")
    now = {one.erp_id: one for one in calls.pulled(sample, "orders", record.erp_id).lines}
    must(now[gone.erp_id].quantity - now[gone.erp_id].quantity_cancelled == 0, "the line is still ordered")
    must(all(now[one.erp_id].quantity == one.quantity for one in others), "another line changed")


@promises(_("Cancelled once or twice it is cancelled; then nothing is allowed any more."))
def an_order_is_cancelled_while_allowed(sample: Sample) -> None:
    record = _ordered(sample)
    must("cancel" in record.allowed, f"allowed is {record.allowed}")
    wish = r.Cancellation("CAN-" + record.number, record.erp_id, record.web_reference, record.customer_erp_id, "twice")
    must(not calls.find(sample, wish), "found before it was cancelled")
    for _time in range(2):
        must(calls.write(sample, wish).state == "cancelled", "it is not cancelled")
    now = calls.pulled(sample, "orders", record.erp_id)
    must(now.status == "cancelled", f"pulled as {now.status}")
    must(not now.allowed, f"allowed is {now.allowed}")


@promises(_("An order that was delivered is refused, in words."))
def what_is_on_its_way_cannot_be_cancelled(sample: Sample) -> None:
    delivered = sample.returnable()
    wish = r.Cancellation("CAN-" + delivered.reference, delivered.order_erp_id, "", delivered.customer_erp_id)
    calls.refused(lambda: calls.write(sample, wish), "a delivered order was cancelled")


def _payment(invoice: r.InvoiceRecord, *shares: tuple[str, Decimal]) -> r.NewPayment:
    allocations = tuple(r.Allocation(erp_id, amount) for erp_id, amount in shares)
    return r.NewPayment(
        reference=f"PAY-{invoice.number}-{len(shares)}-{sum(one.amount for one in allocations)}",
        customer_erp_id=invoice.customer_erp_id,
        currency=invoice.currency,
        amount=sum((one.amount for one in allocations), Decimal(0)),
        paid_on=invoice.invoiced_on + FAR_AWAY,
        provider="fake",
        allocations=allocations,
    )


def _reversal(payment: r.NewPayment) -> r.PaymentReversal:
    return r.PaymentReversal(
        reference=f"{payment.reference}-R",
        payment_reference=payment.reference,
        customer_erp_id=payment.customer_erp_id,
        currency=payment.currency,
        amount=payment.amount,
        reversed_on=payment.paid_on,
    )


def _ordered(sample: Sample) -> r.OrderRecord:
    written = sample.erp.create_order(sample.order(), deadline_s=sample.unlimited_deadline_s)
    record: r.OrderRecord = calls.pulled(sample, "orders", written.erp_id)
    return record
