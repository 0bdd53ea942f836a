"""What somebody may mean while he types: a few items, found in one statement, nothing counted."""

from __future__ import annotations

from typing import Any

from django.db import connection

from erp_sync.mirror import words
from erp_sync.mirror.models import Item
from erp_sync.mirror.quick import escaped
from erp_sync.mirror.selectors import items_in_order

MOST = 8
SHORTEST = 2
# Candidates of a name or of a part of a number: enough to choose eight from, few enough for every keystroke.
CANDIDATES = 300

_OWN = """
SELECT i.id, {tier}, 0::real, i.sku FROM erp_sync_ownpartnumber o
JOIN erp_sync_customer c ON c.id = o.customer_id AND c.erp_id = %s
JOIN erp_sync_item i ON i.sku = o.sku AND i.is_active AND i.gone_at IS NULL
WHERE lower(o.number) LIKE lower(%s) LIMIT {most}"""
_BY = """
SELECT i.id, {tier}, {rank}, i.sku FROM erp_sync_item i
WHERE i.is_active AND i.gone_at IS NULL AND {what} LIMIT {most}"""
_FIRST = """
SELECT id FROM ({parts}) hit (id, tier, rank, sku)
GROUP BY id, sku ORDER BY min(tier), max(rank) DESC, sku LIMIT {most}"""


def suggest(*, query: str, customer_erp_id: str, most: int = MOST) -> list[Item]:
    """Return at most so many items on sale, the likeliest first, each with `own_numbers`; none for one letter.

    The very number comes first (ours, the customer's own, a barcode), then numbers that begin like it, then names
    whose last word may go on, then parts of numbers.
    """
    typed = words.typed(query)
    if len(typed.compact) < SHORTEST:
        return []
    parts, values = _parts(typed, customer_erp_id)
    sql = _FIRST.format(parts=" UNION ALL ".join(f"({part})" for part in parts), most=most)
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        pks = [int(row[0]) for row in cursor.fetchall()]
    return items_in_order(pks, customer_erp_id=customer_erp_id)


def _parts(typed: words.Typed, customer_erp_id: str) -> tuple[list[str], list[Any]]:
    start = f"{escaped(typed.raw)}%"
    tsquery, lexemes = typed.tsquery()
    whole, whole_lexemes = typed.tsquery(is_finished=True)
    none = "0::real"
    parts = [
        _BY.format(tier=0, rank=none, what="i.sku = ANY (%s)", most=MOST),
        _OWN.format(tier=0, most=MOST),
        _BY.format(tier=1, rank=none, what="i.barcodes @> %s::varchar[]", most=MOST),
        _BY.format(tier=2, rank=none, what="(i.sku LIKE %s OR i.sku LIKE %s)", most=MOST),
        _BY.format(tier=3, rank=f"ts_rank(i.names, {whole}, 1)", what=f"i.names @@ ({tsquery})", most=CANDIDATES),
    ]
    values: list[Any] = [
        [typed.raw, typed.raw.upper()], customer_erp_id, start, [typed.compact], start, start.upper(),
        *whole_lexemes, *lexemes,
    ]  # fmt: skip
    if typed.is_number:
        parts.append(_BY.format(tier=4, rank=none, what="i.sku ILIKE %s", most=MOST))
        values.append(f"%{escaped(typed.raw)}%")
    return parts, values
