# SPDX-License-Identifier: GPL-3.0-or-later
"""The units that goods are sold in besides the piece and the metre."""

from dataclasses import dataclass

from demo.tryton_erp.context import Seed


@dataclass(frozen=True)
class Pack:
    """A sales unit that holds `size` of the unit in which its goods are stocked and priced."""

    size: int
    en: str
    es: str
    symbol_en: str
    symbol_es: str
    of_metres: bool = False


PACKS = {
    "pair": Pack(1, "Pair", "Par", "pr", "par"),
    "pack2": Pack(2, "Pack of 2", "Paquete de 2", "pack 2", "paq. 2"),
    "pack10": Pack(10, "Pack of 10", "Paquete de 10", "pack 10", "paq. 10"),
    "pack12": Pack(12, "Pack of 12", "Paquete de 12", "pack 12", "paq. 12"),
    "pairs12": Pack(12, "Pack of 12 pairs", "Paquete de 12 pares", "12 pr", "12 pares"),
    "box20": Pack(20, "Box of 20", "Caja de 20", "box 20", "caja 20"),
    "box25": Pack(25, "Box of 25", "Caja de 25", "box 25", "caja 25"),
    "box50": Pack(50, "Box of 50", "Caja de 50", "box 50", "caja 50"),
    "box100": Pack(100, "Box of 100", "Caja de 100", "box 100", "caja 100"),
    "roll100": Pack(100, "Roll of 100 m", "Rollo de 100 m", "roll 100 m", "rollo 100 m", of_metres=True),
}


def units(seed: Seed) -> None:
    """Make the packs."""
    Uom = seed.get("product.uom")
    unit = Uom(seed.xml("product", "uom_unit"))
    metre = Uom(seed.xml("product", "uom_meter"))
    records = {}
    for name, pack in PACKS.items():
        base = metre if pack.of_metres else unit
        records[name] = Uom(
            name=pack.en,
            symbol=pack.symbol_en,
            category=base.category,
            digits=0,
            rounding=1.0,
            factor=float(pack.size),
            rate=round(1 / pack.size, 12),
        )
    Uom.save(list(records.values()))
    seed.translate(
        Uom, {record.id: {"name": PACKS[name].es, "symbol": PACKS[name].symbol_es} for name, record in records.items()}
    )
    seed.ids["units"] = {name: record.id for name, record in records.items()}
    seed.ids["units"].update(unit=unit.id, metre=metre.id)
