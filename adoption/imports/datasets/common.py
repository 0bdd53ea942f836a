"""What the mappings share: rows of packed files, canonical rows in the schema's order, local days as instants."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

from adoption.imports.errors import BadFiles, Problem, Problems
from adoption.imports.reading import Row, Table, csv_rows
from adoption.imports.schema import BY_NAME

Record = dict[str, str]
# Unit prices that follow from an amount and a quantity are kept to this.
EXACT = Decimal("0.0000000001")


class UnknownVariant(ValueError):
    """The data set has no such variant; the text names those that there are."""


def records(place: Path, needed: Iterable[str]) -> Iterator[Record]:
    """Return a file's rows by column.

    Raises:
        BadFiles: the file is missing, can't be read, or lacks a column.
    """
    if not place.is_file():
        raise BadFiles([Problem(place.name, 0, "", f"it is missing in {place.parent}")])
    problems = Problems()
    rows = csv_rows(place, problems)
    _line, header = next(rows, (0, []))
    for column in needed:
        if column not in header:
            problems.add(place.name, 1, column, "the column is missing")
    problems.stop_if_any()
    for line, row in rows:
        if len(row) != len(header):
            problems.add(place.name, line, "", f"it has {len(row)} cells, {len(header)} were expected")
            break
        yield dict(zip(header, row, strict=True))
    problems.stop_if_any()


def table(name: str, rows: Callable[[], Iterable[Mapping[str, object]]], *, label: str, size: int = 0) -> Table:
    """Return a canonical table of rows by column; a column that a row doesn't name is empty."""
    columns = BY_NAME[name].names

    def ordered(_problems: Problems) -> Iterator[Row]:
        for number, row in enumerate(rows(), start=1):
            yield number, [str(row.get(column, "")) for column in columns]

    return Table(name, f"{label} ({name})", ordered, size)


@lru_cache(maxsize=8192)
def midnight(day: str, zone: str) -> str:
    """Return a day's first instant in a zone (C3).

    >>> midnight("2013-07-01", "America/Los_Angeles")
    '2013-07-01T00:00:00-07:00'
    """
    return dt.datetime.combine(dt.date.fromisoformat(day), dt.time(), tzinfo=ZoneInfo(zone)).isoformat()


def unit(amount: str, quantity: str) -> Decimal:
    """Return the price of one.

    >>> unit("10.00", "3")
    Decimal('3.3333333333')
    """
    return (Decimal(amount) / Decimal(quantity)).quantize(EXACT)
