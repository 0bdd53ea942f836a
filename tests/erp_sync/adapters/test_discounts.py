"""Discounts of the shop: how they are spread, and that no adapter drops one in silence."""

from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest

from erp_sync import records as r
from erp_sync.adapters.business_central.adapter import BusinessCentralErp
from erp_sync.adapters.discounts import shares
from erp_sync.adapters.erpnext.adapter import ErpNextErp
from erp_sync.adapters.sap_b1.adapter import SapB1Erp
from erp_sync.errors import ErpRejected

ORDER = r.NewOrder(
    "WEB-DISCOUNT0001", "c1", "", "EUR", (r.NewOrderLine(1, "A", "1", Decimal(1), Decimal(9)),),
    discount=r.NewDiscount(Decimal("10.00"), "Autumn"),
)  # fmt: skip


def _cents(amount: Decimal) -> Decimal:
    return amount.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)


def test_each_taxation_bears_its_part_and_the_largest_the_cents_left_over() -> None:
    lines = [(1, "10 %", Decimal(10)), (2, "21 %", Decimal(10)), (3, "21 %", Decimal(5)), (4, "0 %", Decimal(5))]
    discount = r.NewDiscount(Decimal("10.00"), "Autumn")
    assert shares(discount, lines, _cents) == [
        ("0 %", Decimal("1.67")), ("10 %", Decimal("3.33")), ("21 %", Decimal("5.00")),
    ]  # fmt: skip
    assert shares(replace(discount, line_nos=(1, 4)), lines, _cents) == [
        ("0 %", Decimal("3.33")), ("10 %", Decimal("6.67")),
    ]  # fmt: skip
    with pytest.raises(ErpRejected, match="none of the lines"):
        shares(replace(discount, line_nos=(9,)), lines, _cents)


@pytest.mark.parametrize(
    ("adapter", "url"),
    [
        (ErpNextErp, "https://erp.example.com"),
        (SapB1Erp, "https://erp.example.com:50000"),
        (BusinessCentralErp, "https://api.businesscentral.dynamics.com/v2.0/contoso/production"),
    ],
)
def test_an_erp_that_cannot_carry_a_discount_says_so_before_it_is_asked(adapter: Any, url: str) -> None:
    erp = adapter.from_settings(url=url, database="DB", user="webshop", password="secret", options={})
    assert not erp.capabilities.has_discount_lines
    for refused in (erp.totals, erp.create_order):
        with pytest.raises(ErpRejected, match="no line of discount"):
            refused(ORDER, deadline_s=1)
