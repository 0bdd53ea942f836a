"""From a pasted text or a table to wanted rows: which piece is the item, which the quantity; nothing is looked up.

Every line that is not empty becomes a row with its number, so nothing that somebody sent gets lost; what makes no
sense is told beside its row. Nothing here raises.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from sheets.cells import plain
from sheets.reading import Value
from shop.money.formats import plain_quantity

LONGEST_ITEM, LONGEST_QUANTITY = 200, 60
LONGEST_LINE = 1_000
# A number of so many digits without marks is an article's (a barcode), not how many of it.
CODE_DIGITS = 8
ITEM, QUANTITY, NAME, OTHER = "item", "quantity", "name", "other"

# Header words of the three languages, folded.
HEADERS = {
    ITEM: """sku item itemno itemnumber itemcode article articleno articlenumber code productcode product partnumber
        partno part reference ref barcode ean gtin yournumber yourpartnumber referencia articulo codigo codigoarticulo
        cod producto codigoproducto nopieza numero sunumero codigodebarras item codigodoproduto produto artigo
        numerodepeca codigoproduto refarticulo numerodearticulo numero""",
    QUANTITY: """quantity qty quantities pieces pcs units count howmany amountofpieces cantidad cant ctd cantidades uds
        unidades piezas quantidade qtd qtde qte quant pecas""",
    NAME: "name description designation text nombre descripcion denominacion designacion nome descricao",
    OTHER: """unit uom pack price unitprice total note notes comment line pos position no unidad ud precio importe nota
        notas observaciones linea posicion unidade preco valor observacoes linha embalagem envase currency moneda""",
}
_KIND_OF = {word: kind for kind, words in HEADERS.items() for word in words.split()}
_UNITS = (
    "x uds ud u unidades unidad piezas pieza pza pzas cajas caja paquetes paquete bolsas bolsa rollos rollo metros m "
    "kg pares par pcs pc pieces piece units unit boxes box packs pack bags rolls pairs pair caixas caixa pecas peca "
    "un und"
)
_UNIT = "|".join(sorted(_UNITS.split(), key=len, reverse=True))
_NUMBER = r"[+-]?\d[\d.,'\u00a0]*"
_IS_NUMBER = re.compile(rf"{_NUMBER}", re.ASCII)
# "10 x TOR-1", "10 cajas de TOR-1"; "TOR-1 x 10", "TOR-1: 10 uds".
_FIRST = re.compile(
    rf"({_NUMBER})\s*(?:[x\u00d7*]\s*|(?:{_UNIT})\b\.?\s*)?(?:(?:de|of)\s+)?(?<=\s|[x\u00d7*])(\S.*)", re.IGNORECASE
)
_LAST = re.compile(
    rf"(.*\S)\s*?(?:\s[x\u00d7*]|[:=]|\s[-\u2013])?\s+[x\u00d7*]?({_NUMBER})\s*(?:{_UNIT})?\.?", re.IGNORECASE
)
_TIMES = re.compile(r"\s[x\u00d7*]$", re.IGNORECASE)
_BULLET = re.compile(r"^\s*(?:>\s?)*\s*(?:[-*\u2022\u00b7\u2013]\s+|\d{1,4}[.)]\s+)?")
_IN_NUMBER = re.compile(r"(?<![^\s])\d{1,3}(?:,\d{3})*(?:\.\d+)?(?![^\s])|(?<![^\s])\d+(?:\.\d{3})*,\d+(?![^\s])")
_HOLD = "\x01"


@dataclass(frozen=True, slots=True)
class TypedRow:
    """A row as somebody typed it: its number in the paste or file, the item's text, the quantity's text."""

    row: int
    item: str
    quantity: str


@dataclass(frozen=True, slots=True)
class Parsed:
    """The rows that fit, and the text of those that did not."""

    rows: tuple[TypedRow, ...]
    leftover: str = ""


def read_text(text: str, *, most: int) -> Parsed:
    """Read lines of text; the separator is found for each line (tab, semicolon, bar, comma, or just spaces)."""
    rows: list[TypedRow] = []
    columns: dict[str, int] = {}
    lines = cleaned(text).split("\n")
    for number, line in enumerate(lines, start=1):
        if not line.strip(" \t,;|-_=*>"):
            continue
        cells = _cells(line[:LONGEST_LINE])
        header = _header(cells)
        if header:
            columns = header
        elif len(rows) >= most:
            return Parsed(tuple(rows), "\n".join(lines[number - 1 :]))
        else:
            rows.append(_row(number, cells, columns))
    return Parsed(tuple(rows))


def read_table(table: Iterable[tuple[int, Sequence[Value]]], *, language: str, most: int) -> Parsed:
    """Read the rows of a sheet: numbers are written as `language` writes them, so they can be read in one way only."""
    rows: list[TypedRow] = []
    columns: dict[str, int] = {}
    left = 0
    for number, values in table:
        cells = [_text_of(value, language) for value in values]
        header = _header(cells)
        if header:
            columns = header
        elif len(rows) >= most:
            left += 1
        elif any(cells):
            rows.append(_row(number, cells, columns))
    return Parsed(tuple(rows), str(left) if left else "")


def cleaned(text: str) -> str:
    """Return the text without control and format characters (bidi marks, zero width), every line end one newline."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n")
    kept = (sign for sign in text if sign in "\n\t" or unicodedata.category(sign) not in {"Cc", "Cf", "Cs", "Co", "Cn"})
    return "".join(kept)


