"""A discount on an order: lines of their own, one for each taxation of what it is taken from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from erp_sync import records as r
from erp_sync.adapters.tryton import mapping as to
from erp_sync.adapters.tryton.setup import Setup
from erp_sync.errors import ErpMisconfigured

Line = Mapping[str, Any]


def discount_lines(order: r.NewOrder, lines: Sequence[Line], setup: Setup) -> list[dict[str, Any]]:
    """Return the lines that make up the order's discount; [] when it has none.

    Of goods with different taxes each taxation bears its part, so the tax is right whatever the service's own is.

    Raises:
        ErpMisconfigured: the ERP has no service that could carry it.
    """
    discount = order.discount
    if discount is None:
        return []
    if setup.discount is None:
        raise ErpMisconfigured("the ERP has no product for discounts: name one in ERP_OPTIONS['discount_product']")
    product, unit = setup.discount
    shares = _shares(discount, lines, setup.rounding[order.currency])
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
        for number, (taxes, share) in enumerate(shares, start=last_number(order) + 1)
    ]


def last_number(order: r.NewOrder) -> int:
    """Return the highest number of a line; discounts come after it."""
    return max((one.line_no for one in order.lines), default=0)


def _shares(
    discount: r.NewDiscount, lines: Sequence[Line], rounding: Decimal
) -> Iterator[tuple[tuple[int, ...], Decimal]]:
    """Yield what each taxation bears, the largest last: it takes the cents that are left over."""
    bases: defaultdict[tuple[int, ...], Decimal] = defaultdict(Decimal)
    for line in lines:
        if not discount.line_nos or line["sequence"] in discount.line_nos:
            bases[tuple(sorted(line["taxes"] or ()))] += line["amount"]
    total, left = sum(bases.values(), Decimal(0)), discount.amount
    *smaller, largest = sorted(bases, key=lambda taxes: (bases[taxes], taxes))
    for taxes in smaller:
        share = to.amount(discount.amount * bases[taxes] / total, rounding) if total else Decimal(0)
        left -= share
        if share:
            yield taxes, share
    yield largest, left
