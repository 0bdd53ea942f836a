"""Which items many typed texts mean, asked together: numbers, the customer's own numbers, barcodes, else names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from erp_sync.mirror import words

SKU, OWN, BARCODE, NAME = "sku", "own", "barcode", "name"
MOST_FITTING = 6
# Names are looked for in so many texts with one statement.
NAMES_AT_ONCE = 50
LONGEST_NUMBER = 64
SHORTEST_BARCODE = 4


@dataclass(frozen=True, slots=True)
class Recognised:
    """The items that a text may mean, in no order that says anything; one = it is that. `by` says how it was found."""

    skus: tuple[str, ...]
    by: str


_NUMBERS = """
SELECT t.n, 'sku', i.sku FROM unnest(%s::int[], %s::varchar[]) t (n, form) JOIN erp_sync_item i ON i.sku = t.form
UNION
SELECT t.n, 'own', o.sku FROM unnest(%s::int[], %s::text[]) t (n, raw)
JOIN erp_sync_ownpartnumber o ON lower(o.number) = lower(t.raw)
JOIN erp_sync_customer c ON c.id = o.customer_id AND c.erp_id = %s
"""
_BARCODES = """
SELECT t.n, i.sku FROM unnest(%s::int[], %s::text[]) t (n, compact)
JOIN erp_sync_item i ON i.barcodes @> ARRAY[t.compact]::varchar[] AND i.is_active AND i.gone_at IS NULL
"""


def recognise(texts: Sequence[str], *, customer_erp_id: str) -> dict[str, Recognised]:
    """Return what each text may mean; a text that nothing fits is missing.

    Two statements find numbers; names cost one more for each fifty texts that are no number. A customer's own number
    that is the number of another item of ours means both: he is asked.
    """
    wanted = list(dict.fromkeys(text for text in texts if text.strip()))
    found = _by_numbers(wanted, customer_erp_id)
    found |= _by_barcodes([text for text in wanted if text not in found])
    rest = [text for text in wanted if text not in found]
    for start in range(0, len(rest), NAMES_AT_ONCE):
        found |= _by_names(rest[start : start + NAMES_AT_ONCE])
    return found


def _by_numbers(texts: Sequence[str], customer_erp_id: str) -> dict[str, Recognised]:
    numbers = [text for text in texts if len(text) <= LONGEST_NUMBER]
    if not numbers:
        return {}
    forms = [(at, form) for at, text in enumerate(numbers) for form in {text, text.upper(), text.lower()}]
    values: list[Any] = [[at for at, _ in forms], [form for _, form in forms], list(range(len(numbers))), numbers]
    with connection.cursor() as cursor:
        cursor.execute(_NUMBERS, [*values, customer_erp_id])
        rows: list[tuple[int, str, str]] = cursor.fetchall()
    ways: dict[str, dict[str, set[str]]] = {}
    for at, by, sku in rows:
        ways.setdefault(numbers[at], {}).setdefault(by, set()).add(sku)
    return {text: _ours_or_his(text, by) for text, by in ways.items()}


def _ours_or_his(text: str, ways: Mapping[str, set[str]]) -> Recognised:
    """Decide by our numbers (as typed, before other spellings) and the customer's own together."""
    ours = {text} & ways.get(SKU, set()) or ways.get(SKU, set())
    return Recognised(tuple(sorted(ours | ways.get(OWN, set()))), SKU if ours else OWN)


def _by_barcodes(texts: Sequence[str]) -> dict[str, Recognised]:
    compact = {text: words.typed(text).compact for text in texts if any(sign.isdigit() for sign in text)}
    numbers = [text for text, pieces in compact.items() if SHORTEST_BARCODE <= len(pieces) <= LONGEST_NUMBER]
    if not numbers:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_BARCODES, [list(range(len(numbers))), [compact[text] for text in numbers]])
        rows: list[tuple[int, str]] = cursor.fetchall()
    found: dict[str, list[str]] = {}
    for at, sku in rows:
        found.setdefault(numbers[at], []).append(sku)
    return {text: Recognised(tuple(sorted(skus))[:MOST_FITTING], BARCODE) for text, skus in found.items()}


_NAME = """
(SELECT %s::int AS n, i.sku, lower(coalesce(i.texts -> 'es' ->> 'name', '')) = %s
    OR lower(coalesce(i.texts -> 'en' ->> 'name', '')) = %s AS is_whole
 FROM erp_sync_item i WHERE i.is_active AND i.gone_at IS NULL AND i.names @@ ({query})
 ORDER BY is_whole DESC LIMIT {most})
"""


def _by_names(texts: Sequence[str]) -> dict[str, Recognised]:
    parts: list[str] = []
    values: list[Any] = []
    for at, text in enumerate(texts):
        typed = words.typed(text)
        if any(sign.isalpha() for sign in typed.compact):
            query, lexemes = typed.tsquery(is_finished=True)
            parts.append(_NAME.format(query=query, most=MOST_FITTING))
            values += [at, text.lower(), text.lower(), *lexemes]
    if not parts:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts), values)
        rows: list[tuple[int, str, bool]] = cursor.fetchall()
    fitting: dict[str, list[tuple[str, bool]]] = {}
    for at, sku, is_whole in rows:
        fitting.setdefault(texts[at], []).append((sku, is_whole))
    return {text: _best(found) for text, found in fitting.items()}


def _best(found: Sequence[tuple[str, bool]]) -> Recognised:
    whole = [sku for sku, is_whole in found if is_whole]
    return Recognised(tuple(whole or [sku for sku, _ in found]), NAME)
