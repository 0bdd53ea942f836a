"""Changes of an order in Odoo: one write, or a cancellation, as long as nothing left the warehouse or is billed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from typing import Any

from erp_sync import records as r
from erp_sync.adapters.odoo import mapping as to
from erp_sync.adapters.odoo import sales as s
from erp_sync.adapters.refusals import refuse_late
from erp_sync.errors import ErpRejected
from erp_sync.http import Deadline

STATUS = {"draft": "draft", "sent": "quotation", "sale": "open", "done": "open", "cancel": "cancelled"}
OPEN_PICKING = ["draft", "waiting", "confirmed", "assigned"]
Row = Mapping[str, Any]


def allowed(row: Row, pickings: Iterable[Row]) -> tuple[str, ...]:
    """Return what may still be changed of an order; `pickings` are its deliveries with `state` and `printed`."""
    if row["locked"]:
        return ()
    if row["state"] in {"draft", "sent"}:
        return ("cancel",)
    if row["state"] != "sale":
        return ()
    is_begun = any(one["state"] == "done" or one["printed"] for one in pickings)
    if is_begun or row["invoice_ids"]:
        return ("customer_reference",)
    return ("cancel", "requested_on", "ship_to", "customer_reference", "lines")


def is_let_go(row: Row, lines: Sequence[Row]) -> bool:
    """Say whether nothing of an order is ordered any more; a discount that is left over counts for nothing."""
    sold = [
        one["product_uom_qty"]
        for one in lines
        if not one["display_type"] and one["product_id"] and one["price_unit"] >= 0
    ]
    return row["state"] == "cancel" or (row["state"] == "sale" and bool(sold) and not any(sold))


class OrdersChange:
    """Cancels and changes orders of any channel."""

    def __init__(self, sales: s.Sales) -> None:
        self._sales = sales

    def cancel(self, cancellation: r.Cancellation, deadline: Deadline) -> r.WrittenDocument:
        """Let the order go, unless it is.

        Raises:
            ErpRejected: there is none, or goods of it are on their way.
        """
        row = self._order(cancellation.order_erp_id, cancellation.order_reference, deadline)
        if not is_let_go(row, row["lines"]):
            self._refuse(row, {"cancel"}, deadline)
            row = self._sales.step("action_cancel", row, deadline, {"disable_cancel_warning": True})
            if cancellation.reason:
                words = to.text(cancellation.reason, to.LONGEST_TEXT)
                self._sales.client.call("sale.order", "message_post", ids=[row["id"]], body=words, deadline=deadline)
        return self._written(row, cancellation.reference, deadline)

    def find_cancel(self, cancellation: r.Cancellation, deadline: Deadline) -> list[r.WrittenDocument]:
        """Return the order when it is cancelled."""
        row = self._order(cancellation.order_erp_id, cancellation.order_reference, deadline)
        is_done = is_let_go(row, row["lines"])
        return [self._written(row, cancellation.reference, deadline)] if is_done else []

    def change(self, change: r.OrderChange, deadline: Deadline) -> r.WrittenDocument:
        """Change the order, unless it stands so already.

        Raises:
            ErpRejected: there is none, or it is too late for one of the changes.
        """
        row = self._order(change.order_erp_id, change.order_reference, deadline)
        if not _is_done(row, change):
            self._refuse(row, change.wishes, deadline)
            self._sales.refuse_foreign_place(change.customer_erp_id, change.ship_to_erp_id or "", deadline)
            self._sales.update(row["id"], _values(row, change), deadline, {"update_delivery_shipping_partner": True})
            row = self._sales.row(row["id"], deadline)
        if change.requested_on is not None:
            self._plan(row, change, deadline)
        return self._written(row, change.reference, deadline)

    def find_change(self, change: r.OrderChange, deadline: Deadline) -> list[r.WrittenDocument]:
        """Return the order when it stands as wanted."""
        row = self._order(change.order_erp_id, change.order_reference, deadline)
        return [self._written(row, change.reference, deadline)] if _is_done(row, change) else []

    def _plan(self, row: Row, change: r.OrderChange, deadline: Deadline) -> None:
        """Plan the deliveries that are still open for the day wanted."""
        domain = [["sale_id", "=", row["id"]], ["state", "in", OPEN_PICKING]]
        ids = [one["id"] for one in self._sales.client.rows("stock.picking", domain, ["state"], deadline=deadline)]
        if ids:
            values = {"scheduled_date": to.noon(change.requested_on)}
            self._sales.client.call("stock.picking", "write", ids=ids, vals=values, deadline=deadline)

    def _refuse(self, row: Row, wishes: Set[str], deadline: Deadline) -> None:
        domain = [["sale_id", "=", row["id"]], ["picking_type_code", "=", "outgoing"]]
        pickings = self._sales.client.rows("stock.picking", domain, ["state", "printed"], deadline=deadline)
        refuse_late(row["name"], wishes, allowed(row, pickings))

    def _order(self, erp_id: str, reference: str, deadline: Deadline) -> dict[str, Any]:
        if erp_id:
            row = self._sales.by_id(to.erp_id(erp_id), deadline)
        else:
            row = self._sales.by_key(s.ORDER, reference, deadline)
        if row is None:
            raise ErpRejected(f"There is no order {reference or erp_id}.")
        return row

    def _written(self, row: Row, reference: str, deadline: Deadline) -> r.WrittenDocument:
        setup = self._sales.setup.get(deadline)
        total = to.amount(row["amount_total"], setup.step(setup.currencies[to.ref(row["currency_id"])]))
        state = "cancelled" if is_let_go(row, row["lines"]) else STATUS[row["state"]]
        return r.WrittenDocument("order", str(row["id"]), to.line(row["name"], 64), reference, state, total)


def _values(row: Row, change: r.OrderChange) -> dict[str, Any]:
    values: dict[str, Any] = {}
    if change.customer_reference is not None:
        values["client_order_ref"] = to.line(change.customer_reference)
    if change.requested_on is not None:
        values["commitment_date"] = to.noon(change.requested_on)
    if change.ship_to_erp_id:
        values["partner_shipping_id"] = to.erp_id(change.ship_to_erp_id)
    gone = [one for one in row["lines"] if str(one["id"]) in change.cancel_lines]
    if gone:
        # What was delivered of a line stays ordered.
        values["order_line"] = [[1, one["id"], {"product_uom_qty": float(one["qty_delivered"])}] for one in gone]
    return values


def _is_done(row: Row, change: r.OrderChange) -> bool:
    reference = change.customer_reference
    gone = {str(one["id"]) for one in row["lines"] if one["product_uom_qty"] == one["qty_delivered"]}
    return (
        (change.requested_on is None or to.day(row["commitment_date"]) == change.requested_on)
        and (not change.ship_to_erp_id or str(to.ref(row["partner_shipping_id"])) == change.ship_to_erp_id)
        and (reference is None or to.line(row["client_order_ref"]) == to.line(reference))
        and gone >= set(change.cancel_lines)
    )
