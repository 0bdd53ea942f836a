"""Stock in words: what is here, what is coming, where it lies."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from erp_sync.records import Expected, Offer, WarehouseStock
from shop.money import formats

GOOD, ATTENTION, BAD = "good", "attention", "bad"
NONE = Decimal(0)


@dataclass(frozen=True, slots=True)
class StockView:
    """What an ERP said about stock, ready to show.

    Attributes:
        words: The sentence: "In stock: 240", "12 today, 60 on 3 Dec", "On order".
        tone: good (enough for what is asked), attention (some, or coming), bad (none, nothing
            known to come).
        available: What may be promised today, never below zero, in the item's sales unit.
        warehouses: Where it lies; empty when the ERP was not asked or keeps one place.
        expected: Goods on their way in, soonest first.
    """

    words: str
    tone: str
    available: Decimal
    warehouses: tuple[WarehouseStock, ...] = ()
    expected: tuple[Expected, ...] = ()


def stock_of(offer: Offer) -> StockView | None:
    """Return the stock behind an offer for its quantity; None when nothing fresh is known."""
    if offer.stock is None:
        return None
    available = max(sum((place.available for place in offer.stock), NONE), NONE)
    coming = tuple(sorted((e for e in offer.expected if e.quantity > 0), key=lambda e: e.on))
    return StockView(
        words=_words(available, offer.quantity, coming, get_language()),
        tone=_tone(available, offer.quantity, coming),
        available=available,
        warehouses=tuple(_shown(place) for place in offer.stock if place.warehouse),
        expected=coming,
    )


def _shown(place: WarehouseStock) -> WarehouseStock:
    return place if place.available >= 0 else replace(place, available=NONE)


def _tone(available: Decimal, wanted: Decimal, coming: tuple[Expected, ...]) -> str:
    if available >= wanted:
        return GOOD
    return ATTENTION if available > 0 or coming else BAD


@lru_cache(maxsize=4096)  # lists say the same about many items, page after page
def _words(available: Decimal, wanted: Decimal, coming: tuple[Expected, ...], _language: str | None) -> str:
    if available >= wanted:
        return _("In stock: %(quantity)s") % {"quantity": formats.quantity(available)}
    here = {"today": formats.quantity(available)}
    if not coming:
        return _("%(today)s today, rest on order") % here if available > 0 else _("On order")
    later = {"more": formats.quantity(coming[0].quantity), "day": formats.day_month(coming[0].on)}
    if available > 0:
        return _("%(today)s today, %(more)s on %(day)s") % (here | later)
    return _("%(more)s on %(day)s") % later
