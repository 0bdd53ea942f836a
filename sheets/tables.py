"""Writes rows as CSV or XLSX without holding them: a long list costs no more memory than a short one."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from tempfile import TemporaryFile
from typing import IO, Any
from zoneinfo import ZoneInfo

from django.conf import settings

from sheets.cells import Cell, Column, escaped

# Without it Excel takes a CSV for the machine's own encoding.
BYTE_ORDER_MARK = "\ufeff"
MOST_TEXT = 32_767  # what a cell of XLSX holds
OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_numbers": False,
    "strings_to_urls": False,
}


class _Line:
    """A file for csv.writer that hands back what was written."""

    def write(self, text: str) -> str:
        return text


def write_csv(columns: Sequence[Column], rows: Iterable[Sequence[Cell]]) -> Iterator[bytes]:
    """Yield the table as CSV (UTF-8, comma, decimal point, ISO dates), row by row; texts can't become formulas."""
    writer = csv.writer(_Line())
    yield (BYTE_ORDER_MARK + writer.writerow([escaped(one.title) for one in columns])).encode()
    for row in rows:
        yield str(writer.writerow([_csv_cell(cell) for cell in row])).encode()


def _csv_cell(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, Decimal):
        return format(cell, "f")
    if isinstance(cell, dt.datetime):
        return _local(cell).isoformat(sep=" ", timespec="minutes")
    if isinstance(cell, dt.date):
        return cell.isoformat()
    return escaped(cell) if isinstance(cell, str) else str(cell)


def _local(instant: dt.datetime) -> dt.datetime:
    """Return the company's wall clock: spreadsheets know no zones."""
    return instant.astimezone(ZoneInfo(settings.COMPANY_TZ)).replace(tzinfo=None)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table with the name of its sheet (cut to what Excel allows)."""

    name: str
    columns: Sequence[Column]
    rows: Iterable[Sequence[Cell]]


def write_xlsx(columns: Sequence[Column], rows: Iterable[Sequence[Cell]], *, sheet: str = "") -> IO[bytes]:
    """Return the table as an open XLSX file, at its beginning; whoever gets it closes it.

    Numbers and dates are real ones, texts stay texts.
    """
    return write_workbook([Sheet(sheet, columns, rows)])


def write_workbook(sheets: Iterable[Sheet]) -> IO[bytes]:
    """Return several tables as the sheets of one open XLSX file, as `write_xlsx` does one."""
    import xlsxwriter  # some MiB that a web worker needs for a download only

    file = TemporaryFile()  # noqa: SIM115 - handed to the caller
    book = xlsxwriter.Workbook(file, OPTIONS)
    taken: set[str] = set()
    for one in sheets:
        name = _free_name(_sheet_name(one.name), taken)
        _fill(book, book.add_worksheet(name), one)
    book.close()
    file.seek(0)
    return file


def _fill(book: Any, page: Any, sheet: Sheet) -> None:
    page.freeze_panes(1, 0)
    bold = book.add_format({"bold": True})
    for at, column in enumerate(sheet.columns):
        page.set_column(at, at, column.width)
        page.write_string(0, at, escaped(column.title), bold)
    write = _Writer(book, page, sheet.columns)
    for row_at, row in enumerate(sheet.rows, start=1):
        for at, cell in enumerate(row):
            write.cell(row_at, at, cell)


def _free_name(name: str, taken: set[str]) -> str:
    """Return the name, numbered when another sheet of the book has it (Excel ignores case)."""
    free, number = name, 1
    while free.casefold() in taken:
        number += 1
        free = f"{name[:27]} {number}"
    taken.add(free.casefold())
    return free


class _Writer:
    """Writes each value as what it is."""

    def __init__(self, book: Any, page: Any, columns: Sequence[Column]) -> None:
        self._page = page
        self._days = book.add_format({"num_format": "yyyy-mm-dd"})
        self._instants = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        self._numbers = [
            book.add_format({"num_format": one.number_format}) if one.number_format else None for one in columns
        ]

    def cell(self, row: int, at: int, cell: Cell) -> None:
        if cell is None:
            return
        if isinstance(cell, str):
            self._page.write_string(row, at, escaped(cell)[:MOST_TEXT])
        elif isinstance(cell, dt.datetime):
            self._page.write_datetime(row, at, _local(cell), self._instants)
        elif isinstance(cell, dt.date):
            self._page.write_datetime(row, at, cell, self._days)
        else:
            self._page.write_number(row, at, cell, self._numbers[at])


def _sheet_name(text: str) -> str:
    r"""Return a name that Excel allows: at most 31 characters, none of []:*?/\ and no apostrophe at its ends."""
    return "".join(" " if sign in "[]:*?/\\" else sign for sign in text)[:31].strip("' ") or "1"
