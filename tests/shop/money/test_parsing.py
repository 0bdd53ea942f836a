"""Numbers that people type: read by their own marks, refused when they mean two things."""

from decimal import Decimal

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from shop.errors import BadNumber
from shop.money.formats import plain_quantity, quantity
from shop.money.parsing import parse_decimal

numbers = st.decimals(min_value=-(10**9), max_value=10**9, places=4, allow_nan=False, allow_infinity=False)
languages = st.sampled_from(["en", "es"])


@pytest.mark.parametrize(
    ("text", "language", "number"),
    [
        ("1.234,5", "es", "1234.5"),
        ("1,234.5", "en", "1234.5"),
        ("1.234,5", "en", "1234.5"),
        ("1,234.5", "es", "1234.5"),
        ("1.234", "es", "1234"),
        ("1,234", "en", "1234"),
        ("1.5", "es", "1.5"),
        ("1,5", "en", "1.5"),
        (" 1 234,5 ", "es", "1234.5"),
        ("0,250", "es", "0.250"),
        ("12", "en", "12"),
        ("-3", "en", "-3"),
        (".5", "en", "0.5"),
        ("5,", "es", "5"),
    ],
)
def test_a_number_is_read_by_the_marks_of_the_reader(text: str, language: str, number: str) -> None:
    assert parse_decimal(text, language) == Decimal(number)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "  ",
        "abc",
        "NaN",
        "Infinity",
        "-inf",
        "1e400",
        "1e5",
        "1_000",
        "٣",
        "\N{FULLWIDTH DIGIT ONE}",
        "१२",
        "0x10",
        "1..5",
        "1,2,3",
        "1.234.5",
        "1,23,456",
        "--1",
        "1-",
        "$5",
        "5 €",
        "9" * 40,
        "0." + "1" * 40,
        "½",
        "²",
        ",",
        ".",
    ],
)
@pytest.mark.parametrize("language", ["en", "es"])
def test_what_is_no_plain_number_is_refused(text: str, language: str) -> None:
    with pytest.raises(BadNumber):
        parse_decimal(text, language)


@pytest.mark.parametrize(
    ("text", "language", "advice"),
    [
        ("1,250", "es", "Write 1,25 or 1250."),
        ("1.250", "en", "Write 1.25 or 1250."),
        ("1.234", "en", "1.2340 or 1234"),
    ],
)
def test_a_number_that_reads_in_two_ways_is_refused_with_both(text: str, language: str, advice: str) -> None:
    with translation.override("en"), pytest.raises(BadNumber, match=advice.replace(".", r"\.")):
        parse_decimal(text, language)


@given(number=numbers, language=languages)
def test_what_an_input_box_shows_is_read_back_unchanged(number: Decimal, language: str) -> None:
    assert parse_decimal(plain_quantity(number, language), language) == number


@given(number=st.integers(min_value=0, max_value=10**11), language=languages)
def test_a_whole_number_as_the_page_writes_it_is_read_back_unchanged(number: int, language: str) -> None:
    assert parse_decimal(quantity(number, language), language) == number


@given(text=st.text(max_size=60), language=languages)
def test_any_text_is_either_a_bounded_number_or_a_refusal(text: str, language: str) -> None:
    try:
        number = parse_decimal(text, language)
    except BadNumber:
        return
    assert number.is_finite()
    assert abs(number) < 10**12
