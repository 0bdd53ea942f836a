# SPDX-License-Identifier: GPL-3.0-or-later
"""Data sheets and safety data sheets of a product line, as PDF in English or Spanish."""

import io
from collections.abc import Callable

from fpdf import FPDF

from demo.tryton_erp.catalogue import FINISHES, Item
from demo.tryton_erp.pictures import picture

WORDS = {
    "en": {
        "data": "Data sheet",
        "safety": "Safety data sheet",
        "ref": "Ref.",
        "item": "Item",
        "standard": "Standard",
        "brand": "Brand",
        "note": "Made-up goods of a demo. Not for real use.",
        "sections": [
            (
                "1. Identification",
                "{name}, {brand}. Supplier: Suministros Ribera S.L., Valencia. Emergency: +34 96 555 00 00.",
            ),
            (
                "2. Hazards",
                "Causes serious eye irritation (H319). Keep out of reach of children "
                "(P102). Wear eye protection (P280).",
            ),
            (
                "4. First aid",
                "Eyes: rinse with water for some minutes. Skin: wash with water and "
                "soap. Swallowed: rinse the mouth, do not provoke vomiting, call a doctor.",
            ),
            (
                "7. Handling and storage",
                "Store between 5 and 35 degrees, closed, away from heat. Keep away from drains.",
            ),
            ("8. Protection", "Nitrile gloves, goggles, ventilation."),
            ("13. Disposal", "Hand over to an authorised waste manager."),
        ],
    },
    "es": {
        "data": "Ficha técnica",
        "safety": "Ficha de datos de seguridad",
        "ref": "Ref.",
        "item": "Artículo",
        "standard": "Norma",
        "brand": "Marca",
        "note": "Productos inventados para una demostración. Sin uso real.",
        "sections": [
            (
                "1. Identificación",
                "{name}, {brand}. Proveedor: Suministros Ribera S.L., Valencia. Emergencias: +34 96 555 00 00.",
            ),
            (
                "2. Peligros",
                "Provoca irritación ocular grave (H319). Mantener fuera del alcance de "
                "los niños (P102). Llevar protección ocular (P280).",
            ),
            (
                "4. Primeros auxilios",
                "Ojos: aclarar con agua varios minutos. Piel: lavar con agua y "
                "jabón. Ingestión: enjuagar la boca, no provocar el vómito, llamar a un médico.",
            ),
            (
                "7. Manipulación y almacenamiento",
                "Almacenar entre 5 y 35 grados, cerrado y lejos del calor. Evitar su vertido al desagüe.",
            ),
            ("8. Protección", "Guantes de nitrilo, gafas, ventilación."),
            ("13. Eliminación", "Entregar a un gestor de residuos autorizado."),
        ],
    },
}


def data_sheet(items: list[Item], language: str) -> bytes:
    """Return the data sheet of a line's items."""
    words = WORDS[language]
    pdf = _page(items[0], str(words["data"]), language)
    pdf.set_font("Helvetica", size=10)
    pdf.multi_cell(120, 5, _text(items[0], language))
    pdf.ln(2)
    pdf.cell(120, 6, f"{words['brand']}: {items[0].brand}", new_x="LMARGIN", new_y="NEXT")
    if "standard" in items[0].attributes:
        pdf.cell(120, 6, f"{words['standard']}: {items[0].attributes['standard']}", new_x="LMARGIN", new_y="NEXT")
    pdf.set_y(max(pdf.get_y() + 4, 78))
    pdf.set_font("Helvetica", size=9)
    with pdf.table(col_widths=(30, 70, 25), text_align=("LEFT", "LEFT", "LEFT")) as table:
        table.row([str(words["ref"]), str(words["item"]), _finish_word(language)])
        for item in items:
            table.row([item.sku, _name(item, language), _finish(item, language)])
    return _end(pdf, language)


def safety_sheet(items: list[Item], language: str) -> bytes:
    """Return the safety data sheet of a line's items."""
    words = WORDS[language]
    pdf = _page(items[0], str(words["safety"]), language)
    pdf.set_y(78)
    for title, text in words["sections"]:
        pdf.set_font("Helvetica", style="B", size=11)
        pdf.cell(0, 7, title, new_x="LMARGIN", new_y="NEXT")
        pdf.set_font("Helvetica", size=10)
        name = _line_name(items[0], language)
        pdf.multi_cell(0, 5, text.format(name=name, brand=items[0].brand), new_x="LMARGIN", new_y="NEXT")
        pdf.ln(2)
    return _end(pdf, language)


MAKERS: dict[str, Callable[[list[Item], str], bytes]] = {
    "data": data_sheet,
    "safety": safety_sheet,
}


def _page(item: Item, title: str, language: str) -> FPDF:
    pdf = FPDF()
    pdf.add_page()
    pdf.image(io.BytesIO(picture(item.icon, item.colour)), x=148, y=18, w=50)
    pdf.set_font("Helvetica", size=11)
    pdf.set_text_color(90, 100, 110)
    pdf.cell(120, 8, f"Suministros Ribera S.L. | {title}", new_x="LMARGIN", new_y="NEXT")
    pdf.set_text_color(0, 0, 0)
    pdf.set_font("Helvetica", style="B", size=18)
    pdf.multi_cell(125, 10, _line_name(item, language), new_x="LMARGIN", new_y="NEXT")
    pdf.ln(2)
    return pdf


def _end(pdf: FPDF, language: str) -> bytes:
    pdf.set_font("Helvetica", size=8)
    pdf.ln(4)
    pdf.cell(0, 5, str(WORDS[language]["note"]))
    return bytes(pdf.output())


def _line_name(item: Item, language: str) -> str:
    return item.line_en if language == "en" else item.line_es


def _name(item: Item, language: str) -> str:
    return item.name_en if language == "en" else item.name_es


def _text(item: Item, language: str) -> str:
    return item.text_en if language == "en" else item.text_es


def _finish_word(language: str) -> str:
    return "Finish" if language == "en" else "Acabado"


def _finish(item: Item, language: str) -> str:
    for value in item.attributes.values():
        if value in FINISHES:
            return FINISHES[str(value)][1 if language == "en" else 2]
    return "-"
