"""What the API has no field for, kept where the ERP's staff reads it: comment lines of the document.

Each begins with its word ("Your reference: PO 4711"); what is longer than a line goes on in the next one.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from enum import StrEnum
from typing import Any

from erp_sync.adapters.business_central import mapping as to

LONGEST = 100
MORE = "... "
_WANTED = re.compile(r"(\d{1,9}(?:\.\d{1,5})?) x (.+)", re.DOTALL)


class Remark(StrEnum):
    """The word that a remark begins with."""

    REFERENCE = "Your reference: "
    QUOTE = "From quote: "
    PERSON = "Ordered by: "
    NOTE = "Note: "
    TERMS = "Terms: "
    WANTED = "Wanted: "
    DELIVERY = "Delivery: "
    CANCELLED = "Cancelled: "
    DECLINED = "Declined: "


def comments(remark: Remark, words: str, *, most: int = 40) -> list[dict[str, Any]]:
    """Return the lines that keep some words; none for none."""
    told = " ".join(to.text(words, most * LONGEST).split())
    if not told:
        return []
    parts = textwrap.wrap(told, LONGEST, initial_indent=remark, subsequent_indent=MORE, break_on_hyphens=False)
    return [{"lineType": "Comment", "description": part} for part in parts[:most]]


def read(lines: Iterable[Mapping[str, Any]], remark: Remark) -> list[str]:
    """Return what the lines of a document say under a word, each remark whole; lines are in their order."""
    found: list[str] = []
    is_ours = False
    for one in lines:
        words = to.line(one["description"], LONGEST) if to.word(one["lineType"]) == "Comment" else ""
        if words.startswith(remark.strip()):
            found.append(words[len(remark.strip()) :].strip())
            is_ours = True
        elif is_ours and words.startswith(MORE.strip()):
            found[-1] = f"{found[-1]} {words[len(MORE.strip()) :].strip()}"
        else:
            is_ours = False
    return found


def first(lines: Iterable[Mapping[str, Any]], remark: Remark) -> str:
    """Return what is said first under a word, "" for nothing."""
    return next(iter(read(lines, remark)), "")


def rows_of(lines: Iterable[Mapping[str, Any]], remark: Remark) -> list[Mapping[str, Any]]:
    """Return the comment lines that keep the remarks under a word."""
    found: list[Mapping[str, Any]] = []
    is_ours = False
    for one in lines:
        words = to.line(one["description"], LONGEST) if to.word(one["lineType"]) == "Comment" else ""
        is_ours = words.startswith(remark.strip()) or (is_ours and words.startswith(MORE.strip()))
        if is_ours:
            found.append(one)
    return found


def wanted(quantity: Decimal, words: str) -> str:
    """Return a wish in free text with its quantity."""
    return f"{to.quantity(quantity):f} x {words}"


def wish(told: str) -> tuple[Decimal, str]:
    """Return the quantity and the words of a wish; one of which it does not say how much is of one."""
    found = _WANTED.fullmatch(told)
    return (Decimal(found[1]), found[2]) if found else (Decimal(1), told)


def said(*pairs: tuple[Remark, str]) -> Sequence[dict[str, Any]]:
    """Return the lines of several remarks."""
    return [one for remark, words in pairs for one in comments(remark, words)]
