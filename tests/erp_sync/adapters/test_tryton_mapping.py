"""From Tryton's values to ours: channels, numbers, units, promotions' formulas."""

from decimal import Decimal

import pytest

from erp_sync.adapters.tryton import mapping as to
from erp_sync.adapters.tryton.prices import PriceList
from erp_sync.adapters.tryton.promotions import _is_arithmetic, _value
from erp_sync.errors import ErpBroken, ErpMisconfigured
from erp_sync.records import Channel

RULES = to.channel_rules([("web_id", "*", "shop"), ("marketing_medium.name", "phone", "phone")])


@pytest.mark.parametrize(
    ("row", "channel"),
    [
        ({"web_id": "WEB-1", "marketing_medium.": {"name": "phone"}}, Channel.SHOP),
        ({"web_id": None, "marketing_medium.": {"name": "phone"}}, Channel.PHONE),
        ({"web_id": "", "marketing_medium.": None}, Channel.UNKNOWN),
        ({"web_id": None, "marketing_medium.": {"name": "pigeon"}}, Channel.UNKNOWN),
    ],
)
def test_the_first_rule_that_fits_gives_the_channel(row: dict[str, object], channel: Channel) -> None:
    assert to.channel_of(row, RULES) is channel


def test_a_rule_for_a_channel_that_does_not_exist_is_a_wrong_setting() -> None:
    with pytest.raises(ErpMisconfigured, match="pigeon"):
        to.channel_rules([("web_id", "*", "pigeon")])


@pytest.mark.parametrize(
    ("value", "rounded"),
    [("2.345", "2.34"), ("2.355", "2.36"), ("2.3451", "2.35"), ("-2.345", "-2.34"), ("0", "0.00")],
)
def test_amounts_round_half_even_like_the_erps_currencies(value: str, rounded: str) -> None:
    assert str(to.amount(Decimal(value), Decimal("0.01"))) == rounded


def test_a_currency_with_a_coarse_step_rounds_to_it() -> None:
    assert to.amount(Decimal("1.03"), Decimal("0.05")) == Decimal("1.05")


def test_texts_lose_control_characters_and_length() -> None:
    assert to.line("Tornillo\x00 3x20\n cincado ") == "Tornillo 3x20 cincado"
    assert len(to.text("x" * 9000, to.LONGEST_TEXT)) == to.LONGEST_TEXT
    assert to.line(None) == ""


@pytest.mark.parametrize("value", ["", "x", "-1", "1;2", "٣"])
def test_an_id_that_is_none_of_trytons_is_refused(value: str) -> None:
    with pytest.raises(ErpBroken):
        to.erp_id(value)


def test_stock_is_told_in_whole_sales_units() -> None:
    row = {"sale_uom.": {"factor": Decimal(100), "digits": 0}, "default_uom.": {"factor": Decimal(1)}}
    assert to.in_sales_units(Decimal(4999), row) == Decimal(49)
    metre = {"sale_uom.": {"factor": Decimal("0.01"), "digits": 1}, "default_uom.": {"factor": Decimal(1)}}
    assert to.in_sales_units(Decimal("1.239"), metre) == Decimal("123.9")


def test_the_unit_of_stock_is_told_as_a_part_of_the_sales_unit() -> None:
    units = {"default_uom.": {"factor": Decimal(1), "symbol": "u"}}
    box = {"sale_uom.": {"factor": Decimal(100)}} | units
    piece = {"sale_uom.": {"factor": Decimal(1)}} | units
    assert [(u.code, u.names, u.factor) for u in to.stock_unit(box, {"es": "Unidad"})] == [
        ("u", {"es": "Unidad"}, Decimal("0.01"))
    ]
    assert to.stock_unit(piece, {}) == ()


def test_quantities_share_a_call_by_the_step_they_reach() -> None:
    sales = PriceList("x", (Decimal(10), Decimal(50)))
    assert [sales.reached(Decimal(n)) for n in (1, 9, 10, 49, 50, 999)] == [0, 0, 10, 10, 50, 50]
    stock = PriceList("x", (Decimal(10), Decimal(50), Decimal(200)), in_sales_units=False)
    assert stock.reached(Decimal(7)) == Decimal(7)
    assert stock.steps_of(Decimal(100)) == (Decimal(2),)


@pytest.mark.parametrize(
    ("formula", "value"),
    [("unit_price * 0.9", "9.0"), ("unit_price - 1", "9"), ("-unit_price + (20 / 2)", "0"), ("4.5", "4.5")],
)
def test_a_formula_of_plain_arithmetic_has_its_value(formula: str, value: str) -> None:
    assert _value(formula, Decimal(10)) == Decimal(value)


@pytest.mark.parametrize(
    "formula", ["__import__('os')", "unit_price ** 9", "min(unit_price, 3)", "cost", "1 / 0", "'x' * 9", ""]
)
def test_any_other_formula_is_left_to_the_erp(formula: str) -> None:
    assert not _is_arithmetic(formula)
