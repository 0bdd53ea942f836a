"""A data file as rows: one after the other, so that a large file needs no more memory than a small one."""

from __future__ import annotations

import csv
import hashlib
import io
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from erp_sync.adapters.files.folders import open_plain
from erp_sync.adapters.files.layout import Column, Kind, Layout
from erp_sync.adapters.files.manifest import Part, Refused
from erp_sync.adapters.files.values import BadCell, Dialect, value_of

DELIMITERS = ",;\t|"
CHUNK = 1 << 20
MARK = "\x1f"
RAW_LIMIT = 500
_LANGUAGE = re.compile(r"[a-z]{2}([_-][a-z]{2})?")


@dataclass(frozen=True, slots=True)
class Row:
    """A row as it is kept: `group` names its record, `line` the row in it; `values` lack what is empty.

    Attributes:
        other: Key of the record of another kind that changes with it, or "".
        reason: Why it cannot be read, "" when it can.
        raw: Its text, when it cannot.
    """

    number: int
    group: str
    line: str
    values: dict[str, str]
    other: str = ""
    reason: str = ""
    raw: str = ""


class Table:
    """A data file that was found to be what its manifest says.

    Attributes:
        ignored: Columns that nobody knows.
    """

    def __init__(self, part: Part, dialect: Dialect, file: BinaryIO) -> None:
        self.part = part
        self.ignored: list[str] = []
        self._dialect = dialect
        self._file = file

    def __enter__(self) -> Table:
        return self

    def __exit__(self, *_error: object) -> None:
        self._file.close()

    def rows(self) -> Iterator[Row]:
        """Yield each row, also those that cannot be read.

        Raises:
            Refused: a column is missing, the encoding is another, or it is no table at all.
        """
        name, count = self.part.layout.file, 0
        text = io.TextIOWrapper(self._file, self._dialect.encoding, errors="strict", newline="")
        reader = csv.reader(text, delimiter=self._delimiter(text))
        try:
            columns = self._columns(next(reader, []))
            for cells in reader:
                if not any(cells):
                    continue
                count += 1
                yield self._row(columns, cells, reader.line_num)
        except UnicodeDecodeError as error:
            raise Refused(
                f"{name} is not in {self._dialect.encoding.removesuffix('-sig')} (at {_near(error)!r}): declare "
                '"encoding", "cp1252" for example, in the manifest'
            ) from error
        except csv.Error as error:
            raise Refused(f"{name}, line {reader.line_num}: {error}") from error
        finally:
            text.detach()
        if count != self.part.rows:
            raise Refused(f"{name} has {count} rows, the manifest says {self.part.rows}")

    def _delimiter(self, text: io.TextIOWrapper) -> str:
        """Return the sign that stands most often in the first line."""
        if self._dialect.delimiter:
            return self._dialect.delimiter
        try:
            first = text.readline(CHUNK)
        except UnicodeDecodeError:
            first = ","
        text.seek(0)
        return max(DELIMITERS, key=first.count)

    def _columns(self, header: Sequence[str]) -> list[Column | None]:
        layout = self.part.layout
        names = [name.strip().lower() for name in header]
        known = {column.name: column for column in layout.columns}
        missing = [column.name for column in layout.columns if column.is_required and column.name not in names]
        if missing:
            raise Refused(f"{layout.file} lacks the column {missing[0]}; its first line is {header[:20]}")
        twice = {name for name in names if name in known and names.count(name) > 1}
        if twice:
            raise Refused(f"{layout.file} has the column {min(twice)} twice")
        found = [known.get(name) or _in_language(layout, name) for name in names]
        self.ignored = [name for name, column in zip(names, found, strict=True) if column is None]
        return found

    def _row(self, columns: Sequence[Column | None], cells: Sequence[str], number: int) -> Row:
        values: dict[str, str] = {}
        reason = ""
        if len(cells) != len(columns):
            reason = f"it has {len(cells)} cells, the first line {len(columns)}"
        for column, cell in zip(columns, cells, strict=False):
            if column is None:
                continue
            try:
                if value := value_of(cell, column, self._dialect):
                    values[column.name] = value
            except BadCell as bad:
                reason = reason or f"column {column.name}: {bad}"
        either = self.part.layout.either
        if len([name for name in either if name in values]) > 1:
            reason = reason or f"only one of {' and '.join(either)} may be filled"
        return self._made(values, cells, number, reason)

    def _made(self, values: dict[str, str], cells: Sequence[str], number: int, reason: str) -> Row:
        layout = self.part.layout
        said = f"{layout.file}, line {number}, {reason}" if reason else ""
        return Row(
            number,
            MARK.join(values.get(name, "") for name in layout.group).strip(MARK) and key_of(values, layout.group),
            key_of(values, layout.line),
            values,
            values.get(layout.other[1], ""),
            said,
            ";".join(cells)[:RAW_LIMIT] if reason else "",
        )


def key_of(values: dict[str, str], names: Sequence[str]) -> str:
    """Return the key that some columns of a row make."""
    return MARK.join(values.get(name, "") for name in names)


def opened(folder: Path, part: Part, dialect: Dialect) -> Table:
    """Return a data file after its checksum was compared.

    Raises:
        Refused: it is not there, no plain file, or another than the manifest says.
        OSError: the disk does not answer.
    """
    name = part.layout.file
    try:
        file = open_plain(folder / name)
    except FileNotFoundError as error:
        raise Refused(f"{name} is in the manifest and not in the folder") from error
    except OSError as error:
        raise Refused(f"{name} is no plain file: {error.strerror}") from error
    if _digest(file) != part.sha256:
        file.close()
        raise Refused(f"{name} is not the file that the manifest describes: its sha256 is another")
    file.seek(0, os.SEEK_SET)
    return Table(part, dialect, file)


def _near(error: UnicodeDecodeError) -> str:
    """Return the text around what cannot be read, as most ERPs of Europe would have meant it."""
    return error.object[max(0, error.start - 12) : error.start + 12].decode("cp1252", "replace")


def _digest(file: BinaryIO) -> str:
    digest = hashlib.sha256()
    while piece := file.read(CHUNK):
        digest.update(piece)
    return digest.hexdigest()


def _in_language(layout: Layout, name: str) -> Column | None:
    """Return the column of a text in a further language: name_es."""
    for base in layout.texts:
        code = name.removeprefix(f"{base}_")
        if code != name and _LANGUAGE.fullmatch(code):
            return Column(name, Kind.TEXT, "")
    return None
