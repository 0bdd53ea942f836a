"""What a list of items shows: the query as it goes to the database, the page of hits, and what is counted around it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from erp_sync.mirror import by_price
from erp_sync.mirror.by_price import Prices
from erp_sync.mirror.models import Item, in_language
from erp_sync.mirror.tree import Node, category_tree

FACETS = 5
FACET_VALUES = 12
BRAND = "brand"
SORTS = {"relevance": "tier, rank DESC, sku", "sku": "sku", "name": "name, sku"} | by_price.SORTS
NAME = "lower(coalesce(i.texts -> %s ->> 'name', i.texts -> 'en' ->> 'name'))"


@dataclass(frozen=True, slots=True)
class FacetValue:
    """One value to filter by: `value` goes into the URL, `label` is read."""

    value: str
    label: str
    count: int
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Facet:
    """A fact to filter by: the brand or an attribute of the ERP (`key`); `labels` is the ERP's word by language."""

    key: str
    values: tuple[FacetValue, ...]
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CategoryCount:
    """A category below the chosen one, with how many of the hits stand in it."""

    node: Node
    count: int


@dataclass(frozen=True, slots=True)
class Hits:
    """A page of items in order, and what surrounds it.

    Attributes:
        total: How many there are; at least so many when `total_is_lower_bound`.
        corrected_to: The words that were searched instead, when those typed were found nowhere, else "".
    """

    items: list[Item]
    total: int
    total_is_lower_bound: bool
    page: int
    per_page: int
    categories: tuple[CategoryCount, ...] = ()
    facets: tuple[Facet, ...] = ()
    corrected_to: str = ""

    @property
    def pages(self) -> int:
        """The number of pages that can be opened, at least 1."""
        return max(1, -(-self.total // self.per_page))


@dataclass(frozen=True, slots=True)
class Ask:
    """A query as it goes to the database; `below` are the categories whose hits are counted."""

    customer_erp_id: str
    language: str
    category_erp_id: str | None
    filters: Mapping[str, Sequence[str]]
    page: int
    per_page: int
    sort: str
    below: tuple[Node, ...]
    prices: Prices | None = None

    @property
    def offset(self) -> int:
        """How many hits stand before the page."""
        return (self.page - 1) * self.per_page

    @property
    def chosen_keys(self) -> list[str]:
        """The facts that are filtered by; each is counted over what the other filters leave."""
        return sorted(key for key, values in self.filters.items() if values)[: FACETS + 1]

    def narrowed(self, *, but: str = "") -> tuple[str, list[Any]]:
        """Return the condition on items: on sale, in the category, with the chosen facts (`but` the one left out)."""
        sql, values = "i.is_active AND i.gone_at IS NULL", []
        if self.category_erp_id is not None:
            sql += " AND i.category_ids @> %s::varchar[]"
            values.append([self.category_erp_id])
        for key, chosen in sorted(self.filters.items()):
            if chosen and key != but:
                sql += " AND i.facets && %s::text[]"
                values.append([f"{key}={value}" for value in chosen])
        bounds, limits = self.prices.condition() if self.prices else ("", [])
        return sql + bounds, [*values, *limits]


@dataclass(slots=True)
class Answer:
    """What the database says: ids of the page, the number of hits, counts by category and by facet."""

    ids: Sequence[int] = ()
    total: int = 0
    is_capped: bool = False
    categories: dict[str, int] = field(default_factory=dict)
    facets: list[list[Any]] = field(default_factory=list)


# --- counts of categories and facets ---

# Counts over the rows of `hit`: of the categories asked for, and the commonest values of the commonest facts.
_COUNTS = f"""
by_place AS (
    SELECT place, count(*) AS n FROM hit, unnest(hit.category_ids) place
    WHERE place = ANY (%s::varchar[]) GROUP BY place
), every_facet AS (
    SELECT facet, count(*) AS n, min(id) AS example FROM ({{facts}}) fact GROUP BY facet
), ranked AS (
    SELECT *, split_part(facet, '=', 1) AS key,
        row_number() OVER (PARTITION BY split_part(facet, '=', 1) ORDER BY n DESC, facet) AS place,
        sum(n) OVER (PARTITION BY split_part(facet, '=', 1)) AS weight
    FROM every_facet
), by_facet AS (
    SELECT ranked.facet, n, i.attributes -> key AS example, i.attribute_labels -> key AS labels, weight
    FROM ranked JOIN erp_sync_item i ON i.id = ranked.example
    WHERE place <= {FACET_VALUES} OR facet = ANY (%s::text[])
    ORDER BY weight DESC, key, n DESC, facet
)
"""  # noqa: S608 (a constant of this module)
_FACTS = "SELECT hit.id, facet FROM hit, unnest(hit.facets) facet"


def counts_sql(ask: Ask) -> tuple[str, list[Any]]:
    """Return the SQL of the counts and its values; the values of a chosen fact are counted in `other_0` and on."""
    below = [node.erp_id for node in ask.below]
    chosen = [f"{key}={value}" for key, values in ask.filters.items() for value in values]
    keys = ask.chosen_keys
    facts = [f"{_FACTS} WHERE split_part(facet, '=', 1) <> ALL (%s::text[])" if keys else _FACTS]
    facts += [
        f"SELECT o.id, facet FROM other_{n} o, unnest(o.facets) facet WHERE split_part(facet, '=', 1) = %s"  # noqa: S608
        for n in range(len(keys))
    ]
    return _COUNTS.format(facts=" UNION ALL ".join(facts)), [below, *([keys] if keys else []), *keys, chosen]


def places_below(category_erp_id: str | None) -> list[Node]:
    """Return the categories to count, below the chosen one; a lone root is the catalogue itself."""
    tree = category_tree()
    if category_erp_id is None and len(tree.roots) == 1:
        return tree.children(tree.roots[0])
    return tree.children(category_erp_id)


def category_counts(ask: Ask, counts: Mapping[str, int]) -> tuple[CategoryCount, ...]:
    """Return the categories below the chosen one that have hits."""
    return tuple(CategoryCount(node, counts[node.erp_id]) for node in ask.below if node.erp_id in counts)


def facets_of(ask: Ask, rows: list[list[Any]]) -> tuple[Facet, ...]:
    """Return the brand and the commonest attributes; one with a single value and no choice tells nothing."""
    by_key: dict[str, list[FacetValue]] = {}
    labels: dict[str, Mapping[str, str]] = {}
    for facet, count, example, words_of_key in rows:
        key, value = facet.split("=", 1)
        label = in_language(example, ask.language) if isinstance(example, dict) else value
        chosen = value in ask.filters.get(key, ())
        labels[key] = labels.get(key) or words_of_key or {}
        by_key.setdefault(key, []).append(FacetValue(value, label, count, chosen))
    chosen_keys = ask.chosen_keys
    shown = [(key, values) for key, values in by_key.items() if len(values) > 1 or key in chosen_keys]
    telling = [Facet(key, tuple(values), labels[key]) for key, values in shown]
    brand = [facet for facet in telling if facet.key == BRAND]
    return (*brand, *[facet for facet in telling if facet.key != BRAND][:FACETS])
