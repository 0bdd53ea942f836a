"""Orders of every channel, with their lines and what was delivered of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from erp_sync import records as r
from erp_sync.adapters.erpnext import documents as d
from erp_sync.adapters.erpnext import mapping as to
from erp_sync.adapters.erpnext.client import ErpNextClient
from erp_sync.adapters.erpnext.customers import one_line
from erp_sync.adapters.erpnext.mapping import Row
from erp_sync.adapters.erpnext.pulls import Built, When, own_names
from erp_sync.adapters.erpnext.setup import Options, SetupSource
from erp_sync.adapters.erpnext.totals import whole_of
from erp_sync.http import Deadline

ORDER_FIELDS = (
    "name",
    "customer",
    "po_no",
    d.KEY,
    d.CANCELLED,
    "order_type",
    "status",
    "docstatus",
    "per_delivered",
    "per_billed",
    "per_picked",
    "transaction_date",
    "delivery_date",
    "creation",
    "modified",
    "owner",
    "source",
    "net_total",
    "total_taxes_and_charges",
    "grand_total",
    "rounded_total",
    "currency",
    "shipping_address_name",
    "shipping_address",
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
    "valuation_rate",
    "conversion_factor",
    "delivered_qty",
    "delivery_date",
    "prevdoc_docname",
)
HUNDRED = Decimal(100)
CLOSED = "Closed"
CHANGEABLE = ("cancel", "requested_on", "ship_to", "customer_reference")


class Orders:
    """Sales orders in every state."""

    doctype = "Sales Order"
    most = 100
    is_whole = True

    def __init__(self, client: ErpNextClient, setup: SetupSource) -> None:
        self._client = client
        self._setup = setup
        rules = (rule.field for rule in setup.options.channels)
        self.fields: tuple[str, ...] = tuple(dict.fromkeys((*ORDER_FIELDS, *rules)))

    def filters(self, deadline: Deadline) -> list[Any]:
        """Return which orders are ours to see: those of our company."""
        return [["company", "=", self._setup.get(deadline).company]]

    def builder(self, rows: Sequence[Row], when: When, deadline: Deadline) -> Callable[[Row], Built]:
        """Read the lines of a page."""
        names = own_names(rows)
        lines = to.grouped(self._client.rows_of(self.doctype, "Sales Order Item", names, LINE_FIELDS, deadline))
        zone, options = self._setup.get(deadline).zone, self._setup.options

        def build(row: Row) -> Built:
            yield _order(row, lines.get(str(row["name"]), []), when, zone.day(when(row["creation"])), options)

        return build

    def keys(self, rows: Sequence[Row], deadline: Deadline) -> Iterable[str]:
        """Return the numbers."""
        return own_names(rows)


def allowed(row: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what may still be changed: nothing that goods or bills hang on."""
    if d.is_let_go(row) or row.get("status") in {CLOSED, "Completed"}:
        return ()
    if d.status(row) == d.DRAFT:
        return ("cancel",)
    touched = [to.number(row.get(name)) for name in ("per_delivered", "per_billed", "per_picked")]
    if any(touched):
        return ("customer_reference",) if touched[0] < HUNDRED else ()
    return CHANGEABLE


def status_of(row: Mapping[str, Any]) -> str:
    """Return the order's status in our words; ERPNext's own says "Draft" of orders that are none."""
    if d.is_let_go(row):
        return "cancelled"
    if d.status(row) == d.DRAFT:
        return "draft"
    is_over = to.number(row["per_delivered"]) >= HUNDRED and to.number(row["per_billed"]) >= HUNDRED
    return "completed" if is_over or row["status"] in {CLOSED, "Completed"} else "open"


def _order(row: Row, lines: Sequence[Row], when: When, created_on: dt.date, options: Options) -> r.OrderRecord:
    reference = str(row[d.KEY] or "")
    status = status_of(row)
    dated = to.needed_day(row["transaction_date"])
    # ERPNext keeps the day only; the hour is that of the entry, if it was entered on that day.
    is_same_day = dated == created_on
    placed_at = when(row["creation"]) if is_same_day else dt.datetime.combine(dated, dt.time(12), dt.UTC)
    quotes = [str(one["prevdoc_docname"]) for one in lines if one["prevdoc_docname"]]
    return r.OrderRecord(
        erp_id=str(row["name"]),
        version=when(row["modified"]),
        number=to.line(row["name"], 64),
        customer_erp_id=str(row["customer"]),
        status=status,
        placed_at=placed_at,
        time_known=is_same_day,
        currency=to.line(row["currency"], 3),
        channel_hint=r.Channel.SHOP if reference else to.channel_of(row, options.channels),
        web_reference=reference,
        customer_reference=to.line(row["po_no"], 120),
        untaxed_total=to.amount(row["net_total"], options.money_digits),
        tax_total=to.amount(row["total_taxes_and_charges"], options.money_digits),
        total=whole_of(row, options.money_digits),
        step="cancelled" if status == "cancelled" else _step(row),
        requested_on=to.day(row["delivery_date"]),
        ship_to=to.line(one_line(row["shipping_address"] or ""), 300),
        ship_to_erp_id=str(row["shipping_address_name"] or ""),
        placed_by=to.line(row["owner"], 120),
        lines=tuple(_line(one, row, status, options) for one in lines),
        allowed=allowed(row),
        quote_erp_id=quotes[0] if quotes else "",
    )


def _step(row: Row) -> str:
    """Return where it stands; ERPNext knows when goods leave, not when they arrive."""
    if d.status(row) == d.DRAFT:
        return "received"
    if to.number(row["per_delivered"]) > 0:
        return "shipped"
    return "picking" if to.number(row["per_picked"]) > 0 else "confirmed"


def _line(one: Row, order: Row, status: str, options: Options) -> r.OrderLineRecord:
    quantity, delivered = to.quantity(one["qty"]), to.quantity(one["delivered_qty"])
    listed = to.price(one["price_list_rate"])
    cancelled = Decimal(0)
    if status == "cancelled" or order["status"] == CLOSED:
        cancelled = max(Decimal(0), quantity - delivered)
    return r.OrderLineRecord(
        line_no=int(one["idx"]),
        erp_id=str(one["name"]),
        sku=to.line(one["item_code"], 140),
        description=to.line(one["item_name"], 500),
        quantity=quantity,
        unit=to.line(one["uom"], 40),
        net_price=to.price(one["rate"]),
        list_price=listed if listed > 0 else None,
        unit_cost=unit_cost(one, "valuation_rate"),
        quantity_delivered=delivered,
        quantity_cancelled=cancelled,
        item_type=item_type(one, options),
        promised_on=to.day(one["delivery_date"]) if status == "open" else None,
        amount=to.amount(one["net_amount"], options.money_digits),
    )


def unit_cost(one: Row, field: str) -> Decimal | None:
    """Return what one sales unit cost; ERPNext leaves a field out that the user may not read."""
    cost = to.number(one.get(field)) * (to.number(one["conversion_factor"]) or Decimal(1))
    return to.price(cost) if cost > 0 else None


def item_type(one: Row, options: Options) -> str:
    """Return what a line is of."""
    if one["item_code"] in options.freight_items:
        return "freight"
    return "discount" if to.number(one["rate"]) < 0 else "goods"
