"""Finds items in the mirror: by words of two languages, typing errors, parts of numbers, barcodes, own numbers.

At most `CANDIDATES` items are looked at for one query, so a broad word costs no more than a narrow one; the total and
the counts of facets are then lower bounds. Prices and stock play no part here.
"""

from __future__ import annotations

import json
import time
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.db import connection

from erp_sync.mirror import by_price, words
from erp_sync.mirror.by_price import Prices
from erp_sync.mirror.limits import recheck_s
from erp_sync.mirror.models import Item, in_language
from erp_sync.mirror.selectors import items_in_order
from erp_sync.mirror.tree import Node, category_tree
from erp_sync.mirror.words import Typed

CANDIDATES = 2000
FRAGMENTS = 200
PART_OF_NUMBER = 3
FACETS = 5
FACET_VALUES = 12
BRAND = "brand"
SORTS = {"relevance": "tier, rank DESC, sku", "sku": "sku", "name": "name, sku"} | by_price.SORTS


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
class _Ask:
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
class _Answer:
    """What the database says: ids of the page, the number of hits, counts by category and by facet."""

    ids: Sequence[int] = ()
    total: int = 0
    is_capped: bool = False
    categories: dict[str, int] = field(default_factory=dict)
    facets: list[list[Any]] = field(default_factory=list)


def find_items(
    *,
    query: str,
    customer_erp_id: str,
    language: str,
    category_erp_id: str | None = None,
    filters: Mapping[str, Sequence[str]] | None = None,
    page: int = 1,
    per_page: int = 24,
    sort: str = "relevance",
    prices: Prices | None = None,
) -> Hits:
    """Return the items on sale that match, best first: exact numbers, then names, then other texts.

    Without words it is the category's list by number. `filters` go from facet key ("brand" or an attribute) to the
    chosen values: any of them, for each key. Two queries to the database, four when a typing error is corrected.
    Sorting by price and its bounds need `prices`.
    """
    sort = sort if sort in SORTS and (prices or sort not in by_price.SORTS) else "relevance"
    below = tuple(_below(category_erp_id))
    ask = _Ask(customer_erp_id, language, category_erp_id, filters or {}, max(page, 1), per_page, sort, below, prices)
    typed = words.typed(query)
    if not typed.words:
        return _hits(ask, _browse(ask))
    answer = _search(ask, typed)
    if answer.total:
        return _hits(ask, answer)
    better = words.corrected(typed)
    if better is None:
        return _hits(ask, answer)
    answer = _search(ask, better)
    return _hits(ask, answer, better.raw if answer.total else "")


def _hits(ask: _Ask, answer: _Answer, corrected_to: str = "") -> Hits:
    return Hits(
        items=items_in_order(answer.ids, customer_erp_id=ask.customer_erp_id),
        total=answer.total,
        total_is_lower_bound=answer.is_capped,
        page=ask.page,
        per_page=ask.per_page,
        categories=_category_counts(ask, answer.categories),
        facets=_facets(ask, answer.facets),
        corrected_to=corrected_to,
    )


# --- the search for words ---

_SEARCH = """
WITH hit AS MATERIALIZED (
    SELECT DISTINCT ON (id) *, count(*) OVER () AS looked_at FROM ({sources}) s ORDER BY id, tier
), {others}{counts}
SELECT
    (SELECT coalesce(array_agg(id), '{{}}') FROM (
        SELECT id FROM hit ORDER BY {order} LIMIT %s OFFSET %s) page),
    (SELECT count(*) FROM hit),
    (SELECT looked_at FROM hit LIMIT 1) >= %s,
    (SELECT coalesce(jsonb_object_agg(place, n), '{{}}') FROM by_place),
    (SELECT coalesce(jsonb_agg(jsonb_build_array(facet, n, example, labels)), '[]') FROM by_facet)
"""

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


def _counts(ask: _Ask) -> tuple[str, list[Any]]:
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


def _search(ask: _Ask, typed: Typed) -> _Answer:
    """Ask for the hits of some words, in one statement."""
    sources, values = _sources(ask, typed)
    others = ""
    for n, key in enumerate(ask.chosen_keys):
        wider, wider_values = _sources(ask, typed, but=key)
        others += f"other_{n} AS (SELECT DISTINCT ON (id) id, facets FROM ({wider}) s ORDER BY id), "  # noqa: S608
        values += wider_values
    counts, count_values = _counts(ask)
    sql = _SEARCH.format(sources=sources, others=others, counts=counts, order=SORTS[ask.sort])
    with connection.cursor() as cursor:
        cursor.execute(sql, [*values, *count_values, ask.per_page, ask.offset, CANDIDATES])
        ids, total, is_capped, places, facets = cursor.fetchone() or ([], 0, False, "{}", "[]")
    return _Answer(ids, total, bool(is_capped), json.loads(places), json.loads(facets))


