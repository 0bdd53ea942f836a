"""Money into Tryton, once: one `account.payment` for each invoice line that it pays, under one reference.

Tryton knows no unique key for payments, so the reference is looked up first, always; the outbox writes one at a time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from erp_sync import records as r
from erp_sync.adapters.parts import PART, own_reference
from erp_sync.adapters.tryton import mapping as to
from erp_sync.adapters.tryton.client import TrytonClient
from erp_sync.adapters.tryton.setup import SetupSource
from erp_sync.errors import ErpRejected, ErpUnavailable
from erp_sync.http import Deadline

MODEL = "account.payment"
FIELDS = ["number", "kind", "reference", "state", "amount", "line"]
# What a smaller payment has of the one whose place it takes.
WHOLE = ["company", "journal", "party", "date", "kind", "line"]
INVOICE_FIELDS = ["number", "party", "state", "type", "currency.code", "total_amount", "amount_to_pay", "lines_to_pay"]
LINE_FIELDS = ["maturity_date", "payment_amount", "reconciliation"]
Row = Mapping[str, Any]


class PaymentsWrite:
    """Writes payments to "succeeded" and takes them back."""

    def __init__(self, client: TrytonClient, setup: SetupSource) -> None:
        self._client = client
        self._setup = setup

    def create(self, payment: r.NewPayment, deadline: Deadline) -> r.WrittenDocument:
        """Record the payment, or carry on with what is there of it.

        Raises:
            ErpRejected: an invoice is not his, is paid already, or has less to pay.
        """
        rows = self._rows(payment.reference, deadline)
        if not rows:
            values = self._parts(payment, deadline)
            ids = self._call("create", [values], deadline)
            rows = self._read(ids, deadline)
        return _written(self._succeeded(rows, deadline), "payment", payment.reference)

    def find(self, payment: r.NewPayment, deadline: Deadline) -> list[r.WrittenDocument]:
        """Return the payment, more than once if a part of it is there more than once."""
        rows = self._rows(payment.reference, deadline)
        if not rows:
            return []
        times = max(Counter(row["reference"] for row in rows).values())
        return [_written(rows, "payment", payment.reference)] * times

    def reverse(self, reversal: r.PaymentReversal, deadline: Deadline) -> r.WrittenDocument:
        """Let only `kept` of the payment count: the ERP takes entries back, the invoices are open again by that much.

        A payment can only fail whole, so of the part that stays in part a smaller one takes the place. What is to
        stay of each part follows from `kept` alone: a call that was cut is carried on by the next.
        """
        rows = self._rows(reversal.payment_reference, deadline)
        if not rows:
            raise ErpUnavailable("the payment has not reached the ERP yet", nothing_sent=True)
        over, short = _changes(rows, reversal.kept)
        if over:
            self._call("fail", [over], deadline)
        if short:
            self._call("create", [self._smaller(rows, short, reversal.payment_reference, deadline)], deadline)
        rows = self._succeeded(self._rows(reversal.payment_reference, deadline), deadline)
        return _reversed(rows, reversal)

    def find_reversal(self, reversal: r.PaymentReversal, deadline: Deadline) -> list[r.WrittenDocument]:
        """Return the payment when no more of it counts than is kept."""
        rows = self._rows(reversal.payment_reference, deadline)
        is_done = bool(rows) and _changes(rows, reversal.kept) == ([], []) and not _unfinished(rows)
        return [_reversed(rows, reversal)] if is_done else []

    def _smaller(
        self, rows: Sequence[Row], short: list[tuple[int, Decimal]], reference: str, deadline: Deadline
    ) -> list[dict[str, Any]]:
        """Return the parts that take the place of larger ones, with the numbers after the last."""
        whole = {row["id"]: row for row in self._read([part for part, _amount in short], deadline, WHOLE)}
        return [
            {name: whole[part][name] for name in WHOLE if name != "number"}
            | {"amount": amount, "reference": f"{reference}{PART}{number}"}
            for number, (part, amount) in enumerate(short, start=len(rows) + 1)
        ]

    # -- what to create --------------------------------------------------------

    def _parts(self, payment: r.NewPayment, deadline: Deadline) -> list[dict[str, Any]]:
        """Return a payment for each line of an invoice that is paid, the line due first before the others.

        A credit note that is used up is paid out: what goes out meets what comes in on the clearing account, and the
        money that was captured is what is left there.
        """
        journal = self._setup.get(deadline).payment_journal(payment.currency)
        invoices = self._invoices(payment, deadline)
        parts: list[dict[str, Any]] = []
        for one in payment.allocations:
            invoice = invoices[to.erp_id(one.invoice_erp_id)]
            _refuse_unfit(invoice, one, payment)
            for line, amount in self._shares(invoice, abs(one.amount), deadline):
                kind, number = ("payable" if one.amount < 0 else "receivable"), len(parts) + 1
                reference = f"{payment.reference}{PART}{number}"
                parts.append({"kind": kind, "line": line, "amount": amount, "reference": reference})
        shared = {
            "company": self._setup.get(deadline).company,
            "journal": journal,
            "party": to.erp_id(payment.customer_erp_id),
            "date": payment.paid_on,
        }
        return [shared | part for part in parts]

    def _invoices(self, payment: r.NewPayment, deadline: Deadline) -> dict[int, Row]:
        ids = to.known_ids(one.invoice_erp_id for one in payment.allocations)
        rows = self._client.rows("account.invoice", [["id", "in", ids]], INVOICE_FIELDS, deadline=deadline)
        found: dict[int, Row] = {row["id"]: row for row in rows}
        missing = [one.invoice_erp_id for one in payment.allocations if to.erp_id(one.invoice_erp_id) not in found]
        if missing or not payment.allocations:
            raise ErpRejected(
                f"Payment {payment.reference} names no invoice of the ERP: {', '.join(missing) or 'none'}."
            )
        return found

    def _shares(self, invoice: Row, amount: Decimal, deadline: Deadline) -> list[tuple[int, Decimal]]:
        """Split an amount over the lines of an invoice that are still to be paid.

        Raises:
            ErpRejected: less than that is open.
        """
        lines = self._client.rows(
            "account.move.line", [["id", "in", invoice["lines_to_pay"]]], LINE_FIELDS, deadline=deadline
        )
        still_open = [one for one in lines if one["reconciliation"] is None and to.number(one["payment_amount"]) > 0]
        still_open.sort(key=lambda one: (one["maturity_date"], one["id"]))
        shares, left = [], amount
        for one in still_open:
            share = min(left, to.number(one["payment_amount"]))
            if share > 0:
                shares.append((int(one["id"]), share))
                left -= share
        if left > 0:
            raise ErpRejected(f"Invoice {invoice['number']} has {amount - left} left to pay, not {amount}.")
        return shares

    # -- the way to "succeeded" ------------------------------------------------

    def _succeeded(self, rows: Sequence[Row], deadline: Deadline) -> list[Row]:
        """Carry parts on from where they stand; one that failed since stays as it is."""
        drafts = _ids(rows, "draft")
        if drafts:
            self._call("submit", [drafts], deadline)
        submitted = [row for row in rows if row["state"] in {"draft", "submitted"}]
        outgoing = [row["id"] for row in submitted if row["kind"] == "payable"]
        if outgoing:
            self._call("approve", [outgoing], deadline)
        ready = [*(row["id"] for row in submitted), *_ids(rows, "approved")]
        if ready:
            self._process(ready, deadline)
        processing = [*ready, *_ids(rows, "processing")]
        if processing:
            self._call("succeed", [processing], deadline)
        return list(self._read([row["id"] for row in rows], deadline)) if processing else list(rows)

    def _process(self, ids: list[int], deadline: Deadline) -> None:
        """Run the ERP's own wizard: processing has no button."""
        context = {"active_model": MODEL, "active_id": ids[0], "active_ids": ids}
        name = "wizard.account.payment.process"
        session, start, _end = self._client.call(f"{name}.create", deadline=deadline, context=context)
        try:
            self._client.call(f"{name}.execute", session, {}, start, deadline=deadline, context=context)
        finally:
            self._client.call(f"{name}.delete", session, deadline=deadline, context=context)

    # -- reading ---------------------------------------------------------------

    def _rows(self, reference: str, deadline: Deadline) -> list[Row]:
        found = self._client.rows(
            MODEL,
            [["reference", "like", f"{reference}%"]],
            FIELDS,
            deadline=deadline,
        )
        return [row for row in found if own_reference(row["reference"]) == reference]

    def _read(self, ids: list[int], deadline: Deadline, fields: Sequence[str] = FIELDS) -> list[Row]:
        return list(self._client.rows(MODEL, [["id", "in", ids]], list(fields), deadline=deadline))

    def _call(self, method: str, arguments: list[Any], deadline: Deadline) -> Any:
        context = {"language": self._setup.options.message_language}
        return self._client.call(f"model.{MODEL}.{method}", *arguments, deadline=deadline, context=context)


