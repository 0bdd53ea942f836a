"""What the ERP in memory does with quotes, returns and changes; its store are the mirrored records."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

from erp_sync import records as r
from erp_sync.adapters import fake_till
from erp_sync.adapters.fake_book import Book, FakeOrder
from erp_sync.errors import ErpRejected, ErpUnavailable


def post(book: Book, write: r.Write, *, once: bool) -> r.WrittenDocument:
    """Do a write without looking whether it was done, as a request that comes late; a quote's key is unique if `once`.

    Raises:
        ErpRejected: the ERP does not allow it.
    """
    with book.lock:
        if once and isinstance(write, r.NewQuote) and (found := find(book, write)):
            return found[0]
        return _DO[type(write)](book, write)


def find(book: Book, write: r.Write) -> list[r.WrittenDocument]:
    """Return what is there of a write."""
    with book.lock:
        return _FIND[type(write)](book, write)


def quote_of(book: Book, erp_id: str, reference: str) -> r.QuoteRecord:
    """Return a quote by its id, or by our reference.

    Raises:
        ErpUnavailable: it has not reached the ERP.
    """
    quotes: dict[str, r.QuoteRecord] = book.records["quotes"]
    found = quotes.get(erp_id) or next(
        (one for one in quotes.values() if reference and one.reference == reference), None
    )
    if found is None:
        raise ErpUnavailable("the quote has not reached the ERP yet", nothing_sent=True)
    return found


def accepted(book: Book, acceptance: r.QuoteAcceptance) -> r.NewOrder:
    """Return the order that an acceptance makes of its quote.

    Raises:
        ErpRejected: the quote is closed, or became another order.
    """
    quote = quote_of(book, acceptance.quote_erp_id, acceptance.quote_reference)
    is_ours = book.accepted_quotes.get(quote.erp_id) in {None, acceptance.reference}
    if quote.state == "declined" or not is_ours:
        raise ErpRejected(f"Quote {quote.number or quote.erp_id} is {quote.state}: it cannot be accepted.")
    lines = [one for one in acceptance.lines if one.item_erp_id]
    return r.NewOrder(
        reference=acceptance.reference,
        customer_erp_id=acceptance.customer_erp_id,
        price_list="",
        currency=acceptance.currency,
        lines=tuple(
            r.NewOrderLine(one.line_no, one.sku, one.item_erp_id, one.quantity, one.net_price, one.note)
            for one in lines
        ),
        ship_to_erp_id=acceptance.ship_to_erp_id,
        customer_reference=acceptance.customer_reference,
        requested_on=acceptance.requested_on,
        channel=acceptance.channel,
        placed_by=acceptance.placed_by,
        expected_total=acceptance.expected_total,
    )


def close_quote(book: Book, acceptance: r.QuoteAcceptance) -> None:
    """Mark the quote as accepted by this order."""
    quote = quote_of(book, acceptance.quote_erp_id, acceptance.quote_reference)
    book.accepted_quotes[quote.erp_id] = acceptance.reference
    _keep_quote(book, replace(quote, state="accepted"))


# --- quotes ---


def _new_quote(book: Book, new: r.NewQuote) -> r.WrittenDocument:
    erp_id = book.next_id()
    quote = r.QuoteRecord(
        erp_id=erp_id,
        version=_now(),
        number=f"QU{int(erp_id):05}",
        reference=new.reference,
        customer_erp_id=new.customer_erp_id,
        state="draft",
        currency=new.currency,
        requested_at=_now(),
        customer_reference=new.customer_reference,
        note=new.note,
        lines=_quote_lines(book, erp_id, new.lines),
    )
    return _quote_written(_keep_quote(book, _with_totals(book, quote)), new.reference)


def _find_quote(book: Book, new: r.NewQuote) -> list[r.WrittenDocument]:
    quotes = book.records["quotes"].values()
    return [_quote_written(one, new.reference) for one in quotes if one.reference == new.reference]


def _answer(book: Book, answer: r.QuoteAnswer) -> r.WrittenDocument:
    quote = quote_of(book, answer.quote_erp_id, answer.quote_reference)
    if quote.state == "accepted":
        return _quote_written(quote, answer.reference)
    if quote.state == "declined":
        raise ErpRejected(f"Quote {quote.number} is declined: ask for a new one.")
    lines = _quote_lines(book, quote.erp_id, answer.lines)
    changed = replace(
        quote, state="quoted", lines=lines, valid_until=answer.valid_until, note=answer.note, terms=answer.terms
    )
    return _quote_written(_keep_quote(book, _with_totals(book, changed)), answer.reference)


def _find_answer(book: Book, answer: r.QuoteAnswer) -> list[r.WrittenDocument]:
    quote = quote_of(book, answer.quote_erp_id, answer.quote_reference)
    stands = {(one.line_no, one.quantity, one.net_price) for one in quote.lines}
    wanted = {(one.line_no, one.quantity, one.net_price) for one in answer.lines}
    is_there = quote.state == "accepted" or (quote.state == "quoted" and stands == wanted)
    return [_quote_written(quote, answer.reference)] if is_there else []


def _decline(book: Book, decline: r.QuoteDecline) -> r.WrittenDocument:
    quote = quote_of(book, decline.quote_erp_id, decline.quote_reference)
    if quote.state == "accepted":
        raise ErpRejected(f"Quote {quote.number} is accepted already.")
    if quote.state != "declined":
        quote = _keep_quote(book, replace(quote, state="declined", note=decline.reason or quote.note))
    return _quote_written(quote, decline.reference)


def _find_decline(book: Book, decline: r.QuoteDecline) -> list[r.WrittenDocument]:
    quote = quote_of(book, decline.quote_erp_id, decline.quote_reference)
    return [_quote_written(quote, decline.reference)] if quote.state == "declined" else []


def _quote_lines(book: Book, erp_id: str, lines: tuple[r.NewQuoteLine, ...]) -> tuple[r.QuoteLineRecord, ...]:
    for one in lines:
        item = book.items.get(one.sku)
        if one.item_erp_id and (item is None or not item.is_active):
            raise ErpRejected(f"Not sold any more: {one.sku}.")
    return tuple(
        r.QuoteLineRecord(
            line_no=one.line_no,
            erp_id=f"{erp_id}-{one.line_no}",
            sku=one.sku,
            item_erp_id=one.item_erp_id,
            description=one.sku or one.note,
            quantity=one.quantity,
            unit="u" if one.item_erp_id else "",
            net_price=one.net_price if one.item_erp_id else None,
            amount=book.cents(one.quantity * one.net_price) if one.item_erp_id else None,
            delivery_on=one.delivery_on,
            note=one.note,
        )
        for one in lines
    )


def _with_totals(book: Book, quote: r.QuoteRecord) -> r.QuoteRecord:
    amounts = [one.amount for one in quote.lines if one.amount is not None]
    untaxed, tax = sum(amounts, Decimal("0.00")), book.tax(amounts)
    return replace(quote, untaxed_total=untaxed, tax_total=tax, total=untaxed + tax)


def _keep_quote(book: Book, quote: r.QuoteRecord) -> r.QuoteRecord:
    kept = replace(quote, version=_now())
    book.records["quotes"][kept.erp_id] = kept
    return kept


def _quote_written(quote: r.QuoteRecord, reference: str) -> r.WrittenDocument:
    return r.WrittenDocument("quote", quote.erp_id, quote.number, reference, quote.state, quote.total)


# --- returns ---


def _return(book: Book, new: r.NewReturn) -> r.WrittenDocument:
    line = _order_line(book, new.order_erp_id, new.order_line_erp_id)
    if new.quantity > line.quantity_delivered:
        raise ErpRejected(f"Only {line.quantity_delivered} of {line.sku} were delivered.")
    erp_id = book.next_id()
    record = r.ReturnRecord(
        erp_id=erp_id,
        version=_now(),
        number=f"RT{int(erp_id):05}",
        customer_erp_id=new.customer_erp_id,
        state="requested",
        order_erp_id=new.order_erp_id,
        order_line_erp_id=new.order_line_erp_id,
        sku=line.sku,
        quantity=new.quantity,
        reason=new.reason,
        requested_on=_now().date(),
        reference=new.reference,
    )
    book.records["returns"][erp_id] = record
    return r.WrittenDocument("return", erp_id, record.number, new.reference, record.state)


def _find_return(book: Book, new: r.NewReturn) -> list[r.WrittenDocument]:
    found = [one for one in book.records["returns"].values() if one.reference == new.reference]
    return [r.WrittenDocument("return", one.erp_id, one.number, new.reference, one.state) for one in found]


def _order_line(book: Book, order_erp_id: str, line_erp_id: str) -> r.OrderLineRecord:
    order = book.records["orders"].get(order_erp_id)
    line = next((one for one in order.lines if one.erp_id == line_erp_id), None) if order else None
    if line is None:
        raise ErpRejected(f"There is no line {line_erp_id} of an order {order_erp_id}.")
    found: r.OrderLineRecord = line
    return found


# --- changes of an order ---


def _cancel(book: Book, cancellation: r.Cancellation) -> r.WrittenDocument:
    for made in book.orders_of(cancellation.order_reference):
        if made.state != "confirmed":
            made.state = "cancelled"
            return _unconfirmed(cancellation, made)
    order = _order(book, cancellation.order_erp_id, cancellation.order_reference)
    if order.status != "cancelled" and "cancel" not in order.allowed:
        raise ErpRejected(f"Order {order.number} is on its way and cannot be cancelled.")
    if order.status != "cancelled":
        order = _keep_order(book, replace(order, status="cancelled", step="cancelled", allowed=()))
    if order.erp_id in book.orders:
        book.orders[order.erp_id].state = "cancelled"
    return _order_written(order, cancellation.reference)


def _unconfirmed(cancellation: r.Cancellation, made: FakeOrder) -> r.WrittenDocument:
    return r.WrittenDocument("order", made.erp_id, made.number, cancellation.reference, made.state, made.totals.total)


def _find_cancel(book: Book, cancellation: r.Cancellation) -> list[r.WrittenDocument]:
    unconfirmed = [one for one in book.orders_of(cancellation.order_reference) if one.state != "confirmed"]
    if unconfirmed and unconfirmed[0].erp_id not in book.records["orders"]:
        return [_unconfirmed(cancellation, one) for one in unconfirmed if one.state == "cancelled"]
    order = _order(book, cancellation.order_erp_id, cancellation.order_reference)
    return [_order_written(order, cancellation.reference)] if order.status == "cancelled" else []


def _change(book: Book, change: r.OrderChange) -> r.WrittenDocument:
    order = _order(book, change.order_erp_id, change.order_reference)
    values = _wanted(change)
    needed = {"ship_to_erp_id": "ship_to"}
    wishes = [needed.get(name, name) for name in values] + (["lines"] if change.cancel_lines else [])
    refused = [wish for wish in wishes if wish not in order.allowed]
    if refused:
        raise ErpRejected(f"Order {order.number} cannot be changed any more: {', '.join(refused)}.")
    lines = tuple(
        replace(one, quantity_cancelled=one.quantity - one.quantity_delivered)
        if one.erp_id in change.cancel_lines
        else one
        for one in order.lines
    )
    return _order_written(_keep_order(book, replace(order, lines=lines, **values)), change.reference)


def _find_change(book: Book, change: r.OrderChange) -> list[r.WrittenDocument]:
    order = _order(book, change.order_erp_id, change.order_reference)
    stands = all(getattr(order, name) == value for name, value in _wanted(change).items())
    gone = {one.erp_id for one in order.lines if one.quantity_cancelled}
    return [_order_written(order, change.reference)] if stands and gone >= set(change.cancel_lines) else []


def _wanted(change: r.OrderChange) -> dict[str, Any]:
    names = ("requested_on", "ship_to_erp_id", "customer_reference")
    return {name: value for name in names if (value := getattr(change, name)) is not None}


def _order(book: Book, erp_id: str, reference: str) -> r.OrderRecord:
    orders: dict[str, r.OrderRecord] = book.records["orders"]
    found = orders.get(erp_id) or next((o for o in orders.values() if reference and o.web_reference == reference), None)
    if found is None:
        raise ErpRejected(f"There is no order {reference or erp_id}.")
    return found


def _keep_order(book: Book, order: r.OrderRecord) -> r.OrderRecord:
    kept = replace(order, version=_now())
    book.records["orders"][kept.erp_id] = kept
    return kept


def _order_written(order: r.OrderRecord, reference: str) -> r.WrittenDocument:
    return r.WrittenDocument("order", order.erp_id, order.number, reference, order.status, order.total)


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


_DO: dict[type, Callable[[Book, Any], r.WrittenDocument]] = {
    r.NewQuote: _new_quote,
    r.QuoteAnswer: _answer,
    r.QuoteDecline: _decline,
    r.NewReturn: _return,
    r.NewPayment: fake_till.pay,
    r.PaymentReversal: fake_till.reverse,
    r.Cancellation: _cancel,
    r.OrderChange: _change,
}
_FIND: dict[type, Callable[[Book, Any], list[r.WrittenDocument]]] = {
    r.NewQuote: _find_quote,
    r.QuoteAnswer: _find_answer,
    r.QuoteDecline: _find_decline,
    r.NewReturn: _find_return,
    r.NewPayment: fake_till.find_payment,
    r.PaymentReversal: fake_till.find_reversal,
    r.Cancellation: _find_cancel,
    r.OrderChange: _find_change,
}
