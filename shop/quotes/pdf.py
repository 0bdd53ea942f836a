"""A quote on paper: our own layout, in the reader's language, made of plain values (reportlab)."""

from __future__ import annotations

from io import BytesIO
from typing import Any
from xml.sax.saxutils import escape

from django.conf import settings
from django.utils.translation import gettext as _
from reportlab.lib import colors
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from shop.money import formats
from shop.orders.references import short_reference
from shop.quotes.models import QuoteVersion
from shop.quotes.selectors import LineView, QuoteView

INK, QUIET, LINE, BAND = (colors.HexColor(one) for one in ("#1d232b", "#5b6673", "#c9d0d8", "#f2f4f7"))
BODY = ParagraphStyle("body", fontName="Helvetica", fontSize=9, leading=12, textColor=INK)
SMALL = ParagraphStyle("small", parent=BODY, fontSize=8, leading=10, textColor=QUIET)
HEAD = ParagraphStyle("head", parent=SMALL, fontName="Helvetica-Bold")
NUMBER = ParagraphStyle("number", parent=BODY, alignment=TA_RIGHT)
HEAD_NUMBER = ParagraphStyle("head-number", parent=HEAD, alignment=TA_RIGHT)
TITLE = ParagraphStyle("title", parent=BODY, fontName="Helvetica-Bold", fontSize=18, leading=24)
STRONG = ParagraphStyle("strong", parent=BODY, fontName="Helvetica-Bold")
STRONG_NUMBER = ParagraphStyle("strong-number", parent=STRONG, alignment=TA_RIGHT)
MARGIN = 18 * mm
WIDTHS = [72 * mm, 26 * mm, 24 * mm, 24 * mm, 28 * mm]


def quote_as_pdf(view: QuoteView) -> bytes:
    """Return the version that the view shows as a PDF; it must have one."""
    version = view.version
    if version is None:
        raise ValueError("a quote without an answer has no paper")
    written = BytesIO()
    title = _("Quote %(number)s") % {"number": short_reference(view.quote.number)}
    paper = SimpleDocTemplate(
        written,
        pagesize=A4,
        leftMargin=MARGIN,
        rightMargin=MARGIN,
        topMargin=MARGIN,
        bottomMargin=MARGIN + 6 * mm,
        title=title,
        author=settings.COMPANY_NAME,
    )
    story: list[Any] = [_text(settings.COMPANY_NAME, STRONG), _text(title, TITLE)]
    story += [
        _facts(view, version),
        Spacer(1, 6 * mm),
        _lines(view.lines, version),
        Spacer(1, 4 * mm),
        _totals(version),
    ]
    story += _words(version)
    foot = _foot(view)
    paper.build(story, onFirstPage=foot, onLaterPages=foot)
    return written.getvalue()


def _text(words: object, style: ParagraphStyle = BODY) -> Paragraph:
    """Return a paragraph of plain words: nothing in them is markup."""
    return Paragraph(escape(_latin(str(words))).replace("\n", "<br/>"), style)


def _latin(words: str) -> str:
    """The built-in fonts know the letters of western Europe; anything else becomes a question mark, never a crash."""
    spaces = words.replace("\N{NARROW NO-BREAK SPACE}", "\N{NO-BREAK SPACE}").replace("\N{MINUS SIGN}", "-")
    return spaces.encode("cp1252", "replace").decode("cp1252")


def _facts(view: QuoteView, version: QuoteVersion) -> Table:
    quote = view.quote
    valid_until = quote.valid_until if version.number == quote.current_version else version.valid_until
    facts = [
        (_("For"), f"{quote.sold_to.name} ({quote.sold_to.number})"),
        (_("Date"), formats.date_short(version.made_at)),
        (_("Holds until"), formats.date_short(valid_until)),
        (_("Version"), str(version.number)),
        (_("Your PO number"), quote.customer_reference),
        (_("Answered by"), _("automatic, at our ERP's prices") if version.is_automatic else str(version.made_by or "")),
        (_("Terms"), version.terms),
    ]
    rows = [[_text(name, SMALL), _text(words)] for name, words in facts if words]
    return Table(
        rows,
        colWidths=[34 * mm, 140 * mm],
        hAlign="LEFT",
        style=TableStyle(
            [
                ("TOPPADDING", (0, 0), (-1, -1), 1),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 1),
                ("LEFTPADDING", (0, 0), (-1, -1), 0),
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ]
        ),
    )


def _lines(lines: tuple[LineView, ...], version: QuoteVersion) -> Table:
    head = [
        _text(_("Item"), HEAD),
        _text(_("Quantity"), HEAD_NUMBER),
        _text(_("Price"), HEAD_NUMBER),
        _text(_("Delivery"), HEAD_NUMBER),
        _text(_("Amount, untaxed"), HEAD_NUMBER),
    ]
    rows = [head, *(_line(one, version.currency) for one in lines)]
    style = TableStyle(
        [
            ("BACKGROUND", (0, 0), (-1, 0), BAND),
            ("LINEBELOW", (0, 0), (-1, -1), 0.4, LINE),
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("LEFTPADDING", (0, 0), (0, -1), 4),
            ("TOPPADDING", (0, 0), (-1, -1), 4),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 4),
        ]
    )
    return Table(rows, colWidths=WIDTHS, repeatRows=1, style=style)


def _line(one: LineView, currency: str) -> list[Any]:
    line = one.line
    under = [line.sku]
    if one.is_substitute and one.asked is not None:
        under.append(_("instead of %(asked)s") % {"asked": one.asked.sku})
    if line.note:
        under.append(line.note)
    return [
        [_text(one.name), _text(" · ".join(filter(None, under)), SMALL)],
        _text(f"{formats.quantity(line.quantity)} {one.unit}", NUMBER),
        _text(formats.unit_price(line.net_price, currency), NUMBER),
        _text(formats.date_short(line.delivery_on) if line.delivery_on else "", NUMBER),
        _text(formats.money(line.amount, currency), NUMBER),
    ]


def _totals(version: QuoteVersion) -> Table:
    rows = [[_text(_("Untaxed"), STRONG), _text(formats.money(version.untaxed_total, version.currency), STRONG_NUMBER)]]
    if version.total is not None:
        total = formats.money(version.total, version.currency)
        rows.append([_text(_("Total with tax and freight, by our ERP")), _text(total, NUMBER)])
    return Table(rows, colWidths=[60 * mm, 36 * mm], hAlign="RIGHT")


def _words(version: QuoteVersion) -> list[Any]:
    return [Spacer(1, 6 * mm), _text(version.note)] if version.note else []


def _foot(view: QuoteView) -> Any:
    words = _latin(f"{settings.COMPANY_NAME} · {view.quote.reference}")

    def draw(canvas: Canvas, paper: SimpleDocTemplate) -> None:
        canvas.setFont("Helvetica", 7.5)
        canvas.setFillColor(QUIET)
        canvas.drawString(MARGIN, 12 * mm, words)
        canvas.drawRightString(A4[0] - MARGIN, 12 * mm, str(paper.page))

    return draw
