"""Which items a list shows, in which order, which part of them: an address and back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl, urlencode

from shop.money.formats import plain_quantity

PRICE_SORTS = ("price", "price_down")
SORTS = ("relevance", "name", "sku", *PRICE_SORTS)
SIZES = (24, 48, 96)
VIEWS = ("table", "cards")


@dataclass(frozen=True, slots=True)
class ItemQuery:
    """Which items, in which order, which part of them.

    Attributes:
        facets: "key=value" as the mirror keeps them; values of one key are alternatives.
        lowest, highest: Bounds of the reader's own price, in his currency.
        view: table or cards.
    """

    query: str = ""
    category: str = ""
    facets: tuple[str, ...] = ()
    lowest: Decimal | None = None
    highest: Decimal | None = None
    sort: str = "relevance"
    size: int = 24
    page: int = 1
    view: str = "table"

    @property
    def chosen(self) -> int:
        """How many filters are on."""
        return len(self.facets) + bool(self.category) + (self.lowest is not None or self.highest is not None)

    @property
    def needs_prices(self) -> bool:
        """It is sorted or narrowed by the reader's own price."""
        return self.sort in PRICE_SORTS or self.lowest is not None or self.highest is not None

    @property
    def without_price_bounds(self) -> tuple[tuple[str, str], ...]:
        """The names and values of this list for a form that sets the bounds anew."""
        return tuple(parse_qsl(self.address(lowest=None, highest=None)[1:]))

    @property
    def cleared(self) -> str:
        """The address without any filter; "" when none is on."""
        return self.address(facets=(), category="", lowest=None, highest=None) if self.chosen else ""

    def address(self, **changes: Any) -> str:
        """Return the query string of this list with some values changed, from page 1 on."""
        wanted = replace(self, **({"page": 1} | changes))
        values = [
            (name, value)
            for name, value, default in (
                ("q", wanted.query, ""),
                ("category", wanted.category, ""),
                ("min", plain_quantity(wanted.lowest), ""),
                ("max", plain_quantity(wanted.highest), ""),
                ("sort", wanted.sort, "relevance"),
                ("size", wanted.size, SIZES[0]),
                ("page", wanted.page, 1),
            )
            if value != default
        ]
        return "?" + urlencode([*values, *(("f", facet) for facet in wanted.facets)])

    def with_facet(self, facet: str) -> str:
        """Return the address with a facet taken in, or out when it is in."""
        if facet in self.facets:
            return self.address(facets=tuple(chosen for chosen in self.facets if chosen != facet))
        here = _first_page(self)
        return f"{here}{'' if here == '?' else '&'}{_encoded(facet)}"


@lru_cache(maxsize=5_000)
def _encoded(facet: str) -> str:
    """Return a facet as a part of an address; a list has dozens, and they come again on every page."""
    return urlencode({"f": facet})


@lru_cache(maxsize=100)
def _first_page(query: ItemQuery) -> str:
    """Return the address of a list; each of its filters starts with it."""
    return query.address()


def by_key(facets: tuple[str, ...]) -> dict[str, list[str]]:
    """Return chosen facets as key -> values.

    >>> by_key(("brand=Acme", "size=M8", "size=M10"))
    {'brand': ['Acme'], 'size': ['M8', 'M10']}
    """
    found: dict[str, list[str]] = {}
    for facet in facets:
        key, value = facet.split("=", 1)
        found.setdefault(key, []).append(value)
    return found
