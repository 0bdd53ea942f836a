"""Rows of tables whose figures come from the ERP: a kept part for each, put together at once."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Protocol
from urllib.parse import quote

from django import template
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString

from shop.catalogue.selectors import ItemRow
from shop.pricing.price_view import PriceView, StampView
from shop.templatetags.shop_format import quantity, quantity_input, unit_price
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
    context: template.Context, name: str, rows: Sequence[PricedRow], *, left: bool = False, **values: Any
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


@register.simple_tag
def item_cells(row: ItemRow, **filled: object) -> SafeString:
    """`{% item_cells row stamp=stamp … %}`: the cells of an item, put together from what all such rows share."""
    # An item that cannot be asked for: the same as one that the ERP says nothing about.
    price = row.price or PriceView(row.sku, Decimal(1), "on_request", cell="", unit="", currency="")
    alike = {
        "has_picture": bool(row.picture_url),
        "has_brand": bool(row.brand),
        "own_numbers": row.own_numbers,
        "tone": price.stock.tone if price.stock else "",
        "state": price.state,
        "has_list_price": price.list_price is not None,
        "has_next_step": price.next_step is not None,
    }
    return kept("shop/catalogue/_table_cells.html", alike, _of_item(row) | _of_price(price) | filled)


def _of_item(row: ItemRow) -> dict[str, object]:
    return {
        "picture_url": row.picture_url,
        "url": row.url,
        "name": row.name,
        "sku": row.sku,
        "sku_in_address": quote(row.sku, safe=""),
        "brand": row.brand,
    }


def _of_price(price: PriceView) -> dict[str, object]:
    step, currency = price.next_step, price.currency
    return {
        "cell": price.cell,
        "stock": price.stock.words if price.stock else "",
        "list_price": unit_price(price.list_price, currency),
        "net_price": unit_price(price.net_price, currency),
        "unit": price.unit,
        "packs": _packs(price),
        "next_quantity": quantity(step.quantity) if step else "",
        "next_price": unit_price(step.net_price, currency) if step else "",
        "minimum": quantity_input(price.minimum),
        "step": quantity_input(price.step),
    }


def _packs(price: PriceView) -> SafeString:
    pack_html = (
        kept(
            "shop/catalogue/_table_pack.html",
            {"is_known": price.is_priced},
            {"price": unit_price(pack.price, price.currency), "name": pack.name},
        )
        for pack in price.packs
    )
    return SafeString("".join(pack_html))
