"""A page's tables as files."""

from __future__ import annotations

from collections.abc import Iterator

from django.http import FileResponse, HttpResponseBase

from adoption.reports import blocks as b
from adoption.reports.pages import Frame
from adoption.reports.words import plain_cell
from sheets.cells import Cell, Column
from sheets.responses import XLSX_TYPE, safe_name, table_response
from sheets.tables import Sheet, write_workbook

FORMATS_OF_UNIT = {b.SHARE: "0.0%", b.POINTS: "0.0%", b.CHANGE: "0.0%", b.MONEY: "#,##0.00", b.COUNT: "#,##0"}


def csv_of(table: b.Table, frame: Frame) -> HttpResponseBase:
    """Return one table as CSV, all of its rows."""
    name = f"{table.key}-{frame.question.period.first}-{frame.question.period.last}"
    return table_response("csv", name=name, columns=_columns(table), rows=_rows(table, frame.currency))


def workbook_of(name: str, tables: list[b.Table], frame: Frame) -> HttpResponseBase:
    """Return all tables of a page as the sheets of one XLSX."""
    sheets = [Sheet(str(one.title), _columns(one), _rows(one, frame.currency)) for one in tables]
    file_name = safe_name(f"{name}-{frame.question.period.first}-{frame.question.period.last}")
    return FileResponse(
        write_workbook(sheets), as_attachment=True, filename=f"{file_name}.xlsx", content_type=XLSX_TYPE
    )


def _columns(table: b.Table) -> list[Column]:
    return [
        Column(str(one.title), 28 if at == 0 else 14, FORMATS_OF_UNIT.get(one.unit, ""))
        for at, one in enumerate(table.columns)
    ]


def _rows(table: b.Table, currency: str) -> Iterator[list[Cell]]:
    rows = table.rows if table.total is None else (*table.rows, table.total)
    for row in rows:
        yield [plain_cell(value, one.unit, currency) for value, one in zip(row.values, table.columns, strict=True)]
    if table.only:
        yield [str(table.only), *(None for _column in table.columns[1:])]
