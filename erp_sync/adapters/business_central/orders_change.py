"""Changes of an order, as long as nobody released or shipped it.

A line is let go by ordering nothing of it, an order by letting all its lines go: it stays, so that it can be found, and
the ERP's staff may delete it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import Any

from erp_sync import records as r
from erp_sync.adapters.business_central import mapping as to
from erp_sync.adapters.business_central import remarks
from erp_sync.adapters.business_central import sales as s
from erp_sync.adapters.business_central.client import BcClient, at
from erp_sync.adapters.business_central.orders_read import allowed
from erp_sync.adapters.business_central.orders_write import OrdersWrite
from erp_sync.adapters.business_central.remarks import Remark
from erp_sync.errors import ErpRejected, ErpUnavailable
from erp_sync.http import Deadline

STATES = {"draft": "draft", "confirmed": "open", "cancelled": "cancelled"}


@dataclass(frozen=True, slots=True)
class Edit:
    """What is done to an order: fields written, lines let go or removed, comments added."""

    values: Mapping[str, Any] = field(default_factory=dict)
    let_go: Sequence[s.Row] = ()
    removed: Sequence[s.Row] = ()
    comments: Sequence[Mapping[str, Any]] = ()


class OrdersChange:
    """Cancels and changes orders of any channel."""

    def __init__(self, client: BcClient, orders: OrdersWrite, *, has_places: bool) -> None:
        self._client = client
        self._orders = orders
        self._has_places = has_places

    def cancel(self, cancellation: r.Cancellation, deadline: Deadline) -> r.WrittenDocument:
        """Let the order go, unless it is.

        Raises:
            ErpRejected: there is none, or goods of it are on their way.
        """
        row = self._order(cancellation.order_erp_id, cancellation.order_reference, deadline)
        if not s.is_cancelled(s.lines_of(row, s.ORDER)):
            self._refuse(row, {"cancel"})
            comments = remarks.comments(Remark.CANCELLED, cancellation.reason)
            edit = Edit(let_go=s.items_of(s.lines_of(row, s.ORDER)), comments=comments)
            row = self._changed(row, edit, deadline)
        return _written(row, cancellation.reference)

    def find_cancel(self, cancellation: r.Cancellation, deadline: Deadline) -> list[r.WrittenDocument]:
        """Return the order when it is cancelled."""
        row = self._order(cancellation.order_erp_id, cancellation.order_reference, deadline)
        is_done = s.is_cancelled(s.lines_of(row, s.ORDER))
        return [_written(row, cancellation.reference)] if is_done else []

    def change(self, change: r.OrderChange, deadline: Deadline) -> r.WrittenDocument:
        """Change the order, unless it stands so already.

        Raises:
            ErpRejected: there is none, or it is too late for one of the changes.
        """
        row = self._order(change.order_erp_id, change.order_reference, deadline)
        place = self._place(change, deadline)
        if not _is_done(row, change, place):
            self._refuse(row, change.wishes)
            row = self._changed(row, _edit(row, change, place), deadline)
        return _written(row, change.reference)

    def find_change(self, change: r.OrderChange, deadline: Deadline) -> list[r.WrittenDocument]:
        """Return the order when it stands as wanted."""
        row = self._order(change.order_erp_id, change.order_reference, deadline)
        is_done = _is_done(row, change, self._place(change, deadline))
        return [_written(row, change.reference)] if is_done else []

    def _changed(self, row: Mapping[str, Any], edit: Edit, deadline: Deadline) -> dict[str, Any]:
        """Write the fields of the order first (they fail if it was changed), then its lines; return it afresh."""
        order = at(s.ORDER.place, str(row["id"]))
        if edit.values:
            self._client.change(order, row, edit.values, deadline)
        for line in edit.let_go:
            if to.number(line["quantity"]):
                place = f"{order}/{at(s.ORDER.part, str(line['id']))}"
                self._client.change(place, line, {"quantity": 0}, deadline)
        for line in edit.removed:
            self._client.remove(f"{order}/{at(s.ORDER.part, str(line['id']))}", line, deadline)
        for comment in edit.comments:
            self._client.insert(f"{order}/{s.ORDER.part}", comment, deadline)
        return self._read(str(row["number"]), deadline)

    def _place(self, change: r.OrderChange, deadline: Deadline) -> dict[str, str]:
        if not change.ship_to_erp_id:
            return {}
        return self._orders.place(change.customer_erp_id, change.ship_to_erp_id, deadline)

    def _refuse(self, row: Mapping[str, Any], wishes: Set[str]) -> None:
        if wishes - set(allowed(row, s.lines_of(row, s.ORDER), has_places=self._has_places)):
            what = "cancelled" if wishes == {"cancel"} else "changed like this"
            raise ErpRejected(f"Order {row['number']} is being worked on and cannot be {what} any more.")

    def _order(self, number: str, reference: str, deadline: Deadline) -> dict[str, Any]:
        if number:
            row = s.by_number(self._client, s.ORDER, number, deadline)
        else:
            row = next(iter(self._orders.found.open(reference, deadline)), None)
        if row is not None:
            return row
        if reference and self._orders.found.all(reference, deadline):
            raise ErpRejected(f"Order {number or reference} is delivered and billed already.")
        raise ErpRejected(f"There is no open order {number or reference}.")

    def _read(self, number: str, deadline: Deadline) -> dict[str, Any]:
        row = s.by_number(self._client, s.ORDER, number, deadline)
        if row is None:
            raise ErpUnavailable(f"order {number} is gone since it was changed")
        return row


def _written(row: Mapping[str, Any], reference: str) -> r.WrittenDocument:
    number = to.line(row["number"], 20)
    state = STATES[s.order_state(row, s.lines_of(row, s.ORDER))]
    return r.WrittenDocument("order", number, number, reference, state, to.amount(row["totalAmountIncludingTax"]))


def _edit(row: s.Row, change: r.OrderChange, place: Mapping[str, str]) -> Edit:
    """Return what makes the order stand as wanted; the old reference of the buyer goes, the new one comes."""
    lines = s.lines_of(row, s.ORDER)
    values: dict[str, Any] = dict(place)
    if change.requested_on is not None:
        values["requestedDeliveryDate"] = change.requested_on
    let_go = [line for line in s.items_of(lines) if s.line_key(str(row["number"]), line) in change.cancel_lines]
    if change.customer_reference is None or _told(lines) == _clean(change.customer_reference):
        return Edit(values, let_go)
    comments = remarks.comments(Remark.REFERENCE, change.customer_reference)
    return Edit(values, let_go, remarks.rows_of(lines, Remark.REFERENCE), comments)


def _told(lines: Sequence[s.Row]) -> str:
    return remarks.first(lines, Remark.REFERENCE)


def _clean(words: str) -> str:
    return " ".join(to.text(words, 120).split())


def _is_done(row: Mapping[str, Any], change: r.OrderChange, place: Mapping[str, str]) -> bool:
    lines = s.lines_of(row, s.ORDER)
    gone = {s.line_key(row["number"], line) for line in lines if not to.number(line["quantity"])}
    return (
        (change.requested_on is None or to.day(row["requestedDeliveryDate"]) == change.requested_on)
        and all(to.line(row.get(name)) == value for name, value in place.items() if name in s.ORDER.fields)
        and (change.customer_reference is None or _told(lines) == _clean(change.customer_reference))
        and gone >= set(change.cancel_lines)
    )
