"""Orders of every channel, with their lines and what was delivered of them."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from erp_sync import records as r
from erp_sync.adapters.channels import ChannelRule
from erp_sync.adapters.odoo import mapping as to
from erp_sync.adapters.odoo import sales as s
from erp_sync.adapters.odoo.client import ARCHIVED_TOO, OdooClient
from erp_sync.adapters.odoo.customers import one_line
from erp_sync.adapters.odoo.orders_change import allowed, is_let_go
from erp_sync.adapters.odoo.setup import Setup, SetupSource
from erp_sync.http import Deadline

ORDER_FIELDS = (*s.SALE_FIELDS, "date_order", "create_date", "create_uid", "delivery_status", "write_date")
PRODUCT_FIELDS = ("default_code", "type", "lst_price", "standard_price", "uom_id")
PARTNER_FIELDS = ("name", "street", "street2", "zip", "city", "commercial_partner_id")
OPEN_MOVE = {"draft", "waiting", "confirmed", "partially_available", "assigned"}
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Book:
    """What a page of orders needs besides the orders, by ids."""

    lines: Mapping[int, list[Row]]
    moves: Mapping[int, list[Row]]
    pickings: Mapping[int, list[Row]]
    products: Mapping[int, Row]
    partners: Mapping[int, Row]
    references: Mapping[int, str]


class Orders:
    """Sale orders in every state, quotations too."""

    tag = ""
    model = "sale.order"
    most = 200

    def __init__(self, client: OdooClient, setup: SetupSource) -> None:
        self._client = client
        self._setup = setup

    def fields(self, deadline: Deadline) -> list[str]:
        """Return the fields of an order, those of the channel rules too."""
        return sorted({*ORDER_FIELDS, *(rule.field for rule in self._setup.options.channels)})

    def domain(self, deadline: Deadline) -> list[Any]:
        """Return which sales are orders: all of our company."""
        return [["company_id", "=", self._setup.get(deadline).company]]

    def changed(self, since: dt.datetime, deadline: Deadline) -> list[Any]:
        """Return the clause for changed ones; a delivery need not touch its order."""
        told = to.stamp(since)
        return [
            "|",
            "|",
            ["write_date", ">=", told],
            ["order_line.write_date", ">=", told],
            ["picking_ids.write_date", ">=", told],
        ]

    def builder(self, rows: Sequence[Row], deadline: Deadline) -> Callable[[Row], r.OrderRecord]:
        """Read lines, moves, deliveries, products and addresses of a page."""
        setup = self._setup.get(deadline)
        book = self._book(rows, setup, deadline)
        rules = self._setup.options.channels
        return lambda row: _order(row, book, setup, rules)

    def _book(self, rows: Sequence[Row], setup: Setup, deadline: Deadline) -> Book:
        def read(model: str, domain: list[Any], fields: Sequence[str]) -> list[dict[str, Any]]:
            return self._client.rows(model, domain, fields, deadline=deadline)

        ids = [row["id"] for row in rows]
        fields = (*s.LINE_FIELDS, "order_id", "write_date", setup.names.line_unit)
        lines = read("sale.order.line", [["order_id", "in", ids]], fields)
        moves = read(
            "stock.move",
            [["sale_line_id", "in", [one["id"] for one in lines]], ["location_dest_id.usage", "=", "customer"]],
            ["sale_line_id", "state", "date", "write_date"],
        )
        wanted = [["sale_id", "in", ids], ["picking_type_code", "=", "outgoing"]]
        pickings = read("stock.picking", wanted, ["sale_id", "state", "printed", "write_date"])
        products = sorted({to.ref(one["product_id"]) for one in lines} - {0})
        partners = sorted({to.ref(row[name]) for row in rows for name in ("partner_id", "partner_shipping_id")})
        return Book(
            lines=grouped(lines, "order_id"),
            moves=grouped(moves, "sale_line_id"),
            pickings=grouped(pickings, "sale_id"),
            products=by_id(read("product.product", [["id", "in", products], ARCHIVED_TOO], PRODUCT_FIELDS)),
            partners=by_id(read("res.partner", [["id", "in", partners], ARCHIVED_TOO], PARTNER_FIELDS)),
            references=self._references(ids, lines, deadline),
        )

    def _references(self, ids: list[int], lines: Sequence[Row], deadline: Deadline) -> dict[int, str]:
        """Return our reference of each order that has one: on itself, or on the line that says a quote was accepted."""
        texts = {one["id"]: to.ref(one["order_id"]) for one in lines if one["display_type"] == "line_note"}
        found = self._client.external_ids(self.model, ids, deadline)
        marks = sorted(self._client.external_ids("sale.order.line", list(texts), deadline).items())
        # Of several marks the newest counts: it comes last here.
        accepted = {texts[line]: name for line, name in marks if s.is_order_name(name)}
        return {
            number: to.reference_of(name.removeprefix(s.ORDER))
            for number, name in [*found.items(), *accepted.items()]
            if s.is_order_name(name)
        }


def grouped(rows: Sequence[Row], name: str) -> defaultdict[int, list[Row]]:
    """Return rows by the id of a many2one."""
    groups: defaultdict[int, list[Row]] = defaultdict(list)
    for row in rows:
        groups[to.ref(row[name])].append(row)
    return groups


def by_id(rows: Sequence[Row]) -> dict[int, Row]:
    """Return rows by their id."""
    return {row["id"]: row for row in rows}


def _order(row: Row, book: Book, setup: Setup, rules: Sequence[ChannelRule]) -> r.OrderRecord:
    number = row["id"]
    reference = book.references.get(number, "")
    lines = sorted(book.lines[number], key=lambda one: (one["sequence"], one["id"]))
    sold = [one for one in lines if not one["display_type"] and one["product_id"]]
    moves = [move for one in sold for move in book.moves[one["id"]]]
    is_cancelled = is_let_go(row, lines)
    ship_to = to.ref(row["partner_shipping_id"])
    currency = setup.currencies[to.ref(row["currency_id"])]
    step = setup.step(currency)
    placed_at = to.instant(row["date_order"] or row["create_date"])
    return r.OrderRecord(
        erp_id=str(number),
        version=to.latest(*(one["write_date"] for one in [row, *lines, *moves, *book.pickings[number]])),
        number=to.line(row["name"], 64),
        customer_erp_id=str(to.ref(book.partners[to.ref(row["partner_id"])]["commercial_partner_id"])),
        status="cancelled" if is_cancelled else _status(row, sold),
        placed_at=placed_at,
        time_known=placed_at.time() != dt.time(),
        currency=currency,
        channel_hint=r.Channel.SHOP if reference else to.channel_of(row, rules),
        web_reference=reference,
        customer_reference=to.line(row["client_order_ref"], 120),
        untaxed_total=to.amount(row["amount_untaxed"], step),
        tax_total=to.amount(row["amount_tax"], step),
        total=to.amount(row["amount_total"], step),
        step="cancelled" if is_cancelled else _step(row, book),
        requested_on=to.day(row["commitment_date"]),
        is_return=to.number(row["amount_total"]) < 0,
        ship_to=one_line(book.partners[ship_to]) if ship_to in book.partners else "",
        ship_to_erp_id=to.ref_text(ship_to),
        placed_by=to.called(row["create_uid"])[:120],
        lines=tuple(_line(count, one, row, book, setup, step) for count, one in enumerate(sold, 1)),
        allowed=() if is_cancelled else allowed(row, book.pickings[number]),
        quote_erp_id=str(number),
    )


def _status(row: Row, sold: Sequence[Row]) -> str:
    if row["state"] in {"draft", "sent"}:
        return {"draft": "draft", "sent": "quotation"}[row["state"]]
    is_delivered = row["delivery_status"] == "full" or not row["delivery_status"]
    is_billed = row["invoice_status"] == "invoiced" or not sold
    return "completed" if is_delivered and is_billed else "open"


def _step(row: Row, book: Book) -> str:
    """Return where it stands; Odoo knows when goods leave, not when they arrive."""
    if row["state"] in {"draft", "sent"}:
        return "received"
    pickings = book.pickings[row["id"]]
    if any(one["state"] == "done" for one in pickings):
        return "shipped"
    return "picking" if any(one["printed"] for one in pickings) else "confirmed"


def _line(count: int, one: Row, order: Row, book: Book, setup: Setup, step: Decimal) -> r.OrderLineRecord:
    product = book.products.get(to.ref(one["product_id"]), {})
    unit = one[setup.names.line_unit]
    factor = setup.base_units(unit, product.get("uom_id"))
    quantity = to.quantity(one["product_uom_qty"])
    planned = [to.instant(m["date"]).date() for m in book.moves[one["id"]] if m["state"] in OPEN_MOVE and m["date"]]
    has_list_price = setup.currencies[to.ref(order["currency_id"])] == setup.currency_code
    return r.OrderLineRecord(
        line_no=count,
        erp_id=str(one["id"]),
        sku=to.line(product.get("default_code"), 64),
        description=to.line(one["name"], 500),
        quantity=quantity,
        unit=setup.unit_name(unit),
        net_price=to.net_price(one, step),
        # Odoo keeps neither on the line: these are the product's of today.
        list_price=to.price(to.number(product.get("lst_price")) * factor) if has_list_price else None,
        unit_cost=to.price(to.number(product.get("standard_price")) * factor) if has_list_price else None,
        quantity_delivered=to.quantity(one["qty_delivered"]),
        quantity_cancelled=quantity if order["state"] == "cancel" else Decimal(0),
        item_type=_item_type(one, product),
        promised_on=min(planned, default=None),
        amount=to.amount(one["price_subtotal"], step),
    )


def _item_type(one: Row, product: Row) -> str:
    if one["is_delivery"]:
        return "freight"
    if to.number(one["price_subtotal"]) < 0 < to.number(one["product_uom_qty"]):
        return "discount"
    return "service" if product.get("type") == "service" or one["is_downpayment"] else "goods"
