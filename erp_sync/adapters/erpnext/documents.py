"""Documents of ours in ERPNext, written once: a draft under our key, looked at, then submitted.

The key stands in the custom field `b2b_key`, which is unique there: of several that create the same document one wins,
the others are refused and read what is there. ERPNext drops a field that it does not know without a word, so a document
that comes back without its key is deleted again and nothing more is written until the field is there.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from erp_sync.adapters.erpnext import mapping as to
from erp_sync.adapters.erpnext.client import Doc, ErpNextClient
from erp_sync.adapters.erpnext.faults import Stale
from erp_sync.errors import ErpMisconfigured, ErpRejected, ErpUnavailable
from erp_sync.http import Deadline

KEY, NOTE, CANCELLED = "b2b_key", "b2b_note", "b2b_cancelled"
DRAFT, SUBMITTED, UNDONE = 0, 1, 2
MOST_ALIKE = 5


class Documents:
    """Documents of one type."""

    def __init__(self, client: ErpNextClient, doctype: str) -> None:
        self.client = client
        self.doctype = doctype

    def read(self, name: str, deadline: Deadline) -> Doc:
        """Return a document."""
        return self.client.read(self.doctype, name, deadline)

    def all_by_key(self, key: str, deadline: Deadline) -> list[Doc]:
        """Return every document with our key: none or one, as long as the field is unique."""
        filters = [[KEY, "=", key]]
        rows = self.client.rows(self.doctype, ["name"], filters, deadline=deadline, limit=MOST_ALIKE)
        return [self.read(str(row["name"]), deadline) for row in rows]

    def by_key(self, key: str, deadline: Deadline) -> Doc | None:
        """Return the document with our key."""
        found = self.all_by_key(key, deadline)
        return found[0] if found else None

    def make(self, key: str, values: Mapping[str, Any], deadline: Deadline) -> Doc:
        """Create a draft under our key; what is there already is taken as it is.

        Raises:
            ErpRejected: the ERP refuses it.
            ErpMisconfigured: the ERP does not keep our key.
        """
        try:
            doc = self.client.insert(self.doctype, {**values, KEY: key}, deadline)
        except ErpRejected:
            # It may be refused for another reason than its key although it is there: the buyer's order number is.
            found = self.by_key(key, deadline)
            if found is None:
                raise
            return found
        if doc.get(KEY) != key:
            self._take_back(doc, deadline)
        return doc

    def submit(self, doc: Doc, deadline: Deadline, **values: Any) -> Doc:
        """Submit a draft; one that somebody else submitted meanwhile is taken as it is.

        Raises:
            ErpRejected: the ERP refuses it; it stays a draft.
            ErpUnavailable: somebody wrote at the same time.
        """
        name = str(doc["name"])
        try:
            return self.client.update(self.doctype, name, {**values, "docstatus": SUBMITTED}, deadline)
        except ErpRejected as refusal:
            now = self.read(name, deadline)
            if status(now) == SUBMITTED:
                return now
            if isinstance(refusal, Stale):
                raise ErpUnavailable(f"{self.doctype} {name} was written by somebody else meanwhile") from refusal
            raise

    def cancel(self, name: str, deadline: Deadline) -> None:
        """Cancel what is submitted.

        Raises:
            ErpRejected: the ERP refuses it, as other documents hang on it.
        """
        try:
            self.client.act("frappe.client.cancel", deadline, doctype=self.doctype, name=name)
        except ErpRejected:
            if status(self.read(name, deadline)) != UNDONE:
                raise

    def _take_back(self, doc: Doc, deadline: Deadline) -> None:
        self.client.delete(self.doctype, str(doc["name"]), deadline)
        raise ErpMisconfigured(
            f"the ERP does not keep {KEY} on {self.doctype}: make the custom field again (docs/adapters-erpnext.md)"
        )


def status(doc: Mapping[str, Any]) -> int:
    """Return 0 draft, 1 submitted or 2 cancelled; the field `status` cannot be trusted for it."""
    return int(to.number(doc["docstatus"]))


def is_let_go(doc: Mapping[str, Any]) -> bool:
    """Return whether a document counts no more: cancelled, or a draft that the shop let go."""
    return status(doc) == UNDONE or (status(doc) == DRAFT and to.is_on(doc.get(CANCELLED)))
