"""What a customer owes and may still order on account."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from erp_sync import records as r
from erp_sync.adapters.erpnext import mapping as to
from erp_sync.adapters.erpnext.client import ErpNextClient
from erp_sync.adapters.erpnext.setup import Setup, SetupSource
from erp_sync.errors import ErpBroken
from erp_sync.http import Deadline

GETDOC = "frappe.desk.form.load.getdoc"
BALANCE = "erpnext.accounts.utils.get_balance_on"


class Credit:
    """Asks for a customer's position, by three calls."""

    def __init__(self, client: ErpNextClient, setup: SetupSource) -> None:
        self._client = client
        self._setup = setup

    def of(self, customer: str, deadline: Deadline) -> r.CreditPosition:
        """Return limit, use (balance and orders that are not billed yet) and what is overdue.

        Raises:
            ErpRejected: there is no such customer.
        """
        setup = self._setup.get(deadline)
        doc = self.customer(customer, deadline)
        today = setup.zone.day(dt.datetime.now(dt.UTC))
        owed = self.balance(customer, setup, today, deadline)
        return r.CreditPosition(
            currency=setup.currency,
            used=owed + self._not_billed(customer, setup, deadline),
            open_items=owed,
            overdue=self._overdue(customer, setup, today, deadline),
            limit=self._limit(doc, setup, deadline),
        )

    def customer(self, name: str, deadline: Deadline) -> dict[str, Any]:
        """Return the customer's document."""
        told = self._client.ask(GETDOC, deadline, doctype="Customer", name=name)
        docs = told.get("docs") if isinstance(told, dict) else None
        if not isinstance(docs, list) or not docs or not isinstance(docs[0], dict):
            raise ErpBroken("getdoc: the answer is no document")
        return docs[0]

    def balance(self, customer: str, setup: Setup, day: dt.date, deadline: Deadline) -> Decimal:
        """Return what the customer owes on a day, invoices and payments together."""
        told = self._client.ask(
            BALANCE, deadline, party_type="Customer", party=customer, company=setup.company, date=day.isoformat()
        )
        if not isinstance(told, dict) or "message" not in told:
            raise ErpBroken("get_balance_on: the answer is no balance")
        return to.amount(told["message"], self._setup.options.money_digits)

    def _not_billed(self, customer: str, setup: Setup, deadline: Deadline) -> Decimal:
        """Return what of submitted orders is not billed; ERPNext counts it towards the limit."""
        filters: list[list[Any]] = [
            ["customer", "=", customer],
            ["company", "=", setup.company],
            ["docstatus", "=", 1],
            ["per_billed", "<", 100],
            ["status", "!=", "Closed"],
        ]
        rows = self._client.rows("Sales Order", ["base_grand_total", "per_billed"], filters, deadline=deadline)
        left = [to.number(row["base_grand_total"]) * (100 - to.number(row["per_billed"])) / 100 for row in rows]
        return to.amount(sum(left, Decimal(0)), self._setup.options.money_digits)

    def _overdue(self, customer: str, setup: Setup, today: dt.date, deadline: Deadline) -> Decimal:
        filters: list[list[Any]] = [
            ["customer", "=", customer],
            ["company", "=", setup.company],
            ["docstatus", "=", 1],
            ["outstanding_amount", "!=", 0],
            ["due_date", "<", today.isoformat()],
        ]
        rows = self._client.rows("Sales Invoice", ["outstanding_amount"], filters, deadline=deadline)
        late = sum((to.number(row["outstanding_amount"]) for row in rows), Decimal(0))
        return max(Decimal(0), to.amount(late, self._setup.options.money_digits))

    def _limit(self, doc: dict[str, Any], setup: Setup, deadline: Deadline) -> Decimal | None:
        """Return the limit of the customer, else of his group; 0 and a bypass are none.

        ERPNext falls back to the company's own limit too: it is asked for last.
        """
        for row in to.table(doc, "credit_limits"):
            if row["company"] == setup.company:
                if to.is_on(row.get("bypass_credit_limit_check")):
                    return None
                if to.number(row["credit_limit"]) > 0:
                    return to.amount(row["credit_limit"], self._setup.options.money_digits)
        group = str(doc.get("customer_group") or "")
        fields = ["parent", "idx", "company", "credit_limit"]
        rows = self._client.rows_of("Customer Group", "Customer Credit Limit", [group], fields, deadline)
        limits = [to.number(row["credit_limit"]) for row in rows if row["company"] == setup.company]
        if not any(limits):
            found = self._client.rows(
                "Company", ["credit_limit"], [["name", "=", setup.company]], deadline=deadline, limit=1
            )
            limits = [to.number(row["credit_limit"]) for row in found]
        return to.amount(limits[0], self._setup.options.money_digits) if any(limits) else None