def _sources(ask: _Ask, typed: Typed, *, but: str = "") -> tuple[str, list[Any]]:
    """Return the SQL of the candidates and its values; the filter by the fact `but` is left out.

    Each has its tier: 0 the very number, 1 all words in number or name, 2 in any text, 3 a part of the number. The
    later ones are not asked once there are enough.
    """
    tsquery, lexemes = typed.tsquery()
    columns, column_values = _columns(ask, typed)
    narrowed, narrowed_values = ask.narrowed(but=but)
    conditions: list[tuple[int, str, list[Any]]] = [
        (0, "i.sku = ANY (%s)", [[typed.raw, typed.raw.upper()]]),
        (0, "i.barcodes @> %s::varchar[]", [[typed.compact]]),
        (0, f"i.sku IN ({_OWN})", [ask.customer_erp_id, typed.raw]),
        (1, f"i.names @@ ({tsquery})", lexemes),
        (2, f"i.search @@ ({tsquery}) AND NOT i.names @@ ({tsquery})", [*lexemes, *lexemes]),
    ]
    if typed.is_number:
        conditions.insert(3, (3, "i.sku ILIKE %s", [f"%{_escaped(typed.raw)}%"]))
    parts, values = [], []
    for tier, condition, own in conditions:
        limit = FRAGMENTS if tier == PART_OF_NUMBER else CANDIDATES
        parts.append(
            f"(SELECT i.id, {tier} AS tier, i.sku, i.category_ids, i.facets, {columns} "  # noqa: S608 (values apart)
            f"FROM erp_sync_item i WHERE {narrowed} AND {condition} LIMIT {limit})"
        )
        values += [*column_values, *narrowed_values, *own]
    return f"SELECT * FROM ({' UNION ALL '.join(parts)}) every LIMIT {CANDIDATES}", values  # noqa: S608 (values apart)


def _columns(ask: _Ask, typed: Typed) -> tuple[str, list[Any]]:
    """Return what the order needs: the rank, or the name."""
    if ask.sort == "name":
        return f"{_NAME} AS name", [ask.language.split("-")[0]]
    if ask.sort == "sku":
        return "0 AS rank", []
    if ask.prices and ask.sort in by_price.SORTS:
        return ask.prices.column()
    tsquery, lexemes = typed.tsquery(is_finished=True)  # whole words before beginnings: screw, then screwdriver
    return f"ts_rank(i.names, {tsquery}, 1) AS rank", lexemes


_NAME = "lower(coalesce(i.texts -> %s ->> 'name', i.texts -> 'en' ->> 'name'))"
_OWN = (
    "SELECT o.sku FROM erp_sync_ownpartnumber o JOIN erp_sync_customer c ON c.id = o.customer_id"
    " WHERE c.erp_id = %s AND lower(o.number) = lower(%s)"
)


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


# --- the list of a category ---

_kept: dict[tuple[Any, ...], tuple[float, _Answer]] = {}  # until when, what
_MOST_KEPT = 100
_MOST_IDS = 10_000
# A list is kept at least this many times as long as it took to make: 1 % of the time at most goes into making it.
_WORTH = 100
_LIST = """
WITH hit AS MATERIALIZED (
    SELECT i.id, i.sku, i.category_ids, i.facets, {columns} FROM erp_sync_item i WHERE {narrowed}
), {others}{counts}
SELECT
    {ids},
    (SELECT count(*) FROM hit),
    (SELECT coalesce(jsonb_object_agg(place, n), '{{}}') FROM by_place),
    (SELECT coalesce(jsonb_agg(jsonb_build_array(facet, n, example, labels)), '[]') FROM by_facet)
"""
_FIRST_IDS = "array(SELECT id FROM hit ORDER BY {order} LIMIT {most})"
_PART = """
SELECT id FROM (SELECT i.id, i.sku, {columns} FROM erp_sync_item i WHERE {narrowed}) hit
ORDER BY {order} LIMIT %s OFFSET %s
"""
# On sale a number is there once, so an index alone finds those of a page, and only the page's rows are read.
_PART_BY_NUMBER = """
SELECT i.id FROM erp_sync_item i WHERE {narrowed} AND i.sku = ANY(ARRAY(
    SELECT i.sku FROM erp_sync_item i WHERE {narrowed} ORDER BY i.sku LIMIT %s OFFSET %s))
ORDER BY i.sku
"""


