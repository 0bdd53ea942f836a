"""Shipments to customers, and the complaints by which goods come back."""

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
from erp_sync.http import Deadline

DELIVERY_STATES = {
    "draft": "waiting",
    "waiting": "waiting",
    "assigned": "picking",
    "picked": "picking",
    "packed": "picking",
    "shipped": "shipped",
    "done": "delivered",
    "cancelled": "cancelled",
}
RETURN_STATES = {
    "draft": "requested",
    "waiting": "requested",
    "approved": "approved",
    "rejected": "rejected",
    "done": "done",
    "cancelled": "rejected",
}
Row = Mapping[str, Any]


class Deliveries:
    """Shipments to customers. Lines are read flat: nested, a page takes ten times as long."""

    tag = ""
    model = "stock.shipment.out"
    most = 200

    def __init__(self, client: TrytonClient) -> None:
        self._client = client

    def fields(self) -> list[str]:
        """Return the fields of a shipment."""
        return [
            "number",
            "customer",
            "state",
            "effective_date",
            "planned_date",
            "carrier.rec_name",
            "shipping_reference",
            "root_packages.shipping_reference",
            "root_packages.shipping_tracking_url",
            "last_modified_at",
        ]

    def domain(self, deadline: Deadline) -> list[Any]:
        """Return which shipments count: all."""
        return []

    def changed(self, since: dt.datetime, deadline: Deadline) -> list[Any]:
        """Return the clause for changed ones."""
        moves = self._client.rows(
            "stock.move",
            [["last_modified_at", ">=", since], ["shipment", "like", f"{self.model},%"]],
            ["shipment"],
            deadline=deadline,
            limit=5000,
        )
        ids = {int(reference_id(move["shipment"], self.model)) for move in moves}
        return ["OR", ["last_modified_at", ">=", since], ["id", "in", sorted(ids)]]

    def builder(self, rows: Sequence[Row], deadline: Deadline) -> Callable[[Row], r.DeliveryRecord]:
        """Read the moves of a page to the customer, their orders, products and units."""

        def read(model: str, domain: list[Any], fields: Sequence[str]) -> list[dict[str, Any]]:
            return self._client.rows(model, domain, fields, deadline=deadline)

        shipments = [f"{self.model},{row['id']}" for row in rows]
        found = read(
            "stock.move",
            [["shipment", "in", shipments], ["to_location.type", "=", "customer"]],
            ["shipment", "origin", "product", "quantity", "unit", "state", "last_modified_at"],
        )
        moves: dict[str, list[Row]] = defaultdict(list)
        for move in found:
            moves[move["shipment"]].append(move)
        origins = {int(i) for m in found if (i := reference_id(m["origin"], "sale.line"))}
        sales = read("sale.line", [["id", "in", sorted(origins)]], ["sale"])
        products = read(
            "product.product",
            [["id", "in", sorted({m["product"] for m in found})], ALWAYS],
            ["code"],
        )
        book = LineBook(
            sales={str(one["id"]): str(one["sale"]) for one in sales},
            skus={one["id"]: to.line(one["code"], 64) for one in products},
            units={one["id"]: to.line(one["symbol"], 40) for one in read("product.uom", [ALWAYS], ["symbol"])},
        )
        return lambda row: _delivery(row, moves[f"{self.model},{row['id']}"], book)


@dataclass(frozen=True, slots=True)
class LineBook:
    """Order of an order line, SKU of a product and symbol of a unit, by their ids."""

    sales: Mapping[str, str]
    skus: Mapping[int, str]
    units: Mapping[int, str]


def _delivery(row: Row, moves: Sequence[Row], book: LineBook) -> r.DeliveryRecord:
    state = DELIVERY_STATES[row["state"]]
    packages = row.get("root_packages.") or []
    numbers = [row["shipping_reference"], *(p["shipping_reference"] for p in packages)]
    urls = [p["shipping_tracking_url"] for p in packages]
    return r.DeliveryRecord(
        erp_id=str(row["id"]),
        version=to.moment(row["last_modified_at"], *(m["last_modified_at"] for m in moves)),
        number=to.line(row["number"], 64),
        customer_erp_id=str(row["customer"]),
        state=state,
        shipped_on=row["effective_date"] if state in {"shipped", "delivered"} else None,
        # Tryton has no day of arrival; the state says that the goods arrived.
        delivered_on=None,
        planned_on=row["planned_date"],
        carrier=to.line(to.at(row, "carrier.rec_name"), 120),
        tracking_number=to.line(next(filter(None, numbers), ""), 120),
        tracking_url=_web_address(next(filter(None, urls), "")),
        lines=tuple(_delivery_line(m, book) for m in moves if m["state"] != "cancelled"),
    )


