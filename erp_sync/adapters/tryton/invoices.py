"""Invoices and credit notes to customers."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from erp_sync import records as r
from erp_sync.adapters.tryton import mapping as to
from erp_sync.adapters.tryton.catalogue import ALWAYS
from erp_sync.adapters.tryton.client import TrytonClient
from erp_sync.adapters.tryton.deliveries import reference_id
from erp_sync.http import Deadline

MOST_CHANGED = 5000
STATES = {"posted": "open", "paid": "paid", "cancelled": "cancelled"}
Row = Mapping[str, Any]


LINE_FIELDS = (
    "invoice",
    "type",
    "sequence",
    "product",
    "description",
    "quantity",
    "unit",
    "unit_price",
    "amount",
    "origin",
)


@dataclass(frozen=True, slots=True)
class Book:
    """Order lines, orders, products and units that the lines of a page point to, by their ids.

    Read flat: asked for the orders of an invoice, the ERP works them out one by one, which takes most of a page's time.
    """

    sales: Mapping[str, Row]
    orders: Mapping[int, Row]
    products: Mapping[int, Row]
    units: Mapping[int, str]


class Invoices:
    """Posted, paid and (once numbered) cancelled invoices; drafts are the ERP's own business."""

    tag = ""
    model = "account.invoice"
    most = 200

    def __init__(self, client: TrytonClient) -> None:
        self._client = client

    def fields(self) -> list[str]:
        """Return the fields of an invoice."""
        return [
            "number",
            "party",
            "state",
            "invoice_date",
            "currency.code",
            "untaxed_amount",
            "tax_amount",
            "total_amount",
            "amount_to_pay",
            "lines_to_pay.maturity_date",
            "payment_lines.date",
            "payment_lines.last_modified_at",
            "last_modified_at",
        ]

    def domain(self, deadline: Deadline) -> list[Any]:
        """Return which invoices count."""
        return [["type", "=", "out"], ["number", "!=", None], ["state", "in", list(STATES)]]

    def changed(self, since: dt.datetime, deadline: Deadline) -> list[Any]:
        """Return the clause for changed ones; a partial payment changes only its own record."""
        payments = self._client.rows(
            "account.payment",
            [["last_modified_at", ">=", since]],
            ["line.move_origin"],
            deadline=deadline,
            limit=MOST_CHANGED,
        )
        paid = {int(i) for one in payments if (i := reference_id(to.at(one, "line.move_origin"), self.model))}
        return [
            "OR",
            ["last_modified_at", ">=", since],
            ["payment_lines.last_modified_at", ">=", since],
            ["id", "in", sorted(paid)],
        ]

    def builder(self, rows: Sequence[Row], deadline: Deadline) -> Callable[[Row], r.InvoiceRecord]:
        """Read the lines of a page, their products, and which orders they come from."""

        def read(model: str, domain: list[Any], fields: Sequence[str]) -> list[dict[str, Any]]:
            return self._client.rows(model, domain, fields, deadline=deadline)

        lines = read(
            "account.invoice.line",
            [["invoice", "in", [row["id"] for row in rows]]],
            LINE_FIELDS,
        )
        origins = {int(i) for one in lines if (i := reference_id(one["origin"], "sale.line"))}
        products = sorted({one["product"] for one in lines if one["product"]})
        sold = read("sale.line", [["id", "in", sorted(origins)]], ["sale", "shipment_cost"])
        orders = sorted({one["sale"] for one in sold})
        book = Book(
            sales={str(one["id"]): one for one in sold},
            orders={one["id"]: one for one in read("sale.sale", [["id", "in", orders]], ["number", "reference"])},
            products={
                one["id"]: one
                for one in read("product.product", [["id", "in", products], ALWAYS], ["code", "type", "name"])
            },
            units={one["id"]: one["symbol"] for one in read("product.uom", [ALWAYS], ["symbol"])},
        )
        own: dict[int, list[Row]] = defaultdict(list)
        for one in lines:
            own[one["invoice"]].append(one)

        payments = self._payments(rows, deadline)

        def build(row: Row) -> r.InvoiceRecord:
            sign = -1 if to.number(row["total_amount"]) < 0 else 1
            cards = payments[row["id"]]
            paid = [one["date"] for one in row["payment_lines."]]
            paid += [one["date"] for one in cards if one["state"] == "succeeded"]
            state = _state(row)
            due = [one["maturity_date"] for one in row["lines_to_pay."] if one["maturity_date"]]
            found = sorted(own[row["id"]], key=lambda one: (one["sequence"] is None, one["sequence"] or 0, one["id"]))
            orders = _orders(found, book)
            return r.InvoiceRecord(
                erp_id=str(row["id"]),
                version=to.moment(
                    row["last_modified_at"],
                    *(one["last_modified_at"] for one in [*row["payment_lines."], *cards]),
                ),
                number=to.line(row["number"], 64),
                customer_erp_id=str(row["party"]),
                kind="credit" if sign < 0 else "invoice",
                state=state,
                invoiced_on=row["invoice_date"],
                currency=to.line(to.at(row, "currency.code"), 3),
                untaxed_total=sign * to.number(row["untaxed_amount"]),
                tax_total=sign * to.number(row["tax_amount"]),
                total=sign * to.number(row["total_amount"]),
                amount_due=sign * to.number(row["amount_to_pay"]),
                due_on=min(due, default=None),
                paid_on=max(paid, default=None) if state == "paid" else None,
                order_numbers=_each(one["number"] for one in orders),
                customer_references=_each(one["reference"] for one in orders),
                lines=tuple(
                    _line(number, one, sign, book)
                    for number, one in enumerate((one for one in found if one["type"] == "line"), 1)
                ),
            )

        return build

    def _payments(self, rows: Sequence[Row], deadline: Deadline) -> dict[int, list[Row]]:
        """Return the payments with a life of their own by the invoice they pay; a part payment is told nowhere else."""
        parties = sorted({row["party"] for row in rows})
        found = self._client.rows(
            "account.payment",
            [["party", "in", parties], ["state", "in", ["succeeded", "failed"]]],
            ["date", "state", "line.move_origin", "last_modified_at"],
            deadline=deadline,
        )
        payments: dict[int, list[Row]] = defaultdict(list)
        for one in found:
            if origin := reference_id(to.at(one, "line.move_origin"), self.model):
                payments[int(origin)].append(one)
        return payments


