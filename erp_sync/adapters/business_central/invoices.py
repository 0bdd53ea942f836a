"""Posted invoices and credit memos."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from erp_sync import records as r
from erp_sync.adapters.business_central import mapping as to
from erp_sync.adapters.business_central import sales as s
from erp_sync.adapters.business_central.orders_read import is_posted
from erp_sync.adapters.business_central.pulls import Builder, Table
from erp_sync.adapters.business_central.remarks import Remark, first
from erp_sync.adapters.business_central.setup import SetupSource
from erp_sync.http import Deadline

# Both sets have ids of their own; only the invoice tells what is left to pay.
CREDIT_TAG = "cr-"
STATES = {"Paid": "paid", "Canceled": "cancelled", "Corrective": "paid"}


class Invoices:
    """Invoices."""

    table = Table(s.INVOICE.place, s.INVOICE.fields, s.INVOICE.part, most=300, key_fields=("id", "status"))

    def __init__(self, setup: SetupSource) -> None:
        self._setup = setup

    def keys(self, rows: Sequence[s.Row], _deadline: Deadline) -> list[str]:
        """Return the ids of those that are posted."""
        return [to.ref(row["id"]) for row in rows if is_posted(row)]

    def builder(self, _rows: Sequence[s.Row], deadline: Deadline) -> Builder:
        """Return what makes a record."""
        local = self._setup.get(deadline).currency
        return lambda row: _invoice(row, local) if is_posted(row) else None


class CreditMemos:
    """Credit memos."""

    table = Table(s.CREDIT.place, s.CREDIT.fields, s.CREDIT.part, most=300, key_fields=("id", "status"))

    def __init__(self, setup: SetupSource) -> None:
        self._setup = setup

    def keys(self, rows: Sequence[s.Row], _deadline: Deadline) -> list[str]:
        """Return the ids of those that are posted."""
        return [CREDIT_TAG + to.ref(row["id"]) for row in rows if is_posted(row)]

    def builder(self, _rows: Sequence[s.Row], deadline: Deadline) -> Builder:
        """Return what makes a record."""
        local = self._setup.get(deadline).currency
        return lambda row: _credit(row, local) if is_posted(row) else None


def _invoice(row: s.Row, local: str) -> r.InvoiceRecord:
    order = to.line(row["orderNumber"], 20)
    lines = s.lines_of(row, s.INVOICE)
    state = STATES.get(to.word(row["status"]), "open")
    told = to.line(row["customerPurchaseOrderReference"], 35) or first(lines, Remark.REFERENCE)
    return r.InvoiceRecord(
        erp_id=to.ref(row["id"]),
        version=to.instant(row["lastModifiedDateTime"]),
        number=to.line(row["number"], 20),
        customer_erp_id=to.ref(row["customerId"]),
        kind="invoice",
        state=state,
        invoiced_on=to.needed_day(row["invoiceDate"]),
        currency=s.currency_of(row, local),
        untaxed_total=to.amount(row["totalAmountExcludingTax"]),
        tax_total=to.amount(row["totalTaxAmount"]),
        total=to.amount(row["totalAmountIncludingTax"]),
        amount_due=to.amount(row["remainingAmount"]) if state == "open" else Decimal(0),
        due_on=to.day(row["dueDate"]),
        order_numbers=(order,) if order else (),
        customer_references=(told,) if told else (),
        lines=_lines(lines, order),
    )


def _credit(row: s.Row, local: str) -> r.InvoiceRecord:
    state = STATES.get(to.word(row["status"]), "open")
    total = to.amount(row["totalAmountIncludingTax"])
    return r.InvoiceRecord(
        erp_id=CREDIT_TAG + to.ref(row["id"]),
        version=to.instant(row["lastModifiedDateTime"]),
        number=to.line(row["number"], 20),
        customer_erp_id=to.ref(row["customerId"]),
        kind="credit",
        state=state,
        invoiced_on=to.needed_day(row["creditMemoDate"]),
        currency=s.currency_of(row, local),
        untaxed_total=to.amount(row["totalAmountExcludingTax"]),
        tax_total=to.amount(row["totalTaxAmount"]),
        total=total,
        # The API does not tell what is left of a credit memo: all or nothing.
        amount_due=total if state == "open" else Decimal(0),
        due_on=to.day(row["dueDate"]),
        lines=_lines(s.lines_of(row, s.CREDIT), ""),
    )


def _lines(lines: Sequence[s.Row], order: str) -> tuple[r.InvoiceLineRecord, ...]:
    sold = [one for one in lines if to.word(one["lineType"]) != "Comment"]
    return tuple(
        r.InvoiceLineRecord(
            line_no=count,
            erp_id=to.ref(one["id"]),
            sku=to.line(one["lineObjectNumber"], 20) if to.word(one["lineType"]) == s.ITEM else "",
            description=to.line(one["description"], 100),
            quantity=to.quantity(one["quantity"]),
            unit=to.line(one["unitOfMeasureCode"], 10),
            net_price=to.net_price(one),
            amount=to.amount(one["netAmount"]),
            item_type=s.item_type(one),
            order_erp_id=order,
            order_line_erp_id=s.line_key(order, one),
        )
        for count, one in enumerate(sold, 1)
    )
