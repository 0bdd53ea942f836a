"""Odoo's prices without an Odoo: how a long question is put."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, cast

import pytest

from erp_sync import records as r
from erp_sync.adapters.odoo import prices
from erp_sync.adapters.odoo.client import OdooClient
from erp_sync.adapters.odoo.prices import Prices
from erp_sync.adapters.odoo.setup import Names, Options, Setup, SetupSource
from erp_sync.errors import ErpUnavailable
from erp_sync.http import Deadline

SETUP = Setup(
    company=1,
    series=19,
    currency_code="EUR",
    currencies={1: "EUR"},
    steps={"EUR": Decimal("0.01")},
    warehouses=(),
    price_lists={"7": ("Breaks", "EUR")},
    units={},
    languages={},
    names=Names.of(19),
)
CONTEXT = r.PriceContext("3", "7", "EUR")


class Known:
    """What is found out of an Odoo, known."""

    options = Options()

    def get(self, deadline: Deadline) -> Setup:
        """Return it."""
        return SETUP


class Answering:
    """An Odoo in which an item costs a hundredth of its id; keeps how it was asked."""

    def __init__(self, calls_that_fit: int = 99) -> None:
        self.questions: list[int] = []
        self.deadlines: set[int] = set()
        self._fit = calls_that_fit

    def call(self, model: str, method: str, *, deadline: Deadline, **named: Any) -> Any:
        """Answer as Odoo does."""
        assert (model, method) == ("sale.order", "onchange")
        lines: Sequence[Any] = named["values"]["order_line"]
        self.questions.append(len(lines))
        self.deadlines.add(id(deadline))
        if len(self.questions) > self._fit:
            raise ErpUnavailable("no time is left", nothing_sent=True)
        told = [[0, key, self._line(values)] for _, key, values in lines]
        return {"value": {"currency_id": 1, "order_line": told}}

    def _line(self, values: Mapping[str, Any]) -> dict[str, Any]:
        item, many = int(values["product_id"]), Decimal(str(values["product_uom_qty"]))
        price = Decimal(item) / 100
        product = {"active": True, "sale_ok": True, "lst_price": price, "uom_id": 1, "is_storable": False}
        row = {"price_unit": price, "discount": 0, "price_subtotal": price * many, "product_uom_qty": many}
        return {**row, "product_id": {"id": item, "type": "consu", "qty_available": 0, "free_qty": 0, **product}}


def _asked(odoo: Answering, many: int) -> list[r.Offer]:
    asks = [r.Ask(f"A{number}", str(number), Decimal(1)) for number in range(many, 0, -1)]
    reading = Prices(cast("OdooClient", odoo), cast("SetupSource", Known()))
    return reading.offers(CONTEXT, asks, ladders=False, warehouses=False, deadline=Deadline(60))


def test_a_page_is_one_question_and_a_thousand_lines_are_parts_within_one_deadline() -> None:
    page, long = Answering(), Answering()
    _asked(page, 24)
    assert page.questions == [24]
    offers = _asked(long, 1000)
    assert sum(long.questions) == 1000
    assert max(long.questions) == prices.MOST_LINES
    assert len(long.deadlines) == 1
    assert [(one.sku, one.net_price) for one in offers[:2]] == [("A1000", Decimal(10)), ("A999", Decimal("9.99"))]
    assert all(one.net_price for one in offers)


def test_a_page_with_the_longest_ladders_is_one_question() -> None:
    assert 24 * prices.MOST_STEPS <= prices.MOST_LINES


def test_a_part_that_comes_too_late_is_no_half_answer() -> None:
    with pytest.raises(ErpUnavailable):
        _asked(Answering(calls_that_fit=2), 1000)
