"""Invoices and credit notes; drafts are none."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from erp_sync import records as r
from erp_sync.adapters.erpnext import documents as d
from erp_sync.adapters.erpnext import mapping as to
from erp_sync.adapters.erpnext.client import ErpNextClient
from erp_sync.adapters.erpnext.mapping import Row
from erp_sync.adapters.erpnext.orders_read import item_type, unit_cost
from erp_sync.adapters.erpnext.pulls import Built, When, own_names
from erp_sync.adapters.erpnext.setup import Options, SetupSource
from erp_sync.adapters.erpnext.totals import whole_of
from erp_sync.http import Deadline

DOCTYPE, LINE = "Sales Invoice", "Sales Invoice Item"
FIELDS = (
    "name",
    "customer",
    "posting_date",
    "due_date",
    "status",
    "docstatus",
    "is_return",
    "return_against",
    "net_total",
    "total_taxes_and_charges",
    "grand_total",
    "rounded_total",
    "outstanding_amount",
    "currency",
    "po_no",
    "modified",
)
LINE_FIELDS = (
    "parent",
    "name",
    "idx",
    "item_code",
    "item_name",
    "qty",
    "uom",
    "rate",
    "net_amount",
    "price_list_rate",
    "incoming_rate",
    "conversion_factor",
    "sales_order",
    "so_detail",
)


class Invoices:
    """Sales invoices that were submitted, cancelled ones too."""

    doctype = DOCTYPE
    fields: tuple[str, ...] = FIELDS
    most = 100
    is_whole = True

    def __init__(self, client: ErpNextClient, setup: SetupSource) -> None:
        self._client = client
        self._setup = setup

    def filters(self, deadline: Deadline) -> list[Any]:
        """Return which invoices were ever sent."""
        return [["company", "=", self._setup.get(deadline).company], ["docstatus", ">", 0]]

    def builder(self, rows: Sequence[Row], when: When, deadline: Deadline) -> Callable[[Row], Built]:
        """Read the lines of a page."""
        lines = to.grouped(self._client.rows_of(DOCTYPE, LINE, own_names(rows), LINE_FIELDS, deadline))
        options = self._setup.options

        def build(row: Row) -> Built:
            yield _invoice(row, lines.get(str(row["name"]), []), when, options)

        return build

    def keys(self, rows: Sequence[Row], deadline: Deadline) -> Iterable[str]:
        """Return the numbers."""
        return own_names(rows)


def _invoice(row: Row, lines: Sequence[Row], when: When, options: Options) -> r.InvoiceRecord:
    digits, is_credit = options.money_digits, to.is_on(row["is_return"])
    sign = -1 if is_credit else 1
    due = to.amount(row["outstanding_amount"], digits) * sign
    if d.status(row) == d.UNDONE:
        state, due = "cancelled", to.amount(0, digits)
    else:
        state = "open" if due > 0 else "paid"
    return r.InvoiceRecord(
        erp_id=str(row["name"]),
        version=when(row["modified"]),
        number=to.line(row["name"], 64),
        customer_erp_id=str(row["customer"]),
        kind="credit" if is_credit else "invoice",
        state=state,
        invoiced_on=to.needed_day(row["posting_date"]),
        currency=to.line(row["currency"], 3),
        untaxed_total=to.amount(row["net_total"], digits) * sign,
        tax_total=to.amount(row["total_taxes_and_charges"], digits) * sign,
        total=whole_of(row, digits) * sign,
        amount_due=max(due, to.amount(0, digits)),
        due_on=to.day(row["due_date"]),
        order_numbers=_orders(lines),
        customer_references=(to.line(row["po_no"], 120),) if row["po_no"] else (),
        lines=tuple(_line(one, sign, options) for one in lines),
    )


def _orders(lines: Sequence[Row]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(to.line(one["sales_order"], 64) for one in lines if one["sales_order"]))


def _line(one: Row, sign: int, options: Options) -> r.InvoiceLineRecord:
    listed = to.price(one["price_list_rate"])
    return r.InvoiceLineRecord(
        line_no=int(one["idx"]),
        erp_id=str(one["name"]),
        sku=to.line(one["item_code"], 140),
        description=to.line(one["item_name"], 500),
        quantity=to.quantity(one["qty"]) * sign,
        unit=to.line(one["uom"], 40),
        net_price=to.price(one["rate"]),
        amount=to.amount(one["net_amount"], options.money_digits) * sign,
        list_price=listed if listed > 0 else None,
        unit_cost=unit_cost(one, "incoming_rate"),
        item_type=item_type(one, options),
        order_erp_id=str(one["sales_order"] or ""),
        order_line_erp_id=str(one["so_detail"] or ""),
    )