def _changes(rows: Sequence[Row], kept: Decimal) -> tuple[list[int], list[tuple[int, Decimal]]]:
    """Return the parts that no longer count, and (part, amount) of the smaller ones to be made.

    What is kept fills the lines of invoices in the order in which they were paid; used credit notes stay while
    anything does.
    """
    over, short = [], []
    by_line: dict[int, list[Row]] = {}
    for row in sorted(rows, key=_number):
        by_line.setdefault(row["line"], []).append(row)
    paid_out = sum((to.number(parts[0]["amount"]) for parts in by_line.values() if _is_out(parts)), Decimal(0))
    room = kept + paid_out if kept else Decimal(0)
    for parts in by_line.values():
        first = to.number(parts[0]["amount"])
        stays = (first if kept else Decimal(0)) if _is_out(parts) else min(first, room)
        room -= Decimal(0) if _is_out(parts) else stays
        counting = [row for row in parts if row["state"] != "failed"]
        if sum((to.number(row["amount"]) for row in counting), Decimal(0)) != stays:
            over += [row["id"] for row in counting]
            short += [(parts[0]["id"], stays)] if stays else []
    return over, short


def _is_out(parts: Sequence[Row]) -> bool:
    return str(parts[0]["kind"]) == "payable"


def _number(row: Row) -> int:
    return int(str(row["reference"]).rpartition(PART)[2] or 0)


