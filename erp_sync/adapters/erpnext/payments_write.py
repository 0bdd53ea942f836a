"""Money into ERPNext, once: one payment entry for all the invoices that a payment pays, made by ERPNext's own mapping.

A payment that is given back is cancelled; if a part of it stays, a smaller entry takes its place under the same
reference.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from erp_sync import records as r
from erp_sync.adapters.erpnext import documents as d
from erp_sync.adapters.erpnext import mapping as to
from erp_sync.adapters.erpnext.client import Doc, ErpNextClient
from erp_sync.adapters.erpnext.payments import DOCTYPE, INVOICE, PART, own_reference
from erp_sync.adapters.erpnext.setup import SetupSource
from erp_sync.errors import ErpBroken, ErpRejected, ErpUnavailable
from erp_sync.http import Deadline

MAP = "erpnext.accounts.doctype.payment_entry.payment_entry.get_payment_entry"
MOST_PARTS = 50


class PaymentsWrite:
    """Writes payments and what is given back of them."""

    def __init__(self, client: ErpNextClient, setup: SetupSource) -> None:
        self._client = client
        self._setup = setup
        self._documents = d.Documents(client, DOCTYPE)

    def create(self, payment: r.NewPayment, deadline: Deadline) -> r.WrittenDocument:
        """Book the payment, unless it is booked.

        Raises:
            ErpRejected: an invoice is not his, or has less left than is paid: then nothing is written.
        """
        found = self._parts(payment.reference, deadline)
        if not found:
            self._refuse_unfit(payment, deadline)
            values = self.entry(payment, payment.reference, payment.allocations, deadline)
            found = [self._documents.make(payment.reference, values, deadline)]
        for doc in found:
            if d.status(doc) == d.DRAFT:
                self._documents.submit(doc, deadline)
        return _written(self._parts(payment.reference, deadline), "payment", payment.reference)

    def find(self, payment: r.NewPayment, deadline: Deadline) -> list[r.WrittenDocument]:
        """Return the payment with this reference."""
        found = self._parts(payment.reference, deadline)
        return [_written(found, "payment", payment.reference)] if found else []

    def reverse(self, reversal: r.PaymentReversal, deadline: Deadline) -> r.WrittenDocument:
        """Leave of a payment what is kept, unless it is so already.

        Raises:
            ErpUnavailable: the payment has not reached the ERP: its own write comes first.
        """
        found = self._parts(reversal.payment_reference, deadline)
        if not found:
            raise ErpUnavailable("the payment has not reached the ERP yet", nothing_sent=True)
        self._keep(found, reversal, deadline)
        return self.find_reversal(reversal, deadline)[0]

    def find_reversal(self, reversal: r.PaymentReversal, deadline: Deadline) -> list[r.WrittenDocument]:
        """Return the payment when what is kept alone counts of it."""
        found = self._parts(reversal.payment_reference, deadline)
        if not found or _money(found) != reversal.kept or any(d.status(doc) == d.DRAFT for doc in found):
            return []
        name = to.line(found[0]["name"], 64)
        return [
            r.WrittenDocument(
                "payment_reversal", str(found[0]["name"]), name, reversal.reference, "reversed", _money(found)
            )
        ]

    def _keep(self, found: Sequence[Doc], reversal: r.PaymentReversal, deadline: Deadline) -> None:
        """Cancel what counts and book what is kept; each step is left out when it was done before."""
        key = f"{reversal.payment_reference}{PART}{reversal.reference}"
        mine = next((doc for doc in found if doc[d.KEY] == key), None)
        for doc in found:
            if doc is not mine and d.status(doc) == d.SUBMITTED and (mine or _money(found) != reversal.kept):
                self._documents.cancel(str(doc["name"]), deadline)
        if reversal.kept and mine is None and _money(found) != reversal.kept:
            mine = self._documents.make(key, self._kept_values(found, reversal, key, deadline), deadline)
        if mine is not None and d.status(mine) == d.DRAFT:
            self._documents.submit(mine, deadline)

    def _kept_values(
        self, found: Sequence[Doc], reversal: r.PaymentReversal, key: str, deadline: Deadline
    ) -> dict[str, Any]:
        """Return the smaller entry: what is kept fills the invoices in the order in which they were paid."""
        room, shares = reversal.kept, []
        for row in to.table(found[0], "references"):
            share = min(room, to.amount(row["allocated_amount"]))
            room -= share
            if share > 0:
                shares.append(r.Allocation(str(row["reference_name"]), share))
        payment = r.NewPayment(
            reference=key,
            customer_erp_id=reversal.customer_erp_id,
            currency=reversal.currency,
            amount=reversal.kept,
            paid_on=reversal.reversed_on,
            provider_reference=str(found[0].get("reference_no") or ""),
        )
        return self.entry(payment, key, shares, deadline)

    def entry(
        self, payment: r.NewPayment, key: str, shares: Sequence[r.Allocation], deadline: Deadline
    ) -> dict[str, Any]:
        """Return ERPNext's own entry for the invoices, as one."""
        if not shares:
            raise ErpRejected(f"Payment {payment.reference} names no invoice of the ERP.")
        docs = [self._mapped(payment, share, deadline) for share in shares]
        day = payment.paid_on.isoformat()
        values = {
            **docs[0],
            "posting_date": day,
            "reference_no": to.line(payment.provider_reference, 140) or key,
            "reference_date": day,
        }
        if account := self._setup.options.web_account:
            values["paid_to"] = account
        if len(docs) > 1:
            total = to.sent(sum((one.amount for one in shares), Decimal(0)))
            references = [to.table(doc, "references")[0] for doc in docs]
            values |= {
                "paid_amount": total,
                "received_amount": total,
                "references": [{**row, "idx": count} for count, row in enumerate(references, 1)],
            }
        return values

    def _mapped(self, payment: r.NewPayment, share: r.Allocation, deadline: Deadline) -> Doc:
        """Return the entry that ERPNext makes of one invoice.

        Raises:
            ErpRejected: the invoice is not his, or has less left.
        """
        if share.amount <= 0 or share.discount:
            raise ErpRejected("ERPNext cannot use up credit notes or grant discounts with this payment: its staff can.")
        named = {"dt": INVOICE, "dn": share.invoice_erp_id, "party_amount": to.sent(share.amount)}
        doc = self._client.mapped(MAP, deadline, **named)
        rows = to.table(doc, "references")
        if not rows:
            raise ErpRejected(f"Nothing of invoice {share.invoice_erp_id} is left to pay.")
        if len(rows) != 1 or rows[0].get("reference_name") != share.invoice_erp_id:
            raise ErpBroken("get_payment_entry: the answer does not pay the invoice alone")
        if doc.get("party") != payment.customer_erp_id:
            raise ErpRejected(f"Invoice {share.invoice_erp_id} is not one of this customer.")
        if to.amount(rows[0].get("allocated_amount")) != share.amount:
            raise ErpRejected(f"The ERP does not pay {share.amount} of invoice {share.invoice_erp_id}.")
        return doc

    def _refuse_unfit(self, payment: r.NewPayment, deadline: Deadline) -> None:
        """Refuse more than an invoice has left; ERPNext's mapping takes any amount for what is left.

        Raises:
            ErpRejected: it is more, or the invoice is not his.
        """
        names = [one.invoice_erp_id for one in payment.allocations]
        fields = ["name", "customer", "docstatus", "outstanding_amount"]
        rows = {str(row["name"]): row for row in self._client.rows_named(INVOICE, "name", names, fields, deadline)}
        for one in payment.allocations:
            row = rows.get(one.invoice_erp_id)
            if row is None or row["customer"] != payment.customer_erp_id or d.status(row) != d.SUBMITTED:
                raise ErpRejected(f"Invoice {one.invoice_erp_id} is not one of this customer.")
            left = to.amount(row["outstanding_amount"])
            if one.amount > left:
                raise ErpRejected(f"Invoice {one.invoice_erp_id} has {left} left to pay, not {one.amount}.")

    def _parts(self, reference: str, deadline: Deadline) -> list[Doc]:
        """Return the payment and what took its place, the first one first."""
        filters = [[d.KEY, "like", f"{reference}%"]]
        rows = self._client.rows(DOCTYPE, ["name", d.KEY], filters, deadline=deadline, limit=MOST_PARTS)
        own = [row for row in rows if own_reference(row[d.KEY]) == reference]
        own.sort(key=lambda row: (str(row[d.KEY]) != reference, str(row["name"])))
        return [self._documents.read(str(row["name"]), deadline) for row in own]


def _money(docs: Sequence[Doc]) -> Decimal:
    counting = [doc for doc in docs if d.status(doc) == d.SUBMITTED]
    return sum((to.amount(doc["paid_amount"]) for doc in counting), to.amount(0))


def _written(docs: Sequence[Doc], kind: str, reference: str) -> r.WrittenDocument:
    statuses = {d.status(doc) for doc in docs}
    state = "partial" if d.DRAFT in statuses else "succeeded" if d.SUBMITTED in statuses else "reversed"
    return r.WrittenDocument(kind, str(docs[0]["name"]), to.line(docs[0]["name"], 64), reference, state, _money(docs))
