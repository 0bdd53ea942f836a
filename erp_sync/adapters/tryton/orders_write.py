"""Orders into Tryton, once: create, quote, compare, confirm; one found half-way is carried on."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from erp_sync import records as r
from erp_sync.adapters.refusals import refuse_dearer
from erp_sync.adapters.tryton import mapping as to
from erp_sync.adapters.tryton.discounts import last_number
from erp_sync.adapters.tryton.quotes import Quotes
from erp_sync.adapters.tryton.sales import Sales, medium, order_written, own_lines, saved_line
from erp_sync.adapters.tryton.setup import SetupSource
from erp_sync.errors import ErpBroken, ErpRejected
from erp_sync.http import Deadline


class OrdersWrite:
    """Writes orders. `web_id`, unique in the ERP for each web shop, holds our reference."""

    def __init__(self, sales: Sales, setup: SetupSource, quotes: Quotes) -> None:
        self._sales = sales
        self._setup = setup
        self._quotes = quotes

    def find(self, reference: str, deadline: Deadline) -> list[r.WrittenOrder]:
        """Return the orders with this reference."""
        return [order_written(row) for row in self._sales.by_reference(reference, deadline)]

    def create(self, order: r.NewOrder, deadline: Deadline) -> r.WrittenOrder:
        """Bring the order to confirmed, creating it when it is not there.

        Raises:
            ErpRejected: the ERP refuses it (it may stay there as a quotation for the ERP's staff),
                or would charge more than the buyer accepted.
        """
        rows = self._sales.by_reference(order.reference, deadline)
        if not rows:
            rows = self._created(order, deadline)
        if len(rows) != 1:
            raise ErpBroken(f"{len(rows)} orders with reference {order.reference} after creating it")
        return self._carried_on(rows[0], order, deadline)

    def _created(self, order: r.NewOrder, deadline: Deadline) -> list[dict[str, Any]]:
        values = self._values(order, deadline)
        try:
            ids = self._sales.call("create", [[values]], deadline)
        except ErpRejected:
            # Somebody else may have created it since we looked.
            found = self._sales.by_reference(order.reference, deadline)
            if not found:
                raise
            return found
        return [self._sales.row(ids[0], deadline)]

    def _values(self, order: r.NewOrder, deadline: Deadline) -> dict[str, Any]:
        setup = self._setup.get(deadline)
        draft = self._quotes.draft(order, deadline)
        lines = [saved_line(one) for one in draft.lines]
        return {
            **draft.values,
            "web_shop": setup.web_shop,
            "web_id": order.reference,
            "marketing_medium": medium(order.channel, setup, self._setup),
            "reference": to.line(order.customer_reference),
            "comment": "\n".join(filter(None, [order.note, order.placed_by])),
            "shipping_date": order.requested_on,
            "lines": [["create", lines]],
        }

    def _carried_on(self, row: dict[str, Any], order: r.NewOrder, deadline: Deadline) -> r.WrittenOrder:
        if row["state"] == "draft":
            row = self._sales.step("quote", row, deadline)
        if row["state"] == "quotation":
            _compare(row, order)
            row = self._sales.step("confirm", row, deadline)
        return order_written(row)


def _compare(row: Mapping[str, Any], order: r.NewOrder) -> None:
    """Refuse to confirm at a higher price than the buyer accepted; a lower one is the ERP's gift."""
    accepted = {one.line_no: one for one in order.lines}
    for line in _without_discount(row, order):
        one = accepted.get(line["sequence"])
        if one is None or Decimal(str(line["quantity"])) != one.quantity:
            raise ErpRejected(f"The ERP changed the lines of order {row['number']}.")
        if to.number(line["unit_price"]) > one.net_price:
            raise ErpRejected(f"The ERP's price of {one.sku} is {line['unit_price']}, not {one.net_price}.")
    refuse_dearer(to.number(row["total_amount"]), order.expected_total)


def _without_discount(row: Mapping[str, Any], order: r.NewOrder) -> list[dict[str, Any]]:
    """Return the lines of goods; refuse an order whose discount is not what was accepted."""
    own = own_lines(row)
    if order.discount is None:
        return own
    last = last_number(order)
    less = sum((to.number(one["amount"]) for one in own if one["sequence"] > last), Decimal(0))
    if less != -order.discount.amount:
        raise ErpRejected(f"The ERP's discount of order {row['number']} is {-less}, not {order.discount.amount}.")
    return [one for one in own if one["sequence"] <= last]
