"""Orders of every channel, with their lines and what was delivered of them."""

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
from erp_sync.adapters.tryton.orders_change import allowed, is_let_go
from erp_sync.adapters.tryton.setup import Setup, SetupSource
from erp_sync.http import Deadline

STATUS = {
    "draft": "draft",
    "quotation": "quotation",
    "confirmed": "open",
    "processing": "open",
    "done": "completed",
    "cancelled": "cancelled",
}
PICKING = {"assigned", "picked", "packed"}
GONE = {"shipped", "done"}
OPEN = {"draft", "assigned"}
SHIPMENT = "stock.shipment.out"
MOST_CHANGED = 5000
ORDER_FIELDS = (
    "number",
    "party",
    "state",
    "shipment_state",
    "invoice_state",
    "create_date",
    "sale_date",
    "currency",
    "web_shop",
    "web_id",
    "reference",
    "untaxed_amount",
    "tax_amount",
    "total_amount",
    "shipping_date",
    "origin",
    "shipment_address",
    "create_uid.name",
    "last_modified_at",
)
LINE_FIELDS = (
    "sale",
    "type",
    "sequence",
    "product",
    "description",
    "quantity",
    "unit",
    "unit_price",
    "shipment_cost",
    "last_modified_at",
)
MOVE_FIELDS = (
    "origin",
    "state",
    "quantity",
    "unit",
    "planned_date",
    "shipment",
    "last_modified_at",
)
PRODUCT_FIELDS = ("code", "type", "rec_name", "list_price_used", "cost_price", "default_uom")
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Book:
    """What a page of orders needs besides the orders, each read flat: nested reads take ten times as long."""

    lines: Mapping[int, list[Row]]
    moves: Mapping[int, list[Row]]
    shipments: Mapping[str, Row]
    products: Mapping[int, Row]
    units: Mapping[int, Row]
    addresses: Mapping[int, str]

    def moves_of(self, order: Row) -> list[Row]:
        """Return the moves of all lines of an order."""
        return [move for one in self.lines[order["id"]] for move in self.moves[one["id"]]]

    def shipments_of(self, order: Row) -> list[Row]:
        """Return the shipments of an order."""
        names = {move["shipment"] for move in self.moves_of(order)}
        return [self.shipments[name] for name in names if name in self.shipments]


