"""What the ERP in memory does with money: payments of invoices, and what is given back."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal

from erp_sync import records as r
from erp_sync.adapters.fake_book import Book
from erp_sync.errors import ErpRejected, ErpUnavailable


def pay(book: Book, payment: r.NewPayment) -> r.WrittenDocument:
    """Book a payment of open invoices."""
    for one in payment.allocations:
        invoice = _invoice(book, one.invoice_erp_id)
        if abs(one.amount) + one.discount > invoice.amount_due:
            raise ErpRejected(f"Invoice {invoice.number} has {invoice.amount_due} to pay, not {one.amount}.")
    for one in payment.allocations:
        erp_id = book.next_id()
        book.records["payments"][erp_id] = r.PaymentRecord(
            erp_id=erp_id,
            version=_now(),
            customer_erp_id=payment.customer_erp_id,
            paid_on=payment.paid_on,
            amount=one.amount,
            currency=payment.currency,
            via=payment.via,
            invoice_erp_id=one.invoice_erp_id,
            reference=payment.reference,
        )
        _owe(book, one.invoice_erp_id, -abs(one.amount) - one.discount, payment.paid_on)
    return find_payment(book, payment)[0]


def find_payment(book: Book, payment: r.NewPayment) -> list[r.WrittenDocument]:
    """Return the payment, as often as it was booked."""
    parts = _payments(book, payment.reference)
    if not parts:
        return []
    times = max(1, len(parts) // max(1, len(payment.allocations)))
    return [_payment_written(parts, "payment", payment.reference)] * times


def reverse(book: Book, reversal: r.PaymentReversal) -> r.WrittenDocument:
    """Take a payment back, as far as it is not kept."""
    parts = _payments(book, reversal.payment_reference)
    if not parts:
        raise ErpUnavailable("the payment has not reached the ERP yet", nothing_sent=True)
    too_much = _counting(parts) - reversal.kept
    for one in reversed(parts):
        if one.state != "succeeded" or not (too_much > 0 or reversal.kept == 0):
            continue
        back = one.amount if reversal.kept == 0 else max(min(too_much, one.amount), Decimal(0))
        too_much -= back
        if back:
            gone = {"state": "reversed"} if back == one.amount else {"amount": one.amount - back}
            book.records["payments"][one.erp_id] = replace(one, version=_now(), **gone)
            _owe(book, one.invoice_erp_id, abs(back), None)
    return find_reversal(book, reversal)[0]


def find_reversal(book: Book, reversal: r.PaymentReversal) -> list[r.WrittenDocument]:
    """Return the reversal, when the payment was taken back."""
    parts = _payments(book, reversal.payment_reference)
    if not parts or _counting(parts) > reversal.kept or (not reversal.kept and _is_counting(parts)):
        return []
    return [replace(_payment_written(parts, "payment_reversal", reversal.reference), state="reversed")]


def _counting(parts: list[r.PaymentRecord]) -> Decimal:
    return sum((one.amount for one in parts if one.state == "succeeded"), Decimal(0))


def _is_counting(parts: list[r.PaymentRecord]) -> bool:
    return any(one.state == "succeeded" for one in parts)


def _payments(book: Book, reference: str) -> list[r.PaymentRecord]:
    return [one for one in book.records["payments"].values() if one.reference == reference]


def _payment_written(parts: list[r.PaymentRecord], kind: str, reference: str) -> r.WrittenDocument:
    total = sum((one.amount for one in parts), Decimal(0))
    return r.WrittenDocument(kind, parts[0].erp_id, f"PA{int(parts[0].erp_id):05}", reference, parts[0].state, total)


def _invoice(book: Book, erp_id: str) -> r.InvoiceRecord:
    invoice: r.InvoiceRecord | None = book.records["invoices"].get(erp_id)
    if invoice is None:
        raise ErpRejected(f"There is no invoice {erp_id}.")
    return invoice


def _owe(book: Book, invoice_erp_id: str, change: Decimal, paid_on: dt.date | None) -> None:
    invoice = _invoice(book, invoice_erp_id)
    due = invoice.amount_due + change
    state = "paid" if due == 0 else "open"
    book.records["invoices"][invoice_erp_id] = replace(
        invoice, amount_due=due, state=state, paid_on=paid_on if due == 0 else None, version=_now()
    )


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
