"""Which quantities can be ordered, and what the buyer is told."""

from decimal import Decimal

import pytest

from shop.carts.quantities import QuantityRule, parse_quantity
from shop.errors import BadQuantity

FREE = QuantityRule()
BOX = QuantityRule(minimum=Decimal(20), multiple=Decimal(10))
CABLE = QuantityRule(digits=1)


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [("3", "en", "3"), (" 1.250 ", "es", "1250"), ("1,250", "en", "1250"), ("30", "es", "30")],
)
def test_quantity_is_read_by_the_readers_marks(text: str, language: str, expected: str) -> None:
    assert parse_quantity(text, rule=FREE, language=language) == Decimal(expected)


def test_decimals_are_taken_where_the_unit_has_them() -> None:
    assert parse_quantity("2,5", rule=CABLE, language="es") == Decimal("2.5")


@pytest.mark.parametrize("text", ["", "0", "-1", "1e9", "1000000000", "٣", "NaN", "2.5", "9" * 40, "=1+1"])
def test_senseless_quantity_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(BadQuantity) as refused:
        parse_quantity(text, rule=FREE, language="en")
    assert str(refused.value).endswith(".")


def test_wrong_step_names_the_two_nearest_quantities() -> None:
    with pytest.raises(BadQuantity, match="steps of 10: enter 20 or 30"):
        parse_quantity("25", rule=BOX, language="en")


def test_too_little_names_the_minimum() -> None:
    with pytest.raises(BadQuantity, match="least you can order is 20"):
        parse_quantity("10", rule=BOX, language="en")


def test_rounding_up_respects_minimum_and_step() -> None:
    assert BOX.round_up(Decimal(1)) == 20
    assert BOX.round_up(Decimal(21)) == 30
    assert QuantityRule(minimum=Decimal(15), multiple=Decimal(10)).least == 20
