"""Money into SAP Business One: one incoming payment for all the invoices that it pays, looked up by our key first.

The ERP has no unique key for payments. Our reference is in a user field of their own: the counter reference of the ERP
is too short for it in most versions, and gets its end, for people.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from erp_sync import records as r
from erp_sync.adapters.odata import literal
from erp_sync.adapters.parts import PART, own_reference
from erp_sync.adapters.sap_b1 import documents as d
from erp_sync.adapters.sap_b1 import mapping as to
from erp_sync.adapters.sap_b1.batch import Ask
from erp_sync.adapters.sap_b1.client import B1Client
from erp_sync.adapters.sap_b1.invoices import INVOICE_TAG, PAYMENT_TYPE
from erp_sync.adapters.sap_b1.mapping import Row
from erp_sync.adapters.sap_b1.payments import ENTITY, FIELDS
from erp_sync.adapters.sap_b1.setup import KEY_TABLE, SetupSource
from erp_sync.errors import ErpRejected, ErpUnavailable
from erp_sync.http import Deadline

COUNTER, TRANSFER = 8, 27
INVOICE_FIELDS = (
    "DocEntry",
    "DocNum",
    "CardCode",
    "DocCurrency",
    "DocTotal",
    "DocTotalFc",
    "PaidToDate",
    "PaidToDateFC",
    "DocumentStatus",
    "Cancelled",
    "CancelStatus",
)


class PaymentsWrite:
    """Posts payments and cancels them."""

    def __init__(self, client: B1Client, setup: SetupSource) -> None:
        self._client = client
        self._setup = setup

    def create(self, payment: r.NewPayment, deadline: Deadline) -> r.WrittenDocument:
        """Post the payment, unless it is there: all its invoices in one document.

        Raises:
            ErpRejected: an invoice is not his, is paid already, or has less to pay.
        """
        rows = self._rows(payment.reference, deadline)
        if not rows:
            self._refuse_unfit(payment, deadline)
            try:
                self._post([self._body(payment, payment.reference, payment.allocations)], [], deadline)
            except ErpRejected:
                if not self._rows(payment.reference, deadline):
                    raise
            rows = self._rows(payment.reference, deadline)
        if not rows:
            raise ErpUnavailable("the payment was posted and is not to be seen yet")
        return _written(rows, "payment", payment.reference)

    def find(self, payment: r.NewPayment, deadline: Deadline) -> list[r.WrittenDocument]:
        """Return the payment; more than once if it was posted so."""
        rows = self._rows(payment.reference, deadline)
        keys = [str(row[self._setup.options.payment_key]) for row in rows]
        times = max((keys.count(key) for key in keys), default=0)
        return [_written(rows, "payment", payment.reference) for _ in range(times)]

    def reverse(self, reversal: r.PaymentReversal, deadline: Deadline) -> r.WrittenDocument:
        """Cancel the payment; where a part of it is kept, a smaller one takes its place in the same changeset."""
        rows = self._rows(reversal.payment_reference, deadline)
        if not rows:
            raise ErpUnavailable("the payment has not reached the ERP yet", nothing_sent=True)
        counting = _counting(rows)
        if _money(counting) > reversal.kept:
            smaller = [self._smaller(rows, reversal)] if reversal.kept else []
            gone = [Ask("POST", f"{ENTITY}({to.whole(row['DocEntry'])})/Cancel") for row in counting]
            try:
                self._post(smaller, gone, deadline)
            except ErpRejected:  # another worker may have been quicker
                if not self.find_reversal(reversal, deadline):
                    raise
            rows = self._rows(reversal.payment_reference, deadline)
        return _reversed(rows, reversal)

    def find_reversal(self, reversal: r.PaymentReversal, deadline: Deadline) -> list[r.WrittenDocument]:
        """Return the payment when no more of it counts than is kept."""
        rows = self._rows(reversal.payment_reference, deadline)
        return [_reversed(rows, reversal)] if rows and _money(_counting(rows)) <= reversal.kept else []

    def _post(self, bodies: Sequence[Mapping[str, Any]], before: Sequence[Ask], deadline: Deadline) -> None:
        """Post payments under their keys, after what goes before, all of it or nothing."""
        asks = list(before)
        for body in bodies:
            key = str(body[self._setup.options.payment_key])
            if self._setup.get(deadline).has_key_table:
                asks.append(Ask("POST", KEY_TABLE, {"Code": key, "Name": key}))
            asks.append(Ask("POST", ENTITY, body))
        self._client.write_together(asks, deadline=deadline)

    def _smaller(self, rows: Sequence[Row], reversal: r.PaymentReversal) -> dict[str, Any]:
        """Return what stays of a payment: its invoices are paid in their order, as far as the money goes."""
        left, shares = reversal.kept, []
        first = rows[0]
        for one in first["PaymentInvoices"]:
            share = min(left, to.amount(one["SumApplied"]))
            left -= share
            shares += [r.Allocation(f"{INVOICE_TAG}{one['DocEntry']}", share)] if share else []
        kept = r.NewPayment(
            reference=reversal.payment_reference,
            customer_erp_id=str(first["CardCode"]),
            currency=reversal.currency,
            amount=reversal.kept,
            paid_on=to.needed_day(first["DocDate"]),
            allocations=tuple(shares),
        )
        return self._body(kept, f"{reversal.payment_reference}{PART}{len(rows) + 1}", kept.allocations)

    def _body(self, payment: r.NewPayment, key: str, shares: Sequence[r.Allocation]) -> dict[str, Any]:
        options = self._setup.options
        body = {
            "DocType": "rCustomer",
            "CardCode": payment.customer_erp_id,
            "DocDate": payment.paid_on.isoformat(),
            "TransferAccount": options.payment_account,
            "TransferSum": to.figure(sum((one.amount for one in shares), Decimal(0))),
            "TransferDate": payment.paid_on.isoformat(),
            "TransferReference": to.line(payment.provider_reference or payment.reference, TRANSFER),
            "CounterReference": payment.reference[-COUNTER:],
            "Remarks": to.line(f"{payment.provider} {payment.reference}", d.COMMENTS),
            "PaymentInvoices": [
                {
                    "DocEntry": to.entry_of(one.invoice_erp_id, INVOICE_TAG),
                    "InvoiceType": PAYMENT_TYPE[INVOICE_TAG],
                    "SumApplied": to.figure(one.amount),
                }
                for one in shares
            ],
        }
        return body | {options.payment_key: key} | ({"BPLID": options.branch} if options.branch else {})

    def _refuse_unfit(self, payment: r.NewPayment, deadline: Deadline) -> None:
        """Refuse what the ERP might take although it is wrong.

        Raises:
            ErpRejected: with the reason.
        """
        setup = self._setup.get(deadline)
        if not payment.allocations:
            raise ErpRejected(f"Payment {payment.reference} names no invoice of the ERP.")
        entries = [to.entry_of(one.invoice_erp_id, INVOICE_TAG) for one in payment.allocations]
        rows = self._client.by_keys("Invoices", "DocEntry", entries, select=INVOICE_FIELDS, deadline=deadline)
        found = {row["DocEntry"]: row for row in rows}
        for one, entry in zip(payment.allocations, entries, strict=True):
            row = found.get(entry)
            if row is None:
                raise ErpRejected(f"Payment {payment.reference} names no invoice of the ERP: {one.invoice_erp_id}.")
            name, currency = row["DocNum"], setup.iso(row.get("DocCurrency"))
            if str(row["CardCode"]) != payment.customer_erp_id:
                raise ErpRejected(f"Invoice {name} is not one of this customer.")
            if not currency == payment.currency == setup.currency:
                raise ErpRejected(f"Invoice {name} is in {currency}: the shop books payments in {setup.currency} only.")
            if one.discount or one.amount <= 0:
                raise ErpRejected(f"Invoice {name} can be paid only, without a discount.")
            due = d.money(row, "DocTotal", setup) - d.money(row, "PaidToDate", setup, "PaidToDateFC")
            if not d.is_open(row) or one.amount > due:
                raise ErpRejected(f"Invoice {name} has {due} left to pay, not {one.amount}.")

    def _rows(self, reference: str, deadline: Deadline) -> list[dict[str, Any]]:
        """Return the payments under a reference, those in the place of another too."""
        field = self._setup.options.payment_key
        where = f"startswith({field}, {literal(to.key_of(reference))})"
        rows = self._client.rows(
            ENTITY, "DocEntry", select=sorted({*FIELDS, field}), where=where, size=50, deadline=deadline
        )
        return [row for row in rows if own_reference(row[field]) == reference]


def _counting(rows: Sequence[Row]) -> list[Row]:
    return [row for row in rows if not to.flag(row.get("Cancelled"))]


def _money(rows: Sequence[Row]) -> Decimal:
    return sum((to.amount(row.get("TransferSum")) + to.amount(row.get("CashSum")) for row in rows), Decimal(0))


def _reversed(rows: Sequence[Row], reversal: r.PaymentReversal) -> r.WrittenDocument:
    left = _money(_counting(rows))
    entry, number = str(rows[0]["DocEntry"]), str(rows[0]["DocNum"])
    return r.WrittenDocument("payment_reversal", entry, number, reversal.reference, "reversed", left)


def _written(rows: Sequence[Row], kind: str, reference: str) -> r.WrittenDocument:
    counting = _counting(rows)
    state = "succeeded" if counting else "reversed"
    total = _money(counting or rows)
    return r.WrittenDocument(kind, str(rows[0]["DocEntry"]), str(rows[0]["DocNum"]), reference, state, total)
