"""Changes of an order and its cancellation, as far as ERPNext lets a submitted order be changed."""

from __future__ import annotations

from typing import Any

from erp_sync import records as r
from erp_sync.adapters.erpnext import documents as d
from erp_sync.adapters.erpnext import mapping as to
from erp_sync.adapters.erpnext.client import Doc, ErpNextClient
from erp_sync.adapters.erpnext.faults import Missing, Stale
from erp_sync.adapters.erpnext.orders_read import allowed, status_of
from erp_sync.adapters.erpnext.totals import whole_of
from erp_sync.adapters.refusals import refuse_late
from erp_sync.errors import ErpRejected, ErpUnavailable
from erp_sync.http import Deadline


class OrdersChange:
    """Writes changes; what stands so already is left alone."""

    def __init__(self, documents: d.Documents, client: ErpNextClient, digits: int) -> None:
        self._documents = documents
        self._client = client
        self._digits = digits

    def cancel(self, wish: r.Cancellation, deadline: Deadline) -> r.WrittenDocument:
        """Let the order go: a draft is marked, as ERPNext cannot cancel it and its key must stay; else cancelled.

        Raises:
            ErpRejected: there is none, or goods or bills hang on it.
        """
        doc = self._order(wish.order_erp_id, wish.order_reference, deadline)
        if not d.is_let_go(doc):
            self._refuse(doc, {"cancel"})
            self._let_go(doc, deadline)
            doc = self._documents.read(str(doc["name"]), deadline)
        return self._written(doc, wish.reference)

    def find_cancel(self, wish: r.Cancellation, deadline: Deadline) -> list[r.WrittenDocument]:
        """Return the order when it is let go."""
        doc = self._order(wish.order_erp_id, wish.order_reference, deadline)
        return [self._written(doc, wish.reference)] if d.is_let_go(doc) else []

    def change(self, change: r.OrderChange, deadline: Deadline) -> r.WrittenDocument:
        """Change the order, unless it stands so already.

        Raises:
            ErpRejected: there is none, or it is too late for one of the changes.
        """
        doc = self._order(change.order_erp_id, change.order_reference, deadline)
        if not _is_done(doc, change):
            self._refuse(doc, set(_values(change)) | ({"lines"} if change.cancel_lines else set()))
            self._refuse_foreign_place(doc, change, deadline)
            doc = self._update(doc, _fields(doc, change), deadline)
        return self._written(doc, change.reference)

    def find_change(self, change: r.OrderChange, deadline: Deadline) -> list[r.WrittenDocument]:
        """Return the order when it stands as wanted."""
        doc = self._order(change.order_erp_id, change.order_reference, deadline)
        return [self._written(doc, change.reference)] if _is_done(doc, change) else []

    def _let_go(self, doc: Doc, deadline: Deadline) -> None:
        if d.status(doc) == d.SUBMITTED:
            self._documents.cancel(str(doc["name"]), deadline)
        elif not to.is_on(self._update(doc, {d.CANCELLED: 1}, deadline).get(d.CANCELLED)):
            raise ErpRejected(f"The ERP cannot let draft {doc['name']} go: it has no field {d.CANCELLED}.")

    def _update(self, doc: Doc, values: dict[str, Any], deadline: Deadline) -> Doc:
        """Write fields if nobody wrote since the order was read."""
        try:
            values = {**values, "modified": doc["modified"]}
            return self._client.update(self._documents.doctype, str(doc["name"]), values, deadline)
        except Stale as stale:
            raise ErpUnavailable(f"order {doc['name']} was written by somebody else meanwhile") from stale

    def _refuse(self, doc: Doc, wishes: set[str]) -> None:
        if "lines" in wishes:
            raise ErpRejected(f"ERPNext does not let single lines of order {doc['name']} go: cancel it, or ask us.")
        refuse_late(doc["name"], wishes, allowed(doc))

    def _refuse_foreign_place(self, doc: Doc, change: r.OrderChange, deadline: Deadline) -> None:
        if change.ship_to_erp_id:
            fields = ["parent", "link_doctype", "link_name"]
            links = self._client.rows_of("Address", "Dynamic Link", [change.ship_to_erp_id], fields, deadline)
            if ("Customer", doc["customer"]) not in {(one["link_doctype"], one["link_name"]) for one in links}:
                raise ErpRejected(f"Address {change.ship_to_erp_id} is not one of this customer.")

    def _order(self, erp_id: str, reference: str, deadline: Deadline) -> Doc:
        try:
            doc = self._documents.read(erp_id, deadline) if erp_id else self._documents.by_key(reference, deadline)
        except Missing:
            doc = None
        if doc is None:
            raise ErpRejected(f"There is no order {reference or erp_id}.")
        return doc

    def _written(self, doc: Doc, reference: str) -> r.WrittenDocument:
        name, total = str(doc["name"]), whole_of(doc, self._digits)
        return r.WrittenDocument("order", name, to.line(name, 64), reference, status_of(doc), total)


def _values(change: r.OrderChange) -> dict[str, str]:
    """Return what is to be changed, by the name that `allowed` has for it."""
    values: dict[str, str] = {}
    if change.customer_reference is not None:
        values["customer_reference"] = to.line(change.customer_reference, 140)
    if change.requested_on is not None:
        values["requested_on"] = change.requested_on.isoformat()
    if change.ship_to_erp_id:
        values["ship_to"] = change.ship_to_erp_id
    return values


FIELDS = {"customer_reference": "po_no", "requested_on": "delivery_date", "ship_to": "shipping_address_name"}


def _fields(doc: Doc, change: r.OrderChange) -> dict[str, Any]:
    """Return the fields to write; a new day goes to the lines too, by their names."""
    fields: dict[str, Any] = {FIELDS[name]: value for name, value in _values(change).items()}
    if change.requested_on is not None:
        day = change.requested_on.isoformat()
        fields["items"] = [{**row, "delivery_date": day} for row in to.table(doc, "items")]
    return fields


def _is_done(doc: Doc, change: r.OrderChange) -> bool:
    return not change.cancel_lines and all(
        str(doc.get(FIELDS[name]) or "") == value for name, value in _values(change).items()
    )
