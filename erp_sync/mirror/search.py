"""Finds items in the mirror: by words of two languages, typing errors, parts of numbers, barcodes, own numbers.

At most `CANDIDATES` items are looked at for one query, so a broad word costs no more than a narrow one; the total and
the counts of facets are then lower bounds. Prices and stock play no part here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection

from erp_sync.mirror import by_price, words
from erp_sync.mirror.browse import browse
from erp_sync.mirror.by_price import Prices
from erp_sync.mirror.hits import NAME, SORTS, Answer, Ask, Hits, category_counts, counts_sql, facets_of, places_below
from erp_sync.mirror.selectors import items_in_order
from erp_sync.mirror.words import Typed

CANDIDATES = 2000
FRAGMENTS = 200
PART_OF_NUMBER = 3
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
_OWN = (
    "SELECT o.sku FROM erp_sync_ownpartnumber o JOIN erp_sync_customer c ON c.id = o.customer_id"
    " WHERE c.erp_id = %s AND lower(o.number) = lower(%s)"
)


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
    below = tuple(places_below(category_erp_id))
    ask = Ask(customer_erp_id, language, category_erp_id, filters or {}, max(page, 1), per_page, sort, below, prices)
    typed = words.typed(query)
    if not typed.words:
        return _hits(ask, browse(ask))
    answer = _search(ask, typed)
    if answer.total:
        return _hits(ask, answer)
    better = words.corrected(typed)
    if better is None:
        return _hits(ask, answer)
    answer = _search(ask, better)
    return _hits(ask, answer, better.raw if answer.total else "")


def _hits(ask: Ask, answer: Answer, corrected_to: str = "") -> Hits:
    return Hits(
        items=items_in_order(answer.ids, customer_erp_id=ask.customer_erp_id),
        total=answer.total,
        total_is_lower_bound=answer.is_capped,
        page=ask.page,
        per_page=ask.per_page,
        categories=category_counts(ask, answer.categories),
        facets=facets_of(ask, answer.facets),
        corrected_to=corrected_to,
    )


# --- the search for words ---


def _search(ask: Ask, typed: Typed) -> Answer:
    """Ask for the hits of some words, in one statement."""
    sources, values = _sources(ask, typed)
    others = ""
    for n, key in enumerate(ask.chosen_keys):
        wider, wider_values = _sources(ask, typed, but=key)
        others += f"other_{n} AS (SELECT DISTINCT ON (id) id, facets FROM ({wider}) s ORDER BY id), "  # noqa: S608
        values += wider_values
    counts, count_values = counts_sql(ask)
    sql = _SEARCH.format(sources=sources, others=others, counts=counts, order=SORTS[ask.sort])
    with connection.cursor() as cursor:
        cursor.execute(sql, [*values, *count_values, ask.per_page, ask.offset, CANDIDATES])
        ids, total, is_capped, places, facets = cursor.fetchone() or ([], 0, False, "{}", "[]")
    return Answer(ids, total, bool(is_capped), json.loads(places), json.loads(facets))


def _sources(ask: Ask, typed: Typed, *, but: str = "") -> tuple[str, list[Any]]:
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


def _columns(ask: Ask, typed: Typed) -> tuple[str, list[Any]]:
    """Return what the order needs: the rank, or the name."""
    if ask.sort == "name":
        return f"{NAME} AS name", [ask.language.split("-")[0]]
    if ask.sort == "sku":
        return "0 AS rank", []
    if ask.prices and ask.sort in by_price.SORTS:
        return ask.prices.column()
    tsquery, lexemes = typed.tsquery(is_finished=True)  # whole words before beginnings: screw, then screwdriver
    return f"ts_rank(i.names, {tsquery}, 1) AS rank", lexemes


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
