"""The questions about quotes, returns, payments and changes: done exactly, once, and pulled as they were written."""

from __future__ import annotations

import datetime as dt
import threading
from dataclasses import replace
from decimal import Decimal
from typing import Any

from erp_sync import records as r
from erp_sync.conformance.sample import Question, Sample, must
from erp_sync.errors import ErpError, ErpRejected, ErpUnavailable

TEXT = "special bracket 40 mm"
FAR_AWAY = dt.timedelta(days=20)


# --- quotes ---


def a_request_is_one_draft(sample: Sample) -> None:
    """Asked twice it is there once, as a draft with its free text, and no order."""
    quote = _quote(sample)
    first, again = _write(sample, quote), _write(sample, quote)
    must(first == again, f"two requests: {first}, {again}")
    must(first.state == "draft", f"it is {first.state}")
    found = _find(sample, quote)
    must([one.erp_id for one in found] == [first.erp_id], f"found {found}")
    record = _pulled(sample, "quotes", first.erp_id)
    must(record.reference == quote.reference, f"reference is {record.reference!r}")
    must(record.state == "draft", f"pulled as {record.state}")
    must([one.quantity for one in record.lines] == [one.quantity for one in quote.lines], "the quantities differ")
    must(TEXT in record.lines[-1].description, f"the free text is {record.lines[-1].description!r}")


def an_answer_is_kept_exactly(sample: Sample) -> None:
    """Lines, prices and last day are those of the latest answer, promotions or not; a second answer replaces it."""
    quote = _quote(sample)
    made = _write(sample, quote)
    first = _answer(sample, quote, made, version=1, share="0.9")
    must(not _find(sample, first), "an answer was found before it was given")
    must(_write(sample, first).state == "quoted", "it is not quoted")
    second = _answer(sample, quote, made, version=2, share="0.8")
    must(not _find(sample, second), "the second answer was found before it was given")
    told = [_write(sample, second), _write(sample, second)]
    must(told[0].erp_id == made.erp_id and told[0] == told[1], f"told {told}")
    record = _pulled(sample, "quotes", made.erp_id)
    must(_prices(record.lines) == _prices(second.lines), f"lines are {_prices(record.lines)}")
    must(record.valid_until == second.valid_until, f"valid until {record.valid_until}")
    must(record.state == "quoted", f"pulled as {record.state}")


def an_acceptance_is_one_order_at_the_quoted_prices(sample: Sample) -> None:
    """The quote becomes the order of this reference, exactly; whoever comes later with another one is refused."""
    quote, made, answer = _quoted(sample)
    acceptance = _acceptance(sample, quote, made, answer)
    said = sample.erp.totals(_as_order(quote, acceptance), deadline_s=sample.unlimited_deadline_s)
    acceptance = replace(acceptance, expected_total=said.total)
    order, again = _accept(sample, acceptance), _accept(sample, acceptance)
    must(order == again, "accepted twice is two orders")
    must(order.state == "confirmed", f"it is {order.state}")
    must(order.reference == acceptance.reference, f"reference is {order.reference!r}")
    must(_deals(order.lines) == _deals(_wanted(acceptance)), f"lines are {order.lines}")
    must(order.totals.total == said.total, f"{said.total} was said before, it is {order.totals.total}")
    found = sample.erp.find_order(acceptance.reference, deadline_s=sample.unlimited_deadline_s)
    must([one.erp_id for one in found] == [order.erp_id], f"found {found}")
    refused(lambda: _accept(sample, replace(acceptance, reference=sample.order().reference)), "a second order")
    refused(lambda: _write(sample, _decline(quote, made)), "a declined order")
    must(_pulled(sample, "quotes", made.erp_id).state == "accepted", "the quote is not accepted")
    record = _pulled(sample, "orders", order.erp_id)
    must(record.web_reference == acceptance.reference, f"the order is pulled with {record.web_reference!r}")


