"""What an order costs by the tax rates of its items: the ERP cannot be asked, it says so by its acknowledgement."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from erp_sync import records as r
from erp_sync.adapters.files.setup import Options
from erp_sync.adapters.files.store import Store, Values
from erp_sync.errors import ErpRejected

CENT = Decimal("0.01")
HUNDRED = Decimal(100)


class Sums:
    """Adds up lines, and rounds as the options say."""

    def __init__(self, store: Store, options: Options) -> None:
        self._store = store
        self._options = options

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
        untaxed, tax = sum(amounts, Decimal("0.00")), self._tax(amounts, rates)
        return r.Totals(order.currency, untaxed, tax, untaxed + tax, line_amounts=amounts)

    def _tax(self, amounts: Sequence[Decimal], rates: Sequence[Decimal]) -> Decimal:
        """Return the tax, rounded for each line, or once for each rate."""
        taxed = list(zip(rates, amounts, strict=True))
        if self._options.rounding == "document":
            bases = {rate: sum((amount for one, amount in taxed if one == rate), Decimal(0)) for rate in set(rates)}
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
