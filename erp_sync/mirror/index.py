"""What follows from mirrored rows: the tree's paths, and by what an item is found. All in SQL, in sync's transaction.

`erp_sync_fold` (a function in the database, migration 0002) makes lower case without accents, one
space between words.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection

from erp_sync.mirror.bulk import Filled

# Columns of categories that are filled from all of them.
PLACED = frozenset({"path"})

_PLACE_CATEGORIES = """
WITH RECURSIVE tree AS (
    SELECT c.erp_id, ARRAY[c.erp_id]::varchar[] AS path FROM erp_sync_category c
    WHERE NOT EXISTS (SELECT 1 FROM erp_sync_category up WHERE up.erp_id = c.parent_erp_id)
    UNION ALL
    SELECT c.erp_id, tree.path || c.erp_id FROM erp_sync_category c JOIN tree ON c.parent_erp_id =
    tree.erp_id WHERE c.erp_id <> ALL (tree.path) AND cardinality(tree.path) < 20
), placed AS (
    SELECT c.id, coalesce(tree.path, ARRAY[c.erp_id]::varchar[]) AS path
    FROM erp_sync_category c LEFT JOIN tree ON tree.erp_id = c.erp_id
)
UPDATE erp_sync_category c SET path = placed.path FROM placed
WHERE c.id = placed.id AND c.path IS DISTINCT FROM placed.path
RETURNING c.erp_id
"""

# An item stands in its own categories and all above them; a category that is not known yet counts
# as a root.
_PLACES = """
coalesce((
    SELECT array_agg(DISTINCT place) FROM unnest(i.own_category_ids) own
    LEFT JOIN erp_sync_category c ON c.erp_id = own
    CROSS JOIN LATERAL unnest(coalesce(nullif(c.path, '{}'), ARRAY[own]::varchar[])) place
), '{}')
"""

_MOVE_ITEMS = f"""
WITH moved AS (
    SELECT id FROM erp_sync_item WHERE own_category_ids && %s::varchar[] ORDER BY id FOR UPDATE
)
UPDATE erp_sync_item i SET category_ids = {_PLACES} FROM moved WHERE i.id = moved.id
"""  # noqa: S608 (a constant of this module)

# What an item is found by, from the rows of {source}, which is called i there.
_NAMED = """
plain AS MATERIALIZED (
    SELECT i.erp_id,
        erp_sync_fold(i.sku || ' ' || array_to_string(i.barcodes, ' ')) AS numbers,
        replace(erp_sync_fold(i.sku), ' ', '') AS sku,
        erp_sync_fold(coalesce((SELECT string_agg(t.value ->> 'name', ' ') FROM jsonb_each(i.texts)
        t), '')) AS names, erp_sync_fold(i.brand || ' ' || coalesce((
            SELECT string_agg(v.value, ' ') FROM jsonb_each(i.attributes) a,
            jsonb_each_text(a.value) v), '')) AS facts,
        erp_sync_fold(coalesce(i.texts -> 'es' ->> 'description', '')) AS spanish,
        erp_sync_fold(coalesce((SELECT string_agg(t.value ->> 'description', ' ')
            FROM jsonb_each(i.texts) t WHERE t.key <> 'es'), '')) AS english,
        CASE WHEN i.brand = '' THEN '{}' ELSE ARRAY['brand=' || i.brand] END || coalesce((
            SELECT array_agg(a.key || '=' || coalesce(a.value ->> 'en', (
                SELECT v.value FROM jsonb_each_text(a.value) v ORDER BY v.key LIMIT 1)))
            FROM jsonb_each(i.attributes) a WHERE a.value <> '{}'::jsonb), '{}') AS facets
    FROM {source}
), named AS MATERIALIZED (
    SELECT *, setweight(to_tsvector('simple', numbers || ' ' || sku || ' ' || names), 'A')
        || setweight(to_tsvector('spanish', names), 'B') || setweight(to_tsvector('english', names),
        'B') AS vector
    FROM plain
)
"""
_FILLED = {
    "category_ids": _PLACES,
    "facets": "named.facets",
    "words": "concat_ws(' ', named.names, named.facts)",
    "names": "named.vector",
    "search": """named.vector
        || setweight(to_tsvector('simple', named.facts), 'C')
        || setweight(to_tsvector('spanish', named.facts), 'C')
        || setweight(to_tsvector('english', named.facts), 'C')
        || setweight(to_tsvector('spanish', named.spanish), 'D')
        || setweight(to_tsvector('english', named.english), 'D')""",
}
# The same for items on their way into the table.
ITEMS = Filled(", " + _NAMED.replace("{source}", "given i"), "JOIN named USING (erp_id)", _FILLED)

_FILL_ITEMS = f"""
WITH {_NAMED.replace("{source}", "erp_sync_item i WHERE i.erp_id = ANY (%s)")}
UPDATE erp_sync_item i SET {", ".join(f"{column} = {value}" for column, value in _FILLED.items())}
FROM named WHERE i.erp_id = named.erp_id
"""  # noqa: S608 (a constant of this module)

_SPLIT = """
SELECT word, count(*) FROM erp_sync_item i, LATERAL (
    SELECT DISTINCT word FROM unnest(string_to_array(i.words, ' ')) word
) w WHERE length(word) BETWEEN 3 AND 64 AND word !~ '^[0-9]+$'
"""

_LEARN_WORDS = f"""
INSERT INTO erp_sync_itemword (word, items) {_SPLIT} AND i.erp_id = ANY (%s) GROUP BY word ORDER BY
word ON CONFLICT (word) DO NOTHING
"""

_RECOUNT_WORDS = f"""
WITH now AS (
    {_SPLIT} AND i.is_active AND i.gone_at IS NULL GROUP BY word
), gone AS (
    DELETE FROM erp_sync_itemword old WHERE NOT EXISTS (SELECT 1 FROM now WHERE now.word = old.word)
)
INSERT INTO erp_sync_itemword (word, items) SELECT word, count FROM now ORDER BY word
ON CONFLICT (word) DO UPDATE SET items = excluded.items WHERE erp_sync_itemword.items <>
excluded.items
"""  # noqa: S608 (a constant of this module)


def place_categories() -> int:
    """Set the path of every category, and the places of the items below one that moved; return how many moved."""
    with connection.cursor() as cursor:
        cursor.execute(_PLACE_CATEGORIES)
        moved = {row[0] for row in cursor.fetchall()}
        if moved:
            cursor.execute(_MOVE_ITEMS, [sorted(moved)])
    return len(moved)


def fill_items(erp_ids: Sequence[str]) -> None:
    """Fill places, facets, words and search vectors of these items from their own columns."""
    with connection.cursor() as cursor:
        cursor.execute(_FILL_ITEMS, [list(erp_ids)])
    learn_words(erp_ids)


def learn_words(erp_ids: Sequence[str]) -> None:
    """Note the words of these items that no item had so far."""
    with connection.cursor() as cursor:
        cursor.execute(_LEARN_WORDS, [list(erp_ids)])


def recount_words() -> None:
    """Count anew by how many items on sale each word is found, and forget the words of none (nightly)."""
    with connection.cursor() as cursor:
        cursor.execute(_RECOUNT_WORDS)
