# SPDX-License-Identifier: GPL-3.0-or-later
"""Categories, technical attributes, products, barcodes, and the carriers' services."""

from decimal import Decimal
from typing import Any

from demo.tryton_erp.catalogue import DISCONTINUED, FINISHES, WITHDRAWN, Item, items
from demo.tryton_erp.catalogue_lines import FAMILIES
from demo.tryton_erp.context import Seed

MATERIALS = {
    "steel": ("Steel", "Acero"),
    "stainless": ("Stainless steel", "Acero inoxidable"),
    "nylon": ("Nylon", "Nailon"),
    "carbide": ("Carbide", "Widia"),
    "copper": ("Copper", "Cobre"),
    "brass": ("Brass", "Latón"),
    "abs": ("ABS plastic", "Plástico ABS"),
    "ptfe": ("PTFE", "PTFE"),
    "pex": ("PEX and aluminium", "PEX y aluminio"),
    "leather": ("Leather", "Piel"),
}
FINISH_LABELS = {key: (en[:1].upper() + en[1:], es[:1].upper() + es[1:]) for key, (_, en, es, _, _) in FINISHES.items()}
# attribute: English, Spanish, type, its choices
ATTRIBUTES: dict[str, tuple[str, str, str, dict[str, tuple[str, str]]]] = {
    "brand": ("Brand", "Marca", "char", {}),
    "size": ("Size", "Medida", "char", {}),
    "material": ("Material", "Material", "selection", MATERIALS),
    "finish": ("Finish", "Acabado", "selection", FINISH_LABELS),
    "colour": ("Colour", "Color", "selection", FINISH_LABELS),
    "handle": ("Handle", "Mango", "selection", FINISH_LABELS),
    "use": ("Use", "Uso", "selection", FINISH_LABELS),
    "light": ("Light", "Luz", "selection", FINISH_LABELS),
    "coating": ("Coating", "Recubrimiento", "selection", FINISH_LABELS),
    "model": ("Model", "Modelo", "selection", FINISH_LABELS),
    "lens": ("Lens", "Lente", "selection", FINISH_LABELS),
    "scent": ("Scent", "Aroma", "selection", FINISH_LABELS),
    "standard": ("Standard", "Norma", "char", {}),
    "power_w": ("Power (W)", "Potencia (W)", "integer", {}),
    "voltage_v": ("Voltage (V)", "Tensión (V)", "integer", {}),
    "current_a": ("Current (A)", "Corriente (A)", "integer", {}),
    "volume_l": ("Volume (l)", "Volumen (l)", "integer", {}),
    "sheets": ("Sheets", "Hojas", "integer", {}),
    "replaced_by": ("Replaced by", "Sustituido por", "char", {}),
}
DISCOUNT = "WEB-DISCOUNT"
CARRIERS = [("Standard 48 h", "Estándar 48 h", "9.50"), ("Express 24 h", "Urgente 24 h", "17.00")]


def categories(seed: Seed) -> None:
    """Make the tree: catalogue, families, product lines."""
    Category = seed.get("product.category")
    root = Category(name="Catalogue", code="CAT")
    root.save()
    families = [Category(name=f["en"], code=f["code"], parent=root) for f in FAMILIES]
    Category.save(families)
    lines = [
        Category(name=line["cat_en"], code=line["prefix"], parent=parent)
        for family, parent in zip(FAMILIES, families, strict=True)
        for line in family["line"]
    ]
    Category.save(lines)
    spanish = {f["code"]: f["es"] for f in FAMILIES} | {"CAT": "Catálogo"}
    spanish |= {line["prefix"]: line["cat_es"] for f in FAMILIES for line in f["line"]}
    records = [root, *families, *lines]
    seed.translate(Category, {record.id: {"name": spanish[record.code]} for record in records})
    seed.ids["categories"] = {record.code: record.id for record in records}


def attributes(seed: Seed) -> None:
    """Make the technical attributes, and for each family a set with those its items use."""
    Attribute, Set = seed.get("product.attribute"), seed.get("product.attribute.set")
    used = _used_attributes(items(244))
    records = {}
    for name, (label, _, kind, _) in ATTRIBUTES.items():
        choices = _choices(used, name, 0)
        records[name] = Attribute(name=name, string=label, type_=kind, selection=choices)
    Attribute.save(list(records.values()))
    seed.translate(
        Attribute,
        {
            record.id: {"string": ATTRIBUTES[name][1], "selection": _choices(used, name, 1)}
            for name, record in records.items()
        },
    )
    sets = {}
    for family in FAMILIES:
        names = {name for (code, name) in used if code == family["code"]} | {"replaced_by"}
        sets[family["code"]] = Set(
            name=family["en"], attributes=[records[name] for name in ATTRIBUTES if name in names]
        )
    Set.save(list(sets.values()))
    seed.ids["attribute_sets"] = {code: record.id for code, record in sets.items()}


def _used_attributes(catalogue: list[Item]) -> dict[tuple[str, str], set[str]]:
    used: dict[tuple[str, str], set[str]] = {}
    for item in catalogue:
        for name, value in item.attributes.items():
            used.setdefault((item.family, name), set()).add(str(value))
    return used


