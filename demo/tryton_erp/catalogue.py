# SPDX-License-Identifier: GPL-3.0-or-later
"""What the wholesaler sells: product lines, their sizes and finishes, and the items these make.

All names and brands are made up. Plain data: nothing here needs the ERP.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from demo.tryton_erp.catalogue_lines import FAMILIES

# finish or colour: SKU part, English, Spanish, factor of the price, colour on the picture
FINISHES: dict[str, tuple[str, str, str, str, str]] = {
    "zinc": ("ZN", "zinc plated", "cincado", "1", "#9fb0c3"),
    "stainless_a2": ("A2", "stainless A2", "inox A2", "1.9", "#c9d1d9"),
    "fibreglass": ("FV", "fibreglass handle", "mango fibra", "1.25", "#f0a202"),
    "hickory": ("MD", "hickory handle", "mango madera", "1", "#b07d48"),
    "white": ("BL", "white", "blanco", "1", "#eceff3"),
    "ivory": ("MF", "ivory", "marfil", "1.04", "#efe3c2"),
    "grey": ("GR", "grey", "gris", "1", "#8d99a6"),
    "black": ("NG", "black", "negro", "1", "#2f3640"),
    "brown": ("MR", "brown", "marrón", "1", "#7a4a2b"),
    "blue": ("AZ", "blue", "azul", "1", "#2f6fb2"),
    "red": ("RO", "red", "rojo", "1", "#c0392b"),
    "green": ("VE", "green", "verde", "1", "#2e8b57"),
    "yellow": ("AM", "yellow", "amarillo", "1", "#f2c230"),
    "orange": ("NA", "orange", "naranja", "1", "#ee7b22"),
    "earth": ("TI", "green-yellow", "verde-amarillo", "1", "#8fb339"),
    "warm": ("WC", "warm white", "luz cálida", "1", "#ffd28a"),
    "cool": ("WF", "cool white", "luz fría", "1", "#cfe8ff"),
    "chrome": ("CR", "chrome", "cromado", "1", "#c3ccd6"),
    "nitrile": ("NI", "nitrile", "nitrilo", "1", "#2f6fb2"),
    "leather": ("PI", "leather", "piel", "1.7", "#d3a15f"),
    "metal": ("ME", "for metal", "para metal", "1", "#5c6b7a"),
    "stone": ("PD", "for stone", "para piedra", "1.1", "#a8907a"),
    "clear": ("TR", "clear", "transparente", "1", "#bfe3f2"),
    "smoke": ("FU", "smoke", "ahumada", "1.15", "#66707a"),
    "valve": ("CV", "with valve", "con válvula", "1.3", "#eceff3"),
    "plain": ("SV", "without valve", "sin válvula", "1", "#d7e3ee"),
    "pine": ("PO", "pine", "pino", "1", "#2e8b57"),
    "lemon": ("LM", "lemon", "limón", "1", "#f2d530"),
}
# brand: SKU part of lines without a finish, main colour on the picture
BRANDS = {
    "Ferrox": ("FX", "#9fb0c3"),
    "Tenaz": ("TZ", "#c0392b"),
    "Delmar": ("DM", "#1f7a8c"),
    "Norval": ("NV", "#2f6fb2"),
    "Lumbra": ("LB", "#f2c230"),
    "Aguaviva": ("AV", "#b87333"),
    "Prevex": ("PX", "#ee7b22"),
    "Tintalia": ("TT", "#7d5ba6"),
    "Brisa": ("BS", "#2e8b57"),
}
# out of the range, and what replaces it: still sold from stock to nobody, or withdrawn altogether
DISCONTINUED = {
    "TOR-3530-ZN": "TOR-0430-ZN",
    "LLA-0022-TZ": "LLA-0024-TZ",
    "TAL-0650-DM": "TAL-0850-DM",
    "LED-0008-WF": "LED-0012-WF",
    "GRI-0001-CR": "GRI-0002-CR",
}
WITHDRAWN = {
    "CAL-0550-DM": "CAL-0750-DM",
    "CAS-0001-RO": "CAS-0001-AM",
    "PLA-0010-GR": "PLA-0015-GR",
    "BOL-0240-AZ": "BOL-0240-NG",
}
OUT_OF_STOCK = {
    "PER-1260-A2",
    "MAR-0700-FV",
    "BAT-1850-DM",
    "MAG-2040-NV",
    "VAL-0114-AV",
    "BOT-0046-PX",
    "ESM-0750-VE",
    "PAP-1000-BS",
}
# expected supply: SKU, days from today, quantity in the unit it is stocked in
EXPECTED = [
    ("PER-1260-A2", 6, 5000),
    ("MAR-0700-FV", 9, 120),
    ("BAT-1850-DM", 15, 80),
    ("MAG-2040-NV", 4, 60),
    ("BOT-0046-PX", 12, 40),
    ("ESM-0750-VE", 3, 96),
]
ONE_WAREHOUSE = {"VLC": {"AMO", "CAB", "PLA", "FRE"}, "BIO": {"TUB", "CHA", "ESC"}}


@dataclass(frozen=True)
class Item:
    """One thing sold: an SKU with its names, units, price and technical attributes."""

    sku: str
    line: str
    family: str
    icon: str
    brand: str
    line_en: str
    line_es: str
    name_en: str
    name_es: str
    text_en: str
    text_es: str
    price: Decimal
    unit: str
    pack: str | None
    multiple: int | None
    reduced_tax: bool
    needs_safety_sheet: bool
    colour: str
    attributes: dict[str, object] = field(default_factory=dict)

    @property
    def successor(self) -> str | None:
        """The SKU that replaces this one, when it is out of the range."""
        return DISCONTINUED.get(self.sku) or WITHDRAWN.get(self.sku)


def items(count: int) -> list[Item]:
    """Return `count` items; beyond the real range come further series of the same lines."""
    result: list[Item] = []
    series = 0
    while len(result) < count:
        series += 1
        result.extend(_range(series))
    return result[:count]


def _range(series: int) -> Iterator[Item]:
    for family in FAMILIES:
        for line in family["line"]:
            for size in line["sizes"]:
                for finish in line.get("finishes", [None]):
                    yield _item(family["code"], line, size, finish, series)


def _item(family: str, line: dict, size: tuple[str, str, str], finish: str | None, series: int) -> Item:
    label, code, factor = size
    label, _, label_es = label.partition("=")  # a size is the same in every language, or has its words in both
    brand = line["brand"]
    last, colour = BRANDS[brand]
    tail_en = tail_es = ""
    price = Decimal(line["price"]) * Decimal(factor)
    attributes: dict[str, object] = dict(line.get("attributes", {}), brand=brand)
    if not label_es:
        attributes["size"] = label
    if finish:
        last, tail_en, tail_es, times, colour = FINISHES[finish]
        price *= Decimal(times)
        attributes[line["finish_is"]] = finish
    if line.get("size_is"):
        attributes[line["size_is"]] = _number(label)
    sku = f"{line['prefix']}-{code}-{last}" + (f"-{series:03}" if series > 1 else "")
    mark = f" S{series}" if series > 1 else ""
    number = "" if line.get("hide_size") else f" {label}"
    number_es = f" {label_es}" if label_es else number
    return Item(
        sku=sku,
        line=line["prefix"],
        family=family,
        icon=line["icon"],
        brand=brand,
        line_en=line["en"],
        line_es=line["es"],
        name_en=f"{line['en']}{number} {tail_en}".strip() + mark,
        name_es=f"{line['es']}{number_es} {tail_es}".strip() + mark,
        text_en=f"{line['text_en']} {brand}{mark}.",
        text_es=f"{line['text_es']} {brand}{mark}.",
        price=price.quantize(Decimal("0.0001") if price < 1 else Decimal("0.01")),
        unit=line.get("unit", "unit"),
        pack=line.get("pack"),
        multiple=line.get("multiple"),
        reduced_tax=bool(line.get("reduced_tax")),
        needs_safety_sheet=bool(line.get("safety")),
        colour=colour,
        attributes=attributes,
    )


def _number(label: str) -> int:
    """Return the leading number of a size such as `850 W`."""
    return int("".join(c for c in label.split()[-2 if " " in label else 0] if c.isdigit()))
