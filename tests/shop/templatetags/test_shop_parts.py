"""A part is rendered once for the same values, and never shown for others."""

from dataclasses import dataclass
from decimal import Decimal

import pytest
from django.template import engines
from django.utils.safestring import mark_safe
from django.utils.translation import override

from erp_sync.mirror.models import Order
from shop.templatetags import shop_parts
from shop.templatetags.shop_parts import part

MONEY = "partials/_money.html"
CHANNEL = "partials/_channel.html"


@dataclass(frozen=True)
class Row:
    """Holds anything."""

    number: str
    holder: object = None


def test_a_part_says_what_an_include_says() -> None:
    source = "{% load shop_parts %}{% part 'partials/_money.html' amount=amount currency='EUR' %}"
    page = engines["django"].from_string(source).render({"amount": Decimal("12.40")})
    assert page == '<span class="figure nowrap">€12.40</span>'


def test_other_values_give_another_part_and_the_same_give_the_kept_one() -> None:
    shop_parts._pieces.cache_clear()  # noqa: SLF001
    assert "€1.00" in part(MONEY, amount=Decimal(1), currency="EUR")
    assert "€2.00" in part(MONEY, amount=Decimal(2), currency="EUR")
    assert "€1.00" in part(MONEY, amount=Decimal(1), currency="EUR")
    assert shop_parts._pieces.cache_info().misses == 2  # noqa: SLF001


def test_each_language_has_its_own() -> None:
    with override("en"):
        english = part(MONEY, amount=Decimal("1234.5"), currency="EUR")
    with override("es"):
        spanish = part(MONEY, amount=Decimal("1234.5"), currency="EUR")
    assert "€1,234.50" in english
    assert "1234,50" in spanish.replace(".", "")


def test_text_is_escaped_even_when_the_same_text_was_safe_before() -> None:
    template = "shop/invoices/_list_row.html"
    plain = {"invoiced_on": None, "due_on": None, "references": "", "kind": "invoice", "state": "open", "days_late": 0}
    money = {"total": Decimal(1), "amount_due": Decimal(0), "currency": "EUR"}
    safe = part(template, number="1", orders=mark_safe("<b>"), **plain, **money)
    assert "<b>" in safe
    assert "&lt;b&gt;" in part(template, number="1", orders="<b>", **plain, **money)


@pytest.mark.parametrize("value", [Order(pk=1), [1], Row("1", Order(pk=1)), (Order(pk=1),), {"a": 1}])
def test_a_value_that_can_change_is_refused(value: object) -> None:
    with pytest.raises(TypeError, match="can change"):
        part(CHANNEL, channel=value)


def test_what_differs_from_page_to_page_is_filled_in_and_escaped() -> None:
    template = "partials/_channel.html"
    source = "{% load shop_parts %}{% part name token='x' fill_channel=channel %}"
    pages = [
        engines["django"].from_string(source).render({"name": template, "channel": value}) for value in ("one", "<b>")
    ]
    assert "one" in pages[0]
    assert "&lt;b&gt;" in pages[1]
    assert "one" not in pages[1]
