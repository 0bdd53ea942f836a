"""Money received: payments, and what the bank statement settled without one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from erp_sync import records as r
from erp_sync.adapters.odoo import mapping as to
from erp_sync.adapters.odoo.client import OdooClient
from erp_sync.adapters.odoo.orders_read import by_id
from erp_sync.adapters.odoo.setup import Options, SetupSource
from erp_sync.adapters.parts import own_reference
from erp_sync.http import Deadline

SUCCEEDED = ("in_process", "paid", "posted")
REVERSED = ("canceled", "rejected", "cancel")
Row = Mapping[str, Any]


class Payments:
    """Payments of customers that are over, well or not."""

    tag = "P"
    model = "account.payment"
    most = 500

    def __init__(self, client: OdooClient, setup: SetupSource) -> None:
        self._client = client
        self._setup = setup

    def fields(self, deadline: Deadline) -> list[str]:
        """Return the fields of a payment."""
        memo = self._setup.get(deadline).names.payment_memo
        return [
            "partner_id",
            "payment_type",
            "date",
            "amount",
            "currency_id",
            "state",
            "journal_id",
            "reconciled_invoice_ids",
            "write_date",
            memo,
        ]

    def domain(self, deadline: Deadline) -> list[Any]:
        """Return which payments count."""
        company = self._setup.get(deadline).company
        return [
            ["company_id", "=", company],
            ["partner_type", "=", "customer"],
            ["state", "in", [*SUCCEEDED, *REVERSED]],
            ["partner_id", "!=", False],
        ]

    def changed(self, since: dt.datetime, deadline: Deadline) -> list[Any]:
        """Return the clause for changed ones."""
        return [["write_date", ">=", to.stamp(since)]]

    def builder(self, rows: Sequence[Row], deadline: Deadline) -> Callable[[Row], r.PaymentRecord]:
        """Read the customers and journals of a page."""
        setup = self._setup.get(deadline)
        options = self._setup.options
        partners = sorted({to.ref(row["partner_id"]) for row in rows})
        domain = [["id", "in", partners], ["active", "in", [True, False]]]
        people = by_id(self._client.rows("res.partner", domain, ["commercial_partner_id"], deadline=deadline))
        journals = sorted({to.ref(row["journal_id"]) for row in rows})
        kinds = by_id(self._client.rows("account.journal", [["id", "in", journals]], ["type"], deadline=deadline))

        def build(row: Row) -> r.PaymentRecord:
            memo = row[setup.names.payment_memo]
            currency = setup.currencies[to.ref(row["currency_id"])]
            invoices = row["reconciled_invoice_ids"]
            sign = -1 if row["payment_type"] == "outbound" else 1
            return r.PaymentRecord(
                erp_id=f"{self.tag}{row['id']}",
                version=to.latest(row["write_date"]),
                customer_erp_id=str(to.ref(people[to.ref(row["partner_id"])]["commercial_partner_id"])),
                paid_on=to.needed_day(row["date"]),
                amount=sign * to.amount(row["amount"], setup.step(currency)),
                currency=currency,
                via=_via(options, memo, kinds[to.ref(row["journal_id"])]["type"]),
                state="succeeded" if row["state"] in SUCCEEDED else "reversed",
                invoice_erp_id=str(invoices[0]) if len(invoices) == 1 else "",
                reference=own_reference(memo),
            )

        return build


class Settlements:
    """Invoices that the bank statement settled directly: no payment stands behind the entry."""

    tag = "S"
    model = "account.partial.reconcile"
    most = 500

    def __init__(self, client: OdooClient, setup: SetupSource) -> None:
        self._client = client
        self._setup = setup

    def fields(self, deadline: Deadline) -> list[str]:
        """Return the fields of a settlement."""
        return [
            "debit_move_id",
            "credit_move_id",
            "debit_amount_currency",
            "debit_currency_id",
            "max_date",
            "write_date",
        ]

    def domain(self, deadline: Deadline) -> list[Any]:
        """Return which settlements count."""
        company = self._setup.get(deadline).company
        return [
            ["company_id", "=", company],
            ["debit_move_id.move_id.move_type", "=", "out_invoice"],
            ["credit_move_id.statement_line_id", "!=", False],
            ["credit_move_id.payment_id", "=", False],
        ]

    def changed(self, since: dt.datetime, deadline: Deadline) -> list[Any]:
        """Return the clause for changed ones."""
        return [["write_date", ">=", to.stamp(since)]]

    def builder(self, rows: Sequence[Row], deadline: Deadline) -> Callable[[Row], r.PaymentRecord]:
        """Read the invoices of a page."""
        setup = self._setup.get(deadline)
        entries = sorted({to.ref(row[side]) for row in rows for side in ("debit_move_id", "credit_move_id")})
        fields = ["move_id", "partner_id", "name"]
        lines = by_id(self._client.rows("account.move.line", [["id", "in", entries]], fields, deadline=deadline))

        def build(row: Row) -> r.PaymentRecord:
            invoice, money = lines[to.ref(row["debit_move_id"])], lines[to.ref(row["credit_move_id"])]
            currency = setup.currencies[to.ref(row["debit_currency_id"])]
            return r.PaymentRecord(
                erp_id=f"{self.tag}{row['id']}",
                version=to.latest(row["write_date"]),
                customer_erp_id=str(to.ref(invoice["partner_id"])),
                paid_on=to.needed_day(row["max_date"]),
                amount=to.amount(row["debit_amount_currency"], setup.step(currency)),
                currency=currency,
                via=_via(self._setup.options, money["name"], "bank"),
                invoice_erp_id=str(to.ref(invoice["move_id"])),
                reference=to.line(money["name"], 120),
            )

        return build


def _via(options: Options, memo: Any, journal_type: str) -> str:
    words = to.line(memo).lower()
    if any(word in words for word in options.web_payment_words):
        return "web"
    return "cash" if journal_type == "cash" else "bank"
