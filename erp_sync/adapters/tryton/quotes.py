"""What an order costs: Tryton's defaults for the customer, taxes, freight, and totals of an unsaved order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from erp_sync import records as r
from erp_sync.adapters.tryton import mapping as to
from erp_sync.adapters.tryton.client import TrytonClient
from erp_sync.adapters.tryton.discounts import discount_lines
from erp_sync.adapters.tryton.promotions import Promotions
from erp_sync.adapters.tryton.setup import Setup, SetupSource
from erp_sync.errors import ErpRejected
from erp_sync.http import Deadline

# What `sale.sale.on_change` gives for the customer and the order must carry.
TERM_FIELDS = (
    "invoice_party",
    "shipment_party",
    "invoice_address",
    "shipment_address",
    "payment_term",
    "invoice_method",
    "shipment_method",
    "shipment_cost_method",
    "carrier",
)
PRODUCT_FIELDS = [
    "code",
    "active",
    "salable",
    "type",
    "sale_uom",
    "template.account_category.customer_taxes_used",
]
CARRIER_FIELDS = [
    "carrier_cost_method",
    "carrier_product",
    "carrier_product.list_price_used",
    "carrier_product.sale_uom",
    "carrier_product.template.account_category.customer_taxes_used",
]


@dataclass(frozen=True, slots=True)
class Draft:
    """An order as Tryton wants it, not yet saved.

    Attributes:
        values: Of `sale.sale`, without lines.
        lines: Of `sale.line`, ours only, in order; what it costs less comes last.
        freight: The line that the ERP will add for the carrier, when it can be known.
        goods: Whether anything must be shipped.
    """

    values: Mapping[str, Any]
    lines: Sequence[Mapping[str, Any]]
    freight: Mapping[str, Any] | None


class Quotes:
    """Prepares orders and asks Tryton for their totals, writing nothing."""

    def __init__(self, client: TrytonClient, setup: SetupSource) -> None:
        self._client = client
        self._setup = setup
        self._promotions = Promotions(client)

    def draft(self, order: r.NewOrder, deadline: Deadline) -> Draft:
        """Return the order with the ERP's defaults for this customer.

        Raises:
            ErpRejected: an item is not sold any more.
        """
        setup = self._setup.get(deadline)
        party = to.erp_id(order.customer_erp_id)
        values = self._terms(order, party, setup, deadline)
        products = self._products(order, deadline)
        rule = self._has_tax_rule(party, deadline)
        rounding = setup.rounding[order.currency]
        lines = [_line(one, products[to.erp_id(one.item_erp_id)], rounding) for one in order.lines]
        carrier = self._carrier(values, deadline)
        freight = None
        if carrier is not None and any(p["type"] != "service" for p in products.values()):
            freight = _freight(carrier, rounding)
        for one in [*lines, *([freight] if freight else [])]:
            if rule or one["taxes"] is None:
                one["taxes"] = self._taxes(one, values, deadline)
        return Draft(values=values, lines=[*lines, *discount_lines(order, lines, setup)], freight=freight)

    def totals(self, order: r.NewOrder, deadline: Deadline) -> r.Totals:
        """Return untaxed amount, tax and total with promotions and freight, as after a quotation."""
        setup = self._setup.get(deadline)
        draft = self.draft(order, deadline)
        rounding = setup.rounding[order.currency]
        lines = draft.lines
        if not order.prices_agreed:
            lines = self._promotions.applied(draft.values, lines, rounding, deadline)
        freight = draft.freight
        changed = self._client.call(
            "model.sale.sale.on_change",
            {**draft.values, "lines": [*lines, *([freight] if freight else [])]},
            ["lines"],
            deadline=deadline,
        )
        return r.Totals(
            currency=order.currency,
            untaxed=to.number(changed["untaxed_amount"]).quantize(rounding),
            tax=to.number(changed["tax_amount"]).quantize(rounding),
            total=to.number(changed["total_amount"]).quantize(rounding),
            freight=freight["amount"] if freight else Decimal(0).quantize(rounding),
            line_amounts=tuple(one["amount"] for one in lines[: len(order.lines)]),
        )

    def _terms(self, order: r.NewOrder, party: int, setup: Setup, deadline: Deadline) -> dict[str, Any]:
        values: dict[str, Any] = {
            "company": setup.company,
            "party": party,
            "currency": setup.currency(order.currency),
            "warehouse": setup.main_warehouse,
            "lines": [],
            **dict.fromkeys(TERM_FIELDS),
        }
        changed = self._on_change(values, "party", deadline)
        values |= {name: changed.get(name) for name in TERM_FIELDS if name in changed}
        ship_to = to.erp_id(order.ship_to_erp_id) if order.ship_to_erp_id else None
        if ship_to is not None and ship_to != values["shipment_address"]:
            values["shipment_address"] = ship_to
            changed = self._on_change(values, "shipment_address", deadline)
            values |= {name: changed[name] for name in TERM_FIELDS if name in changed}
        values["price_list"] = to.erp_id(order.price_list) if order.price_list else None
        del values["lines"]
        return values

    def _on_change(self, values: Mapping[str, Any], name: str, deadline: Deadline) -> Any:
        return self._client.call("model.sale.sale.on_change", values, [name], deadline=deadline)

    def _products(self, order: r.NewOrder, deadline: Deadline) -> dict[int, dict[str, Any]]:
        ids = to.known_ids(one.item_erp_id for one in order.lines)
        rows = self._client.call(
            "model.product.product.search_read",
            [["id", "in", ids], ["active", "in", [True, False]]],
            0,
            None,
            None,
            PRODUCT_FIELDS,
            deadline=deadline,
        )
        found = {row["id"]: row for row in rows if row["active"] and row["salable"]}
        gone = [one.sku for one in order.lines if to.erp_id(one.item_erp_id) not in found]
        if gone:
            raise ErpRejected(f"Not sold any more: {', '.join(gone)}.")
        return found

    def _has_tax_rule(self, party: int, deadline: Deadline) -> bool:
        rows = self._client.call("model.party.party.read", [party], ["customer_tax_rule"], deadline=deadline)
        return bool(rows[0]["customer_tax_rule"])

    def _carrier(self, values: Mapping[str, Any], deadline: Deadline) -> dict[str, Any] | None:
        """Return the carrier when the ERP will add its cost to the order.

        Only the method "product" has a price that is known before; with another one the
        freight shows as 0 until the ERP has quoted the order.
        """
        if not (values["carrier"] and values["shipment_cost_method"]):
            return None
        carrier: dict[str, Any] = self._client.call(
            "model.carrier.read", [values["carrier"]], CARRIER_FIELDS, deadline=deadline
        )[0]
        return carrier if carrier["carrier_cost_method"] == "product" else None

    def _taxes(self, one: Mapping[str, Any], values: Mapping[str, Any], deadline: Deadline) -> list[int]:
        """Return a line's taxes by the customer's tax rule, as the ERP applies it."""
        changed = self._client.call(
            "model.sale.line.on_change",
            {
                "type": "line",
                "product": one["product"],
                "quantity": 1,
                "unit": one["unit"],
                **{f"_parent_sale.{name}": value for name, value in values.items()},
            },
            ["product"],
            deadline=deadline,
        )
        taxes = changed.get("taxes") or []
        return list(taxes) if isinstance(taxes, list) else [t[1]["id"] for t in taxes["add"]]


def _line(one: r.NewOrderLine, product: Mapping[str, Any], rounding: Decimal) -> dict[str, Any]:
    return {
        "type": "line",
        "sequence": one.line_no,
        "product": product["id"],
        "quantity": float(one.quantity),
        "unit": product["sale_uom"],
        "unit_price": to.price(one.net_price),
        "taxes": to.at(product, "template.account_category.customer_taxes_used"),
        "amount": to.amount(one.quantity * one.net_price, rounding),
        **({"description": one.note} if one.note else {}),
    }


def _freight(carrier: Mapping[str, Any], rounding: Decimal) -> dict[str, Any] | None:
    cost = to.price(to.at(carrier, "carrier_product.list_price_used"))
    if cost is None:
        return None
    taxes = to.at(carrier, "carrier_product.template.account_category.customer_taxes_used")
    return {
        "type": "line",
        "product": to.at(carrier, "carrier_product.id"),
        "quantity": 1.0,
        "unit": to.at(carrier, "carrier_product.sale_uom"),
        "unit_price": cost,
        "taxes": taxes,
        "amount": to.amount(cost, rounding),
    }
