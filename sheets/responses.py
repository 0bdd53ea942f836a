"""A table as an answer to a browser."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from django.http import FileResponse, HttpResponseBase, StreamingHttpResponse

from sheets.cells import Cell, Column
from sheets.tables import write_csv, write_xlsx

CSV, XLSX = "csv", "xlsx"
FORMATS = (CSV, XLSX)
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def table_response(
    file_format: str, *, name: str, columns: Sequence[Column], rows: Iterable[Sequence[Cell]]
) -> HttpResponseBase:
    """Return the table as a download, `name` without ending; anything but "xlsx" is CSV.

    The rows of a CSV are read while it is sent: pass a generator that reads the database in chunks.
    """
    if file_format == XLSX:
        file = write_xlsx(columns, rows, sheet=name)
        return FileResponse(file, as_attachment=True, filename=f"{safe_name(name)}.xlsx", content_type=XLSX_TYPE)
    response = StreamingHttpResponse(write_csv(columns, rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{safe_name(name)}.csv"'
    return response


def safe_name(text: str) -> str:
    """Return a file name of plain signs.

    >>> safe_name("INV/2026/0001"), safe_name("¿?")
    ('INV-2026-0001', 'export')
    """
    return re.sub(r"[^A-Za-z0-9_-]+", "-", text)[:60].strip("-") or "export"
