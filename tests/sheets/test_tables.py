"""Tables as files: nothing in them starts live, numbers stay numbers, and what was written can be read back."""

import csv
import datetime as dt
import io
import re
import zipfile
from decimal import Decimal
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sheets.cells import Cell, Column, escaped, is_live, plain
from sheets.responses import table_response
from sheets.tables import write_csv, write_xlsx

PREFIXES = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20", " =", "\x00=", "\u00a0@", "\u200b+")
COLUMNS = (Column("Text"), Column("Number", number_format="#,##0.00"), Column("Day"))
MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def csv_rows(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def xlsx_cells(content: bytes) -> list[tuple[str, str]]:
    """Return (kind, value) of each cell: "text", "number" or "formula"."""
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        sheet = ElementTree.fromstring(book.read("xl/worksheets/sheet1.xml"))  # noqa: S314 - our own file
    return [_xlsx_cell(cell) for cell in sheet.iter(f"{MAIN}c")]


def _xlsx_cell(cell: ElementTree.Element) -> tuple[str, str]:
    if cell.find(f"{MAIN}f") is not None:
        return ("formula", "")
    if cell.get("t") == "inlineStr":
        text = "".join(part.text or "" for part in cell.iter(f"{MAIN}t"))
        return ("text", re.sub(r"_x([0-9A-F]{4})_", lambda found: chr(int(found[1], 16)), text))
    return ("number", cell.findtext(f"{MAIN}v") or "")


@pytest.mark.parametrize("prefix", PREFIXES)
def test_a_text_with_a_live_beginning_stays_text(prefix: str) -> None:
    rows: list[list[Cell]] = [[f"{prefix}cmd|' /C calc'!A0", Decimal("-5.00"), dt.date(2026, 3, 1)]]
    in_csv = csv_rows(b"".join(write_csv(COLUMNS, rows)))
    assert in_csv[1] == [f"'{prefix}cmd|' /C calc'!A0", "-5.00", "2026-03-01"]
    with write_xlsx(COLUMNS, rows) as file:
        cells = xlsx_cells(file.read())
    assert cells[3][0] == "text"
    assert cells[3][1].startswith("'")
    assert cells[4] == ("number", "-5.00")
    assert cells[5][0] == "number"


def test_the_control_without_escape_is_live() -> None:
    """The check can fail: what csv writes by itself starts live."""
    plain_file = io.StringIO()
    csv.writer(plain_file).writerow(["=1+1"])
    assert is_live(plain_file.getvalue())
    assert not is_live("M8 =x")


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=40))
def test_every_text_comes_back_as_it_was(text: str) -> None:
    assert plain(escaped(text)) == text
    assert not is_live(escaped(text)) or escaped(text).startswith("'")


def test_titles_are_escaped_and_the_sheet_gets_a_name_excel_allows() -> None:
    assert csv_rows(b"".join(write_csv([Column("=x")], [])))[0] == ["'=x"]
    with write_xlsx([Column("=x")], [["a"]], sheet="a/b:" + "c" * 40) as file:
        assert xlsx_cells(file.read())[0] == ("text", "'=x")


@pytest.mark.django_db  # closing an answer looks at the connections
def test_the_answer_is_a_download_and_xlsx_only_where_asked() -> None:
    csv_answer = table_response("zip", name="INV/1", columns=COLUMNS, rows=[["a", 1, None]])
    assert csv_answer["Content-Disposition"] == 'attachment; filename="INV-1.csv"'
    xlsx_answer = table_response("xlsx", name="INV/1", columns=COLUMNS, rows=[["a", 1, None]])
    assert xlsx_answer["Content-Disposition"] == 'attachment; filename="INV-1.xlsx"'
    xlsx_answer.close()
