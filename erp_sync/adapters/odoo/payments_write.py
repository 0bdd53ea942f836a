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
from erp_sync.adapters.odoo.payments import PART, REVERSED, SUCCEEDED, own_reference
from erp_sync.adapters.odoo.setup import SetupSource
from erp_sync.errors import ErpBroken, ErpMisconfigured, ErpRejected, ErpUnavailable
from erp_sync.http import Deadline

MODEL = "account.payment"
WIZARD = "account.payment.register"
FIELDS = ("name", "state", "amount", "payment_type")
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
            made = bool(rows)
            for memo, one in missing:
                try:
                    self._register(payment, memo, one, journal, deadline)
                except ErpUnavailable as error:
                    raise ErpUnavailable(str(error), nothing_sent=error.nothing_sent and not made) from error
                made = True
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
        """Cancel the payment: the ERP takes its entries back and the invoices are open again.

        Raises:
            ErpRejected: only a part of the money was given back: that needs an entry of the ERP's staff.
        """
        rows = self._rows(reversal.payment_reference, deadline)
        if not rows:
            raise ErpUnavailable("the payment has not reached the ERP yet", nothing_sent=True)
        paid = _money(rows)
        if reversal.amount != paid:
            raise ErpRejected(
                f"Of {paid} only {reversal.amount} is given back: enter this refund of "
                f"{reversal.payment_reference} in the ERP by hand."
            )
        standing = [row["id"] for row in rows if row["state"] in SUCCEEDED]
        if standing:
            self._client.call(MODEL, "action_draft", ids=standing, deadline=deadline)
        drafts = [row["id"] for row in rows if row["state"] not in REVERSED]
        try:
            if drafts:
                self._client.call(MODEL, "action_cancel", ids=drafts, deadline=deadline)
            rows = self._rows(reversal.payment_reference, deadline)
        except ErpUnavailable as error:
            raise ErpUnavailable(str(error)) from error
        return _written(rows, "payment_reversal", reversal.reference, len(rows))

    def find_reversal(self, reversal: r.PaymentReversal, deadline: Deadline) -> list[r.WrittenDocument]:
        """Return the payment when nothing of it counts any more."""
        rows = self._rows(reversal.payment_reference, deadline)
        is_done = bool(rows) and all(row["state"] in REVERSED for row in rows)
        return [_written(rows, "payment_reversal", reversal.reference, len(rows))] if is_done else []

    # -- registering -----------------------------------------------------------

    def _register(self, payment: r.NewPayment, memo: str, one: r.Allocation, journal: int, deadline: Deadline) -> None:
        """Run the wizard on one invoice; its second call makes the payment and settles, in one transaction."""
        context = {"active_model": "account.move", "active_ids": [to.erp_id(one.invoice_erp_id)]}
        values = {
            "amount": float(one.amount),
            "communication": memo,
            "payment_date": payment.paid_on.isoformat(),
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
        rows = self._client.rows(MODEL, domain, [*FIELDS, memo], deadline=deadline)
        return [{**row, "memo": str(row[memo])} for row in rows if own_reference(row[memo]) == reference]


def _parts(payment: r.NewPayment) -> list[tuple[str, r.Allocation]]:
    if not payment.allocations:
        raise ErpRejected(f"Payment {payment.reference} names no invoice of the ERP.")
    return [(f"{payment.reference}{PART}{count}", one) for count, one in enumerate(payment.allocations, 1)]


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
