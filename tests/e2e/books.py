"""What Tryton itself says, asked over its own JSON-RPC: the other side of every claim of the shop."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from erp_sync.adapters.tryton.client import TrytonClient
from erp_sync.http import Deadline, ErpHttp

PATIENCE_S = 60.0
DISCOUNT = "WEB-DISCOUNT"
SALE = [
    "number",
    "web_id",
    "state",
    "reference",
    "total_amount",
    "party.code",
    "shipment_address",
    "shipping_date",
    "marketing_medium.name",
]


@dataclass(frozen=True)
class Sale:
    """An order as it stands in Tryton."""

    number: str
    state: str
    reference: str
    total: Decimal
    customer: str
    ship_to: str
    wanted_on: str
    medium: str


@dataclass(frozen=True)
class Paid:
    """A part of a payment as it stands in Tryton: what it pays of which invoice."""

    invoice: str
    amount: Decimal
    state: str


class Books:
    """Reads Tryton."""

    def __init__(self, erp: Mapping[str, str]) -> None:
        self._client = TrytonClient(
            ErpHttp(erp["url"]), database=erp["database"], user=erp["user"], password=erp["password"]
        )

    def sales_of(self, web_id: str) -> list[Sale]:
        """Return every order that carries this reference of the shop."""
        return [_sale(row) for row in self._rows("sale.sale", [["web_id", "=", web_id]], SALE)]

    def orders_with_po(self, reference: str) -> int:
        """Return how many orders carry this PO number, whoever wrote them."""
        return len(self._rows("sale.sale", [["reference", "=", reference]], ["number"]))

    def goods_of(self, order: str) -> list[tuple[str, Decimal, Decimal]]:
        """Return (SKU, quantity, unit price) of an order's goods, in their order."""
        domain = [["sale.number", "=", order], ["type", "=", "line"], ["product.type", "=", "goods"]]
        rows = self._rows("sale.line", domain, ["product.code", "quantity", "unit_price", "shipment_cost"])
        return [
            (str(row["product."]["code"]), Decimal(str(row["quantity"])), Decimal(str(row["unit_price"])))
            for row in rows
        ]

    def discounts_of(self, order: str) -> list[tuple[str, Decimal]]:
        """Return (words, amount) of the lines by which the shop made an order cheaper."""
        domain = [["sale.number", "=", order], ["type", "=", "line"], ["product.code", "=", DISCOUNT]]
        rows = self._rows("sale.line", domain, ["description", "amount"])
        return [(str(row["description"]), Decimal(str(row["amount"]))) for row in rows]

    def open_quotation(self, customer: str) -> str:
        """Return the number of a quotation that nobody asked for in the shop."""
        domain = [["party.code", "=", customer], ["state", "=", "quotation"], ["web_id", "=", None]]
        return str(self._rows("sale.sale", domain, ["number"], limit=1)[0]["number"])

    def own_number(self, customer: str) -> tuple[str, str]:
        """Return (the customer's own part number, our SKU) of an item on sale."""
        domain = [
            ["party.code", "=", customer],
            ["product.salable", "=", True],
            ["product.active", "=", True],
            ["code", "!=", None],
        ]
        row = self._rows("sale.product_customer", domain, ["code", "product.code"], limit=1)[0]
        return str(row["code"]), str(row["product."]["code"])

    def tracking_of(self, order: str) -> str:
        """Return the tracking number of an order's first shipment, "" when it has none."""
        shipments = self._rows("sale.sale", [["number", "=", order]], ["shipments"])[0]["shipments"]
        rows = self._rows("stock.shipment.out", [["id", "in", shipments]], ["shipping_reference"])
        return str(rows[0]["shipping_reference"] or "")

    def price(self, sku: str, *, customer: int, price_list: int, quantity: int) -> Decimal:
        """Return the net price that Tryton gives a customer for one sales unit."""
        context = {"customer": customer, "price_list": price_list, "quantity": quantity, "taxes": []}
        rows = self._rows("product.product", [["code", "=", sku]], ["sale_price_uom"], context=context)
        return Decimal(str(rows[0]["sale_price_uom"]))

    def due_of(self, invoice: str) -> Decimal:
        """Return what is left to pay of an invoice."""
        row = self._rows("account.invoice", [["number", "=", invoice]], ["amount_to_pay"])[0]
        return Decimal(str(row["amount_to_pay"]))

    def web_payments(self, reference: str) -> list[Paid]:
        """Return the parts of a payment of the shop."""
        domain = [["OR", ["reference", "=", reference], ["reference", "like", f"{reference}#%"]]]
        rows = self._rows("account.payment", domain, ["amount", "state", "line", "kind"])
        numbers = self._invoices_of([row["line"] for row in rows])
        # What goes out for a credit note stands against what comes in.
        signs = {"receivable": 1, "payable": -1}
        return [
            Paid(numbers[row["line"]], Decimal(str(row["amount"])) * signs[row["kind"]], str(row["state"]))
            for row in rows
        ]

    def wait_for_payment(self, reference: str, *, for_s: float = 90.0) -> None:
        """Wait until a payment of the shop has succeeded in Tryton."""
        deadline = time.monotonic() + for_s
        while not any(one.state == "succeeded" for one in self.web_payments(reference)):
            assert time.monotonic() < deadline, f"{reference} is not in Tryton after {for_s:g} s"
            time.sleep(0.5)

    def _invoices_of(self, lines: list[int]) -> dict[int, str]:
        rows = self._rows("account.move.line", [["id", "in", lines]], ["move_origin"])
        ids = {row["id"]: int(str(row["move_origin"]).rpartition(",")[2]) for row in rows}
        invoices = self._rows("account.invoice", [["id", "in", list(ids.values())]], ["number"])
        names = {row["id"]: str(row["number"]) for row in invoices}
        return {line: names[invoice] for line, invoice in ids.items()}

    def _rows(
        self,
        model: str,
        domain: list[Any],
        fields: list[str],
        *,
        limit: int | None = None,
        context: Mapping[str, Any] | None = None,
    ) -> list[dict[str, Any]]:
        return self._client.rows(model, domain, fields, deadline=Deadline(PATIENCE_S), limit=limit, context=context)


def _sale(row: Mapping[str, Any]) -> Sale:
    return Sale(
        number=str(row["number"]),
        state=str(row["state"]),
        reference=str(row["reference"] or ""),
        total=Decimal(str(row["total_amount"])),
        customer=str(row["party."]["code"]),
        ship_to=str(row["shipment_address"]),
        wanted_on=str(row["shipping_date"] or ""),
        medium=str((row["marketing_medium."] or {}).get("name", "")),
    )
