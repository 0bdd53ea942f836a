"""Invoices and credit notes to customers."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from erp_sync import records as r
from erp_sync.adapters.odoo import mapping as to
from erp_sync.adapters.odoo.client import ARCHIVED_TOO, OdooClient
from erp_sync.adapters.odoo.orders_read import by_id, grouped
from erp_sync.adapters.odoo.setup import Setup, SetupSource
from erp_sync.http import Deadline

FIELDS = (
    "name",
    "move_type",
    "state",
    "commercial_partner_id",
    "invoice_date",
    "invoice_date_due",
    "currency_id",
    "amount_untaxed",
    "amount_tax",
    "amount_total",
    "amount_residual",
    "write_date",
)
LINE_FIELDS = (
    "move_id",
    "sequence",
    "product_id",
    "name",
    "quantity",
    "product_uom_id",
    "price_unit",
    "discount",
    "price_subtotal",
    "sale_line_ids",
)
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Book:
    """What a page of invoices needs besides the invoices, by ids; `paid` is the last day of a settlement."""

    lines: Mapping[int, list[Row]]
    products: Mapping[int, Row]
    sold: Mapping[int, Row]
    orders: Mapping[int, Row]
    paid: Mapping[int, dt.date]


class Invoices:
    """Posted and (once numbered) cancelled ones; drafts are the ERP's own business."""

    tag = ""
    model = "account.move"
    most = 200

    def __init__(self, client: OdooClient, setup: SetupSource) -> None:
        self._client = client
        self._setup = setup

    def fields(self, deadline: Deadline) -> list[str]:
        """Return the fields of an invoice."""
        return list(FIELDS)

    def domain(self, deadline: Deadline) -> list[Any]:
        """Return which invoices count."""
        company = self._setup.get(deadline).company
        return [
            ["company_id", "=", company],
            ["move_type", "in", ["out_invoice", "out_refund"]],
            ["state", "in", ["posted", "cancel"]],
            ["name", "not in", [False, "/"]],
            ["invoice_date", "!=", False],
        ]

    def changed(self, since: dt.datetime, deadline: Deadline) -> list[Any]:
        """Return the clause for changed ones; a payment changes what is left, and so the invoice itself."""
        return [["write_date", ">=", to.stamp(since)]]

    def builder(self, rows: Sequence[Row], deadline: Deadline) -> Callable[[Row], r.InvoiceRecord]:
        """Read the lines of a page, their products, orders and settlements."""
        setup = self._setup.get(deadline)
        book = self._book(rows, deadline)
        return lambda row: _invoice(row, book, setup)

    def _book(self, rows: Sequence[Row], deadline: Deadline) -> Book:
        def read(model: str, domain: list[Any], fields: Sequence[str]) -> list[dict[str, Any]]:
            return self._client.rows(model, domain, fields, deadline=deadline)

        ids = [row["id"] for row in rows]
        lines = read("account.move.line", [["move_id", "in", ids], ["display_type", "=", "product"]], LINE_FIELDS)
        products = sorted({to.ref(one["product_id"]) for one in lines} - {0})
        sold = sorted({line for one in lines for line in one["sale_line_ids"]})
        order_lines = read("sale.order.line", [["id", "in", sold]], ["order_id", "is_delivery"])
        orders = sorted({to.ref(one["order_id"]) for one in order_lines})
        return Book(
            lines=grouped(lines, "move_id"),
            products=by_id(read("product.product", [["id", "in", products], ARCHIVED_TOO], ["default_code", "type"])),
            sold=by_id(order_lines),
            orders=by_id(read("sale.order", [["id", "in", orders]], ["name", "client_order_ref"])),
            paid=self._paid(ids, deadline),
        )

    def _paid(self, ids: Sequence[int], deadline: Deadline) -> dict[int, dt.date]:
        """Return the last day on which something was set against each invoice or credit note."""
        days: dict[int, list[dt.date]] = defaultdict(list)
        for side in ("debit_move_id", "credit_move_id"):
            settled = self._client.rows(
                "account.partial.reconcile",
                [[f"{side}.move_id", "in", list(ids)]],
                [side, "max_date"],
                deadline=deadline,
            )
            entries = sorted({to.ref(one[side]) for one in settled})
            moves = self._client.rows("account.move.line", [["id", "in", entries]], ["move_id"], deadline=deadline)
            move_of = {one["id"]: to.ref(one["move_id"]) for one in moves}
            for one in settled:
                day = to.day(one["max_date"])
                if day:
                    days[move_of[to.ref(one[side])]].append(day)
        return {move: max(found) for move, found in days.items()}


def _invoice(row: Row, book: Book, setup: Setup) -> r.InvoiceRecord:
    lines = sorted(book.lines[row["id"]], key=lambda one: (one["sequence"], one["id"]))
    currency = setup.currencies[to.ref(row["currency_id"])]
    step = setup.step(currency)
    due = to.amount(row["amount_residual"], step)
    orders = [book.orders[number] for number in _orders_of(lines, book)]
    return r.InvoiceRecord(
        erp_id=str(row["id"]),
        version=to.latest(row["write_date"]),
        number=to.line(row["name"], 64),
        customer_erp_id=str(to.ref(row["commercial_partner_id"])),
        kind="credit" if row["move_type"] == "out_refund" else "invoice",
        state="cancelled" if row["state"] == "cancel" else "open" if due else "paid",
        invoiced_on=to.needed_day(row["invoice_date"]),
        currency=currency,
        untaxed_total=to.amount(row["amount_untaxed"], step),
        tax_total=to.amount(row["amount_tax"], step),
        total=to.amount(row["amount_total"], step),
        amount_due=Decimal(0) if row["state"] == "cancel" else due,
        due_on=to.day(row["invoice_date_due"]),
        paid_on=None if due else book.paid.get(row["id"]),
        order_numbers=tuple(to.line(one["name"], 64) for one in orders),
        customer_references=tuple(to.line(one["client_order_ref"], 120) for one in orders if one["client_order_ref"]),
        lines=tuple(_line(count, one, book, setup, step) for count, one in enumerate(lines, 1)),
    )


def _orders_of(lines: Sequence[Row], book: Book) -> list[int]:
    """Return the orders that lines come from, each once, in order."""
    sold = [book.sold[line] for one in lines for line in one["sale_line_ids"] if line in book.sold]
    return list(dict.fromkeys(to.ref(one["order_id"]) for one in sold))


def _line(count: int, one: Row, book: Book, setup: Setup, step: Decimal) -> r.InvoiceLineRecord:
    product = book.products.get(to.ref(one["product_id"]), {})
    sold = next((book.sold[line] for line in one["sale_line_ids"] if line in book.sold), None)
    return r.InvoiceLineRecord(
        line_no=count,
        erp_id=str(one["id"]),
        sku=to.line(product.get("default_code"), 64),
        description=to.line(one["name"], 500),
        quantity=to.quantity(one["quantity"]),
        unit=setup.unit_name(one["product_uom_id"]),
        net_price=to.net_price(one, step),
        amount=to.amount(one["price_subtotal"], step),
        item_type=_item_type(one, product, sold),
        order_erp_id=str(to.ref(sold["order_id"])) if sold else "",
        order_line_erp_id=str(sold["id"]) if sold else "",
    )


def _item_type(one: Row, product: Row, sold: Row | None) -> str:
    if sold and sold["is_delivery"]:
        return "freight"
    if to.number(one["price_subtotal"]) < 0 < to.number(one["quantity"]):
        return "discount"
    return "goods" if product.get("type") in {"consu", "product"} else "service"
