"""A new order as JSON and back: decimals and dates as text, nothing guessed."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from erp_sync.records import NewOrder, NewOrderLine

# What reading a payload may raise when somebody changed it by hand.
UNREADABLE = (KeyError, TypeError, ValueError, ArithmeticError)


def to_json(order: NewOrder) -> dict[str, Any]:
    """Return `order` as JSON can hold it."""
    return {
        "reference": order.reference,
        "customer_erp_id": order.customer_erp_id,
        "price_list": order.price_list,
        "currency": order.currency,
        "lines": [_line_to_json(line) for line in order.lines],
        "ship_to_erp_id": order.ship_to_erp_id,
        "customer_reference": order.customer_reference,
        "requested_on": order.requested_on.isoformat() if order.requested_on else None,
        "note": order.note,
        "channel": order.channel,
        "placed_by": order.placed_by,
        "expected_total": None if order.expected_total is None else str(order.expected_total),
    }


def from_json(data: dict[str, Any]) -> NewOrder:
    """Return the order that `to_json` wrote.

    Raises:
        KeyError, TypeError, ValueError, ArithmeticError: it is not one (see UNREADABLE).
    """
    requested_on, expected_total = data["requested_on"], data.get("expected_total")
    return NewOrder(
        reference=data["reference"],
        customer_erp_id=data["customer_erp_id"],
        price_list=data["price_list"],
        currency=data["currency"],
        lines=tuple(_line_from_json(line) for line in data["lines"]),
        ship_to_erp_id=data["ship_to_erp_id"],
        customer_reference=data["customer_reference"],
        requested_on=dt.date.fromisoformat(requested_on) if requested_on else None,
        note=data["note"],
        channel=data["channel"],
        placed_by=data["placed_by"],
        expected_total=None if expected_total is None else Decimal(expected_total),
    )


def _line_to_json(line: NewOrderLine) -> dict[str, Any]:
    return {
        "line_no": line.line_no,
        "sku": line.sku,
        "item_erp_id": line.item_erp_id,
        "quantity": str(line.quantity),
        "net_price": str(line.net_price),
        "note": line.note,
    }


def _line_from_json(data: dict[str, Any]) -> NewOrderLine:
    return NewOrderLine(
        line_no=data["line_no"],
        sku=data["sku"],
        item_erp_id=data["item_erp_id"],
        quantity=Decimal(data["quantity"]),
        net_price=Decimal(data["net_price"]),
        note=data["note"],
    )