def _text_of(value: Value, language: str) -> str:
    if isinstance(value, Decimal):
        whole = value.to_integral_value()
        return format(whole, "f") if value == whole else plain_quantity(value, language)
    return plain(" ".join(cleaned(value).split()))


def _cells(line: str) -> list[str]:
    """Return the pieces of a line, by the first separator that it has; one piece when it has none."""
    for mark in "\t;|":
        if mark in line:
            return _split(line, mark)
    line = _BULLET.sub("", line, count=1)
    held = _IN_NUMBER.sub(lambda found: found[0].replace(",", _HOLD), line) if " " in line.strip() else line
    if "," in held:
        cells = [cell.replace(_HOLD, ",") for cell in _split(held, ",")]
        filled = [cell for cell in cells if cell]
        if len(filled) == 3 and filled[1].isdigit() and filled[2].isdigit() and len(filled[1]) < CODE_DIGITS:
            return [filled[0], f"{filled[1]},{filled[2]}"]  # the last comma was a decimal one
        if len(filled) > 1:
            return cells
    return [plain(" ".join(line.split()))]  # one space each: long gaps would keep the patterns below busy


def _split(line: str, mark: str) -> list[str]:
    """Split a line; quotes group a piece only where they are in pairs (an inch mark is no quote)."""
    pieces = line.split(mark)
    if '"' in line and line.count('"') % 2 == 0:
        pieces = next(csv.reader([line], delimiter=mark), pieces)
    return [plain(" ".join(piece.split())) for piece in pieces]


def _header(cells: Sequence[str]) -> dict[str, int]:
    """Return which column is what, when the line is a head: a word for the item and nothing but known words."""
    kinds = [_KIND_OF.get(_folded(cell)) for cell in cells]
    named = [kind for kind, cell in zip(kinds, cells, strict=True) if cell]
    if None in named or not {ITEM, NAME} & set(named) or (len(named) < 2 and len(cells) < 2):
        return {}
    found: dict[str, int] = {}
    for at, kind in enumerate(kinds):
        if kind:
            found.setdefault(kind, at)
    return found


def _folded(text: str) -> str:
    plain_text = unicodedata.normalize("NFKD", text).casefold()
    return "".join(sign for sign in plain_text if sign.isascii() and sign.isalpha())


def _row(number: int, cells: Sequence[str], columns: dict[str, int]) -> TypedRow:
    item, quantity = _by_columns(cells, columns) if columns and len(cells) > 1 else _by_looks(cells)
    return TypedRow(number, item[:LONGEST_ITEM], quantity[:LONGEST_QUANTITY])


def _by_columns(cells: Sequence[str], columns: dict[str, int]) -> tuple[str, str]:
    def at(kind: str) -> str:
        place = columns.get(kind, len(cells))
        return cells[place] if place < len(cells) else ""

    if QUANTITY not in columns:
        return _by_looks([cell for cell in cells if cell])
    return at(ITEM) or at(NAME), at(QUANTITY)


def _by_looks(cells: Sequence[str]) -> tuple[str, str]:
    """Tell item and quantity apart without a header."""
    filled = [cell for cell in cells if cell]
    if len(filled) < 2:
        return _from_words(filled[0] if filled else "")
    counts = [at for at, cell in enumerate(filled) if _is_count(cell)]
    others = [at for at in range(len(filled)) if at not in counts]
    if not others:
        item = max(range(len(filled)), key=lambda at: len(filled[at]))
        return filled[item], next(cell for at, cell in enumerate(filled) if at != item)
    item = next((at for at in others if _is_code(filled[at])), others[0])
    after = [at for at in counts if at > item] or counts
    if after:
        return filled[item], filled[after[0]]
    # No number at all: of two pieces the other one was meant as the quantity, and is told to be none.
    return filled[item], next(cell for at, cell in enumerate(filled) if at != item) if len(filled) == 2 else ""


def _is_count(cell: str) -> bool:
    return bool(_IS_NUMBER.fullmatch(cell)) and not (cell.isdigit() and len(cell) >= CODE_DIGITS)


def _is_code(cell: str) -> bool:
    return " " not in cell and any(sign.isdigit() for sign in cell)


def _from_words(line: str) -> tuple[str, str]:
    """Read "10 x TOR-1", "TOR-1 10", "10 cajas de tornillo M8"; a line without a number is all item."""
    first, last = _FIRST.fullmatch(line), _LAST.fullmatch(line)
    if first and _is_count(first[1]) and not (last and _is_count(last[2]) and not _has_letters(first[2])):
        return first[2].strip(), first[1]
    if last and _is_count(last[2]):
        return _TIMES.sub("", last[1]).strip(" :=-"), last[2]
    return line, ""


def _has_letters(text: str) -> bool:
    return any(sign.isalpha() for sign in text)