def two_who_accept_make_one_order(sample: Sample) -> None:
    """Two acceptances at the same time under one reference make one order; nobody is told of another."""
    quote, made, answer = _quoted(sample)
    acceptance = _acceptance(sample, quote, made, answer)
    told: list[r.WrittenOrder] = []

    def accept() -> None:
        try:
            told.append(_accept(sample, acceptance))
        except ErpError:
            return  # it may have lost the race; the look-up tells

    both = [threading.Thread(target=accept) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    found = sample.erp.find_order(acceptance.reference, deadline_s=sample.unlimited_deadline_s)
    must(len(found) == 1 and found[0].state == "confirmed", f"found {found}")
    must({one.erp_id for one in told} <= {found[0].erp_id}, f"told {told}")


def chosen_lines_alone_are_ordered(sample: Sample) -> None:
    """Accepting one line of several orders that line alone."""
    quote, made, answer = _quoted(sample)
    acceptance = _acceptance(sample, quote, made, replace(answer, lines=answer.lines[:1]))
    order = _accept(sample, acceptance)
    must(_deals(order.lines) == _deals(_wanted(acceptance)), f"lines are {order.lines}")


def a_declined_quote_stays_declined(sample: Sample) -> None:
    """Declined once or twice it is declined, and nobody can accept it."""
    quote, made, answer = _quoted(sample)
    decline = _decline(quote, made)
    must(not _find(sample, decline), "found before it was declined")
    for _ in range(2):
        must(_write(sample, decline).state == "declined", "it is not declined")
    refused(lambda: _accept(sample, _acceptance(sample, quote, made, answer)), "an order of a declined quote")
    must(_pulled(sample, "quotes", made.erp_id).state == "declined", "pulled otherwise")


def a_quote_that_is_not_there_yet_is_waited_for(sample: Sample) -> None:
    """What follows a request that did not arrive yet is not refused: nothing was sent, try again."""
    quote = _quote(sample)
    ghost = r.WrittenDocument("quote", "", "", quote.reference, "draft")
    for write in (_answer(sample, quote, ghost, version=1, share="1"), _decline(quote, ghost)):
        try:
            _write(sample, write)
        except ErpUnavailable as error:
            must(error.nothing_sent, "it says that something was sent")
        else:
            must(condition=False, message=f"{type(write).__name__} was done to nothing")


# --- returns ---


def a_return_is_asked_for_once(sample: Sample) -> None:
    """Asked twice it is there once and is pulled with our reference; of more than there was it is refused."""
    new = sample.returnable()
    must(not _find(sample, new), "found before it was asked for")
    first, again = _write(sample, new), _write(sample, new)
    must(first == again, f"two returns: {first}, {again}")
    must(len(_find(sample, new)) == 1, "not found once")
    record = _pulled(sample, "returns", first.erp_id)
    must(record.reference == new.reference, f"reference is {record.reference!r}")
    must(record.quantity == new.quantity, f"quantity is {record.quantity}")
    must(record.order_line_erp_id == new.order_line_erp_id, "of another line")
    much = replace(sample.returnable(), quantity=Decimal(1_000_000))
    refused(lambda: _write(sample, much), "a return of a million")
    must(not _find(sample, much), "the refused return is there")
    another = sample.returnable()
    must(_write(sample, another).erp_id != first.erp_id, "another return is the same")


# --- payments ---


def a_payment_is_allocated_exactly_and_once(sample: Sample) -> None:
    """A part of one invoice and the whole of another are paid once; the mirror sees what is left."""
    first, second = sample.open_invoices()
    part = (first.amount_due / 2).quantize(Decimal("0.01"))
    payment = _payment(first, (first.erp_id, part), (second.erp_id, second.amount_due))
    must(not _find(sample, payment), "found before it was made")
    told = [_write(sample, payment), _write(sample, payment)]
    must(told[0] == told[1], f"two payments: {told}")
    must(told[0].state == "succeeded", f"it is {told[0].state}")
    must(told[0].total == payment.amount, f"it is of {told[0].total}")
    must(len(_find(sample, payment)) == 1, "not found once")
    left = {one.erp_id: _pulled(sample, "invoices", one.erp_id) for one in (first, second)}
    must(left[first.erp_id].amount_due == first.amount_due - part, f"{left[first.erp_id].amount_due} is left")
    must(left[second.erp_id].amount_due == 0, f"{left[second.erp_id].amount_due} is left")
    must(left[second.erp_id].state == "paid", f"it is {left[second.erp_id].state}")
    pulled = [one for one in _changed(sample, "payments") if one.reference == payment.reference]
    must(sum(one.amount for one in pulled) == payment.amount, f"pulled {pulled}")
    must({one.invoice_erp_id for one in pulled} == {first.erp_id, second.erp_id}, f"pulled {pulled}")
    must({one.via for one in pulled} == {"web"}, f"pulled {pulled}")


def too_much_money_is_refused_whole(sample: Sample) -> None:
    """More than an invoice has left, or an invoice of somebody else: refused, and nothing of it is there."""
    first, second = sample.open_invoices()
    much = _payment(first, (second.erp_id, second.amount_due), (first.erp_id, first.amount_due + 1))
    refused(lambda: _write(sample, much), "more than is due")
    must(not _find(sample, much), "a part of it is there")
    due = [one.amount_due for one in _changed(sample, "invoices") if one.erp_id == second.erp_id]
    must(due in ([], [second.amount_due]), "an invoice was paid")


def a_reversed_payment_leaves_the_invoice_open(sample: Sample) -> None:
    """Given back once or twice it is reversed, and the invoice is due again."""
    invoice, _second = sample.open_invoices()
    payment = _payment(invoice, (invoice.erp_id, invoice.amount_due))
    reversal = _reversal(payment)
    try:
        _write(sample, reversal)
    except ErpUnavailable as error:
        must(error.nothing_sent, "it says that something was sent")
    _write(sample, payment)
    must(not _find(sample, reversal), "found before it was reversed")
    for _ in range(2):
        must(_write(sample, reversal).state == "reversed", "it is not reversed")
    must(_pulled(sample, "invoices", invoice.erp_id).amount_due == invoice.amount_due, "the invoice is not due again")
    must(_find(sample, payment)[0].state == "reversed", "the payment stands")


def a_credit_note_helps_to_pay(sample: Sample) -> None:
    """A credit note that is used up and the money together settle the invoice; given back, both are open again."""
    if not sample.erp.capabilities.settles_credit_notes:
        return
    invoice, note = sample.credit_note()
    payment = _payment(invoice, (invoice.erp_id, invoice.amount_due), (note.erp_id, -note.amount_due))
    told = [_write(sample, payment), _write(sample, payment)]
    must(told[0] == told[1], f"two payments: {told}")
    must(told[0].total == payment.amount, f"it is of {told[0].total}, not {payment.amount}")
    for one in (invoice, note):
        record = _pulled(sample, "invoices", one.erp_id)
        must((record.state, record.amount_due) == ("paid", 0), f"{one.kind}: {record.state}, {record.amount_due}")
    pulled = [one.amount for one in _changed(sample, "payments") if one.reference == payment.reference]
    must(sum(pulled) == payment.amount, f"pulled {pulled}")
    _write(sample, _reversal(payment))
    for one in (invoice, note):
        record = _pulled(sample, "invoices", one.erp_id)
        must((record.state, record.amount_due) == ("open", one.amount_due), f"{one.kind}: {record.amount_due} is due")


# --- changes ---


def a_confirmed_order_is_changed_as_allowed(sample: Sample) -> None:
    """What the pull says is allowed can be changed, and reads so afterwards; twice is once."""
    record = _ordered(sample)
    must("customer_reference" in record.allowed, f"allowed is {record.allowed}")
    day = record.placed_at.date() + FAR_AWAY
    wish = r.OrderChange("CHG-1-" + record.number, record.erp_id, record.web_reference, record.customer_erp_id)
    wish = replace(wish, customer_reference="PO NEW", requested_on=day if "requested_on" in record.allowed else None)
    must(not _find(sample, wish), "found before it was changed")
    must(_write(sample, wish) == _write(sample, wish), "twice is not once")
    now = _pulled(sample, "orders", record.erp_id)
    must(now.customer_reference == "PO NEW", f"reference is {now.customer_reference!r}")
    must(wish.requested_on is None or now.requested_on == day, f"date is {now.requested_on}")


def one_line_is_let_go(sample: Sample) -> None:
    """A line that is cancelled is no longer to be delivered; the others stay."""
    record = _ordered(sample)
    if "lines" not in record.allowed:
        return
    gone, *others = record.lines
    wish = r.OrderChange(
        "CHG-2-" + record.number, record.erp_id, "", record.customer_erp_id, cancel_lines=(gone.erp_id,)
    )
    _write(sample, wish)
    must(len(_find(sample, wish)) == 1, "not found")
    now = {one.erp_id: one for one in _pulled(sample, "orders", record.erp_id).lines}
    must(now[gone.erp_id].quantity - now[gone.erp_id].quantity_cancelled == 0, "the line is still ordered")
    must(all(now[one.erp_id].quantity == one.quantity for one in others), "another line changed")


def an_order_is_cancelled_while_allowed(sample: Sample) -> None:
    """Cancelled once or twice it is cancelled; then nothing is allowed any more."""
    record = _ordered(sample)
    must("cancel" in record.allowed, f"allowed is {record.allowed}")
    wish = r.Cancellation("CAN-" + record.number, record.erp_id, record.web_reference, record.customer_erp_id, "twice")
    must(not _find(sample, wish), "found before it was cancelled")
    for _ in range(2):
        must(_write(sample, wish).state == "cancelled", "it is not cancelled")
    now = _pulled(sample, "orders", record.erp_id)
    must(now.status == "cancelled", f"pulled as {now.status}")
    must(not now.allowed, f"allowed is {now.allowed}")


def what_is_on_its_way_cannot_be_cancelled(sample: Sample) -> None:
    """An order that was delivered is refused, in words."""
    delivered = sample.returnable()
    wish = r.Cancellation("CAN-" + delivered.reference, delivered.order_erp_id, "", delivered.customer_erp_id)
    refused(lambda: _write(sample, wish), "a delivered order was cancelled")


QUESTIONS: tuple[Question, ...] = (
    a_request_is_one_draft,
    an_answer_is_kept_exactly,
    an_acceptance_is_one_order_at_the_quoted_prices,
    two_who_accept_make_one_order,
    chosen_lines_alone_are_ordered,
    a_declined_quote_stays_declined,
    a_quote_that_is_not_there_yet_is_waited_for,
    a_return_is_asked_for_once,
    a_payment_is_allocated_exactly_and_once,
    too_much_money_is_refused_whole,
    a_reversed_payment_leaves_the_invoice_open,
    a_credit_note_helps_to_pay,
    a_confirmed_order_is_changed_as_allowed,
    one_line_is_let_go,
    an_order_is_cancelled_while_allowed,
    what_is_on_its_way_cannot_be_cancelled,
)


# --- making and asking ---


def _quote(sample: Sample) -> r.NewQuote:
    """Return a request for the sample's items and for something in free text."""
    order = sample.order()
    lines = [
        r.NewQuoteLine(one.line_no, one.sku, one.item_erp_id, one.quantity * 10, one.net_price) for one in order.lines
    ]
    text = r.NewQuoteLine(len(lines) + 1, "", "", Decimal(3), Decimal(0), TEXT)
    return r.NewQuote(
        reference=order.reference.replace("WEB-", "RFQ-"),
        customer_erp_id=order.customer_erp_id,
        price_list=order.price_list,
        currency=order.currency,
        lines=(*lines, text),
        note="Please by noon.",
        placed_by="Laura Gil",
    )


def _answer(sample: Sample, quote: r.NewQuote, made: r.WrittenDocument, *, version: int, share: str) -> r.QuoteAnswer:
    """Return an answer that gives each item at a share of its price and leaves the free text out."""
    items = [one for one in quote.lines if one.item_erp_id]
    today = sample.erp.now(deadline_s=sample.unlimited_deadline_s).date()
    return r.QuoteAnswer(
        reference=f"{quote.reference}-V{version}",
        quote_reference=quote.reference,
        quote_erp_id=made.erp_id,
        customer_erp_id=quote.customer_erp_id,
        price_list=quote.price_list,
        currency=quote.currency,
        lines=tuple(
            replace(one, net_price=(one.net_price * Decimal(share)).quantize(Decimal("0.0001"))) for one in items
        ),
        valid_until=today + FAR_AWAY + dt.timedelta(days=version),
    )


def _quoted(sample: Sample) -> tuple[r.NewQuote, r.WrittenDocument, r.QuoteAnswer]:
    quote = _quote(sample)
    made = _write(sample, quote)
    answer = _answer(sample, quote, made, version=1, share="0.7")
    _write(sample, answer)
    return quote, made, answer


def _acceptance(sample: Sample, quote: r.NewQuote, made: r.WrittenDocument, answer: r.QuoteAnswer) -> r.QuoteAcceptance:
    return r.QuoteAcceptance(
        reference=sample.order().reference,
        quote_reference=quote.reference,
        quote_erp_id=made.erp_id,
        customer_erp_id=quote.customer_erp_id,
        currency=quote.currency,
        lines=answer.lines,
        customer_reference="PO 4711",
    )


def _as_order(quote: r.NewQuote, acceptance: r.QuoteAcceptance) -> r.NewOrder:
    return r.NewOrder(
        reference="",
        customer_erp_id=quote.customer_erp_id,
        price_list=quote.price_list,
        currency=quote.currency,
        lines=tuple(
            r.NewOrderLine(one.line_no, one.sku, one.item_erp_id, one.quantity, one.net_price)
            for one in acceptance.lines
        ),
        prices_agreed=True,
    )


def _decline(quote: r.NewQuote, made: r.WrittenDocument) -> r.QuoteDecline:
    return r.QuoteDecline(f"{quote.reference}-NO", quote.reference, made.erp_id, "found it cheaper")


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
    record: r.OrderRecord = _pulled(sample, "orders", written.erp_id)
    return record


def _write(sample: Sample, write: r.Write) -> r.WrittenDocument:
    return sample.erp.write(write, deadline_s=sample.unlimited_deadline_s)


def _find(sample: Sample, write: r.Write) -> list[r.WrittenDocument]:
    return sample.erp.find_written(write, deadline_s=sample.unlimited_deadline_s)


def _accept(sample: Sample, acceptance: r.QuoteAcceptance) -> r.WrittenOrder:
    return sample.erp.accept_quote(acceptance, deadline_s=sample.unlimited_deadline_s)


def _pulled(sample: Sample, kind: str, erp_id: str) -> Any:
    """Return a record that was just written, as the mirror's next pull sees it."""
    found = [one for one in _changed(sample, kind) if one.erp_id == erp_id]
    must(len(found) == 1, f"{kind}: {erp_id} was pulled {len(found)} times")
    return found[0]


def _changed(sample: Sample, kind: str) -> list[Any]:
    now = sample.erp.now(deadline_s=sample.unlimited_deadline_s)
    cursor: r.Cursor | None = r.Cursor(changed_at=now - dt.timedelta(seconds=60))
    records: list[Any] = []
    while cursor is not None:
        page = sample.erp.pull(kind, cursor, limit=100, deadline_s=sample.unlimited_deadline_s)
        must(not page.broken, f"{kind}: {page.broken[:1]}")
        records.extend(page.records)
        cursor = page.next
    return records


def refused(act: Any, what: str) -> None:
    """Raise unless the ERP refuses, in a sentence.

    Raises:
        ContractBroken: it did it, or said nothing that a person understands.
    """
    try:
        act()
    except ErpRejected as error:
        must(len(error.message.split()) > 2, f"no sentence: {error.message!r}")
    else:
        must(condition=False, message=f"it was done: {what}")


def _prices(lines: Any) -> list[tuple[str, Decimal, Decimal | None]]:
    return sorted((one.sku, one.quantity, one.net_price) for one in lines)


def _deals(lines: Any) -> list[tuple[int, Decimal, Decimal]]:
    return sorted(tuple(one) for one in lines)


def _wanted(acceptance: r.QuoteAcceptance) -> list[tuple[int, Decimal, Decimal]]:
    return [(one.line_no, one.quantity, one.net_price) for one in acceptance.lines]
