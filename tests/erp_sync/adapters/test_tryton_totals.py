"""What the shop adds up is what a real Tryton writes down, to the cent, for random baskets (totals_property)."""

from __future__ import annotations

import random
from collections.abc import Mapping
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from typing import Any

import pytest

from erp_sync.http import Deadline
from tests.erp_sync.adapters.samples import SECONDS, TrytonSample

pytestmark = pytest.mark.tryton

CENT = Decimal("0.01")
BASKETS, AT_ONCE = 300, 30
# A third of the prices end in half a cent of a line's amount: there the ways of rounding part.
HALVES = {"even": ROUND_HALF_EVEN, "up": ROUND_HALF_UP}
Line = tuple[Decimal, Decimal]
Basket = list[Line]


@pytest.fixture(scope="module")
def written(tryton_sample: TrytonSample) -> list[tuple[Basket, dict[str, Any]]]:
    """Return baskets beside what Tryton makes of each, in a few calls; the drafts are taken away again."""
    chance = random.Random(11)  # noqa: S311 (data)
    baskets = [[_line(chance) for _n in range(chance.randrange(1, 9))] for _basket in range(BASKETS)]
    draft = tryton_sample.tryton._quotes.draft(tryton_sample.order(), Deadline(SECONDS))  # noqa: SLF001 (its defaults)
    item = next(one for one in draft.lines if one["product"])
    orders = [{**draft.values, "lines": [["create", [_row(item, *line) for line in one]]]} for one in baskets]
    ids: list[int] = []
    try:
        for first in range(0, BASKETS, AT_ONCE):
            ids += tryton_sample.call("sale.sale.create", orders[first : first + AT_ONCE])
        rows = tryton_sample.call("sale.sale.read", ids, ["untaxed_amount", "tax_amount", "lines.amount"])
        rates = tryton_sample.call("account.tax.read", item["taxes"], ["rate"])
    finally:
        tryton_sample.staff("sale.sale.delete", ids)
    by_id = {row["id"]: row | {"rate": sum(one["rate"] for one in rates)} for row in rows}
    return [(basket, by_id[erp_id]) for basket, erp_id in zip(baskets, ids, strict=True)]


def _line(chance: random.Random) -> Line:
    if chance.random() < 0.34:
        return Decimal(chance.randrange(1, 4_000) * 2 + 1) * Decimal("0.005"), Decimal(1)
    return Decimal(chance.randrange(1, 900_000)).scaleb(-4), Decimal(chance.randrange(1, 2_000))


def _row(item: Mapping[str, Any], price: Decimal, quantity: Decimal) -> dict[str, Any]:
    kept = {name: item[name] for name in ("type", "product", "unit")}
    return kept | {"quantity": float(quantity), "unit_price": price, "taxes": [["add", item["taxes"]]]}


def differing(written: list[tuple[Basket, dict[str, Any]]], rounding: str, *, tax_by: str) -> int:
    """Return how many baskets come to something else than in Tryton."""
    return sum(_figures(basket, row["rate"], rounding, tax_by) != _tryton(row) for basket, row in written)


def _figures(basket: Basket, rate: Decimal, rounding: str, tax_by: str) -> tuple[list[Decimal], Decimal, Decimal]:
    amounts = [(price * quantity).quantize(CENT, rounding) for price, quantity in basket]
    # Tryton works tax out from price and quantity, before the line's amount is rounded.
    bases = [price * quantity for price, quantity in basket]
    if tax_by != "line":
        bases = [sum(bases, Decimal(0))]
    tax = sum(((base * rate).quantize(CENT, rounding) for base in bases), Decimal(0))
    return sorted(amounts), sum(amounts, Decimal(0)), tax


def _tryton(row: dict[str, Any]) -> tuple[list[Decimal], Decimal, Decimal]:
    return sorted(one["amount"] for one in row["lines."]), row["untaxed_amount"], row["tax_amount"]


def test_random_baskets_come_to_what_tryton_writes(
    tryton_sample: TrytonSample, written: list[tuple[Basket, dict[str, Any]]]
) -> None:
    says = tryton_sample.erp.capabilities
    assert differing(written, HALVES[says.halves], tax_by=says.rounding) == 0


@pytest.mark.parametrize(("rounding", "tax_by"), [(ROUND_HALF_UP, ""), (ROUND_DOWN, ""), ("", "other")])
def test_control_another_way_of_rounding_is_noticed(
    tryton_sample: TrytonSample, written: list[tuple[Basket, dict[str, Any]]], rounding: str, tax_by: str
) -> None:
    says = tryton_sample.erp.capabilities
    other = "document" if says.rounding == "line" else "line"
    assert differing(written, rounding or HALVES[says.halves], tax_by=other if tax_by else says.rounding) > 0
