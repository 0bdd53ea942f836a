"""The list of a category, or of everything: counted and put in order once in a while by each process."""

from __future__ import annotations

import json
import time
from array import array
from dataclasses import replace
from typing import Any

from django.db import connection

from erp_sync.mirror import by_price
from erp_sync.mirror.hits import NAME, SORTS, Answer, Ask, counts_sql
from erp_sync.mirror.limits import recheck_s

_kept: dict[tuple[Any, ...], tuple[float, Answer]] = {}  # until when, what
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


def browse(ask: Ask) -> Answer:
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


def _whole_list(ask: Ask) -> Answer:
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


def _read_whole_list(ask: Ask) -> Answer:
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
    counts, count_values = counts_sql(ask)
    sql = _LIST.format(columns=columns, narrowed=narrowed, others=others, counts=counts, ids=ids)
    with connection.cursor() as cursor:
        cursor.execute(sql, [*column_values, *values, *count_values])
        found, total, places, facets = cursor.fetchone() or ([], 0, "{}", "[]")
    return Answer(array("q", found), total, is_capped=False, categories=json.loads(places), facets=json.loads(facets))


def _part(ask: Ask) -> list[int]:
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


def _list_columns(ask: Ask) -> tuple[str, list[Any]]:
    return (f"{NAME} AS name", [ask.language.split("-")[0]]) if ask.sort == "name" else ("'' AS name", [])


def _order(ask: Ask) -> str:
    return SORTS["name" if ask.sort == "name" else "sku"]