class Orders:
    """Sales in every state; returns among them are flagged."""

    tag = ""
    model = "sale.sale"
    most = 200

    def __init__(self, client: TrytonClient, setup: SetupSource) -> None:
        self._client = client
        self._setup = setup

    def fields(self) -> list[str]:
        """Return the fields of an order, those of the channel rules too."""
        rules = {rule.field for rule in self._setup.options.channels}
        names = {*ORDER_FIELDS, *rules}
        # A many2one cannot be read plain and dotted at once; a dotted one has its id inside.
        return sorted(n for n in names if not any(o.startswith(f"{n}.") for o in names))

    def domain(self, deadline: Deadline) -> list[Any]:
        """Return which sales are orders: all of our company."""
        return [["company", "=", self._setup.get(deadline).company]]

    def changed(self, since: dt.datetime, deadline: Deadline) -> list[Any]:
        """Return the clause for changed ones.

        A second partial shipment changes only its moves, an arrival only the shipment. Tryton takes
        seconds to search orders by either, so the orders of changed ones are looked up.
        """
        shipments = self._client.rows(
            "stock.shipment.out",
            [["last_modified_at", ">=", since]],
            ["outgoing_moves.sale"],
            deadline=deadline,
            limit=MOST_CHANGED,
        )
        moves = self._client.rows(
            "stock.move",
            [["last_modified_at", ">=", since], ["origin", "like", "sale.line,%"]],
            ["sale"],
            deadline=deadline,
            limit=MOST_CHANGED,
        )
        moved = [*moves, *(move for one in shipments for move in one["outgoing_moves."])]
        return [
            "OR",
            ["last_modified_at", ">=", since],
            ["lines.last_modified_at", ">=", since],
            ["id", "in", sorted({move["sale"] for move in moved if move["sale"]})],
        ]

    def builder(self, rows: Sequence[Row], deadline: Deadline) -> Callable[[Row], r.OrderRecord]:
        """Read lines, moves, shipments and products of a page."""
        setup = self._setup.get(deadline)
        rules = self._setup.options.channels
        book = self._book(rows, deadline)
        codes = {number: code for code, number in setup.currencies.items()}

        def build(row: Row) -> r.OrderRecord:
            placed_at, time_known = _placed(row)
            lines = [one for one in book.lines[row["id"]] if one["type"] == "line"]
            lines.sort(key=lambda one: (one["sequence"] is None, one["sequence"] or 0, one["id"]))
            is_ours = at_id(row, "web_shop") == setup.web_shop
            is_cancelled = is_let_go(row["state"], [one["quantity"] for one in lines])
            records = tuple(_line(number, one, row, book, setup) for number, one in enumerate(lines, 1))
            return r.OrderRecord(
                erp_id=str(row["id"]),
                version=_version(row, book),
                number=to.line(row["number"], 64) or f"D{row['id']}",
                customer_erp_id=str(at_id(row, "party")),
                status="cancelled" if is_cancelled else STATUS[row["state"]],
                placed_at=placed_at,
                time_known=time_known,
                currency=codes[at_id(row, "currency")],
                channel_hint=to.channel_of(row, rules),
                web_reference=to.line(row["web_id"], 40) if is_ours else "",
                customer_reference=to.line(row["reference"], 120),
                untaxed_total=to.number(row["untaxed_amount"]),
                tax_total=to.number(row["tax_amount"]),
                total=to.number(row["total_amount"]),
                step="cancelled" if is_cancelled else _step(row, book),
                requested_on=row["shipping_date"],
                is_return=_is_return(row, records),
                ship_to=book.addresses.get(row["shipment_address"], ""),
                ship_to_erp_id=str(row["shipment_address"] or ""),
                placed_by=to.line(to.at(row, "create_uid.name"), 120),
                lines=records,
                allowed=() if is_cancelled else _allowed(row, book),
                quote_erp_id=str(row["id"]),
            )

        return build

    def _book(self, rows: Sequence[Row], deadline: Deadline) -> Book:
        def read(model: str, domain: list[Any], fields: Sequence[str]) -> list[dict[str, Any]]:
            return self._client.rows(model, domain, fields, deadline=deadline)

        lines = read("sale.line", [["sale", "in", [row["id"] for row in rows]]], LINE_FIELDS)
        origins = [f"sale.line,{one['id']}" for one in lines]
        moves = read("stock.move", [["origin", "in", origins]], MOVE_FIELDS)
        shipments = {int(one) for m in moves if (one := reference_id(m["shipment"], SHIPMENT))}
        products = sorted({one["product"] for one in lines if one["product"]})
        addresses = sorted({row["shipment_address"] for row in rows if row["shipment_address"]})
        found = read(SHIPMENT, [["id", "in", sorted(shipments)]], ["state", "last_modified_at"])
        return Book(
            lines=_grouped(lines, lambda one: one["sale"]),
            moves=_grouped(moves, lambda one: int(reference_id(one["origin"], "sale.line"))),
            shipments={f"{SHIPMENT},{one['id']}": one for one in found},
            products=_by_id(read("product.product", [["id", "in", products], ALWAYS], PRODUCT_FIELDS)),
            units=_by_id(read("product.uom", [ALWAYS], ["symbol", "factor"])),
            addresses={
                one["id"]: to.line(one["rec_name"], 500)
                for one in read("party.address", [["id", "in", addresses], ALWAYS], ["rec_name"])
            },
        )


def _grouped(rows: Sequence[Row], key: Callable[[Row], int]) -> defaultdict[int, list[Row]]:
    groups: defaultdict[int, list[Row]] = defaultdict(list)
    for row in rows:
        groups[key(row)].append(row)
    return groups


def _by_id(rows: Sequence[Row]) -> dict[int, Row]:
    return {row["id"]: row for row in rows}


def at_id(row: Row, name: str) -> Any:
    """Return the id of a many2one, read plain or dotted."""
    return row[name] if name in row else to.at(row, f"{name}.id")


def _version(row: Row, book: Book) -> dt.datetime:
    parts = [row, *book.lines[row["id"]], *book.moves_of(row), *book.shipments_of(row)]
    return to.moment(*(part["last_modified_at"] for part in parts))