def _state(row: Row) -> str:
    """Return where an invoice stands; one that several part payments covered stays "posted" until it is reconciled."""
    is_covered = row["state"] == "posted" and to.number(row["total_amount"]) and not to.number(row["amount_to_pay"])
    return "paid" if is_covered else STATES[row["state"]]


def _orders(lines: Sequence[Row], book: Book) -> list[Row]:
    """Return the orders that an invoice's lines come from, remarks among the lines too."""
    sold = (book.sales.get(reference_id(one["origin"], "sale.line")) for one in lines)
    ids = sorted({one["sale"] for one in sold if one})
    return [book.orders[one] for one in ids if one in book.orders]


def _each(values: Any) -> tuple[str, ...]:
    return tuple(dict.fromkeys(to.line(value, 120) for value in values if value))


def _line(number: int, one: Row, sign: int, book: Book) -> r.InvoiceLineRecord:
    origin = reference_id(one["origin"], "sale.line")
    sale_line = book.sales.get(origin, {})
    product = book.products.get(one["product"], {})
    amount, quantity = sign * to.number(one["amount"]), sign * to.number(one["quantity"])
    item_type = _item_type(product, sale_line, amount)
    return r.InvoiceLineRecord(
        line_no=number,
        erp_id=str(one["id"]),
        sku=to.line(product.get("code"), 64),
        description=to.line(one["description"] or product.get("name"), 500),
        quantity=quantity,
        unit=to.line(book.units.get(one["unit"]), 40),
        net_price=to.price(one["unit_price"]) or Decimal(0),
        amount=amount,
        item_type=item_type,
        # A discount is all discount: at list prices it would be nothing.
        list_price=Decimal(0) if item_type == "discount" else None,
        order_erp_id=str(sale_line.get("sale") or ""),
        order_line_erp_id=origin,
    )


def _item_type(product: Row, sale_line: Row, amount: Decimal) -> str:
    if sale_line.get("shipment_cost") is not None:
        return "freight"
    if amount < 0:
        return "discount"
    return "service" if product.get("type") == "service" else "goods"
