# SPDX-License-Identifier: GPL-3.0-or-later
"""The amounts of an archived order, rounded as the ERP rounds."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from demo.tryton_erp.catalogue import Item

CENT = Decimal("0.01")
TERM_DAYS = {"On receipt": [0], "30 days": [30], "60 days": [60], "30/60 days": [30, 60]}
SHIPPING = Decimal("9.50")


@dataclass
class Line:
    """An order line with all that its rows need."""

    product: int
    item: Item | None
    quantity: float
    unit: int
    price: Decimal
    tax: str
    base_price: Decimal
    sale_line: int = 0
    move: int = 0
    invoice_line: int = 0

    @property
    def amount(self) -> Decimal:
        """The line's untaxed amount."""
        return (self.price * Decimal(str(self.quantity))).quantize(CENT, ROUND_HALF_UP)


@dataclass(frozen=True)
class Totals:
    """An order's amounts, and the base and tax of each rate."""

    untaxed: Decimal
    tax: Decimal
    by_rate: dict[str, tuple[Decimal, Decimal]]

    @property
    def total(self) -> Decimal:
        """What the customer pays."""
        return self.untaxed + self.tax


def totals_of(lines: list[Line]) -> Totals:
    """Return the amounts of these lines: tax is rounded once for each rate."""
    bases: dict[str, Decimal] = {}
    for line in lines:
        bases[line.tax] = bases.get(line.tax, Decimal(0)) + line.amount
    rates = {"IVA 21%": Decimal("0.21"), "IVA 10%": Decimal("0.10")}
    by_rate = {name: (base, (base * rates[name]).quantize(CENT, ROUND_HALF_UP)) for name, base in bases.items()}
    untaxed = sum((line.amount for line in lines), Decimal(0))
    return Totals(untaxed, sum((tax for _, tax in by_rate.values()), Decimal(0)), by_rate)