def _placed(row: Row) -> tuple[dt.datetime, bool]:
    """Return when it was ordered, and whether the hour is known.

    Tryton keeps the hour in which the record was made. A quotation that became an order on a later
    day has only the day of the order.
    """
    created, ordered_on = row["create_date"], row["sale_date"]
    if ordered_on is None or abs((created.date() - ordered_on).days) <= 1:
        return created, True
    return dt.datetime.combine(ordered_on, dt.time(12), tzinfo=dt.UTC), False


def _is_return(row: Row, lines: Sequence[r.OrderLineRecord]) -> bool:
    """Whether goods only come back by it, or only money; an exchange is an order that takes something back."""
    goods = [line.quantity for line in lines if line.item_type == "goods"]
    if any(quantity > 0 for quantity in goods):
        return False
    is_below_zero = to.number(row["total_amount"]) < 0 or any(quantity < 0 for quantity in goods)
    return is_below_zero or str(row["origin"] or "").startswith("sale.complaint,")


def _step(row: Row, book: Book) -> str:
    if row["state"] == "cancelled":
        return "cancelled"
    if row["state"] in {"draft", "quotation"}:
        return "received"
    states = {one["state"] for one in book.shipments_of(row)} - {"cancelled"}
    if row["shipment_state"] == "sent":
        return "delivered" if states <= {"done"} else "shipped"
    if states & GONE:
        return "shipped"
    return "picking" if states & PICKING else "confirmed"


def _allowed(row: Row, book: Book) -> tuple[str, ...]:
    states = [one["state"] for one in book.shipments_of(row)]
    is_gone = any(move["state"] == "done" for move in book.moves_of(row))
    return allowed(row["state"], row["invoice_state"], states, is_gone=is_gone)


def _line(number: int, one: Row, order: Row, book: Book, setup: Setup) -> r.OrderLineRecord:
    quantity = to.number(one["quantity"])
    product = book.products.get(one["product"], {})
    unit = book.units.get(one["unit"], {})
    units = _units(unit, book.units.get(product.get("default_uom") or 0, {}))
    list_price, cost = product.get("list_price_used"), product.get("cost_price")
    net_price = to.price(one["unit_price"]) or Decimal(0)
    moves = book.moves[one["id"]]
    planned = [m["planned_date"] for m in moves if m["state"] in OPEN and m["planned_date"]]
    amount = to.amount(quantity * net_price, setup.rounding[setup.currency_code])
    return r.OrderLineRecord(
        line_no=number,
        erp_id=str(one["id"]),
        sku=to.line(product.get("code"), 64),
        description=to.line(one["description"] or product.get("rec_name"), 500),
        quantity=quantity,
        unit=to.line(unit.get("symbol"), 40),
        net_price=net_price,
        # Tryton keeps neither on the line: these are the product's of today.
        list_price=None if list_price is None else to.price(list_price * units),
        unit_cost=None if cost is None else to.price(cost * units),
        quantity_delivered=_delivered(moves, order, product, unit, book, quantity),
        quantity_cancelled=quantity if order["state"] == "cancelled" else Decimal(0),
        item_type=_item_type(one, product, amount, setup),
        promised_on=min(planned, default=None),
        amount=amount,
    )


def _units(unit: Row, base: Row) -> Decimal:
    """Return how many units of stock make one unit of the line."""
    if not unit or not base:
        return Decimal(1)
    return to.number(unit["factor"]) / to.number(base["factor"])


def _delivered(moves: Sequence[Row], order: Row, product: Row, unit: Row, book: Book, quantity: Decimal) -> Decimal:
    """Return what left the warehouse, in the unit of the line.

    An order brought over from an older system is done without moves: all of it was delivered.
    """
    if not moves and order["state"] == "done" and product.get("type") == "goods":
        return quantity
    total = sum(
        (
            to.number(move["quantity"]) * _units(book.units[move["unit"]], unit)
            for move in moves
            if move["state"] == "done"
        ),
        Decimal(0),
    )
    return total.quantize(Decimal("0.0001"))


def _item_type(one: Row, product: Row, amount: Decimal, setup: Setup) -> str:
    if one["shipment_cost"] is not None or one["product"] in setup.carrier_products:
        return "freight"
    if to.number(one["quantity"]) > 0 and amount < 0:
        return "discount"
    return "service" if product.get("type") == "service" else "goods"
