"""How a discount on an order is spread over what it is taken from: each taxation bears its part.

A service has one tax, goods have several. So an order's discount becomes one line for each taxation of the goods,
taxed as they are, and the tax is right whatever the service's own is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any, TypeVar

from erp_sync import records as r
from erp_sync.errors import ErpRejected

# Whatever tells in the ERP how a line is taxed; it can be put in order.
Taxation = TypeVar("Taxation", bound=Any)


def shares(
    discount: r.NewDiscount, lines: Iterable[tuple[int, Taxation, Decimal]], rounded: Callable[[Decimal], Decimal]
) -> list[tuple[Taxation, Decimal]]:
    """Return what each taxation bears, the largest last: it takes the cents that are left over.

    Args:
        discount: What the order costs less.
        lines: Number, taxation and untaxed amount of each line of goods.
        rounded: Rounds an amount as the ERP does.

    Raises:
        ErpRejected: none of the lines that it is taken from is there.
    """
    bases: defaultdict[Taxation, Decimal] = defaultdict(Decimal)
    for number, taxation, amount in lines:
        if not discount.line_nos or number in discount.line_nos:
            bases[taxation] += amount
    if not bases:
        raise ErpRejected(f"{discount.words}: the order has none of the lines that this is taken from.")
    total, left = sum(bases.values(), Decimal(0)), discount.amount
    *smaller, largest = sorted(bases, key=lambda one: (bases[one], one))
    found = []
    for taxation in smaller:
        share = rounded(discount.amount * bases[taxation] / total) if total else Decimal(0)
        left -= share
        if share:
            found.append((taxation, share))
    return [*found, (largest, left)]


def refuse_discount(order: r.NewOrder, erp: str) -> None:
    """Refuse a discount where no line can carry one: silently left out it would cost the buyer more than he accepted.

    Raises:
        ErpRejected: the order has one.
    """
    if order.discount is not None:
        raise ErpRejected(f"{erp} takes no line of discount from the shop: grant it there.")
