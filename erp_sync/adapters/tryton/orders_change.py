"""Changes of an order in Tryton: let go of before it is processed, amended after that, as long as nothing is picked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence, Set
from decimal import Decimal
from typing import Any

from erp_sync import records as r
from erp_sync.adapters.refusals import refuse_late
from erp_sync.adapters.tryton import mapping as to
from erp_sync.adapters.tryton.client import TrytonClient
from erp_sync.adapters.tryton.sales import Sales
from erp_sync.adapters.tryton.setup import SetupSource
from erp_sync.errors import ErpRejected
from erp_sync.http import Deadline

AMENDMENT = "sale.amendment"
SHIPMENT = "stock.shipment.out"
UNTOUCHED = {"draft", "waiting", "cancelled"}
STATUS = {"draft": "draft", "quotation": "quotation", "confirmed": "open", "processing": "open", "done": "completed"}
LINE_FIELDS = ["type", "product", "quantity", "unit", "unit_price", "description", "moves.state", "moves.quantity"]
Row = Mapping[str, Any]


def allowed(state: str, invoice_state: str, shipments: Iterable[str], *, is_gone: bool) -> tuple[str, ...]:
    """Return what may still be changed of an order.

    Args:
        state: Of the sale.
        invoice_state: Of the sale; once there is an invoice, accounting decides.
        shipments: States of its shipments.
        is_gone: Goods have left the warehouse.
    """
    if state in {"draft", "quotation"}:
        return ("cancel",)
    if state == "confirmed":
        return ("cancel", "customer_reference")
    if state != "processing":
        return ()
    is_untouched = set(shipments) <= UNTOUCHED and invoice_state in {"none", "pending"}
    if is_untouched and not is_gone:
        return ("cancel", "requested_on", "ship_to", "customer_reference", "lines")
    return ("customer_reference",)


def is_let_go(state: str, quantities: Sequence[Any]) -> bool:
    """Say whether an order that was processed is cancelled: nothing of it is ordered any more."""
    return state in {"processing", "done"} and bool(quantities) and not any(quantities)


class OrdersChange:
    """Cancels and changes orders of any channel."""

    def __init__(self, client: TrytonClient, sales: Sales, setup: SetupSource) -> None:
        self._client = client
        self._sales = sales
        self._setup = setup

    def cancel(self, cancellation: r.Cancellation, deadline: Deadline) -> r.WrittenDocument:
        """Let the order go, unless it is.

        Raises:
            ErpRejected: there is none, or goods of it are on their way.
        """
        row = self._order(cancellation.order_erp_id, cancellation.order_reference, deadline)
        if not _is_cancelled(row):
            self._refuse(row, {"cancel"}, deadline)
            row = self._let_go(row, cancellation, deadline)
        return _written(row, cancellation.reference)

    def find_cancel(self, cancellation: r.Cancellation, deadline: Deadline) -> list[r.WrittenDocument]:
        """Return the order when it is cancelled."""
        row = self._order(cancellation.order_erp_id, cancellation.order_reference, deadline)
        return [_written(row, cancellation.reference)] if _is_cancelled(row) else []

    def change(self, change: r.OrderChange, deadline: Deadline) -> r.WrittenDocument:
        """Change the order, unless it stands so already.

        Raises:
            ErpRejected: there is none, or it is too late for one of the changes.
        """
        row = self._order(change.order_erp_id, change.order_reference, deadline)
        if not self._is_done(row, change):
            self._refuse(row, change.wishes, deadline)
            self._write(row, change, deadline)
            row = self._sales.row(row["id"], deadline)
        return _written(row, change.reference)

    def find_change(self, change: r.OrderChange, deadline: Deadline) -> list[r.WrittenDocument]:
        """Return the order when it stands as wanted."""
        row = self._order(change.order_erp_id, change.order_reference, deadline)
        return [_written(row, change.reference)] if self._is_done(row, change) else []

    # -- doing it --------------------------------------------------------------

    def _let_go(self, row: dict[str, Any], cancellation: r.Cancellation, deadline: Deadline) -> dict[str, Any]:
        if cancellation.reason and cancellation.reason not in str(row["comment"] or ""):
            comment = "\n".join(filter(None, [row["comment"], cancellation.reason]))
            self._sales.update(row["id"], {"comment": comment}, deadline)
        if row["state"] == "processing":
            lines = [self._without(one) for one in self._lines(row, deadline)]
            self._amend(row, cancellation.reference, lines, deadline)
            return self._sales.row(row["id"], deadline)
        if row["state"] == "confirmed":
            row = self._sales.step("draft", row, deadline)
        return self._sales.step("cancel", row, deadline)

    def _write(self, row: Row, change: r.OrderChange, deadline: Deadline) -> None:
        values: dict[str, Any] = {}
        if change.customer_reference is not None:
            values["reference"] = to.line(change.customer_reference)
        if change.requested_on is not None:
            values["shipping_date"] = change.requested_on
        if values:
            self._sales.update(row["id"], values, deadline)
        amendments = [self._without(one) for one in self._lines(row, deadline) if str(one["id"]) in change.cancel_lines]
        if change.ship_to_erp_id and row["shipment_address"] != to.erp_id(change.ship_to_erp_id):
            amendments.append(_moved(row, to.erp_id(change.ship_to_erp_id)))
        if amendments:
            self._amend(row, change.reference, amendments, deadline)
        if change.requested_on is not None:
            self._plan(row, change.requested_on, deadline)

    def _without(self, one: Row) -> dict[str, Any]:
        """Return the amendment that leaves of a line what was delivered of it."""
        names = ("product", "unit", "unit_price", "description")
        return {"action": "line", "line": one["id"], "quantity": _delivered(one), **{name: one[name] for name in names}}

    def _amend(self, row: Row, reference: str, lines: list[dict[str, Any]], deadline: Deadline) -> None:
        """Amend a processed order once: the amendment carries our reference."""
        domain = [["sale", "=", row["id"]], ["description", "=", reference]]
        found = self._client.rows(AMENDMENT, domain, ["state"], deadline=deadline)
        if not found:
            values = {"sale": row["id"], "description": reference, "lines": [["create", lines]]}
            ids = self._sales.call("create", [[values]], deadline, model=AMENDMENT)
            found = [{"id": ids[0], "state": "draft"}]
        if found[0]["state"] == "draft":
            self._sales.call("validate_amendment", [[found[0]["id"]]], deadline, model=AMENDMENT)

    def _plan(self, row: Row, day: dt.date, deadline: Deadline) -> None:
        """Plan the shipments that nobody has begun for the day wanted."""
        shipments = self._shipments(row, deadline)
        waiting = [one["id"] for one in shipments if one["state"] in {"draft", "waiting"}]
        if waiting:
            self._sales.call("write", [waiting, {"planned_date": day}], deadline, model=SHIPMENT)

    # -- looking ---------------------------------------------------------------

    def _refuse(self, row: Row, wishes: Set[str], deadline: Deadline) -> None:
        shipments = self._shipments(row, deadline)
        is_gone = any(one["state"] in {"shipped", "done"} for one in shipments)
        states = [one["state"] for one in shipments]
        refuse_late(row["number"], wishes, allowed(row["state"], row["invoice_state"], states, is_gone=is_gone))

    def _is_done(self, row: Row, change: r.OrderChange) -> bool:
        gone = {str(one["id"]) for one in row["lines."] if one["type"] == "line" and not one["quantity"]}
        return (
            (change.requested_on is None or row["shipping_date"] == change.requested_on)
            and (not change.ship_to_erp_id or str(row["shipment_address"]) == change.ship_to_erp_id)
            and (change.customer_reference is None or (row["reference"] or "") == to.line(change.customer_reference))
            and gone >= set(change.cancel_lines)
        )

    def _lines(self, row: Row, deadline: Deadline) -> list[dict[str, Any]]:
        domain = [["sale", "=", row["id"]], ["type", "=", "line"]]
        return self._client.rows("sale.line", domain, LINE_FIELDS, deadline=deadline)

    def _shipments(self, row: Row, deadline: Deadline) -> list[dict[str, Any]]:
        found = self._client.rows("sale.sale", [["id", "=", row["id"]]], ["shipments.state"], deadline=deadline)
        return [dict(one) for one in found[0]["shipments."]]

    def _order(self, erp_id: str, reference: str, deadline: Deadline) -> dict[str, Any]:
        if erp_id:
            rows = self._sales.search([["id", "=", to.erp_id(erp_id)]], deadline)
        else:
            rows = self._sales.by_reference(reference, deadline)
        if not rows:
            raise ErpRejected(f"There is no order {reference or erp_id}.")
        return rows[0]


def _moved(row: Row, address: int) -> dict[str, Any]:
    names = ("party", "invoice_party", "invoice_address", "shipment_party")
    return {"action": "party", "shipment_address": address, **{name: row[name] for name in names}}


def _delivered(one: Row) -> float:
    done = (to.number(move["quantity"]) for move in one["moves."] if move["state"] == "done")
    return float(sum(done, Decimal(0)))


def _is_cancelled(row: Row) -> bool:
    quantities = [one["quantity"] for one in row["lines."] if one["type"] == "line"]
    return row["state"] == "cancelled" or is_let_go(row["state"], quantities)


def _written(row: Row, reference: str) -> r.WrittenDocument:
    state = "cancelled" if _is_cancelled(row) else STATUS[row["state"]]
    return r.WrittenDocument(
        "order", str(row["id"]), str(row["number"] or ""), reference, state, to.number(row["total_amount"])
    )
