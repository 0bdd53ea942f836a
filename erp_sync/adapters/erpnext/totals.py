"""What an order costs: ERPNext's arithmetic, which it offers for nothing but saved documents.

No method of version 15 that may be called from outside calculates a document without saving it: `set_missing_values`
fills in prices, the tax template and the tax rate of each item, and leaves the totals at 0. So the sums are made here
by the rules of its own controller: an amount is rounded for each line, a tax once for each of its rows (Capabilities:
`rounding` "document"), and where the site rounds totals, the whole to the smallest coin of its currency. What that adds
or takes stands in `freight`, as nothing else there does. The draft that becomes the order is compared with what was
told before it is confirmed.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from typing import Any

from erp_sync import records as r
from erp_sync.adapters.erpnext import mapping as to
from erp_sync.adapters.erpnext.mapping import Row
from erp_sync.adapters.erpnext.setup import Options, Setup
from erp_sync.errors import ErpBroken, ErpMisconfigured

NET_TOTAL, ACTUAL, QUANTITY = "On Net Total", "Actual", "On Item Quantity"
PREVIOUS_AMOUNT, PREVIOUS_TOTAL = "On Previous Row Amount", "On Previous Row Total"


@dataclass(frozen=True, slots=True)
class Priced:
    """A line: quantity, price of one, and the tax rate of each account where its item has its own."""

    quantity: Decimal
    rate: Decimal
    tax_rates: dict[str, Decimal] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Rounding:
    """How the site rounds; `coin` is the smallest of the currency, None where totals are not rounded to it."""

    digits: int
    halves: str
    coin: Decimal | None = None

    @classmethod
    def of(cls, options: Options, setup: Setup, currency: str) -> Rounding:
        """Return that of the options, for a currency of the site."""
        return cls(options.money_digits, options.halves, setup.coins.get(currency))

    def amount(self, value: Decimal) -> Decimal:
        """Return an amount of money rounded."""
        how = ROUND_HALF_EVEN if self.halves == "even" else ROUND_HALF_UP
        return value.quantize(Decimal(1).scaleb(-self.digits), rounding=how)

    def whole(self, total: Decimal) -> Decimal:
        """Return what is to be paid of a total: half a coin is let go, half of 1 (no coin is named) goes to even."""
        if self.coin is None:
            return total
        if not self.coin:
            return total.quantize(Decimal(1), rounding=ROUND_HALF_UP if self.halves == "up" else ROUND_HALF_EVEN)
        over = total % self.coin
        return self.amount(total - over + self.coin if over > self.coin / 2 else total - over)


def totals(currency: str, lines: Sequence[Priced], taxes: Sequence[Row], rounding: Rounding) -> r.Totals:
    """Return what these lines cost with these tax rows.

    Raises:
        ErpMisconfigured: a tax row is of a kind that the shop cannot calculate.
    """
    amounts = [rounding.amount(one.quantity * one.rate) for one in lines]
    untaxed = sum(amounts, Decimal(0)).quantize(Decimal(1).scaleb(-rounding.digits))
    tax = _tax(lines, amounts, taxes, rounding)
    return _told(currency, untaxed, tax, rounding.whole(untaxed + tax), amounts)


def tax_rates(row: Row) -> dict[str, Decimal]:
    """Return the own tax rates of a line's item, by account.

    Raises:
        ErpBroken: what the ERP keeps of them makes no sense.
    """
    told = row.get("item_tax_rate") or "{}"
    try:
        found = json.loads(told, parse_float=Decimal) if isinstance(told, str) else told
        return {str(account): Decimal(rate) for account, rate in found.items()}
    except (ValueError, TypeError, AttributeError, ArithmeticError) as error:
        raise ErpBroken(f"not the tax rates of an item: {str(told)[:60]!r}") from error


def _tax(lines: Sequence[Priced], amounts: Sequence[Decimal], taxes: Sequence[Row], rounding: Rounding) -> Decimal:
    rows = [_checked(one) for one in taxes]
    found: list[Decimal] = []
    # Of each row, what it takes of each line and what a line comes to with it.
    taken: list[list[Decimal]] = []
    sums: list[list[Decimal]] = []
    for row in rows:
        parts = [
            _part(row, one, amount, index, taken, sums) for index, (one, amount) in enumerate(_both(lines, amounts))
        ]
        before = sums[-1] if sums else list(amounts)
        taken.append(parts)
        sums.append([one + part for one, part in zip(before, parts, strict=True)])
        is_actual = row["charge_type"] == ACTUAL
        found.append(rounding.amount(to.number(row["tax_amount"]) if is_actual else sum(parts, Decimal(0))))
    return sum(found, Decimal(0)).quantize(Decimal(1).scaleb(-rounding.digits))


def _both(lines: Sequence[Priced], amounts: Sequence[Decimal]) -> list[tuple[Priced, Decimal]]:
    return list(zip(lines, amounts, strict=True))


def _part(
    row: Row, line: Priced, amount: Decimal, index: int, taken: Sequence[list[Decimal]], sums: Sequence[list[Decimal]]
) -> Decimal:
    """Return what a tax row takes of a line."""
    rate = line.tax_rates.get(str(row.get("account_head") or ""), to.number(row.get("rate")))
    kind = row["charge_type"]
    if kind == NET_TOTAL:
        return amount * rate / to.HUNDRED
    if kind == QUANTITY:
        return line.quantity * rate
    if kind in {PREVIOUS_AMOUNT, PREVIOUS_TOTAL}:
        before = taken if kind == PREVIOUS_AMOUNT else sums
        return before[int(row["row_id"]) - 1][index] * rate / to.HUNDRED
    return Decimal(0)


def _checked(row: Row) -> Row:
    kinds = {NET_TOTAL, ACTUAL, QUANTITY, PREVIOUS_AMOUNT, PREVIOUS_TOTAL}
    if row.get("charge_type") not in kinds or to.is_on(row.get("included_in_print_rate")):
        name = to.line(row.get("description") or row.get("account_head"), 80)
        raise ErpMisconfigured(
            f"the shop cannot calculate the tax row {name!r}: "
            "taxes must be put on top of the price, by net total, quantity or an earlier row"
        )
    return row


def written(doc: dict[str, Any], digits: int = 2) -> r.Totals:
    """Return what a saved document costs, as ERPNext says."""
    net, tax = (to.amount(doc[name], digits) for name in ("net_total", "total_taxes_and_charges"))
    amounts = [to.amount(one["net_amount"], digits) for one in to.table(doc, "items")]
    return _told(to.line(doc["currency"], 3), net, tax, whole_of(doc, digits), amounts)


def whole_of(doc: Row, digits: int = 2) -> Decimal:
    """Return what a document comes to: the rounded total where the site rounds totals."""
    return to.amount(doc.get("rounded_total") or doc["grand_total"], digits)


def _told(currency: str, net: Decimal, tax: Decimal, total: Decimal, amounts: Sequence[Decimal]) -> r.Totals:
    return r.Totals(
        currency=currency,
        untaxed=total - tax,
        tax=tax,
        total=total,
        freight=total - tax - net,
        line_amounts=tuple(amounts),
    )
