"""Money into Odoo, once: a payment for each invoice that it pays, registered by Odoo's own wizard.

Odoo knows no unique key for payments, so the memo is looked up first, always; the outbox writes one at a time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from erp_sync import records as r
from erp_sync.adapters.odoo import mapping as to
from erp_sync.adapters.odoo.client import OdooClient
from erp_sync.adapters.odoo.payments import REVERSED, SUCCEEDED
from erp_sync.adapters.odoo.setup import SetupSource
from erp_sync.adapters.parts import PART, own_reference
from erp_sync.errors import ErpBroken, ErpMisconfigured, ErpRejected, ErpUnavailable
from erp_sync.http import Deadline

MODEL = "account.payment"
WIZARD = "account.payment.register"
FIELDS = ("name", "state", "amount", "payment_type", "date", "journal_id")
# Which invoice a payment was registered on; Odoo 17 forgets it when the payment is cancelled.
INVOICES = "invoice_ids"
KNOWS_INVOICES = 18
INVOICE_FIELDS = ("name", "move_type", "state", "commercial_partner_id", "currency_id", "amount_residual")
Row = Mapping[str, Any]


class PaymentsWrite:
    """Registers payments and takes them back."""

    def __init__(self, client: OdooClient, setup: SetupSource) -> None:
        self._client = client
        self._setup = setup

    def create(self, payment: r.NewPayment, deadline: Deadline) -> r.WrittenDocument:
        """Register the payment, or carry on with what is there of it.

        Raises:
            ErpRejected: an invoice is not his, is paid already, or has less to pay.
        """
        rows = self._rows(payment.reference, deadline)
        there = {row["memo"] for row in rows}
        missing = [(memo, one) for memo, one in _parts(payment) if memo not in there]
        if missing:
            self._refuse_unfit(payment, [one for _, one in missing], deadline)
            journal = self._journal(payment.currency, deadline)
            for memo, one in missing:
                self._register(one, memo, payment.paid_on.isoformat(), journal, deadline)
            rows = self._rows(payment.reference, deadline)
        return _written(rows, "payment", payment.reference, len(payment.allocations))

    def find(self, payment: r.NewPayment, deadline: Deadline) -> list[r.WrittenDocument]:
        """Return the payment, more than once if a part of it is there more than once."""
        rows = self._rows(payment.reference, deadline)
        if not rows:
            return []
        times = max(Counter(row["memo"] for row in rows).values())
        return [_written(rows, "payment", payment.reference, len(payment.allocations))] * times

    def reverse(self, reversal: r.PaymentReversal, deadline: Deadline) -> r.WrittenDocument:
        """Let only `kept` of the payment count: the ERP takes entries back, the invoices are open again by that much.

        A payment can only be cancelled whole, so of the part that stays in part a smaller one takes the place. What
        is to stay of each part follows from `kept` alone: a call that was cut is carried on by the next.
        """
        rows = self._rows(reversal.payment_reference, deadline)
        if not rows:
            raise ErpUnavailable("the payment has not reached the ERP yet", nothing_sent=True)
        over, short = _changes(rows, reversal.kept)
        if any(_invoice(row) < 0 for row, _amount in short):
            raise ErpRejected(f"Give {reversal.amount} of {reversal.payment_reference} back in the ERP by hand.")
        self._cancel(over, deadline)
        for number, (row, amount) in enumerate(short, start=len(rows) + 1):
            self._smaller(row, amount, f"{reversal.payment_reference}{PART}{number}", deadline)
        rows = self._rows(reversal.payment_reference, deadline) if over or short else rows
        return _reversed(rows, reversal)

    def find_reversal(self, reversal: r.PaymentReversal, deadline: Deadline) -> list[r.WrittenDocument]:
        """Return the payment when no more of it counts than is kept."""
        rows = self._rows(reversal.payment_reference, deadline)
        is_settled = all(row["state"] in {*SUCCEEDED, *REVERSED} for row in rows)
        is_done = bool(rows) and is_settled and _changes(rows, reversal.kept) == ([], [])
        return [_reversed(rows, reversal)] if is_done else []

    def _cancel(self, rows: Sequence[Row], deadline: Deadline) -> None:
        """Take payments back.

        Their entries stay, cancelled. By way of draft Odoo would delete them, and forbids it once there is a later one.
        """
        if rows:
            self._client.call(MODEL, "action_cancel", ids=[row["id"] for row in rows], deadline=deadline)

    def _smaller(self, row: Row, amount: Decimal, memo: str, deadline: Deadline) -> None:
        """Register what stays of a payment that was cancelled."""
        share = r.Allocation(str(_invoice(row)), amount)
        paid_on = to.day(row["date"])
        self._register(share, memo, paid_on.isoformat() if paid_on else "", to.ref(row["journal_id"]), deadline)

    # -- registering -----------------------------------------------------------

    def _register(self, one: r.Allocation, memo: str, paid_on: str, journal: int, deadline: Deadline) -> None:
        """Run the wizard on one invoice; its second call makes the payment and settles, in one transaction."""
        context = {"active_model": "account.move", "active_ids": [to.erp_id(one.invoice_erp_id)]}
        values = {
            "amount": float(one.amount),
            "communication": memo,
            "payment_date": paid_on,
            "journal_id": journal,
            "payment_difference_handling": "open",
        }
        made = self._client.call(WIZARD, "create", vals_list=[values], context=context, deadline=deadline)
        if not isinstance(made, list) or len(made) != 1:
            raise ErpBroken(f"{WIZARD}.create: the answer is no id")
        self._client.call(WIZARD, "action_create_payments", ids=made, context=context, deadline=deadline)

    def _refuse_unfit(self, payment: r.NewPayment, parts: Sequence[r.Allocation], deadline: Deadline) -> None:
        """Refuse what the ERP would take although it is wrong.

        Raises:
            ErpRejected: with the reason.
        """
        setup = self._setup.get(deadline)
        ids = to.known_ids(one.invoice_erp_id for one in parts)
        rows = self._client.rows("account.move", [["id", "in", ids]], INVOICE_FIELDS, deadline=deadline)
        found = {str(row["id"]): row for row in rows}
        for one in parts:
            row = found.get(one.invoice_erp_id)
            if row is None:
                raise ErpRejected(f"Payment {payment.reference} names no invoice of the ERP: {one.invoice_erp_id}.")
            name = to.line(row["name"], 64)
            currency = setup.currencies[to.ref(row["currency_id"])]
            if str(to.ref(row["commercial_partner_id"])) != payment.customer_erp_id:
                raise ErpRejected(f"Invoice {name} is not one of this customer.")
            if currency != payment.currency:
                raise ErpRejected(f"Invoice {name} is in {currency}, the payment in {payment.currency}.")
            if one.discount:
                raise ErpRejected(f"The ERP grants no discount on invoice {name}.")
            if row["move_type"] != "out_invoice" or one.amount <= 0:
                raise ErpRejected(f"Only invoices can be paid, and {name} is asked for something else.")
            due = to.amount(row["amount_residual"], setup.step(currency))
            if row["state"] != "posted" or one.amount > due:
                raise ErpRejected(f"Invoice {name} has {due} left to pay, not {one.amount}.")

    def _journal(self, currency: str, deadline: Deadline) -> int:
        """Return the journal of the shop's payments.

        Raises:
            ErpMisconfigured: there is none.
        """
        setup, wanted = self._setup.get(deadline), self._setup.options.payment_journal
        domain = [["company_id", "=", setup.company], ["type", "in", ["bank", "cash", "credit"]]]
        rows = self._client.rows("account.journal", domain, ["name", "code", "type", "currency_id"], deadline=deadline)
        own = currency == setup.currency_code
        for row in rows:
            held = setup.currencies.get(to.ref(row["currency_id"]), "")
            is_named = wanted in {row["name"], row["code"]} if wanted else row["type"] == "bank"
            if is_named and (held == currency or (own and not held)):
                return int(row["id"])
        raise ErpMisconfigured(
            f"the ERP has no journal for payments in {currency}: name it in ERP_OPTIONS['payment_journal']"
        )

    def _rows(self, reference: str, deadline: Deadline) -> list[dict[str, Any]]:
        """Return the parts of a payment, the memo of each under `memo`."""
        memo = self._setup.get(deadline).names.payment_memo
        domain = [[memo, "=like", f"{reference}%"], ["payment_type", "=", "inbound"]]
        known = [INVOICES] if self._setup.get(deadline).series >= KNOWS_INVOICES else []
        rows = self._client.rows(MODEL, domain, [*FIELDS, memo, *known], deadline=deadline)
        return [{**row, "memo": str(row[memo])} for row in rows if own_reference(row[memo]) == reference]


def _parts(payment: r.NewPayment) -> list[tuple[str, r.Allocation]]:
    if not payment.allocations:
        raise ErpRejected(f"Payment {payment.reference} names no invoice of the ERP.")
    return [(f"{payment.reference}{PART}{count}", one) for count, one in enumerate(payment.allocations, 1)]


def _changes(rows: Sequence[Row], kept: Decimal) -> tuple[list[Row], list[tuple[Row, Decimal]]]:
    """Return the parts that no longer count, and (part, amount) of the smaller ones to be registered.

    What is kept fills the invoices in the order in which they were paid.
    """
    over: list[Row] = []
    short: list[tuple[Row, Decimal]] = []
    of_invoice: dict[int, list[Row]] = {}
    for row in sorted(rows, key=lambda one: int(one["memo"].rpartition(PART)[2] or 0)):
        of_invoice.setdefault(_invoice(row), []).append(row)
    room = kept
    for parts in of_invoice.values():
        stays = min(to.number(parts[0]["amount"]), room)
        room -= stays
        counting = [row for row in parts if row["state"] not in REVERSED]
        if _money(counting) != stays:
            over += counting
            short += [(parts[0], stays)] if stays else []
    return over, short


def _invoice(row: Row) -> int:
    """Return the invoice that a payment was registered on; where that can't be told, the payment stands alone."""
    known: list[int] = list(row.get(INVOICES) or [])
    return known[0] if len(known) == 1 else -int(row["id"])


def _reversed(rows: Sequence[Row], reversal: r.PaymentReversal) -> r.WrittenDocument:
    left = _money([row for row in rows if row["state"] not in REVERSED])
    number = to.line(rows[0]["name"], 64)
    return r.WrittenDocument("payment_reversal", str(rows[0]["id"]), number, reversal.reference, "reversed", left)


def _money(rows: Sequence[Row]) -> Decimal:
    return sum((to.number(row["amount"]) for row in rows), Decimal(0)).quantize(Decimal("0.01"))


def _written(rows: Sequence[Row], kind: str, reference: str, wanted: int) -> r.WrittenDocument:
    states = {"reversed" if row["state"] in REVERSED else row["state"] for row in rows}
    if states <= set(SUCCEEDED) and len(rows) >= wanted:
        state = "succeeded"
    else:
        state = "reversed" if states == {"reversed"} else "partial"
    number = to.line(rows[0]["name"], 64)
    return r.WrittenDocument(kind, str(rows[0]["id"]), number, reference, state, _money(rows))