def _delivery_line(move: Row, book: LineBook) -> r.DeliveryLineRecord:
    line = reference_id(move["origin"], "sale.line")
    return r.DeliveryLineRecord(
        order_erp_id=book.sales.get(line, ""),
        order_line_erp_id=line,
        sku=book.skus[move["product"]],
        quantity=to.number(move["quantity"]),
        unit=book.units[move["unit"]],
    )


def _web_address(value: str) -> str:
    url = to.line(value, 500)
    return url if url.startswith(("https://", "http://")) else ""


def reference_id(value: Any, model: str) -> str:
    """Return the id of a reference field when it points to this model, else ""."""
    name, _, found = str(value or "").partition(",")
    return found if name == model and found.isdigit() else ""


class Returns:
    """Complaints of customers; what was agreed is in their actions."""

    tag = ""
    model = "sale.complaint"
    most = 200

    def __init__(self, client: TrytonClient) -> None:
        self._client = client

    def fields(self) -> list[str]:
        """Return the fields of a complaint."""
        return [
            "number",
            "customer",
            "state",
            "origin",
            "date",
            "description",
            "reference",
            "actions.quantity",
            "actions.result",
            "actions.last_modified_at",
            "last_modified_at",
        ]

    def domain(self, deadline: Deadline) -> list[Any]:
        """Return which complaints count: those about something sold."""
        return [["OR", ["origin", "like", "sale.line,%"], ["origin", "like", "sale.sale,%"]]]

    def changed(self, since: dt.datetime, deadline: Deadline) -> list[Any]:
        """Return the clause for changed ones."""
        return [
            "OR",
            ["last_modified_at", ">=", since],
            ["actions.last_modified_at", ">=", since],
        ]

    def builder(self, rows: Sequence[Row], deadline: Deadline) -> Callable[[Row], r.ReturnRecord]:
        """Read the order lines that a page is about."""
        ids = {int(one) for row in rows if (one := reference_id(row["origin"], "sale.line"))}
        found = self._client.rows("sale.line", [["id", "in", sorted(ids)]], ["sale", "product.code"], deadline=deadline)
        lines = {str(one["id"]): one for one in found}
        credits = self._credits(rows, deadline)

        def build(row: Row) -> r.ReturnRecord:
            line_id = reference_id(row["origin"], "sale.line")
            line = lines.get(line_id, {})
            order = line.get("sale") or reference_id(row["origin"], "sale.sale")
            actions = row["actions."]
            return r.ReturnRecord(
                erp_id=str(row["id"]),
                version=to.moment(row["last_modified_at"], *(a["last_modified_at"] for a in actions)),
                number=to.line(row["number"], 64),
                customer_erp_id=str(row["customer"]),
                state=RETURN_STATES[row["state"]],
                order_erp_id=str(order),
                order_line_erp_id=line_id,
                sku=to.line(to.at(line, "product.code"), 64),
                quantity=sum((to.number(a["quantity"]) for a in actions), Decimal(0)),
                reason=to.line(row["description"], 500),
                requested_on=row["date"],
                reference=to.line(row["reference"], 40),
                credit_number=next((credits[a["result"]] for a in actions if a["result"] in credits), ""),
            )

        return build

    def _credits(self, rows: Sequence[Row], deadline: Deadline) -> dict[str, str]:
        """Return the number of the credit note behind what became of a complaint: a return order or the note itself."""
        results = [one["result"] for row in rows for one in row["actions."]]
        sales = [int(one) for result in results if (one := reference_id(result, "sale.sale"))]
        notes = [int(one) for result in results if (one := reference_id(result, "account.invoice"))]
        found = self._client.rows(
            "account.invoice",
            [["OR", ["sales", "in", sales], ["id", "in", notes]], ["number", "!=", None]],
            ["number", "sales"],
            deadline=deadline,
        )
        numbers = {f"account.invoice,{one['id']}": to.line(one["number"], 64) for one in found}
        return numbers | {f"sale.sale,{s}": to.line(one["number"], 64) for one in found for s in one["sales"]}
