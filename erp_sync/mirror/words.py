"""From what a person typed to a text search: words, stems of two languages, beginnings, numbers."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from django.db import connection

MOST_WORDS = 8
SHORTEST_FRAGMENT = 3
SHORTEST_BEGINNING = 2
# Small words of both languages: an item need not hold them.
SMALL = frozenset(
    "a al an and con de del e el en for in la las los o of or para por sin the to u un una with y".split()  # noqa: SIM905
)
_WORD = re.compile(r"[^\W_]+")

# One word: its stem in either language, or itself.
_ONE = "(plainto_tsquery('spanish', %s) || plainto_tsquery('english', %s) || to_tsquery('simple', %s))"

# The word that is known for each that is not: two letters swapped, then the most alike; a common one wins over a rare.
_NEAREST = """
SELECT DISTINCT ON (typed) typed, word FROM (
SELECT swapped.typed, w.word, 0 AS distance, w.items
FROM unnest(%s::text[], %s::text[]) swapped (typed, word) JOIN erp_sync_itemword w ON w.word = swapped.word
UNION ALL
SELECT typed.word, near.word, near.distance, near.items FROM unnest(%s::text[]) typed (word), LATERAL (
    SELECT near.word, near.word <-> typed.word AS distance, near.items FROM (
        SELECT w.word, w.items FROM erp_sync_itemword w ORDER BY w.word <-> typed.word LIMIT 12
    ) near ORDER BY near.word <-> typed.word, near.items DESC LIMIT 1
) near
WHERE near.distance <= %s
) found ORDER BY typed, distance, items DESC
"""
_UNKNOWN = """
SELECT typed.word FROM unnest(%s::text[]) typed (word) WHERE length(typed.word) >= 3
AND NOT EXISTS (SELECT 1 FROM erp_sync_itemword w WHERE w.word = typed.word)
AND NOT (typed.word = %s AND EXISTS (SELECT 1 FROM erp_sync_itemword w WHERE w.word LIKE typed.word || '%%'))
"""
_FARTHEST = 0.7  # 1 - similarity by three letters
_LONGEST_SWAPPED = 30


@dataclass(frozen=True, slots=True)
class Typed:
    """What a person typed. `words` are folded; `compact` is all of them without gaps, `raw` as it came, trimmed."""

    raw: str
    words: tuple[str, ...]

    @property
    def compact(self) -> str:
        """The whole as one number."""
        return "".join(self.words)

    @property
    def is_number(self) -> bool:
        """It may be a part of an item's number: one piece, with a figure in it."""
        has_figure = any(sign.isdigit() for sign in self.raw)
        return " " not in self.raw and has_figure and len(self.raw) >= SHORTEST_FRAGMENT

    def tsquery(self, *, is_finished: bool = False) -> tuple[str, list[str]]:
        """Return the SQL of the text search and its values: all words; unless finished, the last may go on."""
        values = []
        for position, word in enumerate(self.words):
            goes_on = position == len(self.words) - 1 and len(word) >= SHORTEST_BEGINNING and not is_finished
            values += [word, word, f"'{word}':*" if goes_on else f"'{word}'"]
        return " && ".join([_ONE] * len(self.words)), values


def typed(text: str) -> Typed:
    """Return the words of a query; in a phrase with others, small words do not count."""
    raw = " ".join(text.replace("\x00", " ").split())[:200]
    words = [fold(word) for word in _WORD.findall(fold(raw))]
    telling = words
    if " " in raw:
        telling = [word for word in words if word not in SMALL] or words
    return Typed(raw, tuple(telling[:MOST_WORDS]))


def fold(text: str) -> str:
    """Return the text in lower case without accents, as `erp_sync_fold` does in the database."""
    plain = unicodedata.normalize("NFKD", text.replace("ß", "ss").replace("ø", "o").replace("Ø", "O"))
    return "".join(sign for sign in plain if not unicodedata.combining(sign)).lower()


def corrected(query: Typed) -> Typed | None:
    """Return the query with its unknown words replaced by the most alike known ones, None if nothing is near."""
    unknown = _unknown(query.words)
    if not unknown:
        return None
    with connection.cursor() as cursor:
        pairs = [(word, other) for word in unknown for other in _swapped(word)]
        cursor.execute(_NEAREST, [[word for word, _ in pairs], [other for _, other in pairs], unknown, _FARTHEST])
        near = dict(cursor.fetchall())
    words = tuple(near.get(word, word) for word in query.words)
    return Typed(" ".join(words), words) if words != query.words else None


def _swapped(word: str) -> list[str]:
    """Return the word with each two neighbouring letters swapped: short words share few threes of letters then."""
    if len(word) > _LONGEST_SWAPPED:
        return []
    return [word[:at] + word[at + 1] + word[at] + word[at + 2 :] for at in range(len(word) - 1)]


def _unknown(words: tuple[str, ...]) -> list[str]:
    """Return the words that no item has; the last one is known when it is the beginning of a word."""
    with connection.cursor() as cursor:
        cursor.execute(_UNKNOWN, [list(words), words[-1]])
        return [row[0] for row in cursor.fetchall()]
