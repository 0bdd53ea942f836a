"""Goods that come back: a transfer into the warehouse that names the delivery it undoes.

The community edition has no request for a return. A transfer in draft is one: the staff confirms, receives or cancels
it. Each move of it is one return of the shop.
"""

from __future__ import annotations

import datetime as dt
import html
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from erp_sync import records as r
from erp_sync.adapters.odoo import mapping as to
from erp_sync.adapters.odoo.client import ARCHIVED_TOO, MODULE, OdooClient
from erp_sync.adapters.odoo.orders_read import by_id
from erp_sync.adapters.odoo.setup import SetupSource
from erp_sync.errors import ErpRejected
from erp_sync.http import Deadline

PREFIX, PART = "return_", "_l1"
STATES = {
    "draft": "requested",
    "waiting": "approved",
    "confirmed": "approved",
    "partially_available": "approved",
    "assigned": "approved",
    "done": "done",
    "cancel": "rejected",
}
FIELDS = (
    "picking_id",
    "product_id",
    "sale_line_id",
    "origin_returned_move_id",
    "product_uom_qty",
    "quantity",
    "state",
    "create_date",
    "write_date",
)
GONE_FIELDS = (
    "product_id",
    "product_uom",
    "quantity",
    "picking_id",
    "location_dest_id",
    "warehouse_id",
    "sale_line_id",
)
Row = Mapping[str, Any]


class Returns:
    """Moves from customers that undo a delivery, whoever began them."""

    tag = ""
    model = "stock.move"
    most = 200

    def __init__(self, client: OdooClient, setup: SetupSource) -> None:
        self._client = client
        self._setup = setup

    def fields(self, deadline: Deadline) -> list[str]:
        """Return the fields of a move."""
        return list(FIELDS)

    def domain(self, deadline: Deadline) -> list[Any]:
        """Return which moves are returns."""
        company = self._setup.get(deadline).company
        return [
            ["company_id", "=", company],
            ["location_id.usage", "=", "customer"],
            ["origin_returned_move_id", "!=", False],
            ["picking_id", "!=", False],
        ]

    def changed(self, since: dt.datetime, deadline: Deadline) -> list[Any]:
        """Return the clause for changed ones."""
        told = to.stamp(since)
        return ["|", ["write_date", ">=", told], ["picking_id.write_date", ">=", told]]

    def builder(self, rows: Sequence[Row], deadline: Deadline) -> Callable[[Row], r.ReturnRecord]:
        """Read the transfers, order lines and credit notes of a page."""

        def read(model: str, domain: list[Any], fields: Sequence[str]) -> dict[int, Row]:
            return by_id(self._client.rows(model, domain, fields, deadline=deadline))

        pickings = sorted({to.ref(row["picking_id"]) for row in rows})
        lines = sorted({to.ref(row["sale_line_id"]) for row in rows} - {0})
        products = sorted({to.ref(row["product_id"]) for row in rows})
        partners = ["partner_id", "name", "note", "write_date"]
        transfers = read("stock.picking", [["id", "in", pickings]], partners)
        people = sorted({to.ref(one["partner_id"]) for one in transfers.values()} - {0})
        customers = read("res.partner", [["id", "in", people], ARCHIVED_TOO], ["commercial_partner_id"])
        sold = read("sale.order.line", [["id", "in", lines]], ["order_id"])
        skus = read("product.product", [["id", "in", products], ARCHIVED_TOO], ["default_code"])
        keys = self._client.external_ids(self.model, [row["id"] for row in rows], deadline)
        credits = self._credits(lines, deadline)

        def build(row: Row) -> r.ReturnRecord:
            transfer = transfers[to.ref(row["picking_id"])]
            line = to.ref(row["sale_line_id"])
            customer = customers.get(to.ref(transfer["partner_id"]), {})
            key = keys.get(row["id"], "")
            is_ours = key.startswith(PREFIX) and key.endswith(PART)
            return r.ReturnRecord(
                erp_id=str(row["id"]),
                version=to.latest(row["write_date"], transfer["write_date"]),
                number=to.line(transfer["name"], 64),
                customer_erp_id=to.ref_text(to.ref(customer.get("commercial_partner_id"))),
                state=STATES[row["state"]],
                order_erp_id=to.ref_text(to.ref(sold[line]["order_id"])) if line in sold else "",
                order_line_erp_id=to.ref_text(line),
                sku=to.line(skus.get(to.ref(row["product_id"]), {}).get("default_code"), 64),
                quantity=to.quantity(row["quantity"] if row["state"] == "done" else row["product_uom_qty"]),
                reason=to.line(to.plain(transfer["note"]), 500),
                requested_on=to.day(row["create_date"]),
                reference=to.reference_of(key.removeprefix(PREFIX).removesuffix(PART)) if is_ours else "",
                credit_number=credits.get(line, "") if row["state"] == "done" else "",
            )

        return build

    def _credits(self, lines: Sequence[int], deadline: Deadline) -> dict[int, str]:
        """Return the number of the credit note of order lines that have one."""
        domain = [
            ["sale_line_ids", "in", list(lines)],
            ["move_id.move_type", "=", "out_refund"],
            ["parent_state", "=", "posted"],
        ]
        rows = self._client.rows("account.move.line", domain, ["sale_line_ids", "move_id"], deadline=deadline)
        return {line: to.called(row["move_id"])[:64] for row in rows for line in row["sale_line_ids"]}


