"""Money received: payments that carry a reference of ours, and what accounting booked on invoices."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from erp_sync import records as r
from erp_sync.adapters.parts import own_reference
from erp_sync.adapters.tryton import mapping as to
from erp_sync.adapters.tryton.client import TrytonClient
from erp_sync.adapters.tryton.deliveries import reference_id
from erp_sync.adapters.tryton.setup import Options, SetupSource
from erp_sync.http import Deadline

Row = Mapping[str, Any]


class ShopPayments:
    """Records of `account.payment`: cards and other payments with a life of their own."""

    tag = "P"
    model = "account.payment"
    most = 500

    def __init__(self, client: TrytonClient, setup: SetupSource) -> None:
        self._client = client
        self._setup = setup

    def fields(self) -> list[str]:
        """Return the fields of a payment."""
        return [
            "party",
            "kind",
            "date",
            "amount",
            "currency.code",
            "state",
            "reference",
            "journal.name",
            "line.move_origin",
            "last_modified_at",
        ]

    def domain(self, deadline: Deadline) -> list[Any]:
        """Return which payments count: of customers, and over."""
        paid_out = [["kind", "=", "payable"], ["line.account.type.receivable", "=", True]]
        return [["OR", ["kind", "=", "receivable"], paid_out], ["state", "in", ["succeeded", "failed"]]]

    def changed(self, since: dt.datetime, deadline: Deadline) -> list[Any]:
        """Return the clause for changed ones."""
        return ["last_modified_at", ">=", since]

    def builder(self, rows: Sequence[Row], deadline: Deadline) -> Callable[[Row], r.PaymentRecord]:
        """Return the function that makes the record."""
        options = self._setup.options

        def build(row: Row) -> r.PaymentRecord:
            origin = to.at(row, "line.move_origin")
            return r.PaymentRecord(
                erp_id=f"{self.tag}{row['id']}",
                version=to.moment(row["last_modified_at"]),
                customer_erp_id=str(row["party"]),
                paid_on=row["date"],
                # A credit note that was used up stands beside the invoice that it helped to pay.
                amount=to.number(row["amount"]) * (-1 if row["kind"] == "payable" else 1),
                currency=to.line(to.at(row, "currency.code"), 3),
                via=_via(options, to.at(row, "journal.name"), row["reference"]),
                state="succeeded" if row["state"] == "succeeded" else "reversed",
                invoice_erp_id=reference_id(origin, "account.invoice"),
                reference=to.line(own_reference(row["reference"]), 120),
            )

        return build


class BookedPayments:
    """Lines of accounting that pay an invoice; those that a ShopPayment booked are left out."""

    tag = "L"
    model = "account.move.line"
    most = 500

    def __init__(self, client: TrytonClient, setup: SetupSource) -> None:
        self._client = client
        self._setup = setup

    def fields(self) -> list[str]:
        """Return the fields of a payment line."""
        return [
            "party",
            "date",
            "debit",
            "credit",
            "description",
            "move_description_used",
            "invoice_payment",
            "last_modified_at",
        ]

    def domain(self, deadline: Deadline) -> list[Any]:
        """Return which lines count: those that pay invoices of customers."""
        return [
            ["invoice_payment", "!=", None],
            ["account.type.receivable", "=", True],
            ["OR", ["move_origin", "=", None], ["move_origin", "not like", "account.payment,%"]],
        ]

    def changed(self, since: dt.datetime, deadline: Deadline) -> list[Any]:
        """Return the clause for changed ones."""
        return ["last_modified_at", ">=", since]

    def builder(self, rows: Sequence[Row], deadline: Deadline) -> Callable[[Row], r.PaymentRecord]:
        """Return the function that makes the record."""
        options = self._setup.options
        currency = self._setup.get(deadline).currency_code

        def build(row: Row) -> r.PaymentRecord:
            words = (row["description"], row["move_description_used"])
            amount = to.number(row["credit"]) - to.number(row["debit"])
            return r.PaymentRecord(
                erp_id=f"{self.tag}{row['id']}",
                version=row["last_modified_at"] or _midnight(row["date"]),
                customer_erp_id=str(row["party"] or ""),
                paid_on=row["date"],
                amount=amount,
                currency=currency,
                via=_via(options, *words),
                state="succeeded" if amount > 0 else "reversed",
                invoice_erp_id=str(row["invoice_payment"]),
                reference=to.line(next(filter(None, words), ""), 120),
            )

        return build


def _midnight(day: dt.date) -> dt.datetime:
    """Return a time of change for a line that a migration wrote without one."""
    return dt.datetime.combine(day, dt.time(), tzinfo=dt.UTC)


def _via(options: Options, *texts: Any) -> str:
    words = " ".join(str(one or "").lower() for one in texts)
    if any(word in words for word in options.web_payment_words):
        return "web"
    return "cash" if any(word in words for word in options.cash_payment_words) else "bank"
