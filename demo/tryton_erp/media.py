# SPDX-License-Identifier: GPL-3.0-or-later
"""Give the products their pictures and documents."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

from demo.tryton_erp.bulk import Bulk
from demo.tryton_erp.catalogue import Item, items
from demo.tryton_erp.context import Seed
from demo.tryton_erp.data_sheets import MAKERS
from demo.tryton_erp.pictures import picture

# Screws, bolts, degreasers, and these families: what buyers ask documents for
DOCUMENTED = {"MAQ", "ELC", "FON", "SEG", "PIN"}
DOCUMENTED_LINES = {"TOR", "PER", "DSG", "FRE"}
TITLES = {
    ("data", "en"): "Data sheet",
    ("data", "es"): "Ficha técnica",
    ("safety", "en"): "Safety data sheet",
    ("safety", "es"): "Ficha de datos de seguridad",
}
# What the makers have published, and how many days ago; safety data sheets were renewed once.
VERSIONS = {"data": (("1", 400),), "safety": (("1", 800), ("2", 45))}


def pictures(seed: Seed) -> None:
    """Draw a picture for every product."""
    bulk = Bulk(seed)
    created = _created(seed)
    for item, template in _templates(seed):
        bulk.add(
            "product.image",
            **created,
            template=template,
            image=picture(item.icon, item.colour),
            description=item.name_en,
        )
    bulk.write()


def product_documents(seed: Seed) -> None:
    """Attach data sheets to products, and safety data sheets to chemicals, in both languages."""
    bulk = Bulk(seed)
    created = _created(seed)
    pairs = list(_templates(seed))
    made: dict[tuple[str, str, str], bytes] = {}
    for item, template in pairs:
        for kind in _kinds(item):
            for language in ("en", "es"):
                key = (item.line, kind, language)
                if key not in made:
                    of_line = [other for other, _ in pairs if other.line == item.line]
                    made[key] = MAKERS[kind](of_line[:24], language)
                for version, days in VERSIONS[kind]:
                    bulk.add(
                        "ir.attachment",
                        **created,
                        type="data",
                        data=made[key],
                        name=f"{TITLES[kind, language]} {item.sku} ({language}).pdf",
                        description=f"{kind} sheet, {language}, {version}, {seed.today - dt.timedelta(days=days)}",
                        resource=f"product.template,{template}",
                    )
    bulk.write()


def _kinds(item: Item) -> list[str]:
    kinds = ["data"] if item.family in DOCUMENTED or item.line in DOCUMENTED_LINES else []
    return [*kinds, "safety"] if item.needs_safety_sheet else kinds


def _templates(seed: Seed) -> Iterator[tuple[Item, int]]:
    Product = seed.get("product.product")
    for item in items(seed.options.products):
        yield item, Product(seed.products[item.sku]).template.id


def _created(seed: Seed) -> dict[str, Any]:
    now = dt.datetime.now(dt.UTC).replace(tzinfo=None, microsecond=0)
    return {"create_date": now, "create_uid": seed.erp.user}
