"""What an order costs by the tax rates of its items: the ERP cannot be asked, it says so by its acknowledgement."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal

from erp_sync import records as r
from erp_sync.adapters.discounts import shares
from erp_sync.adapters.files.setup import Options
from erp_sync.adapters.files.store import Store, Values
from erp_sync.errors import ErpRejected

CENT = Decimal("0.01")
HUNDRED = Decimal(100)
Taxed = tuple[Decimal, Decimal]  # rate, untaxed amount


class Sums:
    """Adds up lines, and rounds as the options say."""

    def __init__(self, store: Store, options: Options) -> None:
        self._store = store
        self._options = options

    @property
    def takes_discounts(self) -> bool:
        """Whether an order may cost less as a whole."""
        return self._options.discounts

    def checked(self, order: r.NewOrder) -> r.Totals:
        """Return the totals of an order that may be placed.

        Raises:
            ErpRejected: the customer or an item is not there, or not sold.
        """
        items = self._items(order)
        for line in order.lines:
            if line.sku not in items or items[line.sku].get("is_active") == "0":
                raise ErpRejected(f"Item {line.sku} is not sold.")
        if self._account(order.customer_erp_id).get("is_active", "1") == "0":
            raise ErpRejected(f"Customer {order.customer_erp_id} is closed.")
        return self._totals(order, items)

    def of(self, order: r.NewOrder) -> r.Totals:
        """Return the totals of an order that was handed over, whatever became of its items."""
        return self._totals(order, self._items(order))

    def _totals(self, order: r.NewOrder, items: dict[str, Values]) -> r.Totals:
        is_tax_free = self._account(order.customer_erp_id).get("is_tax_free") == "1"
        amounts = tuple(self.cents(line.quantity * line.net_price) for line in order.lines)
        rates = [
            Decimal(0) if is_tax_free else Decimal(items.get(line.sku, {}).get("tax_rate", "0")) for line in order.lines
        ]
        taxed = [*zip(rates, amounts, strict=True), *self._less(order, rates, amounts)]
        untaxed, tax = sum((amount for _, amount in taxed), Decimal("0.00")), self._tax(taxed)
        return r.Totals(order.currency, untaxed, tax, untaxed + tax, line_amounts=amounts)

    def _less(self, order: r.NewOrder, rates: Sequence[Decimal], amounts: Sequence[Decimal]) -> list[Taxed]:
        """Return what the order's discount takes off at each rate of tax."""
        if order.discount is None:
            return []
        numbers = (line.line_no for line in order.lines)
        spread = shares(order.discount, zip(numbers, rates, amounts, strict=True), self.cents)
        return [(rate, -share) for rate, share in spread]

    def _tax(self, taxed: Sequence[Taxed]) -> Decimal:
        """Return the tax, rounded for each line, or once for each rate."""
        if self._options.rounding == "document":
            bases: defaultdict[Decimal, Decimal] = defaultdict(Decimal)
            for rate, amount in taxed:
                bases[rate] += amount
            taxed = sorted(bases.items())
        return sum((self.cents(amount * rate / HUNDRED) for rate, amount in taxed), Decimal("0.00"))

    def cents(self, amount: Decimal) -> Decimal:
        """Return an amount to the cent."""
        return amount.quantize(CENT, rounding=self._options.rounds)

    def _items(self, order: r.NewOrder) -> dict[str, Values]:
        found = self._store.rows("items", [line.sku for line in order.lines])
        return {sku: rows[0] for sku, rows in found.items()}

    def _account(self, customer_erp_id: str) -> Values:
        found = self._store.rows("accounts", [customer_erp_id]).get(customer_erp_id)
        if not found:
            raise ErpRejected(f"There is no customer {customer_erp_id[:64]}.")
        return found[0]
