"""Money received from customers: payment entries, one record for each invoice that one pays."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from typing import Any

from erp_sync import records as r
from erp_sync.adapters.erpnext import documents as d
from erp_sync.adapters.erpnext import mapping as to
from erp_sync.adapters.erpnext.client import ErpNextClient
from erp_sync.adapters.erpnext.mapping import Row
from erp_sync.adapters.erpnext.pulls import Built, When, own_names
from erp_sync.adapters.erpnext.setup import SetupSource
from erp_sync.http import Deadline

DOCTYPE, LINE = "Payment Entry", "Payment Entry Reference"
INVOICE = "Sales Invoice"
FIELDS = (
    "name",
    "party",
    "payment_type",
    "posting_date",
    "docstatus",
    "unallocated_amount",
    "paid_amount",
    "paid_from_account_currency",
    "paid_to_account_currency",
    "mode_of_payment",
    "modified",
    d.KEY,
)
LINE_FIELDS = ("parent", "name", "idx", "reference_doctype", "reference_name", "allocated_amount")
# Between a payment's key and that of what takes its place when a part of it is given back.
PART = "#"


class Payments:
    """Payment entries of customers that were submitted, cancelled ones too."""

    doctype = DOCTYPE
    fields: tuple[str, ...] = FIELDS
    most = 100
    is_whole = True

    def __init__(self, client: ErpNextClient, setup: SetupSource) -> None:
        self._client = client
        self._setup = setup

    def filters(self, deadline: Deadline) -> list[Any]:
        """Return which entries are of customers."""
        company = self._setup.get(deadline).company
        return [["company", "=", company], ["party_type", "=", "Customer"], ["docstatus", ">", 0]]

    def builder(self, rows: Sequence[Row], when: When, deadline: Deadline) -> Callable[[Row], Built]:
        """Read what the entries of a page pay."""
        lines = to.grouped(self._client.rows_of(DOCTYPE, LINE, own_names(rows), LINE_FIELDS, deadline))
        return lambda row: _payments(row, lines.get(str(row["name"]), []), when)

    def keys(self, rows: Sequence[Row], deadline: Deadline) -> Iterable[str]:
        """Return the ids of what is paid, and of what is left over."""
        names = own_names(rows)
        lines = self._client.rows_between(DOCTYPE, LINE, names, ["name"], deadline)
        wanted = set(names)
        filters = [*self.filters(deadline), ["unallocated_amount", "!=", 0]]
        entries = self._client.rows(DOCTYPE, ["name"], filters, deadline=deadline) if names else []
        left_over = [one for one in entries if one["name"] in wanted]
        return [*own_names(lines), *own_names(left_over)]


def own_reference(key: Any) -> str:
    """Return our reference of an entry's key."""
    return str(key or "").partition(PART)[0]


def _payments(row: Row, lines: Sequence[Row], when: When) -> Built:
    yield from (_payment(row, str(one["name"]), one["allocated_amount"], one, when) for one in lines)
    left_over = to.number(row["unallocated_amount"])
    if left_over:
        yield _payment(row, str(row["name"]), left_over, {}, when)


def _payment(row: Row, erp_id: str, amount: Any, line: Row, when: When) -> r.PaymentRecord:
    is_paid_out = row["payment_type"] == "Pay"
    currency = row["paid_to_account_currency" if is_paid_out else "paid_from_account_currency"]
    is_invoice = line.get("reference_doctype") == INVOICE
    return r.PaymentRecord(
        erp_id=erp_id,
        version=when(row["modified"]),
        customer_erp_id=str(row["party"]),
        paid_on=to.needed_day(row["posting_date"]),
        amount=to.amount(amount) * (-1 if is_paid_out and to.number(amount) > Decimal(0) else 1),
        currency=to.line(currency, 3),
        via=_via(row),
        state="reversed" if d.status(row) == d.UNDONE else "succeeded",
        invoice_erp_id=str(line["reference_name"]) if is_invoice else "",
        reference=own_reference(row[d.KEY]),
    )


def _via(row: Row) -> str:
    if row[d.KEY]:
        return "web"
    return "cash" if to.line(row["mode_of_payment"]).lower() == "cash" else "bank"
