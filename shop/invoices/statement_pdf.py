"""The statement of account on paper. Texts are drawn as they are: nothing in them is read as markup."""

from __future__ import annotations

import io
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from shop.invoices.statement import Sheet, Statement, StatementRow
from shop.money import formats

GREY, LINE, BAD = "#5b6470", "#c9ced6", "#b42318"
# The built-in fonts know the signs of Western Europe; any other sign of an ERP's text becomes a question mark.
ENCODING = "cp1252"


def statement_pdf(found: Statement) -> bytes:
    """Return the statement as a PDF, A4, as many pages as it needs."""
    from reportlab.lib.pagesizes import A4  # 25 MiB that only this page needs
    from reportlab.lib.units import mm
    from reportlab.platypus import SimpleDocTemplate

    file = io.BytesIO()
    title = _("Statement of account")
    document = SimpleDocTemplate(
        file, pagesize=A4, leftMargin=15 * mm, rightMargin=15 * mm, topMargin=18 * mm, bottomMargin=18 * mm,
        title=_drawn(f"{title} · {found.company}"), author=_drawn(settings.COMPANY_NAME), invariant=1,
    )  # fmt: skip
    story: list[Any] = [*_head(found, title)]
    for sheet in found.sheets:
        story += _sheet(sheet)
    if not found.sheets:
        story += _lines([(_("Nothing is open."), 11, "Helvetica")])
    document.build(story, onFirstPage=_foot, onLaterPages=_foot)
    return file.getvalue()


def _drawn(text: str) -> str:
    return text.encode(ENCODING, "replace").decode(ENCODING)


def _head(found: Statement, title: str) -> list[Any]:
    as_of = formats.datetime_short(found.as_of)
    return _lines(
        [
            (settings.COMPANY_NAME, 9, "Helvetica"),
            (title, 18, "Helvetica-Bold"),
            (f"{found.company} · {found.number}", 11, "Helvetica"),
            (
                _("As of %(day)s, ERP data of %(at)s") % {"day": formats.date_short(found.today), "at": as_of},
                9,
                "Helvetica",
            ),
            ("", 6, "Helvetica"),
        ]
    )


def _lines(lines: list[tuple[str, int, str]]) -> list[Any]:
    from reportlab.platypus import Table, TableStyle

    style: list[tuple[Any, ...]] = [("LEFTPADDING", (0, 0), (-1, -1), 0), ("BOTTOMPADDING", (0, 0), (-1, -1), 5)]
    style += [("FONT", (0, at), (0, at), font, size) for at, (_text, size, font) in enumerate(lines)]
    return [Table([[_drawn(text)] for text, _size, _font in lines], hAlign="LEFT", style=TableStyle(style))]


def _sheet(sheet: Sheet) -> list[Any]:
    from reportlab.lib.units import mm
    from reportlab.platypus import Spacer, Table

    head = [_("Document"), _("Date"), _("Due"), _("Your PO number"), _("Total"), _("To pay")]
    body = [_cells(row, sheet.currency) for row in sheet.rows]
    total = [_("Balance"), "", "", "", "", formats.money(sheet.balance, sheet.currency)]
    rows = [[_drawn(cell) for cell in row] for row in [head, *body, total]]
    widths = [34 * mm, 24 * mm, 40 * mm, 30 * mm, 26 * mm, 26 * mm]
    table = Table(rows, colWidths=widths, repeatRows=1, hAlign="LEFT", style=_style(sheet))
    return [_ages(sheet), Spacer(1, 4 * mm), table, Spacer(1, 8 * mm)]


def _cells(row: StatementRow, currency: str) -> list[str]:
    one = row.invoice
    due = formats.date_short(one.due_on)
    if row.days_late:
        late = _("%(n)s d late") % {"n": row.days_late}
        due = f"{due} ({late})"
    return [
        one.number[:22],
        formats.date_short(one.invoiced_on),
        due,
        row.references[:20],
        formats.money(row.total, currency),
        formats.money(row.due, currency),
    ]


def _ages(sheet: Sheet) -> Any:
    from reportlab.lib.colors import HexColor
    from reportlab.platypus import Table, TableStyle

    buckets = sheet.ageing.buckets
    words = [_drawn(bucket.words) for bucket in buckets] or [_drawn(_("nothing owed"))]
    sums = [_drawn(formats.money(bucket.amount, sheet.currency)) for bucket in buckets] or ["-"]
    style = TableStyle(
        [
            ("FONT", (0, 0), (-1, 0), "Helvetica", 8),
            ("TEXTCOLOR", (0, 0), (-1, 0), HexColor(GREY)),
            ("FONT", (0, 1), (-1, 1), "Helvetica-Bold", 10),
            ("LEFTPADDING", (0, 0), (0, -1), 0),
        ]
    )
    return Table([words, sums], hAlign="LEFT", style=style)


def _style(sheet: Sheet) -> Any:
    from reportlab.lib.colors import HexColor
    from reportlab.platypus import TableStyle

    late = [at for at, row in enumerate(sheet.rows, start=1) if row.days_late]
    return TableStyle(
        [
            ("FONT", (0, 0), (-1, -1), "Helvetica", 8.5),
            ("FONT", (0, 0), (-1, 0), "Helvetica-Bold", 8.5),
            ("FONT", (0, -1), (-1, -1), "Helvetica-Bold", 10),
            ("ALIGN", (4, 0), (-1, -1), "RIGHT"),
            ("LINEBELOW", (0, 0), (-1, -1), 0.4, HexColor(LINE)),
            *[("TEXTCOLOR", (2, at), (2, at), HexColor(BAD)) for at in late],
        ]
    )


def _foot(canvas: Any, document: Any) -> None:
    canvas.saveState()
    canvas.setFont("Helvetica", 8)
    canvas.drawRightString(document.pagesize[0] - 42, 30, _drawn(_("Page %(n)s") % {"n": document.page}))
    canvas.restoreState()
