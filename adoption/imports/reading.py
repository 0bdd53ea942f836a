"""Reads files into tables of texts: encodings, columns and rows that don't fit are named."""

from __future__ import annotations

import csv
import datetime as dt
import gzip
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from adoption.imports import cells
from adoption.imports.cells import Cell
from adoption.imports.errors import BadFiles, Problem, Problems
from adoption.imports.schema import FILES, columns_missing

Row = tuple[int, list[str]]
# What meta.json may say besides: the first day of the set, and the day after its last one.
SPAN = ("first_day", "end_exclusive")
BYTE_ORDER_MARKS = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, slots=True)
class Meta:
    """Whose facts these are, and up to when they are complete. `span`: the days they say they are of (SPAN)."""

    timezone: str
    currency: str
    calendar: str
    as_of: str
    span: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of one canonical file, each with its line and its cells in the order of the schema's columns.

    Attributes:
        label: What people call the file.
        size: Its weight, for the time that is left: bytes, or rows.
    """

    name: str
    label: str
    rows: Callable[[Problems], Iterable[Row]]
    size: int = 0


@dataclass(frozen=True, slots=True)
class Source:
    """All tables of an import."""

    name: str
    meta: Meta
    tables: tuple[Table, ...]
    notes: tuple[str, ...] = ()


def folder(path: Path) -> Source:
    """Return the tables of a folder in the canonical schema; files that aren't there are named in the notes.

    Raises:
        BadFiles: there is no such folder, or no usable meta.json.
    """
    if not path.is_dir():
        raise BadFiles([Problem(str(path), 0, "", "there is no such folder")])
    found = {file.name: _place(path, file.name) for file in FILES}
    tables = tuple(_table(name, place) for name, place in found.items() if place is not None)
    if not tables:
        raise BadFiles([Problem(str(path), 0, "", "there is none of the canonical files in it (accounts.csv …)")])
    absent = [f"{name}.csv" for name, place in found.items() if place is None]
    notes = (f"Not in the folder, so nothing is known of it: {', '.join(absent)}",) if absent else ()
    return Source(path.name, read_meta(path / "meta.json"), tables, notes)


def _place(path: Path, name: str) -> Path | None:
    return next((one for one in (path / f"{name}.csv", path / f"{name}.csv.gz") if one.is_file()), None)


def _table(name: str, place: Path) -> Table:
    return Table(name, place.name, lambda problems: _canonical_rows(name, place, problems), place.stat().st_size)


def _check_day(place: Path, found: Mapping[str, object], name: str, problems: Problems) -> None:
    try:
        dt.date.fromisoformat(str(found.get(name, "2000-01-01")))
    except ValueError:
        problems.add(place.name, 0, name, f"it is no day: {found[name]}")


def read_meta(place: Path) -> Meta:
    """Return the company's own zone, currency and calendar, and the instant of the facts.

    Raises:
        BadFiles: the file isn't there, or something in it can't be.
    """
    try:
        found = json.loads(place.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise BadFiles(
            [Problem(place.name, 0, "", "it is missing: it names the company's zone and currency")]
        ) from None
    except ValueError as error:
        raise BadFiles([Problem(place.name, 0, "", f"it is no JSON text: {error}")]) from error
    if not isinstance(found, dict):
        raise BadFiles([Problem(place.name, 0, "", 'it is no JSON object ({"company_tz": ...})')])
    problems = Problems()
    for name in SPAN:
        _check_day(place, found, name, problems)
    readers: dict[str, Cell] = {
        "company_tz": cells.zone,
        "company_currency": cells.currency,
        "company_calendar": cells.text(),
        "as_of": cells.instant,
    }
    for name, read in readers.items():
        try:
            read(found[name])
        except (KeyError, TypeError):
            problems.add(place.name, 0, name, "it is missing")
        except (ValueError, AttributeError) as error:
            problems.add(place.name, 0, name, str(error))
    problems.stop_if_any()
    span = {name: str(found[name]) for name in SPAN if name in found}
    return Meta(found["company_tz"], found["company_currency"], found["company_calendar"], found["as_of"], span)


def _canonical_rows(name: str, place: Path, problems: Problems) -> Iterator[Row]:
    """Return the rows, their cells in the schema's order; a row with too few or too many cells is a problem."""
    file = next(one for one in FILES if one.name == name)
    lines = csv_rows(place, problems)
    _line, header = next(lines, (0, []))
    header = [cell.strip() for cell in header]
    if missing := columns_missing(file, header):
        hint = "; the columns must be separated by commas" if len(header) == 1 else ""
        problems.add(place.name, 1, missing[0], f"the columns {', '.join(missing)} are missing{hint}")
        return
    order = [header.index(column) for column in file.names]
    for line, row in lines:
        if len(row) != len(header):
            problems.add(place.name, line, "", f"it has {len(row)} cells, {len(header)} were expected")
            continue
        yield line, [row[index] for index in order]


def csv_rows(place: Path, problems: Problems) -> Iterator[Row]:
    """Return a file's rows with their line; empty lines are left out, what can't be read is a problem."""
    with _opened(place) as file:
        reader = csv.reader(_lines(file, place.name, problems), strict=True)
        try:
            for row in reader:
                if row:
                    yield reader.line_num, row
        except csv.Error as error:
            problems.add(place.name, reader.line_num, "", f"it can't be read as comma-separated text: {error}")
        except (OSError, EOFError) as error:
            problems.add(place.name, reader.line_num, "", f"the file is damaged: {error}")


def _opened(place: Path) -> IO[bytes]:
    return gzip.open(place, "rb") if place.suffix == ".gz" else place.open("rb")  # type: ignore[return-value]


def _lines(file: IO[bytes], name: str, problems: Problems) -> Iterator[str]:
    """Return lines of UTF-8; a line in another encoding is a problem and the end of the file."""
    for number, raw in enumerate(file, start=1):
        if number == 1 and raw.startswith(BYTE_ORDER_MARKS):
            problems.add(name, 1, "", "it is written in UTF-16; save it as UTF-8")
            return
        try:
            yield raw.decode("utf-8-sig" if number == 1 else "utf-8")
        except UnicodeDecodeError as error:
            column = raw[: error.start].count(b",") + 1
            problems.add(name, number, str(column), f"it is not UTF-8 (byte {raw[error.start]:#x}); save it as UTF-8")
            return