def _browse(ask: _Ask) -> _Answer:
    """List a category, or everything; what was counted and put in order is kept for a while by each process."""
    whole = _whole_list(ask)
    if ask.prices and ask.sort in by_price.SORTS:
        narrowed, values = ask.narrowed()
        part = by_price.Part(ask.sort, ask.offset, ask.per_page)
        return replace(whole, ids=by_price.page_of_ids(ask.prices, narrowed, values, part))
    end = ask.offset + ask.per_page
    if end <= len(whole.ids) or len(whole.ids) == whole.total:
        return replace(whole, ids=list(whole.ids[ask.offset : end]))
    return replace(whole, ids=_part(ask))


def _whole_list(ask: _Ask) -> _Answer:
    chosen = tuple((key, tuple(values)) for key, values in sorted(ask.filters.items()))
    bounds = ask.prices if ask.prices and ask.prices.is_narrow else None
    key = (ask.category_erp_id, chosen, _order(ask), ask.language if ask.sort == "name" else "", bounds)
    known = _kept.get(key)
    started = time.monotonic()
    if known and started < known[0]:
        return known[1]
    answer = _read_whole_list(ask)
    took_s = time.monotonic() - started
    if len(_kept) >= _MOST_KEPT:
        _kept.clear()
    if shortest := recheck_s():
        _kept[key] = (started + max(shortest, _WORTH * took_s), answer)
    return answer


def _read_whole_list(ask: _Ask) -> _Answer:
    narrowed, values = ask.narrowed()
    columns, column_values = _list_columns(ask)
    # Everything by number needs no list of ids: the index on the numbers gives any part of it.
    is_everything = ask.category_erp_id is None and not any(ask.filters.values()) and ask.sort != "name"
    is_everything = is_everything and not (ask.prices and ask.prices.is_narrow)
    ids = "'{}'::bigint[]" if is_everything else _FIRST_IDS.format(order=_order(ask), most=_MOST_IDS)
    others = ""
    for n, key in enumerate(ask.chosen_keys):
        wider, wider_values = ask.narrowed(but=key)
        others += f"other_{n} AS (SELECT i.id, i.facets FROM erp_sync_item i WHERE {wider}), "  # noqa: S608
        values += wider_values
    counts, count_values = _counts(ask)
    sql = _LIST.format(columns=columns, narrowed=narrowed, others=others, counts=counts, ids=ids)
    with connection.cursor() as cursor:
        cursor.execute(sql, [*column_values, *values, *count_values])
        found, total, places, facets = cursor.fetchone() or ([], 0, "{}", "[]")
    return _Answer(array("q", found), total, is_capped=False, categories=json.loads(places), facets=json.loads(facets))


def _part(ask: _Ask) -> list[int]:
    """Return the ids of one page, without a list."""
    narrowed, values = ask.narrowed()
    if ask.sort == "name":
        columns, before = _list_columns(ask)
        sql = _PART.format(columns=columns, narrowed=narrowed, order=_order(ask))
    else:
        before = values
        sql = _PART_BY_NUMBER.format(narrowed=narrowed)
    with connection.cursor() as cursor:
        cursor.execute(sql, [*before, *values, ask.per_page, ask.offset])
        return [row[0] for row in cursor.fetchall()]


def _list_columns(ask: _Ask) -> tuple[str, list[Any]]:
    return (f"{_NAME} AS name", [ask.language.split("-")[0]]) if ask.sort == "name" else ("'' AS name", [])


def _order(ask: _Ask) -> str:
    return SORTS["name" if ask.sort == "name" else "sku"]


# --- facets ---


def _below(category_erp_id: str | None) -> list[Node]:
    """Return the categories to count, below the chosen one; a lone root is the catalogue itself."""
    tree = category_tree()
    if category_erp_id is None and len(tree.roots) == 1:
        return tree.children(tree.roots[0])
    return tree.children(category_erp_id)


def _category_counts(ask: _Ask, counts: Mapping[str, int]) -> tuple[CategoryCount, ...]:
    return tuple(CategoryCount(node, counts[node.erp_id]) for node in ask.below if node.erp_id in counts)


def _facets(ask: _Ask, rows: list[list[Any]]) -> tuple[Facet, ...]:
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
