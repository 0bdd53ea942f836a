"""What the list of items is asked for; a senseless value falls back to its default."""

from __future__ import annotations

from decimal import Decimal

from django.http import QueryDict
from django.utils.translation import get_language

from shop.catalogue.query import SIZES, SORTS, VIEWS, ItemQuery
from shop.errors import BadNumber
from shop.money.parsing import parse_decimal

LONGEST_QUERY = 120
MOST_FACETS = 20
HIGHEST_PRICE = Decimal(99_999_999)
MOST_PAGES = 10_000


def item_query(given: QueryDict, *, view: str) -> ItemQuery:
    """Read the query of an address; `view` is the choice remembered before."""
    wanted_view = given.get("view", view)
    return ItemQuery(
        query=" ".join(_text(given.get("q", ""))[:LONGEST_QUERY].split()),
        category=_text(given.get("category", ""))[:64],
        facets=tuple(dict.fromkeys(_text(f) for f in given.getlist("f") if "=" in f))[:MOST_FACETS],
        lowest=_price(given.get("min", "")),
        highest=_price(given.get("max", "")),
        sort=_one_of(given.get("sort", ""), SORTS),
        size=next((size for size in SIZES if str(size) == given.get("size")), SIZES[0]),
        page=_number(given.get("page", "1")),
        view=_one_of(wanted_view, VIEWS),
    )


def _price(text: str) -> Decimal | None:
    """Read a bound of the price; what is no price does not narrow."""
    try:
        price = parse_decimal(text[:20], get_language())
    except BadNumber:
        return None
    return price if 0 <= price <= HIGHEST_PRICE else None


def _text(value: str) -> str:
    return value.replace("\x00", "")


def _one_of(value: str, allowed: tuple[str, ...]) -> str:
    return value if value in allowed else allowed[0]


def _number(value: str) -> int:
    if not (value.isascii() and value.isdigit()) or len(value) > len(str(MOST_PAGES)):
        return 1
    return min(max(int(value), 1), MOST_PAGES)
