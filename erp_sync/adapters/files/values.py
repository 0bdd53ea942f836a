"""A cell as a value: numbers by the batch's decimal sign, dates as ISO, instants in the batch's zone."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from decimal import Decimal
from zoneinfo import ZoneInfo

from erp_sync.adapters.files.layout import Column, Kind

LONGEST_ID, LONGEST_TEXT, LONGEST_NUMBER = 64, 2_000, 30
_NUMBERS = {
    ".": re.compile(r"-?\d+(\.\d+)?"),
    ",": re.compile(r"-?(\d{1,3}(\.\d{3})+|\d+)(,\d+)?"),
}
_EXAMPLES = {".": "1234.5", ",": "1.234,5 or 1234,5"}
_FLAGS = {"1": "1", "true": "1", "yes": "1", "y": "1", "0": "", "false": "", "no": "", "n": ""}
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


class BadCell(Exception):
    """The cell does not hold what its column is for; the text says what it should hold."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a batch writes: `decimal` is "." or ","; `zone` is that of times without one."""

    decimal: str
    zone: ZoneInfo
    encoding: str = "utf-8"
    delimiter: str = ""


def value_of(cell: str, column: Column, dialect: Dialect) -> str:
    """Return a cell as it is kept: "" for nothing, numbers with a point, dates and instants (UTC) as ISO text.

    Raises:
        BadCell: it is something else, or empty where it must not be.
    """
    text = cell.strip()
    if not text:
        if column.is_required:
            raise BadCell("it is empty")
        return ""
    return _READERS[column.kind](text, column, dialect)


def _text(text: str, _column: Column, _dialect: Dialect) -> str:
    return text.replace("\x00", "")[:LONGEST_TEXT]


def _id(text: str, _column: Column, _dialect: Dialect) -> str:
    if len(text) > LONGEST_ID:
        raise BadCell(f"it has {len(text)} characters, {LONGEST_ID} are the most")
    if _CONTROL.search(text):
        raise BadCell("it holds a control character")
    return text


def _number(text: str, _column: Column, dialect: Dialect) -> str:
    decimal = dialect.decimal
    if len(text) > LONGEST_NUMBER or not _NUMBERS[decimal].fullmatch(text):
        other = "," if decimal == "." else "."
        is_other = bool(_NUMBERS[other].fullmatch(text))
        cure = f'; declare "decimal": "{other}" in the manifest if that is how your ERP writes' if is_other else ""
        raise BadCell(f"{text[:40]!r} is no number like {_EXAMPLES[decimal]}{cure}")
    if decimal == ",":
        text = text.replace(".", "").replace(",", ".")
    return format(Decimal(text).normalize(), "f")


def _flag(text: str, _column: Column, _dialect: Dialect) -> str:
    if text.lower() not in _FLAGS:
        raise BadCell(f"{text[:40]!r} is neither 1 nor 0")
    return _FLAGS[text.lower()] or "0"


def _date(text: str, _column: Column, _dialect: Dialect) -> str:
    try:
        return dt.date.fromisoformat(text).isoformat()
    except ValueError as error:
        raise BadCell(f"{text[:40]!r} is no date like 2026-11-22") from error


def _instant(text: str, _column: Column, dialect: Dialect) -> str:
    try:
        at = dt.datetime.fromisoformat(text)
        return (at if at.tzinfo else at.replace(tzinfo=dialect.zone)).astimezone(dt.UTC).isoformat()
    except (ValueError, OverflowError) as error:
        raise BadCell(f"{text[:40]!r} is no time like 2026-11-22T23:10:00+01:00") from error


def _choice(text: str, column: Column, _dialect: Dialect) -> str:
    if text.lower() not in column.choices:
        raise BadCell(f"{text[:40]!r} is none of {', '.join(column.choices)}")
    return text.lower()


_READERS = {
    Kind.ID: _id,
    Kind.TEXT: _text,
    Kind.NUMBER: _number,
    Kind.FLAG: _flag,
    Kind.DATE: _date,
    Kind.INSTANT: _instant,
    Kind.CHOICE: _choice,
}
