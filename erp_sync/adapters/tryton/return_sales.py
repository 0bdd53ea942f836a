"""Returns that Tryton's staff makes without a complaint: order lines below zero."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any

from erp_sync import records as r
from erp_sync.adapters.tryton import mapping as to
from erp_sync.adapters.tryton.client import TrytonClient
from erp_sync.adapters.tryton.deliveries import Row, reference_id
from erp_sync.http import Deadline

STATES = {"confirmed": "approved", "processing": "approved", "done": "done", "cancelled": "rejected"}


class ReturnSales:
    """Lines of goods below zero, as the button "Return" of a sale makes them; a complaint's own are told by it."""

    tag = "s"
    model = "sale.line"
    most = 200

    def __init__(self, client: TrytonClient) -> None:
        self._client = client

    def fields(self) -> list[str]:
        """Return the fields of a line and of its sale."""
        return [
            "product.code",
            "product",
            "unit",
            "quantity",
            "sale.number",
            "sale.party",
            "sale.state",
            "sale.shipment_state",
            "sale.sale_date",
            "sale.description",
            "sale.origin",
            "sale.last_modified_at",
            "last_modified_at",
        ]

    def domain(self, deadline: Deadline) -> list[Any]:
        """Return which lines bring goods back."""
        return [
            ["type", "=", "line"],
            ["quantity", "<", 0],
            ["product.type", "=", "goods"],
            ["sale.state", "in", list(STATES)],
            ["OR", ["sale.origin", "=", None], ["sale.origin", "not like", "sale.complaint,%"]],
        ]

    def changed(self, since: dt.datetime, deadline: Deadline) -> list[Any]:
        """Return the clause for changed ones."""
        return ["OR", ["last_modified_at", ">=", since], ["sale.last_modified_at", ">=", since]]

    def builder(self, rows: Sequence[Row], deadline: Deadline) -> Callable[[Row], r.ReturnRecord]:
        """Read the credit notes of a page, the orders that the goods were of, and how many lines each sale has."""
        sales = sorted({row["sale."]["id"] for row in rows})
        credits = self._credits(sales, deadline) if sales else {}
        lines = self._lines(rows, deadline)
        siblings = self._siblings(sales, deadline) if sales else {}

        def build(row: Row) -> r.ReturnRecord:
            sale = row["sale."]
            order = reference_id(sale["origin"], "sale.sale")
            same = [one for one in lines[order] if (one["product"], one["unit"]) == (row["product"], row["unit"])]
            is_back = sale["state"] == "processing" and sale["shipment_state"] == "sent"
            return r.ReturnRecord(
                erp_id=f"{self.tag}{row['id']}",
                version=to.moment(row["last_modified_at"], sale["last_modified_at"]),
                number=_number(sale, row["id"], siblings[sale["id"]]),
                customer_erp_id=str(sale["party"]),
                state="done" if is_back else STATES[sale["state"]],
                order_erp_id=order,
                order_line_erp_id=str(same[0]["id"]) if len(same) == 1 else "",
                sku=to.line(to.at(row, "product.code"), 64),
                quantity=-to.number(row["quantity"]),
                reason=to.line(sale["description"], 500),
                requested_on=sale["sale_date"],
                credit_number=credits.get(sale["id"], ""),
            )

        return build

    def _siblings(self, sales: Sequence[int], deadline: Deadline) -> dict[int, list[int]]:
        """Return the lines below zero of each sale, of those too that this page does not reach."""
        domain = [["sale", "in", list(sales)], ["type", "=", "line"], ["quantity", "<", 0]]
        found: dict[int, list[int]] = {}
        for one in self._client.rows("sale.line", domain, ["sale"], deadline=deadline):
            found.setdefault(one["sale"], []).append(one["id"])
        return found

    def _lines(self, rows: Sequence[Row], deadline: Deadline) -> defaultdict[str, list[Row]]:
        """Return the lines of the orders that the goods were of, by order."""
        orders = {int(order) for row in rows if (order := reference_id(row["sale."]["origin"], "sale.sale"))}
        found: defaultdict[str, list[Row]] = defaultdict(list)
        if orders:
            domain = [["sale", "in", sorted(orders)], ["type", "=", "line"], ["quantity", ">", 0]]
            for one in self._client.rows("sale.line", domain, ["sale", "product", "unit"], deadline=deadline):
                found[str(one["sale"])].append(one)
        return found

    def _credits(self, sales: Sequence[int], deadline: Deadline) -> dict[int, str]:
        """Return the number of the credit note of each sale that has one."""
        domain = [["sales", "in", list(sales)], ["number", "!=", None]]
        found = self._client.rows("account.invoice", domain, ["number", "sales"], deadline=deadline)
        return {sale: to.line(one["number"], 64) for one in found for sale in one["sales"]}


def _number(sale: Row, line: int, siblings: Sequence[int]) -> str:
    """Return the sale's number; of several lines that come back each has a number of its own."""
    number = to.line(sale["number"], 60)
    return number if len(siblings) < 2 else f"{number}-{siblings.index(line) + 1}"
