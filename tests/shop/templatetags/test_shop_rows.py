"""Rows of items are put together from what all that look alike share, and show nobody else's figures."""

import datetime as dt
from decimal import Decimal

from django.template import engines

from shop.catalogue.selectors import ItemRow
from shop.pricing.price_view import PackPrice, PriceView, StampView
from shop.templatetags import shop_parts

TABLE = (
    "{% load shop_rows %}{% priced_rows 'shop/catalogue/_table_row.html' rows left=True"
    " fill_csrf_token='t' fill_here='/h' fill_next='n' %}"
)
NOW = dt.datetime(2026, 11, 2, 9, 0, tzinfo=dt.UTC)


def _row(sku: str, price: str, *, name: str = "Screw <8>", request_id: str = "") -> ItemRow:
    packs = (PackPrice("Box of 100", Decimal(100), Decimal(price) * 100),)
    stamp = StampView(NOW, "cache", "fresh", is_today=True, request_id=request_id)
    view = PriceView(
        sku, Decimal(1), "priced", cell=f"i{sku}", unit="piece", currency="EUR", net_price=Decimal(price), packs=packs,
        stamp=stamp,
    )  # fmt: skip
    return ItemRow(sku, name, "", (), f"/items/{sku}/", "", view)


def _shown(*rows: ItemRow) -> str:
    return str(engines["django"].from_string(TABLE).render({"rows": rows}))


def test_rows_that_look_alike_are_rendered_once_and_each_shows_its_own() -> None:
    _shown(_row("warm", "1"))
    before = shop_parts._pieces.cache_info().misses  # noqa: SLF001
    html = _shown(_row("A/1", "12.50"), _row("B", "7.25"))
    # A row each; its cells and its pack are known from the first.
    assert shop_parts._pieces.cache_info().misses == before + 2  # noqa: SLF001
    for words in ("€12.50", "€1,250.00 / Box of 100", "€7.25", "€725.00 / Box of 100", "sku=A%2F1", "Screw &lt;8&gt;"):
        assert words in html


def test_equal_rows_keep_their_own_proof() -> None:
    html = _shown(_row("C", "3", request_id="first-request"))
    assert "first-request" in html
    html = _shown(_row("C", "3", request_id="second-request"))
    assert "second-request" in html
    assert "first-request" not in html
