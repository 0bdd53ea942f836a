"""Money received: each invoice that an incoming payment pays is one record.

A payment has no time of change in the Service Layer, and its day of posting is all that can be asked for. So those of
the last days are read again each time; one that is posted further back comes with the nightly full comparison.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from erp_sync import records as r
from erp_sync.adapters.odata import literal
from erp_sync.adapters.parts import own_reference
from erp_sync.adapters.sap_b1 import mapping as to
from erp_sync.adapters.sap_b1.client import B1Client
from erp_sync.adapters.sap_b1.mapping import Row
from erp_sync.adapters.sap_b1.pulls import Build
from erp_sync.adapters.sap_b1.setup import Setup, SetupSource
from erp_sync.http import Deadline

ENTITY = "IncomingPayments"
FROM_CUSTOMER = "DocType eq 'rCustomer'"
# The part of a payment's id that stands for money on account.
ON_ACCOUNT = "A"
FIELDS = (
    "DocEntry",
    "DocNum",
    "CardCode",
    "DocDate",
    "DocCurrency",
    "CashSum",
    "CashSumFC",
    "TransferSum",
    "Cancelled",
    "CounterReference",
    "TransferReference",
    "PaymentInvoices",
)


def since_clause(since: dt.datetime, setup: SetupSource) -> str:
    """Return the clause of payments that may have changed since."""
    first = since.astimezone(setup.zone).date() - dt.timedelta(days=setup.options.late_days)
    return f"DocDate ge {literal(first.isoformat())}"


def paid_documents(client: B1Client, setup: SetupSource, since: dt.datetime, kind: str, deadline: Deadline) -> set[int]:
    """Return the documents of a type that these payments pay or paid."""
    where = f"{FROM_CUSTOMER} and {since_clause(since, setup)}"
    rows = client.rows(
        ENTITY, "DocEntry", select=["DocEntry", "PaymentInvoices"], where=where, size=100, deadline=deadline
    )
    return {one["DocEntry"] for row in rows for one in row["PaymentInvoices"] or () if one["InvoiceType"] == kind}


class Payments:
    """Payments of customers, cancelled ones too."""

    entity = ENTITY
    key = "DocEntry"
    is_text = False
    most = 100
    ids_from: tuple[str, ...] = ("PaymentInvoices",)

    def __init__(self, setup: SetupSource) -> None:
        self._setup = setup

    def select(self) -> list[str]:
        """Return the fields of a payment."""
        return sorted({*FIELDS, self._setup.options.payment_key})

    def where(self) -> str:
        """Return which payments count."""
        return FROM_CUSTOMER

    def changed(self, since: dt.datetime) -> str:
        """Return the clause of those that may have changed."""
        return since_clause(since, self._setup)

    def touched(self, since: dt.datetime, deadline: Deadline) -> set[Any]:
        """Return what changed otherwise: nothing."""
        return set()

    def ids(self, row: Row) -> list[str]:
        """Return the ids of what a payment pays."""
        return [f"{row['DocEntry']}-{part}" for part, _one in parts(row)]

    def builder(self, rows: Sequence[Row], deadline: Deadline) -> Build:
        """Return what makes the records of a payment."""
        setup = self._setup.get(deadline)
        return lambda row: [self._payment(row, part, one, setup) for part, one in parts(row)]

    def _payment(self, row: Row, part: str, one: Row | None, setup: Setup) -> r.PaymentRecord:
        options = self._setup.options
        reference = own_reference(row.get(options.payment_key)) or to.line(row.get("TransferReference"), 120)
        is_web = any(word in reference.lower() for word in options.web_payment_words)
        invoice = ""
        if one is not None:
            invoice = f"{'C' if one['InvoiceType'] == 'it_CredItnote' else 'I'}{one['DocEntry']}"
        return r.PaymentRecord(
            erp_id=f"{row['DocEntry']}-{part}",
            version=to.instant(row["DocDate"], None, setup.zone),
            customer_erp_id=str(row["CardCode"]),
            paid_on=to.needed_day(row["DocDate"]),
            amount=_amount(row, one, setup),
            currency=setup.iso(row.get("DocCurrency")),
            via="web" if is_web else "cash" if to.number(row.get("CashSum")) > 0 else "bank",
            state="reversed" if to.flag(row.get("Cancelled")) else "succeeded",
            invoice_erp_id=invoice,
            reference=reference,
        )


def parts(row: Row) -> list[tuple[str, Row | None]]:
    """Return what a payment pays: (part of its id, row of the invoice); a payment of nothing is on account."""
    invoices = row.get("PaymentInvoices") or ()
    return [(str(one["LineNum"]), one) for one in invoices] or [(ON_ACCOUNT, None)]


def _amount(row: Row, one: Row | None, setup: Setup) -> Decimal:
    """Return what it pays of an invoice, or on account, in its own currency; less than 0 uses up a credit note."""
    is_local = setup.iso(row.get("DocCurrency")) == setup.currency
    if one is None:
        return to.amount(row.get("CashSum" if is_local else "CashSumFC")) + to.amount(row.get("TransferSum"))
    applied = to.amount(one["SumApplied" if is_local else "AppliedFC"])
    return -applied if one["InvoiceType"] == "it_CredItnote" else applied