class ReturnsWrite:
    """Asks for returns: a transfer in draft under our external id, so it is there once."""

    def __init__(self, client: OdooClient, setup: SetupSource) -> None:
        self._client = client
        self._setup = setup

    def create(self, new: r.NewReturn, deadline: Deadline) -> r.WrittenDocument:
        """Ask for the return, unless it is asked for.

        Raises:
            ErpRejected: the order line is not his, or less of it was delivered.
        """
        found = self.find(new, deadline)
        if not found:
            self._client.load("stock.picking", self._columns(new, deadline), deadline)
            found = self.find(new, deadline)
        return found[0]

    def find(self, new: r.NewReturn, deadline: Deadline) -> list[r.WrittenDocument]:
        """Return the move with this reference."""
        found = self._client.of_external_id(PREFIX + to.key_of(new.reference) + PART, deadline)
        if found is None:
            return []
        rows = self._client.rows("stock.move", [["id", "=", found[1]]], ["state", "picking_id"], deadline=deadline)
        return [
            r.WrittenDocument(
                "return", str(row["id"]), to.called(row["picking_id"])[:64], new.reference, STATES[row["state"]]
            )
            for row in rows
        ]

    def _columns(self, new: r.NewReturn, deadline: Deadline) -> list[dict[str, str]]:
        gone = self._delivered(new, deadline)
        picking = to.ref(gone["picking_id"])
        warehouse = self._setup.get(deadline).warehouses[0]
        for one in self._setup.get(deadline).warehouses:
            if one.id == to.ref(gone["warehouse_id"]):
                warehouse = one
        name = PREFIX + to.key_of(new.reference)
        customers, stock = str(to.ref(gone["location_dest_id"])), str(warehouse.stock_location)
        reason = "\n".join(filter(None, [new.reason, new.description]))
        return [
            {
                "id": f"{MODULE}.{name}",
                "partner_id/.id": new.customer_erp_id,
                "picking_type_id/.id": str(warehouse.returns_type),
                "location_id/.id": customers,
                "location_dest_id/.id": stock,
                "return_id/.id": str(picking),
                "origin": to.line(f"Return of {to.called(gone['picking_id'])}"),
                "note": html.escape(to.text(reason, to.LONGEST_TEXT), quote=False),
                "move_ids/id": f"{MODULE}.{name}{PART}",
                "move_ids/product_id/.id": str(to.ref(gone["product_id"])),
                "move_ids/product_uom_qty": str(new.quantity),
                "move_ids/product_uom/.id": str(to.ref(gone["product_uom"])),
                "move_ids/location_id/.id": customers,
                "move_ids/location_dest_id/.id": stock,
                "move_ids/origin_returned_move_id/.id": str(gone["id"]),
                "move_ids/sale_line_id/.id": new.order_line_erp_id,
                "move_ids/to_refund": "True",
            }
        ]

    def _delivered(self, new: r.NewReturn, deadline: Deadline) -> Row:
        """Return the move that brought the goods.

        Raises:
            ErpRejected: it is not his line, or less was delivered than he wants to give back.
        """
        line = to.erp_id(new.order_line_erp_id)
        mine = ["order_id.partner_id.commercial_partner_id", "=", to.erp_id(new.customer_erp_id)]
        fields = ["qty_delivered"]
        rows = self._client.rows("sale.order.line", [["id", "=", line], mine], fields, deadline=deadline)
        if not rows:
            raise ErpRejected(f"There is no line {new.order_line_erp_id} of this customer.")
        left = to.quantity(rows[0]["qty_delivered"]) - self._asked_for(line, deadline)
        if new.quantity > left:
            raise ErpRejected(f"Only {max(left, Decimal(0)):f} of this line can still be given back.")
        domain = [["sale_line_id", "=", line], ["state", "=", "done"], ["location_dest_id.usage", "=", "customer"]]
        moves = self._client.rows("stock.move", domain, GONE_FIELDS, deadline=deadline)
        if not moves:
            raise ErpRejected("Nothing of this line was delivered from a warehouse.")
        return max(moves, key=lambda one: to.number(one["quantity"]))

    def _asked_for(self, line: int, deadline: Deadline) -> Decimal:
        """Return how much of a line is on its way back already."""
        domain = [
            ["sale_line_id", "=", line],
            ["state", "not in", ["done", "cancel"]],
            ["origin_returned_move_id", "!=", False],
            ["location_id.usage", "=", "customer"],
        ]
        moves = self._client.rows("stock.move", domain, ["product_uom_qty"], deadline=deadline)
        return sum((to.quantity(one["product_uom_qty"]) for one in moves), Decimal(0))
