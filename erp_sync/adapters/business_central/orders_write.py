"""Orders into Business Central, once: look up, write as new, compare, confirm; one found half-way is carried on.

The API has no unique field and no state to confirm. So an order is written under its reference with -NEW behind it,
compared with what the buyer accepted, and confirmed by taking that mark away (which fails if somebody changed it
meanwhile). One that the buyer did not accept like this is deleted again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from erp_sync import records as r
from erp_sync.adapters import odata
from erp_sync.adapters.business_central import mapping as to
from erp_sync.adapters.business_central import remarks
from erp_sync.adapters.business_central import sales as s
from erp_sync.adapters.business_central.bridge import Bridge
from erp_sync.adapters.business_central.client import BcClient, Query, at
from erp_sync.adapters.business_central.customers import credit, limit_of
from erp_sync.adapters.business_central.found_orders import FoundOrders
from erp_sync.adapters.business_central.remarks import Remark
from erp_sync.adapters.business_central.setup import SetupSource
from erp_sync.adapters.refusals import refuse_dearer
from erp_sync.errors import ErpRejected, ErpUnavailable
from erp_sync.http import Deadline

Line = r.NewOrderLine | r.NewQuoteLine


class OrdersWrite:
    """Writes orders."""

    def __init__(self, client: BcClient, setup: SetupSource, bridge: Bridge | None) -> None:
        self._client = client
        self._setup = setup
        self._bridge = bridge
        self.found = FoundOrders(client, setup)

    def create(self, order: r.NewOrder, deadline: Deadline) -> r.WrittenOrder:
        """Bring the order to confirmed, creating it when it is not there.

        Raises:
            ErpRejected: the ERP refuses it, or would charge more than the buyer accepted; nothing of it stays.
        """
        there = self.found.all(order.reference, deadline)
        if len(there) > 1 or (there and there[0].state != "draft"):
            return there[0]
        if not there:
            body = self._body(order, deadline)
            self._client.insert(s.ORDER.place, body, deadline)
        return self._carried_on(order, deadline)

    def units(self, lines: Sequence[Line], deadline: Deadline) -> dict[str, str]:
        """Return the base unit of each item of the lines, by id.

        Raises:
            ErpRejected: an item does not exist, or is blocked.
        """
        found: dict[str, str] = {}
        blocked: set[str] = set()
        for part in odata.chunks(one.item_erp_id.lower() for one in lines):
            wanted = odata.any_of("id", [odata.guid(erp_id) for erp_id in part])
            for row in self._client.rows("items", Query(("id", "baseUnitOfMeasureCode", "blocked"), wanted), deadline):
                found[to.ref(row["id"])] = to.line(row["baseUnitOfMeasureCode"], 10)
                blocked |= {to.ref(row["id"])} if row["blocked"] else set()
        missing = [one.sku for one in lines if one.item_erp_id.lower() not in found.keys() - blocked]
        if missing:
            raise ErpRejected(f"The ERP does not sell item {', '.join(missing[:5])} (any more).")
        return found

    def place(self, customer: str, ship_to: str, deadline: Deadline) -> dict[str, str]:
        """Return the ship-to fields of an address; none for the customer's own.

        Raises:
            ErpRejected: the address is not his.
        """
        if not ship_to or ship_to.lower() == customer.lower():
            return {}
        if self._bridge is None:
            raise ErpRejected("The delivery address does not belong to this customer.")
        row = self._bridge.place(customer, ship_to, deadline)
        told = {
            "shipToName": to.line(row["name"], 100),
            "shipToContact": to.line(row["contact"], 100),
            "shipToAddressLine1": to.line(row["addressLine1"], 100),
            "shipToAddressLine2": to.line(row["addressLine2"], 50),
            "shipToCity": to.line(row["city"], 30),
            "shipToPostCode": to.line(row["postalCode"], 20),
            "shipToCountry": to.line(row["country"], 10),
        }
        return {name: value for name, value in told.items() if value}

    def confirmed(
        self, row: Mapping[str, Any], reference: str, further: Mapping[str, Any], deadline: Deadline
    ) -> dict[str, Any]:
        """Take the mark of a new order away, and return the order as it is then."""
        body = {"externalDocumentNumber": to.reference(reference), **further}
        self._client.change(at(s.ORDER.place, str(row["id"])), row, body, deadline)
        return self.open(reference, deadline)

    def open(self, reference: str, deadline: Deadline) -> dict[str, Any]:
        """Return the open order with our reference.

        Raises:
            ErpUnavailable: it is not open (any more): look it up.
        """
        rows = self.found.open(reference, deadline)
        if len(rows) != 1:
            raise ErpUnavailable(f"the ERP has {len(rows)} open orders {reference}")
        return rows[0]

    def refuse_unaffordable(self, customer: str, deadline: Deadline, *, further: Decimal = Decimal(0)) -> None:
        """Refuse what is over the credit limit: the ERP warns of it in its own windows only.

        Args:
            customer: Whose limit.
            deadline: Of the operation.
            further: What he would owe besides his open orders.

        Raises:
            ErpRejected: with the limit.
        """
        if not self._setup.options.heed_credit_limit or not limit_of(self._client, customer, deadline):
            return
        position = credit(self._client, self._setup, customer, deadline)
        if position.left is not None and position.left < further:
            raise ErpRejected(
                f"The credit limit of {position.limit} {position.currency} does not cover this order: "
                f"{further - position.left} {position.currency} too much."
            )

    def _body(self, order: r.NewOrder, deadline: Deadline) -> dict[str, Any]:
        units = self.units(order.lines, deadline)
        setup = self._setup.get(deadline)
        lines: list[dict[str, Any]] = []
        for one_line in order.lines:
            erp_id = one_line.item_erp_id.lower()
            agreed = one_line.net_price if order.prices_agreed else None
            lines.append(s.item_line(erp_id, one_line.quantity, units[erp_id], setup.location, agreed))
            lines += remarks.comments(Remark.NOTE, one_line.note)
        lines += remarks.said(
            (Remark.REFERENCE, order.customer_reference), (Remark.PERSON, order.placed_by), (Remark.NOTE, order.note)
        )
        told: dict[str, Any] = {
            "externalDocumentNumber": to.reference(order.reference) + to.NEW,
            "customerId": str(odata.guid(order.customer_erp_id)),
            **self.place(order.customer_erp_id, order.ship_to_erp_id, deadline),
        }
        if order.requested_on is not None:
            told["requestedDeliveryDate"] = order.requested_on
        return {**told, s.ORDER.part: lines}

    def _carried_on(self, order: r.NewOrder, deadline: Deadline) -> r.WrittenOrder:
        local = self._setup.get(deadline).currency
        row = self.open(order.reference, deadline)
        try:
            self._compare(row, order, local)
            self.refuse_unaffordable(order.customer_erp_id, deadline)
        except ErpRejected:
            self._client.remove(at(s.ORDER.place, str(row["id"])), row, deadline)
            raise
        row = self.confirmed(row, order.reference, {}, deadline)
        return s.written(row, order.reference, local, [line.line_no for line in order.lines])

    def _compare(self, row: Mapping[str, Any], order: r.NewOrder, local: str) -> None:
        """Refuse to confirm what the buyer did not accept; a lower price is the ERP's gift."""
        number = to.line(row["number"], 20)
        if s.currency_of(row, local) != order.currency:
            currency = s.currency_of(row, local)
            raise ErpRejected(f"The ERP sells to this customer in {currency}, not in {order.currency}.")
        items = s.items_of(s.lines_of(row, s.ORDER))
        if [to.quantity(one["quantity"]) for one in items] != [to.quantity(one.quantity) for one in order.lines]:
            raise ErpRejected(f"The ERP changed the lines of order {number}.")
        if self._setup.options.price_source != "list":  # a list price is one that the order may correct
            for one_line, accepted in zip(items, order.lines, strict=True):
                told = to.net_price(one_line)
                if told > to.price(accepted.net_price):
                    raise ErpRejected(f"The ERP's price of {accepted.sku} is {told}, not {accepted.net_price}.")
        refuse_dearer(to.amount(row["totalAmountIncludingTax"]), order.expected_total)