def _choices(used: dict[tuple[str, str], set[str]], name: str, language: int) -> str | None:
    labels = ATTRIBUTES[name][3]
    if not labels:
        return None
    keys = {key for (_, used_name), keys in used.items() if used_name == name for key in keys}
    return "\n".join(f"{key}: {labels[key][language]}" for key in sorted(keys))


def products(seed: Seed) -> None:
    """Make the products, their Spanish texts and their barcodes."""
    Template, Product = seed.get("product.template"), seed.get("product.product")
    catalogue = items(seed.options.products)
    templates = [_template(seed, item) for item in catalogue]
    seed.save(Template, templates)
    variants = [template.products[0] for template in templates]
    seed.products = {item.sku: v.id for item, v in zip(catalogue, variants, strict=True)}
    seed.ids["products"] = dict(seed.products)
    pairs = list(zip(catalogue, templates, strict=True))
    seed.translate(Template, {t.id: {"name": item.name_es} for item, t in pairs})
    seed.translate(Product, {t.products[0].id: {"description": item.text_es} for item, t in pairs})
    Identifier = seed.get("product.identifier")
    seed.save(
        Identifier,
        [Identifier(product=variant, type="ean", code=_ean(number)) for number, variant in enumerate(variants, 1)],
    )


def _template(seed: Seed, item: Item) -> Any:
    units = seed.ids["units"]
    product = seed.get("product.product")(
        description=item.text_en,
        attributes=dict(item.attributes),
        cost_price=(item.price * Decimal("0.62")).quantize(Decimal("0.0001")),
    )
    return seed.get("product.template")(
        name=item.name_en,
        code=item.sku,
        type="goods",
        salable=True,
        list_price=item.price,
        default_uom=units[item.unit],
        sale_uom=units[item.pack or item.unit],
        account_category=seed.ids["tax_category"]["IVA 10%" if item.reduced_tax else "IVA 21%"],
        categories=[seed.ids["categories"][item.line]],
        attribute_set=seed.ids["attribute_sets"][item.family],
        sale_quantity_minimal=item.multiple,
        sale_quantity_rounding=item.multiple,
        products=[product],
    )


def _ean(number: int) -> str:
    """Return an EAN-13 of the wholesaler's own range."""
    digits = f"8437{number:08}"
    check = -sum(int(c) * (3 if i % 2 else 1) for i, c in enumerate(digits)) % 10
    return f"{digits}{check}"


def retire(seed: Seed) -> None:
    """Take the old products out of the range, each with its successor; after the orders of old."""
    Product, Template = seed.get("product.product"), seed.get("product.template")
    catalogue = {item.sku: item for item in items(seed.options.products)}
    gone = [sku for sku in [*DISCONTINUED, *WITHDRAWN] if sku in catalogue]
    for sku in gone:
        product = Product(seed.products[sku])
        product.attributes = dict(product.attributes, replaced_by=catalogue[sku].successor)
        product.save()
    unsalable = [Product(seed.products[sku]).template for sku in gone]
    Template.write(unsalable, {"salable": False})
    withdrawn = [Product(seed.products[sku]) for sku in WITHDRAWN if sku in catalogue]
    Template.write([product.template for product in withdrawn], {"active": False})
    Product.write(withdrawn, {"active": False})
    seed.ids["discontinued"] = {sku: catalogue[sku].successor for sku in gone}


def carriers(seed: Seed) -> None:
    """Make the two ways of delivery."""
    Template, Product = seed.get("product.template"), seed.get("product.product")
    Party, Carrier = seed.get("party.party"), seed.get("carrier")
    unit = seed.ids["units"]["unit"]
    records = {}
    for name, spanish, price in CARRIERS:
        template = Template(
            name=name,
            type="service",
            default_uom=unit,
            sale_uom=unit,
            salable=True,
            list_price=Decimal(price),
            account_category=seed.ids["tax_category"]["IVA 21%"],
            products=[Product(code="SHIP-" + name.split()[0].upper())],
        )
        template.save()
        seed.translate(Template, {template.id: {"name": spanish}})
        party = Party(name="Transportes " + spanish.split()[0])
        party.save()
        records[name] = Carrier(party=party, carrier_product=template.products[0])
    Carrier.save(list(records.values()))
    Selection = seed.get("carrier.selection")
    Selection.save([Selection(carrier=carrier) for carrier in records.values()])
    seed.ids["carriers"] = {name: carrier.id for name, carrier in records.items()}


def discount_service(seed: Seed) -> None:
    """Make the service that carries what an order of the shop costs less."""
    Template, Product = seed.get("product.template"), seed.get("product.product")
    unit = seed.ids["units"]["unit"]
    template = Template(
        name="Discount of the web shop",
        type="service",
        default_uom=unit,
        sale_uom=unit,
        salable=True,
        list_price=Decimal(0),
        account_category=seed.ids["tax_category"]["IVA 21%"],
        products=[Product(suffix_code=DISCOUNT)],
    )
    template.save()
    seed.translate(Template, {template.id: {"name": "Descuento de la tienda"}})
    seed.ids["options"] = {"discount_product": DISCOUNT}
