"""Orders into Tryton, once: create, quote, compare, confirm; one found half-way is carried on."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from erp_sync import records as r
from erp_sync.adapters.tryton import mapping as to
from erp_sync.adapters.tryton.client import TrytonClient
from erp_sync.adapters.tryton.quotes import Quotes
from erp_sync.adapters.tryton.setup import Setup, SetupSource
from erp_sync.errors import ErpBroken, ErpRejected, ErpUnavailable
from erp_sync.http import Deadline

CONFIRMED = {"confirmed", "processing", "done"}
SALE_FIELDS = [
    "number",
    "web_id",
    "state",
    "currency.code",
    "untaxed_amount",
    "tax_amount",
    "total_amount",
    "lines.sequence",
    "lines.type",
    "lines.quantity",
    "lines.unit_price",
    "lines.amount",
    "lines.shipment_cost",
    "lines.product.code",
]


class OrdersWrite:
    """Writes orders. `web_id`, unique in the ERP for each web shop, holds our reference."""

    def __init__(self, client: TrytonClient, setup: SetupSource, quotes: Quotes) -> None:
        self._client = client
        self._setup = setup
        self._quotes = quotes

    def find(self, reference: str, deadline: Deadline) -> list[r.WrittenOrder]:
        """Return the orders with this reference."""
        return [_written(row) for row in self._rows(reference, deadline)]

    def create(self, order: r.NewOrder, deadline: Deadline) -> r.WrittenOrder:
        """Bring the order to confirmed, creating it when it is not there.

        Raises:
            ErpRejected: the ERP refuses it (it may stay there as a quotation for the ERP's staff),
                or would charge more than the buyer accepted.
        """
        rows = self._rows(order.reference, deadline)
        if not rows:
            rows = self._created(order, deadline)
        if len(rows) != 1:
            raise ErpBroken(f"{len(rows)} orders with reference {order.reference} after creating it")
        try:
            return self._carried_on(rows[0], order, deadline)
        except ErpUnavailable as error:
            # The order exists: whatever the last call did, something was sent.
            raise ErpUnavailable(str(error)) from error

    def cancel(self, reference: str, deadline: Deadline) -> r.WrittenOrder:
        """Cancel an order that is not confirmed.

        Raises:
            ErpRejected: there is none, or the ERP does not let it go.
        """
        rows = self._rows(reference, deadline)
        if not rows:
            raise ErpRejected(f"There is no order {reference}.")
        if rows[0]["state"] != "cancelled":
            self._press("cancel", rows[0]["id"], deadline)
        return _written(self._row(rows[0]["id"], deadline))

    def _created(self, order: r.NewOrder, deadline: Deadline) -> list[dict[str, Any]]:
        values = self._values(order, deadline)
        try:
            ids = self._write("create", [values], deadline)
        except ErpRejected:
            # Somebody else may have created it since we looked.
            found = self._rows(order.reference, deadline)
            if not found:
                raise
            return found
        return [self._row(ids[0], deadline)]

    def _values(self, order: r.NewOrder, deadline: Deadline) -> dict[str, Any]:
        setup = self._setup.get(deadline)
        draft = self._quotes.draft(order, deadline)
        lines = [_saved_line(one) for one in draft.lines]
        return {
            **draft.values,
            "web_shop": setup.web_shop,
            "web_id": order.reference,
            "marketing_medium": self._medium(order, setup),
            "reference": to.line(order.customer_reference),
            "comment": "\n".join(filter(None, [order.note, order.placed_by])),
            "shipping_date": order.requested_on,
            "lines": [["create", lines]],
        }

    def _medium(self, order: r.NewOrder, setup: Setup) -> int | None:
        options = self._setup.options
        assisted = order.channel == "web_assisted"
        return setup.mediums.get(options.rep_medium if assisted else options.web_medium)

    def _carried_on(self, row: dict[str, Any], order: r.NewOrder, deadline: Deadline) -> r.WrittenOrder:
        if row["state"] == "draft":
            row = self._step("quote", row, deadline)
        if row["state"] == "quotation":
            _compare(row, order)
            row = self._step("confirm", row, deadline)
        return _written(row)

    def _step(self, button: str, row: dict[str, Any], deadline: Deadline) -> dict[str, Any]:
        """Press a button; if the ERP refuses because somebody else just did, that is fine."""
        try:
            self._press(button, row["id"], deadline)
        except ErpRejected:
            now = self._row(row["id"], deadline)
            if now["state"] == row["state"]:
                raise
            return now
        return self._row(row["id"], deadline)

    def _press(self, button: str, sale: int, deadline: Deadline) -> None:
        self._write(button, [sale], deadline)

    def _write(self, method: str, records: list[Any], deadline: Deadline) -> Any:
        """Call a method whose refusal a buyer may read."""
        context = {"language": self._setup.options.message_language}
        return self._client.call(f"model.sale.sale.{method}", records, deadline=deadline, context=context)

    def _rows(self, reference: str, deadline: Deadline) -> list[dict[str, Any]]:
        setup = self._setup.get(deadline)
        found: list[dict[str, Any]] = self._client.call(
            "model.sale.sale.search_read",
            [["web_shop", "=", setup.web_shop], ["web_id", "=", reference]],
            0,
            5,
            None,
            SALE_FIELDS,
            deadline=deadline,
        )
        return found

    def _row(self, sale: int, deadline: Deadline) -> dict[str, Any]:
        rows: list[dict[str, Any]] = self._client.call("model.sale.sale.read", [sale], SALE_FIELDS, deadline=deadline)
        return rows[0]


def _saved_line(one: Mapping[str, Any]) -> dict[str, Any]:
    values = {name: value for name, value in one.items() if name not in {"amount", "taxes"}}
    return {**values, "taxes": [["add", one["taxes"] or []]]}


def _compare(row: Mapping[str, Any], order: r.NewOrder) -> None:
    """Refuse to confirm at a higher price than the buyer accepted; a lower one is the ERP's gift."""
    accepted = {one.line_no: one for one in order.lines}
    for line in _own_lines(row):
        one = accepted.get(line["sequence"])
        if one is None or Decimal(str(line["quantity"])) != one.quantity:
            raise ErpRejected(f"The ERP changed the lines of order {row['number']}.")
        if to.number(line["unit_price"]) > one.net_price:
            raise ErpRejected(f"The ERP's price of {one.sku} is {line['unit_price']}, not {one.net_price}.")
    total = to.number(row["total_amount"])
    if order.expected_total is not None and total > order.expected_total:
        raise ErpRejected(f"The ERP's total is {total}, not {order.expected_total}.")


def _own_lines(row: Mapping[str, Any]) -> list[dict[str, Any]]:
    lines = [one for one in row["lines."] if one["type"] == "line" and one["sequence"] is not None]
    return sorted((one for one in lines if one["shipment_cost"] is None), key=lambda one: one["sequence"])


def _written(row: Mapping[str, Any]) -> r.WrittenOrder:
    own = _own_lines(row)
    freight = [to.number(one["amount"]) for one in row["lines."] if one["shipment_cost"] is not None]
    return r.WrittenOrder(
        erp_id=str(row["id"]),
        number=str(row["number"] or ""),
        reference=str(row["web_id"] or ""),
        state="confirmed" if row["state"] in CONFIRMED else str(row["state"]),
        totals=r.Totals(
            currency=str(to.at(row, "currency.code")),
            untaxed=to.number(row["untaxed_amount"]),
            tax=to.number(row["tax_amount"]),
            total=to.number(row["total_amount"]),
            freight=sum(freight, Decimal("0.00")),
            line_amounts=tuple(to.number(one["amount"]) for one in own),
        ),
        lines=tuple((one["sequence"], Decimal(str(one["quantity"])), to.number(one["unit_price"])) for one in own),
    )
