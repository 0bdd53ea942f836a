"""How many orders must come through the shop until it has paid for itself."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal


@dataclass(frozen=True, slots=True)
class BreakEven:
    """What moving an order online saves, and how many orders pay for the shop.

    Attributes:
        saved_per_order: What an offline order costs more than an online one, in the company's currency.
        needed: Online orders that pay for the shop's cost of the period; None = an order saves nothing, so never.
        orders: Online orders there were.
    """

    shop_cost: Decimal
    saved_per_order: Decimal
    needed: int | None
    orders: int

    @property
    def missing(self) -> int | None:
        """Orders that are still missing; 0 = it has paid for itself."""
        return None if self.needed is None else max(self.needed - self.orders, 0)

    @property
    def result(self) -> Decimal:
        """What was saved less what the shop cost; negative = not yet."""
        return self.saved_per_order * self.orders - self.shop_cost


def break_even(*, shop_cost: Decimal, offline_cost: Decimal, online_cost: Decimal, orders: int) -> BreakEven:
    """Return the break-even of a period.

    Args:
        shop_cost: What the shop cost in the period.
        offline_cost: What handling an order by phone, mail or rep costs, by the manager's own figures.
        online_cost: The same for an order through the shop.
        orders: Online orders of the period.

    >>> found = break_even(shop_cost=Decimal(100), offline_cost=Decimal(12), online_cost=Decimal(2), orders=7)
    >>> found.needed, found.missing, found.result
    (10, 3, Decimal('-30'))
    >>> break_even(shop_cost=Decimal(100), offline_cost=Decimal(2), online_cost=Decimal(2), orders=7).needed
    """
    saved = offline_cost - online_cost
    needed = int((shop_cost / saved).to_integral_value(ROUND_CEILING)) if saved > 0 else None
    return BreakEven(shop_cost, saved, needed, orders)
