"""A list by the reader's own price: sorted by prices that workers keep, shown at prices asked now."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol, TypeVar

from django.utils import timezone

from accounts.actors import Actor
from accounts.selectors import price_context
from erp_sync.mirror import kept_prices
from erp_sync.mirror.by_price import DEAREST, Prices
from shop.catalogue.query import PRICE_SORTS, ItemQuery
from shop.pricing.price_view import PriceView


class Priced(Protocol):
    """Anything in a list that has a price."""

    @property
    def price(self) -> PriceView | None:
        """Its price, None when it has none."""
        ...


Row = TypeVar("Row", bound=Priced)


@dataclass(frozen=True, slots=True)
class PriceOrder:
    """What a list is sorted or narrowed by.

    Attributes:
        as_of: How old the kept prices are at most; None while they are fetched for the first time.
        is_old: Too old to be trusted silently: the page says so and asks for what it shows.
        prices: Whose kept prices; None while there are none.
        known: How many were fetched so far, while they are fetched for the first time.
    """

    as_of: dt.datetime | None
    is_old: bool
    prices: Prices | None
    known: int = 0


def price_order(*, actor: Actor, query: ItemQuery) -> PriceOrder | None:
    """Return how a list by price stands, None for other lists; from now on workers keep these prices (1 query)."""
    if not query.needs_prices:
        return None
    now = timezone.now()
    kept = kept_prices.want(price_context(sold_to=actor.sold_to), now=now)
    if kept.complete_as_of is None:
        return PriceOrder(None, is_old=False, prices=None, known=kept.prices.count())
    return PriceOrder(
        as_of=kept.complete_as_of,
        is_old=now - kept.complete_as_of > kept_prices.too_old_after(),
        prices=Prices(kept.pk, query.lowest, query.highest),
    )


def in_order(rows: Sequence[Row], sort: str) -> list[Row]:
    """Return the rows of a page by the prices that were just asked; what has no price stays at the end."""
    if sort not in PRICE_SORTS:
        return list(rows)
    return sorted(rows, key=lambda row: _place(row, is_down=sort == DEAREST))


def _place(row: Priced, *, is_down: bool) -> tuple[bool, Decimal]:
    price = row.price.net_price if row.price else None
    if price is None:
        return True, Decimal(0)
    return False, -price if is_down else price
