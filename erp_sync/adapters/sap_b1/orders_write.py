"""Orders into SAP Business One, once: looked up, previewed, posted in one request. A posted order is confirmed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from erp_sync import records as r
from erp_sync.adapters.refusals import refuse_dearer
from erp_sync.adapters.sap_b1 import documents as d
from erp_sync.adapters.sap_b1 import mapping as to
from erp_sync.adapters.sap_b1.batch import Ask
from erp_sync.adapters.sap_b1.catalogue import UNIT_FIELDS, unit_of
from erp_sync.adapters.sap_b1.customers import ship_to
from erp_sync.adapters.sap_b1.mapping import Row
from erp_sync.adapters.sap_b1.setup import CHANNEL, LINE, MANUAL, Setup
from erp_sync.errors import ErpBroken, ErpRejected, ErpUnavailable
from erp_sync.http import Deadline


class OrdersWrite:
    """Writes orders and says what one would cost."""

    def __init__(self, sales: d.Sales) -> None:
        self._sales = sales

    def find(self, reference: str, deadline: Deadline) -> list[r.WrittenOrder]:
        """Return every order under this reference, or what waits under it for an approval."""
        rows = self._sales.by_key("Orders", reference, deadline)
        return [written(row, reference, self._sales.setup.get(deadline)) for row in rows]

    def create(self, order: r.NewOrder, deadline: Deadline) -> r.WrittenOrder:
        """Post the order, unless it is there.

        Raises:
            ErpRejected: the ERP refuses it, or would charge more than the buyer accepted.
        """
        found = self.find(order.reference, deadline)
        if found:
            return found[0]
        body = self.body(order, deadline)
        refuse_dearer(self.preview(body, deadline).total, order.expected_total)
        return self.post(body, order.reference, deadline)

    def post(
        self,
        body: Mapping[str, Any],
        reference: str,
        deadline: Deadline,
        *,
        before: Sequence[Ask] = (),
        after: Sequence[Ask] = (),
    ) -> r.WrittenOrder:
        """Post an order and return it; who lost a race under the same reference gets the winner's.

        Raises:
            ErpUnavailable: it is not to be seen; nobody knows yet.
        """
        try:
            rows = self._sales.make("Orders", body, reference, deadline, before=before, after=after)
        except ErpRejected:
            rows = self._sales.by_key("Orders", reference, deadline)
            if not rows:
                raise
        if not rows:
            raise ErpUnavailable("the order was posted and is not to be seen yet")
        return written(rows[0], reference, self._sales.setup.get(deadline))

    def totals(self, order: r.NewOrder, deadline: Deadline) -> r.Totals:
        """Return what the order would cost, by the ERP's own preview of it.

        Raises:
            ErpRejected: it cannot be priced.
        """
        return self.preview(self.body(order, deadline), deadline)

    def preview(self, body: Mapping[str, Any], deadline: Deadline) -> r.Totals:
        """Return what a document would cost."""
        document = {**body, **self._sales.branch()}
        told = self._sales.client.call("OrdersService_Preview", {"Document": document}, deadline=deadline)
        lines = told.get("DocumentLines")
        if "DocTotal" not in told or not isinstance(lines, list) or len(lines) != len(body["DocumentLines"]):
            raise ErpBroken("OrdersService_Preview: the answer is no order with these lines")
        return d.totals(told, self._sales.setup.get(deadline))

    def body(self, order: r.NewOrder, deadline: Deadline) -> dict[str, Any]:
        """Return an order as the ERP takes it, at exactly the prices that the buyer accepted.

        Raises:
            ErpRejected: an item or the address is not there.
        """
        setup = self._sales.setup.get(deadline)
        items = self._units([one.item_erp_id for one in order.lines], deadline)
        gone = [one.sku for one in order.lines if one.item_erp_id not in items]
        if gone:
            raise ErpRejected(f"The ERP does not sell {', '.join(gone)} any more.")
        wanted_on = max(order.requested_on or setup.today(), setup.today())
        return {
            "CardCode": order.customer_erp_id,
            "DocDate": setup.today().isoformat(),
            "DocDueDate": wanted_on.isoformat(),
            "DocCurrency": setup.own(order.currency),
            "NumAtCard": to.line(order.customer_reference, d.CUSTOMER_REFERENCE),
            "Comments": remark(order.note, order.placed_by),
            **place(order.ship_to_erp_id, order.customer_erp_id),
            CHANNEL: self._sales.setup.options.channel,
            "DocumentLines": [order_line(one, items[one.item_erp_id], setup) for one in order.lines],
        }

    def _units(self, codes: list[str], deadline: Deadline) -> dict[str, Row]:
        fields = ("ItemCode", *UNIT_FIELDS)
        rows = self._sales.client.by_keys("Items", "ItemCode", codes, select=fields, deadline=deadline)
        return {str(row["ItemCode"]): row for row in rows}


def order_line(one: r.NewOrderLine | r.NewQuoteLine, item: Row, setup: Setup) -> dict[str, Any]:
    """Return a line: in its sales unit, at its price, without a discount that would come off it."""
    unit = unit_of(item, setup)
    given: dict[str, Any] = {
        "ItemCode": one.item_erp_id,
        "Quantity": to.figure(one.quantity),
        "UnitPrice": to.figure(one.net_price),
        "DiscountPercent": 0,
        LINE: one.line_no,
    }
    if unit.entry != MANUAL:
        given["UoMEntry"] = unit.entry
    if one.note:
        given["FreeText"] = to.line(one.note, 100)
    return given


def place(erp_id: str, customer: str) -> dict[str, str]:
    """Return where a document is to be delivered; nothing = the customer's usual address."""
    name = ship_to(erp_id, customer)
    return {"ShipToCode": name} if name else {}


def remark(*texts: str) -> str:
    """Return what people wrote, as long as the ERP's field of remarks is."""
    return to.text("\n".join(filter(None, texts)), d.COMMENTS)


def written(row: Row, reference: str, setup: Setup) -> r.WrittenOrder:
    """Return a document as an order; one that waits for an approval is a draft."""
    is_draft = bool(row.get("is_draft"))
    return r.WrittenOrder(
        erp_id=f"D{row['DocEntry']}" if is_draft else str(row["DocEntry"]),
        number=str(row["DocNum"]),
        reference=reference,
        state="draft" if is_draft else "cancelled" if d.is_cancelled(row) else "confirmed",
        totals=d.totals(row, setup),
        lines=tuple((number, to.quantity(one["Quantity"]), d.net_price(one)) for number, one in d.numbered(row)),
    )
