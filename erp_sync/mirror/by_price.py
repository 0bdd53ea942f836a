"""Lists in the order of kept prices, and only those between two of them."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import connection

CHEAPEST, DEAREST = "price", "price_down"
SORTS = {CHEAPEST: "price NULLS LAST, sku", DEAREST: "price DESC NULLS LAST, sku"}

_PRICED = """
SELECT i.id FROM erp_sync_keptprice k JOIN erp_sync_item i ON i.id = k.item_id
WHERE k.agreement_id = %s AND k.net_price IS NOT NULL AND {narrowed}
ORDER BY k.net_price {way}, k.item_id {way} LIMIT %s OFFSET %s
"""
_COUNT = """
SELECT count(*) FROM erp_sync_keptprice k JOIN erp_sync_item i ON i.id = k.item_id
WHERE k.agreement_id = %s AND k.net_price IS NOT NULL AND {narrowed}
"""
_UNPRICED = """
SELECT i.id FROM erp_sync_item i WHERE {narrowed} AND NOT EXISTS (
    SELECT 1 FROM erp_sync_keptprice k WHERE k.agreement_id = %s AND k.item_id = i.id AND k.net_price IS NOT NULL
) ORDER BY i.sku LIMIT %s OFFSET %s
"""


@dataclass(frozen=True, slots=True)
class Prices:
    """Whose kept prices a list is sorted and narrowed by; a bound that is None does not narrow."""

    agreement_id: int
    lowest: Decimal | None = None
    highest: Decimal | None = None

    @property
    def is_narrow(self) -> bool:
        """Only items between two prices are wanted; those without a price are out."""
        return self.lowest is not None or self.highest is not None

    def condition(self) -> tuple[str, list[Any]]:
        """Return the condition on an item and its values, "" when there are no bounds."""
        if not self.is_narrow:
            return "", []
        bounds, values = "", [self.agreement_id]
        for sign, bound in ((">=", self.lowest), ("<=", self.highest)):
            if bound is not None:
                bounds += f" AND k.net_price {sign} %s"
                values.append(bound)  # type: ignore[arg-type] # ids and prices
        table = "erp_sync_keptprice k WHERE k.agreement_id = %s AND k.item_id = i.id"
        return f" AND EXISTS (SELECT 1 FROM {table}{bounds})", values  # noqa: S608 (values apart)

    def column(self) -> tuple[str, list[Any]]:
        """Return the kept price of an item as a column `price`, and its values."""
        table = "erp_sync_keptprice k WHERE k.agreement_id = %s AND k.item_id = i.id"
        return f"(SELECT k.net_price FROM {table}) AS price", [self.agreement_id]  # noqa: S608 (values apart)


@dataclass(frozen=True, slots=True)
class Part:
    """Which part of a list, in which order."""

    sort: str
    offset: int
    per_page: int


def page_of_ids(prices: Prices, narrowed: str, values: list[Any], part: Part) -> list[int]:
    """Return the ids of one page of a list by price; what has no kept price stands at its end, by number."""
    offset, per_page = part.offset, part.per_page
    way = "DESC" if part.sort == DEAREST else "ASC"
    own = [prices.agreement_id, *values]
    found = _ids(_PRICED.format(narrowed=narrowed, way=way), [*own, per_page, offset])
    if len(found) == per_page or prices.is_narrow:
        return found
    priced = offset + len(found) if found or not offset else _ids(_COUNT.format(narrowed=narrowed), own)[0]
    rest = [*values, prices.agreement_id, per_page - len(found), max(0, offset - priced)]
    return found + _ids(_UNPRICED.format(narrowed=narrowed), rest)


def _ids(sql: str, values: list[Any]) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return [int(row[0]) for row in cursor.fetchall()]
