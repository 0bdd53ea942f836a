"""Deliveries: delivery notes that are no returns."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from erp_sync import records as r
from erp_sync.adapters.erpnext import documents as d
from erp_sync.adapters.erpnext import mapping as to
from erp_sync.adapters.erpnext.client import ErpNextClient
from erp_sync.adapters.erpnext.mapping import Row
from erp_sync.adapters.erpnext.pulls import Built, When, own_names
from erp_sync.adapters.erpnext.setup import SetupSource
from erp_sync.http import Deadline

DOCTYPE, LINE = "Delivery Note", "Delivery Note Item"
FIELDS = (
    "name",
    "customer",
    "docstatus",
    "posting_date",
    "lr_no",
    "lr_date",
    "transporter_name",
    "modified",
)
LINE_FIELDS = ("parent", "name", "idx", "item_code", "qty", "uom", "against_sales_order", "so_detail")
STATES = {d.DRAFT: "picking", d.SUBMITTED: "shipped", d.UNDONE: "cancelled"}


class Deliveries:
    """Delivery notes; when the goods arrive ERPNext does not know."""

    doctype = DOCTYPE
    fields: tuple[str, ...] = FIELDS
    most = 100
    is_whole = True

    def __init__(self, client: ErpNextClient, setup: SetupSource) -> None:
        self._client = client
        self._setup = setup

    def filters(self, deadline: Deadline) -> list[Any]:
        """Return which notes bring goods."""
        return [["company", "=", self._setup.get(deadline).company], ["is_return", "=", 0]]

    def builder(self, rows: Sequence[Row], when: When, deadline: Deadline) -> Callable[[Row], Built]:
        """Read the lines of a page."""
        lines = to.grouped(self._client.rows_of(DOCTYPE, LINE, own_names(rows), LINE_FIELDS, deadline))

        def build(row: Row) -> Built:
            yield _delivery(row, lines.get(str(row["name"]), []), when)

        return build

    def keys(self, rows: Sequence[Row], deadline: Deadline) -> Iterable[str]:
        """Return the numbers."""
        return own_names(rows)


def _delivery(row: Row, lines: Sequence[Row], when: When) -> r.DeliveryRecord:
    state = STATES[d.status(row)]
    day = to.day(row["posting_date"])
    return r.DeliveryRecord(
        erp_id=str(row["name"]),
        version=when(row["modified"]),
        number=to.line(row["name"], 64),
        customer_erp_id=str(row["customer"]),
        state=state,
        shipped_on=day if state == "shipped" else None,
        planned_on=day if state == "picking" else None,
        carrier=to.line(row["transporter_name"], 120),
        tracking_number=to.line(row["lr_no"], 120),
        lines=tuple(
            r.DeliveryLineRecord(
                order_erp_id=str(one["against_sales_order"] or ""),
                order_line_erp_id=str(one["so_detail"] or ""),
                sku=to.line(one["item_code"], 140),
                quantity=to.quantity(one["qty"]),
                unit=to.line(one["uom"], 40),
            )
            for one in lines
        ),
    )
