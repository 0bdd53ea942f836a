"""How figures read in English and Spanish."""

import datetime as dt
from decimal import Decimal

import pytest
from django.utils import translation

from shop.money import formats

NBSP = "\N{NO-BREAK SPACE}"


@pytest.mark.parametrize(
    ("amount", "currency", "language", "text"),
    [
        ("1234.5", "EUR", "es", f"1.234,50{NBSP}€"),
        ("1234.5", "EUR", "en", "€1,234.50"),
        ("-0.005", "EUR", "en", "-€0.00"),
        ("1234567.6", "CLP", "es", f"1.234.568{NBSP}CLP"),
        ("0", "EUR", "es", f"0,00{NBSP}€"),
    ],
)
def test_money_has_the_digits_of_its_currency(amount: str, currency: str, language: str, text: str) -> None:
    assert formats.money(Decimal(amount), currency, language) == text


@pytest.mark.parametrize(
    ("amount", "currency", "language", "text"),
    [
        ("12.4", "EUR", "es", f"12,40{NBSP}€"),
        ("12.4000", "EUR", "en", "€12.40"),
        ("0.0125", "EUR", "es", f"0,0125{NBSP}€"),
        ("0.125", "EUR", "en", "€0.125"),
        ("150", "CLP", "es", f"150{NBSP}CLP"),
        ("150.25", "CLP", "es", f"150,25{NBSP}CLP"),
    ],
)
def test_a_unit_price_keeps_up_to_four_decimals(amount: str, currency: str, language: str, text: str) -> None:
    assert formats.unit_price(Decimal(amount), currency, language) == text


@pytest.mark.parametrize(
    ("number", "language", "text"),
    [
        ("1234.5000", "es", "1.234,5"),
        ("240.0000", "en", "240"),
        ("1000000", "en", "1,000,000"),
        ("0.25", "es", "0,25"),
    ],
)
def test_a_quantity_has_no_trailing_zeros(number: str, language: str, text: str) -> None:
    assert formats.quantity(Decimal(number), language) == text


def test_a_missing_figure_is_a_dash_and_never_zero() -> None:
    shown = {
        formats.money(None, "EUR"),
        formats.unit_price(None, "EUR"),
        formats.quantity(None),
        formats.percent(None),
        formats.points(None),
        formats.date_short(None),
        formats.ago(None, dt.datetime(2026, 5, 4, tzinfo=dt.UTC)),
    }

    assert shown == {"—"}


def test_shares_and_their_changes_carry_sign_and_unit() -> None:
    with translation.override("en"):
        assert formats.percent(Decimal("0.125"), "es") == f"12,5{NBSP}%"
        assert formats.change(Decimal("0.032"), "es") == f"+3,2{NBSP}%"
        assert formats.change(Decimal("-0.01"), "en") == f"\N{MINUS SIGN}1{NBSP}%"
        assert formats.change(Decimal(0), "en") == f"±0{NBSP}%"
        assert formats.points(Decimal("0.012"), "en") == "+1.2 points"


def test_times_are_shown_in_the_zone_of_the_company() -> None:
    instant = dt.datetime(2026, 12, 2, 23, 30, tzinfo=dt.UTC)

    assert formats.datetime_short(instant, "es") == "3 dic 2026, 00:30"
    assert formats.datetime_short(instant, "en") == "3 Dec 2026, 00:30"
    assert formats.date_short(dt.date(2026, 12, 3), "es") == "3 dic 2026"
    assert formats.day_month(dt.date(2026, 12, 3), "en") == "3 Dec"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s ago"),
        (12, "12 s ago"),
        (240, "4 min ago"),
        (7300, "2 h ago"),
        (86400, "1 day ago"),
        (-30, "0 s ago"),
    ],
)
def test_an_age_is_one_figure(seconds: int, text: str) -> None:
    now = dt.datetime(2026, 5, 4, 12, 0, tzinfo=dt.UTC)

    with translation.override("en"):
        assert formats.ago(now - dt.timedelta(seconds=seconds), now) == text
