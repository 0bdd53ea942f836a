"""Orders as the ERP holds them: handed over, acknowledged, or exported with our reference."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from erp_sync import records as r
from erp_sync.adapters.files.outgoing import Outgoing, Sent
from erp_sync.adapters.files.pulls import Pulls
from erp_sync.adapters.files.store import Store, Values
from erp_sync.adapters.files.totals import Sums
from erp_sync.errors import ErpRejected

HANDED, REJECTED, CONFIRMED, CANCELLED, DRAFT = "handed", "rejected", "confirmed", "cancelled", "draft"
_STATES = {"draft": DRAFT, "open": CONFIRMED, "completed": CONFIRMED, "cancelled": CANCELLED}


class Orders:
    """Writes orders and says what became of them. What was taken is the caller's business."""

    def __init__(self, store: Store, pulls: Pulls, outgoing: Outgoing, sums: Sums) -> None:
        self._store = store
        self._pulls = pulls
        self._outgoing = outgoing
        self._sums = sums

    def create(self, order: r.NewOrder) -> r.WrittenOrder:
        """Hand it over, unless the ERP has it.

        Raises:
            ErpRejected: it cannot be placed, or the ERP said no.
        """
        there = self.find(order.reference)
        if not there:
            self._may_be_placed(order)
        if not there or there[0].state == DRAFT:
            self._outgoing.hand_over(order)
            there = self.find(order.reference)
        written = there[0]
        if written.state == REJECTED:
            raise ErpRejected(written.message or "The ERP refused this order.")
        return written

    def _may_be_placed(self, order: r.NewOrder) -> None:
        if order.discount is not None and not self._sums.takes_discounts:
            raise ErpRejected("The ERP takes no discounts with an order: ERP_OPTIONS has no discounts.")
        totals, accepted = self._sums.checked(order), order.expected_total
        if accepted is not None and totals.total > accepted:
            raise ErpRejected(f"The total is {totals.total} {totals.currency}, not {accepted}.")

    def find(self, reference: str) -> list[r.WrittenOrder]:
        """Return what the ERP has under the reference, else what was handed over."""
        sent = self._outgoing.find(reference)
        said = self._first(self._store.rows("acknowledgements", [reference]).get(reference, []))
        exported = [self._exported(one, sent.order if sent else None) for one in self._references(reference)]
        if said and said["state"] == "accepted" and "order_id" in said:
            exported = [one for one in exported if one.erp_id == said["order_id"]]
        if exported:
            return exported
        if sent is None:
            return []
        return [self._handed(sent, said)]

    def cancel(self, wish: r.Cancellation) -> r.WrittenDocument:
        """Let an order go that never left the shop whole.

        Raises:
            ErpRejected: the ERP has it, or it is unknown.
        """
        if not self._outgoing.withdraw(wish.order_reference):
            raise ErpRejected("The order is with the ERP already: its staff must cancel it there.")
        return r.WrittenDocument("order", wish.order_reference, "", wish.reference, CANCELLED)

    def _references(self, reference: str) -> Sequence[str]:
        found = self._store.rows_of_other("orders", [reference]).get(reference, []) if reference else []
        return [one["order_id"] for one in found]

    def _exported(self, order_id: str, sent: r.NewOrder | None) -> r.WrittenOrder:
        """Return an order as it was exported; an order of ours keeps its own lines until the ERP exports some."""
        record: r.OrderRecord = self._pulls.one("orders", order_id)
        sold = [one for one in record.lines if one.item_type != "discount"]
        lines = tuple((one.line_no, one.quantity, one.net_price) for one in sold)
        amounts = tuple(one.amount or Decimal(0) for one in sold)
        untaxed = record.untaxed_total or Decimal("0.00")
        tax = record.tax_total
        if tax is None:
            tax = self._sums.of(sent).tax if sent else Decimal("0.00")
        totals = r.Totals(record.currency, untaxed, tax, untaxed + tax, line_amounts=amounts)
        return r.WrittenOrder(record.erp_id, record.number, record.web_reference, _STATES[record.status], totals, lines)

    def _handed(self, sent: Sent, said: Values | None) -> r.WrittenOrder:
        order = sent.order
        lines = tuple((line.line_no, line.quantity, line.net_price) for line in order.lines)
        made = r.WrittenOrder(order.reference, "", order.reference, HANDED, self._sums.of(order), lines)
        if said is None:
            state = HANDED if sent.is_published else CANCELLED if sent.is_withdrawn else DRAFT
            return replace(made, state=state)
        message = said.get("message", "")
        if said["state"] == "rejected":
            return replace(made, state=REJECTED, message=message)
        erp_id = said.get("order_id", said.get("number", order.reference))
        number = said.get("number", erp_id)
        totals = _totals(made.totals, said)
        return replace(made, erp_id=erp_id, number=number, state=CONFIRMED, totals=totals, message=message)

    @staticmethod
    def _first(rows: Sequence[Values]) -> Values | None:
        return rows[0] if rows else None


def _totals(ours: r.Totals, said: Values) -> r.Totals:
    """Return the totals of an acknowledgement, ours where it says none."""
    if "total" not in said:
        return ours
    total = Decimal(said["total"])
    untaxed = Decimal(said["untaxed_total"]) if "untaxed_total" in said else ours.untaxed
    tax = Decimal(said["tax_total"]) if "tax_total" in said else total - untaxed
    amounts = ours.line_amounts if untaxed == ours.untaxed else ()
    return r.Totals(ours.currency, untaxed, tax, total, line_amounts=amounts)
