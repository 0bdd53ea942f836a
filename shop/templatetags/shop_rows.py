"""Rows of tables whose figures come from the ERP: a kept part for each, put together at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from django import template
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString

from shop.pricing.price_view import StampView
from shop.templatetags.shop_parts import FILL, kept
from shop.templatetags.shop_prices import stamp

register = template.Library()


class PricedRow(Protocol):
    """A row of plain values, equal to every row that looks the same but for the age of its figures."""

    @property
    def face(self) -> object:
        """The row without the age of its figures."""

    @property
    def stamp(self) -> StampView | None:
        """The age of its figures; None when there are none."""


@register.simple_tag(takes_context=True)
def priced_rows(
    context: template.Context, name: str, rows: Sequence[PricedRow], *, left: bool = False, **values: object
) -> SafeString:
    """Render the part for each `row`, as `part` would, with `fill_stamp` and the other values.

    A loop of the template language costs more for each row than all that is in it.
    """
    same = {word: value for word, value in values.items() if not word.startswith(FILL)}
    filled = {
        word.removeprefix(FILL): conditional_escape(value) for word, value in values.items() if word.startswith(FILL)
    }
    return SafeString(
        "".join(
            kept(name, {"row": row, **same}, {"stamp": stamp(context, row.stamp, left=left), **filled}) for row in rows
        )
    )
