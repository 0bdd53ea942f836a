"""What a cell of a file may hold: each function returns what the database takes, or says why it can't.

Every function takes the text of a cell that isn't empty and raises ValueError with a reason for people.
"""

from __future__ import annotations

import datetime as dt
import json
import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from zoneinfo import ZoneInfo

Cell = Callable[[str], object]
# Ids of people in files become person keys, so that erasing a person works for imported facts too.
PEOPLE = uuid.UUID("6f0c0f6e-4d5f-5f6b-9a51-3b0d9d1f2a77")
YEARS = range(1900, 3000)
MOST_DIGITS = 12
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
CLOCK = re.compile(r"\d{2}:\d{2}(:\d{2})?")
CURRENCY = re.compile(r"[A-Z]{3}")
COUNTRY = re.compile(r"[A-Z]{2}")


def text(limit: int = 64) -> Cell:
    """Return a reader of texts up to so many characters."""

    def read(cell: str) -> str:
        if len(cell) > limit:
            raise ValueError(f"{cell[:20]!r}… has {len(cell)} characters, {limit} fit")
        if "\x00" in cell:
            raise ValueError("it holds a NUL character")
        return cell

    return read


def choice(*words: str) -> Cell:
    """Return a reader of one of these words."""

    def read(cell: str) -> str:
        if cell not in words:
            raise ValueError(f"{cell[:40]!r} is none of {', '.join(words)}")
        return cell

    return read


def word(cell: str) -> str:
    """Read a short word; capitals don't matter."""
    return str(text(20)(cell)).lower()


def person(cell: str) -> str:
    """Return the person key of an id in a file: always the same for the same id."""
    return str(uuid.uuid5(PEOPLE, str(text()(cell))))


def truth(cell: str) -> bool:
    """Read 0 or 1."""
    if cell not in ("0", "1"):
        raise ValueError(f"{cell[:40]!r} is neither 0 nor 1")
    return cell == "1"


@lru_cache(maxsize=4096)
def day(cell: str) -> dt.date:
    """Read a date."""
    if not DAY.fullmatch(cell):
        raise ValueError(f"{cell[:40]!r} is no date (2024-10-31)")
    try:
        found = dt.date.fromisoformat(cell)
    except ValueError as error:
        raise ValueError(f"{cell!r} is not in the calendar") from error
    _check_year(found, cell)
    return found


def _check_year(found: dt.date, cell: str) -> None:
    """Refuse what nobody lives to see: a year that was mistyped would make a book of as many days."""
    if found.year not in YEARS:
        raise ValueError(f"{cell!r} is not of the years {YEARS.start} to {YEARS.stop - 1}")


@lru_cache(maxsize=4096)
def instant(cell: str) -> dt.datetime:
    """Read an instant; without a time zone nobody knows when it was."""
    try:
        found = dt.datetime.fromisoformat(cell)
    except ValueError:
        found = None
    if found is None or len(cell) < len("2024-10-31T09:00Z"):
        raise ValueError(f"{cell[:40]!r} is no instant (2024-10-31T09:00:00Z)")
    if found.tzinfo is None:
        raise ValueError(f"{cell!r} has no time zone; write Z at the end for UTC")
    _check_year(found, cell)
    return found


@lru_cache(maxsize=65536)
def number(cell: str) -> Decimal:
    """Read a number with a point."""
    try:
        found = Decimal(cell)
    except InvalidOperation:
        raise ValueError(f"{cell[:40]!r} is no number (1234.56)") from None
    if not found.is_finite() or found.adjusted() >= MOST_DIGITS:
        raise ValueError(f"{cell[:40]!r} is too big, or no number")
    return found


def positive(cell: str) -> Decimal:
    """Read a number of 0 or more."""
    found = number(cell)
    if found < 0:
        raise ValueError(f"{cell} is less than 0")
    return found


def rate(cell: str) -> Decimal:
    """Read a number above 0."""
    found = number(cell)
    if found <= 0:
        raise ValueError(f"{cell} is not more than 0")
    return found


@dataclass(frozen=True, slots=True)
class Whole:
    """Reads whole numbers between two; a class, so that a column knows that it holds some."""

    least: int
    most: int

    def __call__(self, cell: str) -> int:
        """Read one."""
        if not (cell.isascii() and cell.isdigit()) or not self.least <= int(cell) <= self.most:
            raise ValueError(f"{cell[:40]!r} is no whole number from {self.least} to {self.most}")
        return int(cell)


def clock(cell: str) -> dt.time:
    """Read a time of day."""
    try:
        if CLOCK.fullmatch(cell):
            return dt.time.fromisoformat(cell)
    except ValueError:
        pass
    raise ValueError(f"{cell[:40]!r} is no time of day (09:00)")


def currency(cell: str) -> str:
    """Read a currency code."""
    if not CURRENCY.fullmatch(cell):
        raise ValueError(f"{cell[:40]!r} is no currency (EUR)")
    return cell


def country(cell: str) -> str:
    """Read a country code."""
    if not COUNTRY.fullmatch(cell):
        raise ValueError(f"{cell[:40]!r} is no country code (ES)")
    return cell


@lru_cache(maxsize=1024)
def zone(cell: str) -> str:
    """Read the name of a time zone."""
    try:
        return ZoneInfo(cell).key
    except (ValueError, OSError, KeyError):
        raise ValueError(f"{cell[:40]!r} is no time zone (Europe/Madrid)") from None


def props(cell: str) -> str:
    """Read a JSON object, kept as text."""
    try:
        found = json.loads(cell)
    except ValueError:
        found = None
    if not isinstance(found, dict) or "\\u0000" in cell:
        raise ValueError(f"{cell[:40]!r} is no JSON object")
    return cell
