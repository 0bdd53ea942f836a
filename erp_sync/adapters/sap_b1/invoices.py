"""Invoices and credit notes to customers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from erp_sync import records as r
from erp_sync.adapters.sap_b1 import documents as d
from erp_sync.adapters.sap_b1 import mapping as to
from erp_sync.adapters.sap_b1.client import B1Client, by_key
from erp_sync.adapters.sap_b1.mapping import Row
from erp_sync.adapters.sap_b1.payments import paid_documents
from erp_sync.adapters.sap_b1.pulls import Build, bases, changed_since
from erp_sync.adapters.sap_b1.setup import Setup, SetupSource
from erp_sync.http import Deadline

INVOICE_TAG, CREDIT_TAG = "I", "C"
PAYMENT_TYPE = {INVOICE_TAG: "it_Invoice", CREDIT_TAG: "it_CredItnote"}


@dataclass(frozen=True, slots=True)
class Book:
    """What a page needs besides itself: deliveries and orders that its lines come from, by their numbers."""

    deliveries: Mapping[int, Row]
    orders: Mapping[int, Row]


class Invoices:
    """Posted invoices, or credit notes: two entities of one shape."""

    key = "DocEntry"
    is_text = False
    most = 40
    ids_from: tuple[str, ...] = ()

    def __init__(self, client: B1Client, setup: SetupSource, tag: str) -> None:
        self._client = client
        self._setup = setup
        self._tag = tag
        self.entity = "Invoices" if tag == INVOICE_TAG else "CreditNotes"

    def select(self) -> list[str]:
        """Return the fields of an invoice."""
        return [*d.HEAD, "PaidToDate", "PaidToDateFC"]

    def where(self) -> str:
        """Return which invoices count."""
        return d.NO_COUNTER

    def changed(self, since: dt.datetime) -> str:
        """Return the clause of those that tell a change."""
        return changed_since(since, self._setup)

    def touched(self, since: dt.datetime, deadline: Deadline) -> set[Any]:
        """Return invoices that were paid, or credited, since: that need not change them."""
        found = paid_documents(self._client, self._setup, since, PAYMENT_TYPE[self._tag], deadline)
        if self._tag == INVOICE_TAG:
            found |= bases(self._client, "CreditNotes", changed_since(since, self._setup), d.INVOICE, deadline)
        return found

    def ids(self, row: Row) -> list[str]:
        """Return the id of an invoice."""
        return [f"{self._tag}{row['DocEntry']}"]

    def builder(self, rows: Sequence[Row], deadline: Deadline) -> Build:
        """Read the deliveries and orders of a page."""
        setup = self._setup.get(deadline)
        book = self._book(rows, deadline)
        return lambda row: [_invoice(row, self._tag, book, setup)]

    def _book(self, rows: Sequence[Row], deadline: Deadline) -> Book:
        lines = [one for row in rows for one in d.own_lines(row)]
        notes = sorted({one["BaseEntry"] for one in lines if d.is_made_from(one, d.DELIVERY)})
        deliveries = self._client.by_keys(
            "DeliveryNotes", "DocEntry", notes, select=["DocEntry", "DocumentLines"], deadline=deadline
        )
        lines += [one for row in deliveries for one in d.own_lines(row)]
        entries = sorted({one["BaseEntry"] for one in lines if d.is_made_from(one, d.ORDER)})
        fields = ["DocEntry", "DocNum", "NumAtCard"]
        orders = self._client.by_keys("Orders", "DocEntry", entries, select=fields, deadline=deadline)
        return Book(by_key(deliveries, "DocEntry"), by_key(orders, "DocEntry"))


def order_line_of(one: Row, deliveries: Mapping[int, Row]) -> Row | None:
    """Return the line that names the order which a line comes from: itself, or the delivery's that it bills."""
    if d.is_made_from(one, d.ORDER):
        return one
    if d.is_made_from(one, d.DELIVERY) and one["BaseEntry"] in deliveries:
        for other in d.own_lines(deliveries[one["BaseEntry"]]):
            if other["LineNum"] == one["BaseLine"] and d.is_made_from(other, d.ORDER):
                return other
    return None


def _invoice(row: Row, tag: str, book: Book, setup: Setup) -> r.InvoiceRecord:
    lines = d.own_lines(row)
    sources = [order_line_of(one, book.deliveries) for one in lines]
    entries = dict.fromkeys(source["BaseEntry"] for source in sources if source)
    orders = [book.orders[entry] for entry in entries if entry in book.orders]
    total, tax = d.money(row, "DocTotal", setup), d.money(row, "VatSum", setup)
    due = total - d.money(row, "PaidToDate", setup, "PaidToDateFC")
    is_gone = d.is_cancelled(row)
    return r.InvoiceRecord(
        erp_id=f"{tag}{row['DocEntry']}",
        version=to.version(row, setup.zone),
        number=str(row["DocNum"]),
        customer_erp_id=str(row["CardCode"]),
        kind="invoice" if tag == INVOICE_TAG else "credit",
        state="cancelled" if is_gone else "open" if due else "paid",
        invoiced_on=to.needed_day(row["DocDate"]),
        currency=setup.iso(row.get("DocCurrency")),
        untaxed_total=total - tax,
        tax_total=tax,
        total=total,
        amount_due=Decimal(0) if is_gone else due,
        due_on=to.day(row.get("DocDueDate")),
        order_numbers=tuple(str(one["DocNum"]) for one in orders),
        customer_references=tuple(to.line(one["NumAtCard"], 120) for one in orders if one.get("NumAtCard")),
        lines=tuple(
            _line(no, one, source, row, setup) for no, (one, source) in enumerate(zip(lines, sources, strict=True), 1)
        ),
    )


def _line(number: int, one: Row, source: Row | None, row: Row, setup: Setup) -> r.InvoiceLineRecord:
    return r.InvoiceLineRecord(
        line_no=number,
        erp_id=to.line_id(row["DocEntry"], one["LineNum"]),
        sku=to.line(one.get("ItemCode"), 64),
        description=to.line(one.get("ItemDescription"), 500),
        quantity=to.quantity(one["Quantity"]),
        unit=d.unit_name(one),
        net_price=d.net_price(one),
        amount=d.line_total(one, row, setup),
        item_type="goods" if one.get("ItemCode") else "service",
        order_erp_id=str(source["BaseEntry"]) if source else "",
        order_line_erp_id=d.base_id(source) if source else "",
    )
