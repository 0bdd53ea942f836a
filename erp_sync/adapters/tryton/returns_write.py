"""Returns into Tryton: a complaint about an order line, with the return of goods as its action."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from erp_sync import records as r
from erp_sync.adapters.tryton import mapping as to
from erp_sync.adapters.tryton.client import TrytonClient
from erp_sync.adapters.tryton.deliveries import RETURN_STATES
from erp_sync.adapters.tryton.setup import SetupSource
from erp_sync.errors import ErpMisconfigured, ErpRejected
from erp_sync.http import Deadline

MODEL = "sale.complaint"
FIELDS = ["number", "reference", "state", "origin"]


class ReturnsWrite:
    """Writes complaints up to "waiting"; the ERP's staff decides. Our reference stands in the complaint's."""

    def __init__(self, client: TrytonClient, setup: SetupSource) -> None:
        self._client = client
        self._setup = setup

    def create(self, new: r.NewReturn, deadline: Deadline) -> r.WrittenDocument:
        """Ask for the return, or carry on with the one that is there.

        Raises:
            ErpRejected: the order line is not his, or less of it was delivered.
        """
        rows = self._rows(new.reference, deadline)
        if not rows:
            values = self._values(new, deadline)
            ids = self._call("create", [[values]], deadline)
            rows = self._client.rows(MODEL, [["id", "in", ids]], FIELDS, deadline=deadline)
        if rows[0]["state"] == "draft":
            self._wait(rows[0]["id"], deadline)
        return self.find(new, deadline)[0]

    def find(self, new: r.NewReturn, deadline: Deadline) -> list[r.WrittenDocument]:
        """Return the complaints with this reference; one that was not submitted yet is "partial"."""
        return [_written(row, new.reference) for row in self._rows(new.reference, deadline)]

    def _values(self, new: r.NewReturn, deadline: Deadline) -> dict[str, Any]:
        line = to.erp_id(new.order_line_erp_id)
        domain = [["id", "=", line], ["sale.party", "=", to.erp_id(new.customer_erp_id)]]
        found = self._client.rows("sale.line", domain, ["quantity", "sale", "unit_price"], deadline=deadline)
        if not found:
            raise ErpRejected(f"There is no line {new.order_line_erp_id} of this customer.")
        if new.quantity > to.number(found[0]["quantity"]):
            raise ErpRejected(f"Only {to.number(found[0]['quantity']).normalize():f} were ordered.")
        setup = self._setup.get(deadline)
        return {
            "company": setup.company,
            "customer": to.erp_id(new.customer_erp_id),
            "type": self._type(deadline),
            "origin": f"sale.line,{line}",
            "reference": new.reference,
            "description": "\n".join(filter(None, [new.reason, new.description])),
            "actions": [["create", [{"action": "sale_return", "quantity": float(new.quantity)}]]],
        }

    def _type(self, deadline: Deadline) -> int:
        rows = self._client.rows(
            "sale.complaint.type", [["origin.name", "=", "sale.line"]], ["name"], deadline=deadline, limit=1
        )
        if not rows:
            raise ErpMisconfigured("the ERP has no type of complaint for order lines: make one")
        return int(rows[0]["id"])

    def _wait(self, complaint: int, deadline: Deadline) -> None:
        """Submit it. That the line has another complaint already is the buyer's good right: skip that warning alone."""
        try:
            self._call("wait", [[complaint]], deadline)
        except ErpRejected as error:
            if not error.warning.endswith(".complaint_similar"):
                raise
            self._client.call("model.res.user.warning.skip", error.warning, False, deadline=deadline)  # noqa: FBT003
            self._call("wait", [[complaint]], deadline)

    def _rows(self, reference: str, deadline: Deadline) -> list[dict[str, Any]]:
        return self._client.rows(MODEL, [["reference", "=", reference]], FIELDS, deadline=deadline)

    def _call(self, method: str, arguments: list[Any], deadline: Deadline) -> Any:
        context = {"language": self._setup.options.message_language}
        return self._client.call(f"model.{MODEL}.{method}", *arguments, deadline=deadline, context=context)


def _written(row: Mapping[str, Any], reference: str) -> r.WrittenDocument:
    state = "partial" if row["state"] == "draft" else RETURN_STATES[row["state"]]
    return r.WrittenDocument("return", str(row["id"]), str(row["number"] or ""), reference, state)
