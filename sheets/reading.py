"""Reads the first sheet of an XLSX and the bytes of a CSV: values as they stand, nothing is computed or followed."""

from __future__ import annotations

import contextlib
import io
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from decimal import Decimal, InvalidOperation
from typing import IO
from xml.parsers import expat

Value = str | Decimal
Row = tuple[int, list[Value]]

MOST_UNPACKED = 50 * 1024 * 1024
MOST_STRINGS = 200_000
LONGEST_TEXT = 1_000
LONGEST_NUMBER = 40
CHUNK = 1 << 16
_PLACE = re.compile(r"([A-Z]{1,3})(\d{1,7})", re.ASCII)
_SHEET = re.compile(r"xl/worksheets/[^/]+\.xml")


class Unreadable(ValueError):
    """The bytes are no workbook or table that can be read; whoever catches it says so to the person."""


def decoded(data: bytes) -> str:
    """Return the text of a CSV: UTF-8 with or without a mark, else what Windows writes in Europe."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def read_xlsx(data: bytes, *, most_rows: int, most_columns: int = 30) -> list[Row]:
    """Return the rows of the first sheet that hold something, each with its number in the sheet.

    Numbers are Decimals, all else is text; of a formula it is the value that was saved with it. Reading stops after
    `most_rows` rows.

    Raises:
        Unreadable: it is damaged, too large, or declares entities.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as book:
            if sum(part.file_size for part in book.infolist()) > MOST_UNPACKED:
                raise Unreadable("it unpacks to too much")
            sheet = _Sheet(_strings(book), most_rows=most_rows, most_columns=most_columns)
            with contextlib.suppress(_Enough):
                _parse(book, _first_sheet(book), sheet.start, sheet.end, sheet.text)
            return sheet.rows
    except (
        zipfile.BadZipFile, zlib.error, expat.ExpatError, EOFError, NotImplementedError, RuntimeError, OSError,
        LookupError, ValueError,
    ) as error:  # fmt: skip
        raise Unreadable(str(error)[:200]) from error


class _Enough(Exception):
    """All rows that are wanted have been read."""


def _first_sheet(book: zipfile.ZipFile) -> str:
    sheets = sorted((name for name in book.namelist() if _SHEET.fullmatch(name)), key=lambda name: (len(name), name))
    if not sheets:
        raise Unreadable("a workbook without a sheet")
    return sheets[0]


def _parse(
    book: zipfile.ZipFile,
    name: str,
    start: Callable[[str, dict[str, str]], None],
    end: Callable[[str], None],
    text: Callable[[str], None],
) -> None:
    """Read a part piece by piece; a document type, and with it every entity, is refused."""
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = lambda tag, attributes: start(tag.rpartition(" ")[2], attributes)
    parser.EndElementHandler = lambda tag: end(tag.rpartition(" ")[2])
    parser.CharacterDataHandler = text
    parser.StartDoctypeDeclHandler = _refuse_doctype
    with book.open(name) as part:
        for piece in _pieces(part):
            parser.Parse(piece, False)  # noqa: FBT003 (expat takes it by place)
    parser.Parse(b"", True)  # noqa: FBT003


def _pieces(part: IO[bytes]) -> Iterator[bytes]:
    read = 0
    while piece := part.read(CHUNK):
        read += len(piece)
        if read > MOST_UNPACKED:
            raise Unreadable("it unpacks to too much")
        yield piece


def _refuse_doctype(*_given: object) -> None:
    raise Unreadable("it declares a document type")


def _strings(book: zipfile.ZipFile) -> list[str]:
    """Return the texts that cells share."""
    texts = _Strings()
    if "xl/sharedStrings.xml" in book.namelist():
        _parse(book, "xl/sharedStrings.xml", texts.start, texts.end, texts.text)
    return texts.found


class _Strings:
    """Takes the elements of the shared texts as they come."""

    def __init__(self) -> None:
        self.found: list[str] = []
        self._now: list[str] = []
        self._is_text = False
        self._spoken = 0  # inside of how it is pronounced, which is not what it is

    def start(self, tag: str, _attributes: dict[str, str]) -> None:
        """Begin a text or a piece of it."""
        if tag == "si":
            self._now = []
        self._is_text = tag == "t"
        self._spoken += tag == "rPh"

    def end(self, tag: str) -> None:
        """Keep a text."""
        self._is_text = False
        self._spoken -= tag == "rPh"
        if tag != "si":
            return
        if len(self.found) >= MOST_STRINGS:
            raise Unreadable("too many texts")
        self.found.append("".join(self._now)[:LONGEST_TEXT])

    def text(self, piece: str) -> None:
        """Keep a piece of a text."""
        if self._is_text and not self._spoken and len(self._now) < LONGEST_TEXT:
            self._now.append(piece)


class _Sheet:
    """Takes a sheet's elements as they come and keeps rows that hold something."""

    def __init__(self, strings: list[str], *, most_rows: int, most_columns: int) -> None:
        self.rows: list[Row] = []
        self._strings = strings
        self._most_rows, self._most_columns = most_rows, most_columns
        self._number = 0
        self._cells: dict[int, Value] = {}
        self._column = -1
        self._kind = ""
        self._text: list[str] = []
        self._is_value = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """Begin a row, a cell or its value."""
        if tag == "row":
            given = attributes.get("r", "")
            self._number = int(given) if given.isascii() and given.isdigit() and len(given) < 8 else self._number + 1
            self._cells, self._column = {}, -1
        elif tag == "c":
            self._column = _column(attributes.get("r", ""), self._column + 1)
            self._kind, self._text = attributes.get("t", "n"), []
        self._is_value = tag in {"v", "t"}

    def end(self, tag: str) -> None:
        """Keep a cell, or a row."""
        self._is_value = False
        if tag == "c" and 0 <= self._column < self._most_columns:
            value = self._value("".join(self._text)[:LONGEST_TEXT])
            if value != "":
                self._cells[self._column] = value
        elif tag == "row" and self._cells:
            width = max(self._cells) + 1
            self.rows.append((self._number, [self._cells.get(at, "") for at in range(width)]))
            if len(self.rows) >= self._most_rows:
                raise _Enough

    def text(self, piece: str) -> None:
        """Keep a piece of a cell's value."""
        if self._is_value and len(self._text) < LONGEST_TEXT:
            self._text.append(piece)

    def _value(self, text: str) -> Value:
        if self._kind == "s":
            at = int(text) if text.isascii() and text.isdigit() and len(text) < 8 else -1
            return self._strings[at] if 0 <= at < len(self._strings) else ""
        return _number(text) if self._kind == "n" else text


def _column(place: str, following: int) -> int:
    """Return the place of a column from 0: "C7" -> 2; a cell without one comes after the one before."""
    found = _PLACE.fullmatch(place)
    if not found:
        return following
    at = 0
    for sign in found[1]:
        at = at * 26 + ord(sign) - 64
    return at - 1


def _number(text: str) -> Value:
    """Return a number as Decimal; one that is none, or needs too many digits, stays text."""
    try:
        number = Decimal(text)
    except InvalidOperation:
        return text
    if not number.is_finite() or abs(number.adjusted()) > LONGEST_NUMBER or len(text) > LONGEST_NUMBER:
        return text
    return number
