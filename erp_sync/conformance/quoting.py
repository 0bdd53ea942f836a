"""Questions about quotes: done exactly, once, and pulled as they were written."""

from __future__ import annotations

import datetime as dt
import threading
from dataclasses import replace
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from erp_sync import records as r
from erp_sync.conformance import calls
from erp_sync.conformance.sample import Sample, must, promises
from erp_sync.errors import ErpError, ErpUnavailable

TEXT = "special bracket 40 mm"
FAR_AWAY = dt.timedelta(days=20)


@promises(_("Asked twice it is there once, as a draft with its free text, and no order."))
def a_request_is_one_draft(sample: Sample) -> None:
    quote = _quote(sample)
    first, again = calls.write(sample, quote), calls.write(sample, quote)
    must(first == again, f"two requests: {first}, {again}")
    must(first.state == "draft", f"it is {first.state}")
    found = calls.find(sample, quote)
    must([one.erp_id for one in found] == [first.erp_id], f"found {found}")
    record = calls.pulled(sample, "quotes", first.erp_id)
    must(record.reference == quote.reference, f"reference is {record.reference!r}")
    must(record.state == "draft", f"pulled as {record.state}")
    must([one.quantity for one in record.lines] == [one.quantity for one in quote.lines], "the quantities differ")
    must(TEXT in record.lines[-1].description, f"the free text is {record.lines[-1].description!r}")


@promises(
    _("Lines, prices and last day are those of the latest answer, promotions or not; a second answer replaces it.")
)
def an_answer_is_kept_exactly(sample: Sample) -> None:
    quote = _quote(sample)
    made = calls.write(sample, quote)
    first = _answer(sample, quote, made, version=1, share="0.9")
    must(not calls.find(sample, first), "an answer was found before it was given")
    must(calls.write(sample, first).state == "quoted", "it is not quoted")
    second = _answer(sample, quote, made, version=2, share="0.8")
    must(not calls.find(sample, second), "the second answer was found before it was given")
    told = [calls.write(sample, second), calls.write(sample, second)]
    must(told[0].erp_id == made.erp_id and told[0] == told[1], f"told {told}")
    record = calls.pulled(sample, "quotes", made.erp_id)
    must(_prices(record.lines) == _prices(second.lines), f"lines are {_prices(record.lines)}")
    must(record.valid_until == second.valid_until, f"valid until {record.valid_until}")
    must(record.state == "quoted", f"pulled as {record.state}")


@promises(_("The quote becomes the order of this reference, exactly; whoever comes later with another one is refused."))
def an_acceptance_is_one_order_at_the_quoted_prices(sample: Sample) -> None:
    quote, made, answer = _quoted(sample)
    acceptance = _acceptance(sample, quote, made, answer)
    said = sample.erp.totals(_as_order(quote, acceptance), deadline_s=sample.unlimited_deadline_s)
    acceptance = replace(acceptance, expected_total=said.total)
    order, again = calls.accept(sample, acceptance), calls.accept(sample, acceptance)
    must(order == again, "accepted twice is two orders")
    must(order.state == "confirmed", f"it is {order.state}")
    must(order.reference == acceptance.reference, f"reference is {order.reference!r}")
    must(_deals(order.lines) == _deals(_wanted(acceptance)), f"lines are {order.lines}")
    must(order.totals.total == said.total, f"{said.total} was said before, it is {order.totals.total}")
    found = sample.erp.find_order(acceptance.reference, deadline_s=sample.unlimited_deadline_s)
    must([one.erp_id for one in found] == [order.erp_id], f"found {found}")
    calls.refused(
        lambda: calls.accept(sample, replace(acceptance, reference=sample.order().reference)), "a second order"
    )
    calls.refused(lambda: calls.write(sample, _decline(quote, made)), "a declined order")
    must(calls.pulled(sample, "quotes", made.erp_id).state == "accepted", "the quote is not accepted")
    record = calls.pulled(sample, "orders", order.erp_id)
    must(record.web_reference == acceptance.reference, f"the order is pulled with {record.web_reference!r}")


@promises(_("Two acceptances at the same time under one reference make one order; nobody is told of another."))
def two_who_accept_make_one_order(sample: Sample) -> None:
    quote, made, answer = _quoted(sample)
    acceptance = _acceptance(sample, quote, made, answer)
    told: list[r.WrittenOrder] = []

    def accept() -> None:
        try:
            told.append(calls.accept(sample, acceptance))
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


@promises(_("Accepting one line of several orders that line alone."))
def chosen_lines_alone_are_ordered(sample: Sample) -> None:
    quote, made, answer = _quoted(sample)
    acceptance = _acceptance(sample, quote, made, replace(answer, lines=answer.lines[:1]))
    order = calls.accept(sample, acceptance)
    must(_deals(order.lines) == _deals(_wanted(acceptance)), f"lines are {order.lines}")


@promises(_("Declined once or twice it is declined, and nobody can accept it."))
def a_declined_quote_stays_declined(sample: Sample) -> None:
    quote, made, answer = _quoted(sample)
    decline = _decline(quote, made)
    must(not calls.find(sample, decline), "found before it was declined")
    for _time in range(2):
        must(calls.write(sample, decline).state == "declined", "it is not declined")
    calls.refused(
        lambda: calls.accept(sample, _acceptance(sample, quote, made, answer)), "an order of a declined quote"
    )
    must(calls.pulled(sample, "quotes", made.erp_id).state == "declined", "pulled otherwise")


@promises(_("What follows a request that did not arrive yet is not refused: nothing was sent, try again."))
def a_quote_that_is_not_there_yet_is_waited_for(sample: Sample) -> None:
    quote = _quote(sample)
    ghost = r.WrittenDocument("quote", "", "", quote.reference, "draft")
    for write in (_answer(sample, quote, ghost, version=1, share="1"), _decline(quote, ghost)):
        try:
            calls.write(sample, write)
        except ErpUnavailable as error:
            must(error.nothing_sent, "it says that something was sent")
        else:
            must(condition=False, message=f"{type(write).__name__} was done to nothing")


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
    made = calls.write(sample, quote)
    answer = _answer(sample, quote, made, version=1, share="0.7")
    calls.write(sample, answer)
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


def _prices(lines: Any) -> list[tuple[str, Decimal, Decimal | None]]:
    return sorted((one.sku, one.quantity, one.net_price) for one in lines)


def _deals(lines: Any) -> list[tuple[int, Decimal, Decimal]]:
    return sorted(tuple(one) for one in lines)


def _wanted(acceptance: r.QuoteAcceptance) -> list[tuple[int, Decimal, Decimal]]:
    return [(one.line_no, one.quantity, one.net_price) for one in acceptance.lines]
