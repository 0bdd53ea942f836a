"""A discount on an order: lines of their own, one for each taxation of what it is taken from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from erp_sync import records as r
from erp_sync.adapters.discounts import shares
from erp_sync.adapters.tryton import mapping as to
from erp_sync.adapters.tryton.setup import Setup
from erp_sync.errors import ErpMisconfigured

Line = Mapping[str, Any]


def discount_lines(order: r.NewOrder, lines: Sequence[Line], setup: Setup) -> list[dict[str, Any]]:
    """Return the lines that make up the order's discount; [] when it has none.

    Raises:
        ErpMisconfigured: the ERP has no service that could carry it.
    """
    discount = order.discount
    if discount is None:
        return []
    if setup.discount is None:
        raise ErpMisconfigured("the ERP has no product for discounts: name one in ERP_OPTIONS['discount_product']")
    product, unit = setup.discount
    rounding = setup.rounding[order.currency]
    told = [(one["sequence"], tuple(sorted(one["taxes"] or ())), one["amount"]) for one in lines]
    spread = shares(discount, told, lambda amount: to.amount(amount, rounding))
    return [
        {
            "type": "line",
            "sequence": number,
            "product": product,
            "quantity": 1.0,
            "unit": unit,
            "unit_price": to.price(-share),
            "taxes": list(taxes),
            "amount": -share,
            "description": to.line(discount.words),
        }
        for number, (taxes, share) in enumerate(spread, start=last_number(order) + 1)
    ]


def last_number(order: r.NewOrder) -> int:
    """Return the highest number of a line; discounts come after it."""
    return max((one.line_no for one in order.lines), default=0)
