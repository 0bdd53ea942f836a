"""Changes of an order, as it was read: one PATCH with its ETag, or a cancellation."""

from __future__ import annotations

from typing import Any

from erp_sync import records as r
from erp_sync.adapters.refusals import refuse_late
from erp_sync.adapters.sap_b1 import documents as d
from erp_sync.adapters.sap_b1 import mapping as to
from erp_sync.adapters.sap_b1.client import first
from erp_sync.adapters.sap_b1.mapping import Row
from erp_sync.adapters.sap_b1.orders_read import allowed
from erp_sync.adapters.sap_b1.orders_write import place
from erp_sync.errors import ErpRejected
from erp_sync.http import Deadline


class OrdersChange:
    """Cancels and changes orders of any channel."""

    def __init__(self, sales: d.Sales) -> None:
        self._sales = sales

    def cancel(self, cancellation: r.Cancellation, deadline: Deadline) -> r.WrittenDocument:
        """Let the order go, unless it is.

        Raises:
            ErpRejected: there is none, or goods of it are on their way.
        """
        row, etag = self._order(cancellation.order_erp_id, cancellation.order_reference, deadline)
        if not d.is_cancelled(row):
            refuse_late(str(row["DocNum"]), {"cancel"}, allowed(row))
            self._sales.let_go("Orders", row, etag, cancellation.reason, deadline)
            row, etag = self._order(str(row["DocEntry"]), "", deadline)
        return self._written(row, cancellation.reference, deadline)

    def find_cancel(self, cancellation: r.Cancellation, deadline: Deadline) -> list[r.WrittenDocument]:
        """Return the order when it is cancelled."""
        row, _etag = self._order(cancellation.order_erp_id, cancellation.order_reference, deadline)
        return [self._written(row, cancellation.reference, deadline)] if d.is_cancelled(row) else []

    def change(self, change: r.OrderChange, deadline: Deadline) -> r.WrittenDocument:
        """Change the order, unless it stands so already.

        Raises:
            ErpRejected: there is none, or it is too late for one of the changes.
            ErpUnavailable: somebody else changed it just now; nothing was written.
        """
        row, etag = self._order(change.order_erp_id, change.order_reference, deadline)
        if not _is_done(row, change):
            refuse_late(str(row["DocNum"]), change.wishes, allowed(row))
            self._sales.client.change(_path(row), _values(row, change), etag=etag, deadline=deadline)
            row, etag = self._order(str(row["DocEntry"]), "", deadline)
        return self._written(row, change.reference, deadline)

    def find_change(self, change: r.OrderChange, deadline: Deadline) -> list[r.WrittenDocument]:
        """Return the order when it stands as wanted."""
        row, _etag = self._order(change.order_erp_id, change.order_reference, deadline)
        return [self._written(row, change.reference, deadline)] if _is_done(row, change) else []

    def _order(self, erp_id: str, reference: str, deadline: Deadline) -> tuple[dict[str, Any], str]:
        entry = to.entry_of(erp_id)
        if not erp_id:
            found = self._sales.by_key("Orders", reference, deadline)
            entry = 0 if not found or found[0].get("is_draft") else found[0]["DocEntry"]
        return first(self._sales.client.one("Orders", entry, deadline), f"order {reference or erp_id}")

    def _written(self, row: Row, reference: str, deadline: Deadline) -> r.WrittenDocument:
        state = "cancelled" if d.is_cancelled(row) else "open" if d.is_open(row) else "completed"
        total = d.money(row, "DocTotal", self._sales.setup.get(deadline))
        return r.WrittenDocument("order", str(row["DocEntry"]), str(row["DocNum"]), reference, state, total)


def _path(row: Row) -> str:
    return f"Orders({to.whole(row['DocEntry'])})"


def _values(row: Row, change: r.OrderChange) -> dict[str, Any]:
    values: dict[str, Any] = place(change.ship_to_erp_id or "", str(row["CardCode"]))
    if change.customer_reference is not None:
        values["NumAtCard"] = to.line(change.customer_reference, d.CUSTOMER_REFERENCE)
    lines: dict[int, dict[str, Any]] = {one["LineNum"]: {"LineNum": one["LineNum"]} for one in d.own_lines(row)}
    if change.requested_on is not None:
        values["DocDueDate"] = change.requested_on.isoformat()
        for one in lines.values():
            one["ShipDate"] = change.requested_on.isoformat()
    for number in _gone(row, change):
        lines[number]["LineStatus"] = d.CLOSED
    changed = [one for one in lines.values() if len(one) > 1]
    return values | ({"DocumentLines": changed} if changed else {})


def _gone(row: Row, change: r.OrderChange) -> set[int]:
    """Return the lines that are to go.

    Raises:
        ErpRejected: one is not of this order.
    """
    wanted = set(change.cancel_lines)
    found = {to.line_id(row["DocEntry"], one["LineNum"]): one["LineNum"] for one in d.own_lines(row)}
    if wanted - set(found):
        raise ErpRejected(f"Order {row['DocNum']} has no line {sorted(wanted - set(found))[0]}.")
    return {found[one] for one in wanted}


def _is_done(row: Row, change: r.OrderChange) -> bool:
    reference = change.customer_reference
    ship = place(change.ship_to_erp_id or "", str(row["CardCode"])).get("ShipToCode")
    closed = {to.line_id(row["DocEntry"], one["LineNum"]) for one in d.own_lines(row) if one["LineStatus"] != d.OPEN}
    return (
        (change.requested_on is None or to.day(row.get("DocDueDate")) == change.requested_on)
        and (ship is None or row.get("ShipToCode") == ship)
        and (reference is None or to.line(row.get("NumAtCard"), 120) == to.line(reference, d.CUSTOMER_REFERENCE))
        and closed >= set(change.cancel_lines)
    )
