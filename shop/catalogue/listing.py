"""What a list of items shows beside the items: where one is, filters, orders of sorting, pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.urls import reverse
from django.utils.translation import gettext as _

from erp_sync.mirror.hits import Facet, Hits
from erp_sync.mirror.selectors import Node
from shop.catalogue.labels import label_of
from shop.catalogue.query import SORTS, ItemQuery
from shop.catalogue.texts import way_to
from shop.pricing.price_view import PriceView
from shop.pricing.units import for_reader


@dataclass(frozen=True, slots=True)
class Option:
    """A choice in a filter or a menu: following `url` takes it, or leaves it when it is on."""

    words: str
    url: str
    count: int | None = None
    is_on: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """A filter with its choices."""

    title: str
    options: tuple[Option, ...]


def groups_of(query: ItemQuery, hits: Hits) -> tuple[Group, ...]:
    """Return the filters: the categories below the chosen one, then the facts that tell items apart."""
    groups = [_categories(query, hits), *(_facet(query, facet) for facet in hits.facets)]
    return tuple(group for group in groups if group.options)


def sorts_of(query: ItemQuery) -> tuple[Option, ...]:
    """Return the orders that a list can be sorted in."""
    words = {
        "relevance": _("Best match") if query.query else _("Item number"),
        "name": _("Name"),
        "sku": _("Item number"),
        "price": _("Your price, lowest first"),
        "price_down": _("Your price, highest first"),
    }
    offered = [sort for sort in SORTS if query.query or sort != "sku"]
    return tuple(Option(words[sort], query.address(sort=sort), is_on=sort == query.sort) for sort in offered)


def title_of(query: ItemQuery) -> str:
    """Return the heading of a list: what was searched, else the category, else the catalogue."""
    if query.query:
        return _("“%(words)s”") % {"words": query.query}
    trail = way_to(query.category)
    return trail[-1].name if trail else _("Catalogue")


def page_of(total: int, query: ItemQuery) -> Page[int]:
    """Return the page as the pager shows it; one beyond the end is the last."""
    return Paginator(range(total), query.size).get_page(query.page)


@lru_cache(maxsize=50_000)
def item_url(sku: str) -> str:
    """Return the address of an item's page; kept, because a list asks for many."""
    return reverse("item-detail", args=[sku])


def pending_address(rows: Sequence[PriceView]) -> str:
    """Return the address that fetches the prices which are not known yet, "" when there are none."""
    waiting = [("sku", price.sku) for price in rows if price.is_pending]
    return f"{reverse('item-prices')}?{urlencode(waiting)}" if waiting else ""


def _categories(query: ItemQuery, hits: Hits) -> Group:
    trail = way_to(query.category)
    above = trail[-2].id if len(trail) > 1 else ""
    here = [Option(step.name, query.address(category=above), is_on=True) for step in trail[-1:]]
    below = [_category(query, found.node, found.count) for found in hits.categories]
    return Group(_("Category"), (*here, *below))


def _category(query: ItemQuery, node: Node, count: int) -> Option:
    return Option(for_reader(node.names) or node.erp_id, query.address(category=node.erp_id), count)


def _facet(query: ItemQuery, facet: Facet) -> Group:
    options = [
        Option(value.label, query.with_facet(f"{facet.key}={value.value}"), value.count, value.is_chosen)
        for value in sorted(facet.values, key=lambda value: not value.is_chosen)
    ]
    return Group(label_of(facet.key, facet.labels), tuple(options))
