"""Deliveries to customers, each transfer that leaves the company."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from erp_sync import records as r
from erp_sync.adapters.odoo import mapping as to
from erp_sync.adapters.odoo.client import ARCHIVED_TOO, OdooClient
from erp_sync.adapters.odoo.orders_read import by_id, grouped
from erp_sync.adapters.odoo.setup import Setup, SetupSource
from erp_sync.http import Deadline

FIELDS = (
    "name",
    "state",
    "printed",
    "partner_id",
    "sale_id",
    "scheduled_date",
    "date_done",
    "carrier_id",
    "carrier_tracking_ref",
    "carrier_tracking_url",
    "write_date",
)
MOVE_FIELDS = (
    "picking_id",
    "sale_line_id",
    "product_id",
    "product_uom_qty",
    "quantity",
    "product_uom",
    "state",
    "write_date",
)
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Book:
    """Moves, products and customers of a page, by ids."""

    moves: Mapping[int, list[Row]]
    products: Mapping[int, Row]
    partners: Mapping[int, Row]


class Deliveries:
    """Outgoing transfers of sale orders."""

    tag = ""
    model = "stock.picking"
    most = 200

    def __init__(self, client: OdooClient, setup: SetupSource) -> None:
        self._client = client
        self._setup = setup

    def fields(self, deadline: Deadline) -> list[str]:
        """Return the fields of a transfer; without the module for carriers there is no tracking."""
        return list(FIELDS)

    def domain(self, deadline: Deadline) -> list[Any]:
        """Return which transfers count."""
        company = self._setup.get(deadline).company
        return [["company_id", "=", company], ["picking_type_code", "=", "outgoing"], ["sale_id", "!=", False]]

    def changed(self, since: dt.datetime, deadline: Deadline) -> list[Any]:
        """Return the clause for changed ones."""
        told = to.stamp(since)
        return ["|", ["write_date", ">=", told], ["move_ids.write_date", ">=", told]]

    def builder(self, rows: Sequence[Row], deadline: Deadline) -> Callable[[Row], r.DeliveryRecord]:
        """Read the moves of a page, their products and customers."""
        setup = self._setup.get(deadline)

        def read(model: str, domain: list[Any], fields: Sequence[str]) -> list[dict[str, Any]]:
            return self._client.rows(model, domain, fields, deadline=deadline)

        moves = read("stock.move", [["picking_id", "in", [row["id"] for row in rows]]], MOVE_FIELDS)
        products = sorted({to.ref(one["product_id"]) for one in moves})
        partners = sorted({to.ref(row["partner_id"]) for row in rows} - {0})
        book = Book(
            moves=grouped(moves, "picking_id"),
            products=by_id(read("product.product", [["id", "in", products], ARCHIVED_TOO], ["default_code"])),
            partners=by_id(read("res.partner", [["id", "in", partners], ARCHIVED_TOO], ["commercial_partner_id"])),
        )
        return lambda row: _delivery(row, book, setup)


def _delivery(row: Row, book: Book, setup: Setup) -> r.DeliveryRecord:
    moves = book.moves[row["id"]]
    state = _state(row)
    partner = book.partners.get(to.ref(row["partner_id"]), {})
    return r.DeliveryRecord(
        erp_id=str(row["id"]),
        version=to.latest(row["write_date"], *(one["write_date"] for one in moves)),
        number=to.line(row["name"], 64),
        customer_erp_id=to.ref_text(to.ref(partner.get("commercial_partner_id"))),
        state=state,
        shipped_on=to.day(row["date_done"]) if state == "shipped" else None,
        # Odoo has no day of arrival, and no state of it.
        delivered_on=None,
        planned_on=to.day(row["scheduled_date"]),
        carrier=to.called(row["carrier_id"])[:120],
        tracking_number=to.line(row["carrier_tracking_ref"], 120),
        tracking_url=web_address(row["carrier_tracking_url"]),
        lines=tuple(_line(one, row, book, setup) for one in moves if one["state"] != "cancel"),
    )


def _state(row: Row) -> str:
    if row["state"] in {"done", "cancel"}:
        return {"done": "shipped", "cancel": "cancelled"}[row["state"]]
    return "picking" if row["printed"] else "waiting"


def _line(move: Row, row: Row, book: Book, setup: Setup) -> r.DeliveryLineRecord:
    product = book.products.get(to.ref(move["product_id"]), {})
    return r.DeliveryLineRecord(
        order_erp_id=to.ref_text(to.ref(row["sale_id"])),
        order_line_erp_id=to.ref_text(to.ref(move["sale_line_id"])),
        sku=to.line(product.get("default_code"), 64),
        quantity=to.quantity(move["quantity"] if move["state"] == "done" else move["product_uom_qty"]),
        unit=setup.unit_name(move["product_uom"]),
    )


def web_address(value: Any) -> str:
    """Return an address that a browser may follow, else ""."""
    url = to.line(value, 500)
    return url if url.startswith(("https://", "http://")) else ""
