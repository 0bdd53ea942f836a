"""Reads the catalogue for a guest: the mirror alone, never the ERP, and nobody's own prices or part numbers."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from urllib.parse import unquote

from django.conf import settings
from django.core.paginator import Page
from django.http import Http404
from django.urls import reverse
from django.utils.translation import get_language

from erp_sync.mirror import selectors as mirror
from erp_sync.mirror.models import Item
from erp_sync.mirror.search import find_items
from shop.catalogue.listing import Group, Option, groups_of, page_of, sorts_of, title_of
from shop.catalogue.pictures import picture_url
from shop.catalogue.query import ItemQuery, by_key
from shop.catalogue.selectors import is_on_sale
from shop.catalogue.texts import Fact, Step, item_description, item_name, specification, way_to
from shop.pricing.units import unit_words

PRICES, ITEMS = "prices", "items"


@dataclass(frozen=True, slots=True)
class GuestItem:
    """An item for a guest.

    Attributes:
        list_price: Per sales unit, untaxed, as the ERP had it `as_of`; None where guests see no prices.
    """

    sku: str
    name: str
    brand: str
    url: str
    picture_url: str
    unit: str
    list_price: Decimal | None
    as_of: dt.datetime


@dataclass(frozen=True, slots=True)
class GuestPage:
    """A page of a search or category."""

    rows: tuple[GuestItem, ...]
    title: str
    trail: tuple[Step, ...]
    page: Page[int]
    groups: tuple[Group, ...]
    sorts: tuple[Option, ...]
    corrected: str


@dataclass(frozen=True, slots=True)
class GuestDetail:
    """The page of one item."""

    face: GuestItem
    description: str
    facts: tuple[Fact, ...]
    trail: tuple[Step, ...]


def are_welcome() -> bool:
    """Whether people without a log-in may see the catalogue."""
    return settings.GUEST_CATALOGUE in (ITEMS, PRICES)


def guest_way(wanted: str) -> str:
    """Return the guests' page of an address that needs a log-in: an item's or a search's own, else the catalogue."""
    path, _mark, asked = wanted.partition("?")
    items, catalogue = reverse("item-list"), reverse("guest-catalogue")
    if path == items:
        return f"{catalogue}?{asked}" if asked else catalogue
    sku = path.removeprefix(items).rstrip("/") if path.startswith(items) else ""
    return reverse("guest-item", args=[unquote(sku)]) if sku else catalogue


def guest_items(query: ItemQuery) -> GuestPage:
    """Return a page of the items on sale that fit (2 queries, 4 when a typing error is corrected)."""
    hits = find_items(
        query=query.query,
        customer_erp_id="",
        language=get_language() or "en",
        category_erp_id=query.category or None,
        filters=by_key(query.facets),
        page=query.page,
        per_page=query.size,
        sort=query.sort,
    )
    return GuestPage(
        rows=tuple(_face(item) for item in hits.items),
        title=title_of(query),
        trail=way_to(query.category),
        page=page_of(hits.total, query),
        groups=groups_of(query, hits),
        sorts=sorts_of(query),
        corrected=hits.corrected_to,
    )


def guest_item(sku: str) -> GuestDetail:
    """Return an item on sale (1 query).

    Raises:
        Http404: there is none with this number.
    """
    item = mirror.item_for(customer_erp_id="", sku=sku)
    if item is None or not is_on_sale(item):
        raise Http404
    own = item.own_category_ids or item.category_ids
    return GuestDetail(
        face=_face(item),
        description=item_description(item),
        facts=specification(item),
        trail=way_to(own[0]) if own else (),
    )


def _face(item: Item) -> GuestItem:
    shows = settings.GUEST_CATALOGUE == PRICES
    return GuestItem(
        sku=item.sku,
        name=item_name(item),
        brand=item.brand,
        url=reverse("guest-item", args=[item.sku]),
        picture_url=picture_url(item),
        unit=unit_words(item.sales_unit),
        list_price=item.list_price if shows else None,
        as_of=item.synced_at,
    )
