"""Sales by our key or their id, and the buttons that move them; orders and quotes are the same record in Tryton."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from erp_sync import records as r
from erp_sync.adapters.tryton import mapping as to
from erp_sync.adapters.tryton.client import TrytonClient
from erp_sync.adapters.tryton.setup import Setup, SetupSource
from erp_sync.errors import ErpRejected
from erp_sync.http import Deadline

CONFIRMED = {"confirmed", "processing", "done"}
SALE_FIELDS = [
    "number",
    "party",
    "web_shop",
    "web_id",
    "description",
    "reference",
    "comment",
    "shipping_date",
    "state",
    "invoice_state",
    "quotation_date",
    "quotation_expire",
    "shipment_address",
    "invoice_party",
    "invoice_address",
    "shipment_party",
    "warehouse",
    "price_list",
    "currency.code",
    "untaxed_amount",
    "tax_amount",
    "total_amount",
    "lines.sequence",
    "lines.type",
    "lines.quantity",
    "lines.unit",
    "lines.unit_price",
    "lines.amount",
    "lines.shipment_cost",
    "lines.product.code",
]


class Sales:
    """Reads and moves sales. `web_id`, unique in the ERP for each web shop, holds our reference."""

    def __init__(self, client: TrytonClient, setup: SetupSource) -> None:
        self._client = client
        self._setup = setup

    def by_reference(self, reference: str, deadline: Deadline) -> list[dict[str, Any]]:
        """Return the sales that carry this reference."""
        shop = self._setup.get(deadline).web_shop
        return self.search([["web_shop", "=", shop], ["web_id", "=", reference]], deadline)

    def search(self, domain: list[Any], deadline: Deadline) -> list[dict[str, Any]]:
        """Return up to five sales that fit."""
        found: list[dict[str, Any]] = self._client.call(
            "model.sale.sale.search_read", domain, 0, 5, None, SALE_FIELDS, deadline=deadline
        )
        return found

    def row(self, sale: int, deadline: Deadline) -> dict[str, Any]:
        """Return a sale as it stands."""
        rows: list[dict[str, Any]] = self._client.call("model.sale.sale.read", [sale], SALE_FIELDS, deadline=deadline)
        return rows[0]

    def step(self, button: str, row: dict[str, Any], deadline: Deadline) -> dict[str, Any]:
        """Press a button; if the ERP refuses because somebody else just did, that is fine."""
        try:
            self.press(button, row["id"], deadline)
        except ErpRejected:
            now = self.row(row["id"], deadline)
            if now["state"] == row["state"]:
                raise
            return now
        return self.row(row["id"], deadline)

    def press(self, button: str, sale: int, deadline: Deadline) -> None:
        """Press a button whose refusal a buyer may read."""
        self.call(button, [[sale]], deadline)

    def update(self, sale: int, values: Mapping[str, Any], deadline: Deadline) -> None:
        """Write fields of a sale."""
        self.call("write", [[sale], values], deadline)

    def call(self, method: str, arguments: list[Any], deadline: Deadline, *, model: str = "sale.sale") -> Any:
        """Call a method whose refusal a buyer may read."""
        context = {"language": self._setup.options.message_language}
        return self._client.call(f"model.{model}.{method}", *arguments, deadline=deadline, context=context)


def medium(channel: str, setup: Setup, source: SetupSource) -> int | None:
    """Return the marketing medium of an order that came by this channel of the shop."""
    name = source.options.rep_medium if channel == "web_assisted" else source.options.web_medium
    return setup.mediums.get(name)


def saved_line(one: Mapping[str, Any]) -> dict[str, Any]:
    """Return a line as `create` wants it."""
    values = {name: value for name, value in one.items() if name not in {"amount", "taxes"}}
    return {**values, "taxes": [["add", one["taxes"] or []]]}


def own_lines(row: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the lines that we numbered, in order; not the freight that the ERP adds."""
    lines = [one for one in row["lines."] if one["type"] == "line" and one["sequence"] is not None]
    return sorted((one for one in lines if one["shipment_cost"] is None), key=lambda one: one["sequence"])


def order_written(row: Mapping[str, Any]) -> r.WrittenOrder:
    """Return a sale as an order."""
    own = own_lines(row)
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
