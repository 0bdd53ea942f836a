"""Numbers of the demo's past: drawn from what they belong to, so that the same ERP gives the same past."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


def draw(key: str, what: str, sides: int) -> int:
    """Return a number from 0 that depends on the key and the purpose only.

    >>> draw("WEB-1", "person", 3) == draw("WEB-1", "person", 3)
    True
    """
    digest = hashlib.sha256(f"{key}:{what}".encode()).digest()
    return int.from_bytes(digest[:4], "big") % sides


def chosen(words: Sequence[T], key: str, what: str) -> T:
    """Return one of these."""
    return words[draw(key, what, len(words))]