def _unfinished(rows: Sequence[Row]) -> bool:
    return any(row["state"] not in {"succeeded", "failed"} for row in rows)


def _reversed(rows: Sequence[Row], reversal: r.PaymentReversal) -> r.WrittenDocument:
    written = _written(rows, "payment_reversal", reversal.reference)
    return replace(written, state="reversed", total=_money([row for row in rows if row["state"] != "failed"]))


def _refuse_unfit(invoice: Row, one: r.Allocation, payment: r.NewPayment) -> None:
    """Refuse what the ERP would take although it is wrong.

    Raises:
        ErpRejected: with the reason.
    """
    name = invoice["number"] or invoice["id"]
    if str(invoice["party"]) != payment.customer_erp_id:
        raise ErpRejected(f"Invoice {name} is not one of this customer.")
    if to.at(invoice, "currency.code") != payment.currency:
        raise ErpRejected(f"Invoice {name} is in {to.at(invoice, 'currency.code')}, the payment in {payment.currency}.")
    if one.discount:
        raise ErpRejected(f"The ERP grants no discount on invoice {name}.")
    if not one.amount or (one.amount < 0) != (to.number(invoice["total_amount"]) < 0):
        raise ErpRejected(f"An invoice is paid and a credit note is used up: {name} is asked for the other.")
    if invoice["state"] != "posted":
        raise ErpRejected(f"Invoice {name} has nothing left to pay.")


def _money(rows: Sequence[Row]) -> Decimal:
    """Return what was received, less what went out for credit notes."""
    signs = {"receivable": 1, "payable": -1}
    return sum((signs[row["kind"]] * to.number(row["amount"]) for row in rows), Decimal(0))


def _ids(rows: Sequence[Row], state: str) -> list[int]:
    return [row["id"] for row in rows if row["state"] == state]


def _written(rows: Sequence[Row], kind: str, reference: str) -> r.WrittenDocument:
    states = {row["state"] for row in rows}
    state = {frozenset({"succeeded"}): "succeeded", frozenset({"failed"}): "reversed"}.get(frozenset(states), "partial")
    return r.WrittenDocument(kind, str(rows[0]["id"]), str(rows[0]["number"] or ""), reference, state, _money(rows))
