"""A plausible catalogue of any size, written straight into the mirror's tables, the same for the same seed."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice
from typing import Any

from erp_sync.mirror import index
from erp_sync.mirror.models import Category, Item

CHUNK = 1000

# Families: Spanish, English. Each gets a root category; things stand in the categories below.
FAMILIES = [
    ("Tornillería", "Fasteners"),
    ("Herramienta manual", "Hand tools"),
    ("Electricidad", "Electrical"),
    ("Fontanería", "Plumbing"),
    ("Protección laboral", "Workwear and safety"),
    ("Corte y abrasivos", "Cutting and abrasives"),
    ("Adhesivos y selladores", "Adhesives and sealants"),
    ("Ferretería", "Ironmongery"),
    ("Iluminación", "Lighting"),
    ("Neumática", "Pneumatics"),
]
# Per family: things, Spanish and English.
THINGS = [
    [
        ("Tornillo hexagonal", "Hex bolt"),
        ("Tuerca autoblocante", "Lock nut"),
        ("Arandela plana", "Flat washer"),
        ("Tirafondo de madera", "Wood screw"),
        ("Varilla roscada", "Threaded rod"),
        ("Taco de nailon", "Nylon wall plug"),
        ("Tornillo Allen avellanado", "Countersunk socket screw"),
        ("Remache ciego", "Blind rivet"),
    ],
    [
        ("Destornillador plano", "Flat screwdriver"),
        ("Llave combinada", "Combination spanner"),
        ("Martillo de carpintero", "Claw hammer"),
        ("Alicate universal", "Combination pliers"),
        ("Nivel de burbuja", "Spirit level"),
        ("Sierra de arco", "Hacksaw"),
    ],
    [
        ("Cable flexible", "Flexible cable"),
        ("Interruptor automático", "Circuit breaker"),
        ("Caja de registro", "Junction box"),
        ("Base de enchufe", "Socket outlet"),
        ("Regleta de conexión", "Terminal strip"),
        ("Brida de nailon", "Cable tie"),
    ],
    [
        ("Codo de latón", "Brass elbow"),
        ("Válvula de bola", "Ball valve"),
        ("Tubo multicapa", "Multilayer pipe"),
        ("Racor de compresión", "Compression fitting"),
        ("Grifo de lavabo", "Basin tap"),
        ("Sifón de botella", "Bottle trap"),
    ],
    [
        ("Guante de nitrilo", "Nitrile glove"),
        ("Gafas de protección", "Safety glasses"),
        ("Casco de obra", "Safety helmet"),
        ("Bota de seguridad", "Safety boot"),
        ("Mascarilla autofiltrante", "Dust mask"),
        ("Chaleco reflectante", "High-visibility vest"),
    ],
    [
        ("Disco de corte", "Cutting disc"),
        ("Broca de cobalto", "Cobalt drill bit"),
        ("Lija de agua", "Wet sandpaper"),
        ("Disco de láminas", "Flap disc"),
        ("Corona perforadora", "Hole saw"),
        ("Fresa de metal duro", "Carbide cutter"),
    ],
    [
        ("Silicona neutra", "Neutral silicone"),
        ("Espuma de poliuretano", "Polyurethane foam"),
        ("Cola blanca", "Wood glue"),
        ("Cinta americana", "Duct tape"),
        ("Fijador de roscas", "Threadlocker"),
        ("Masilla acrílica", "Acrylic sealant"),
    ],
    [
        ("Bisagra de cazoleta", "Concealed hinge"),
        ("Candado de latón", "Brass padlock"),
        ("Cerradura de embutir", "Mortice lock"),
        ("Escuadra de unión", "Corner bracket"),
        ("Rueda giratoria", "Swivel castor"),
        ("Tirador de mueble", "Cabinet handle"),
    ],
    [
        ("Bombilla LED", "LED bulb"),
        ("Proyector exterior", "Outdoor floodlight"),
        ("Tubo fluorescente", "Fluorescent tube"),
        ("Panel empotrable", "Recessed panel"),
        ("Tira de luz", "Light strip"),
        ("Linterna frontal", "Head torch"),
    ],
    [
        ("Cilindro neumático", "Pneumatic cylinder"),
        ("Manguera de aire", "Air hose"),
        ("Regulador de presión", "Pressure regulator"),
        ("Electroválvula", "Solenoid valve"),
        ("Pistola de soplado", "Blow gun"),
        ("Enchufe rápido", "Quick coupling"),
    ],
]
MATERIALS = [
    ("Acero cincado", "Zinc-plated steel"),
    ("Acero inoxidable A2", "Stainless steel A2"),
    ("Acero inoxidable A4", "Stainless steel A4"),
    ("Latón", "Brass"),
    ("Nailon", "Nylon"),
    ("Aluminio", "Aluminium"),
    ("PVC", "PVC"),
    ("Cobre", "Copper"),
]
COLOURS = [("Negro", "Black"), ("Blanco", "White"), ("Rojo", "Red"), ("Azul", "Blue"), ("Gris", "Grey")]
USES = [("Interior", "Indoor"), ("Exterior", "Outdoor"), ("Industrial", "Industrial"), ("Naval", "Marine")]
STANDARDS = ["DIN 933", "DIN 912", "ISO 4017", "EN 388", "EN 166", "IEC 60898", "DIN 7981", "EN 397"]
BRANDS = ["Norvik", "Tecmar", "Sólida", "Berglund", "Iberfix", "Kranz", "Aqualia", "Lumeo", "Voltia", "Pinzón"]
ADJECTIVES = [
    ("reforzado", "reinforced"),
    ("profesional", "professional"),
    ("compacto", "compact"),
    ("de alta resistencia", "high-strength"),
    ("ecológico", "eco-friendly"),
    ("extralargo", "extra long"),
]
PURPOSES = [
    ("para madera", "for wood"),
    ("para chapa", "for sheet metal"),
    ("para hormigón", "for concrete"),
    ("para jardín", "for gardens"),
    ("para piscina", "for pools"),
    ("para taller", "for workshops"),
    ("para cocina", "for kitchens"),
    ("para automoción", "for vehicles"),
    ("para laboratorio", "for laboratories"),
    ("para cubierta", "for roofs"),
    ("para tabique seco", "for drywall"),
    ("para calefacción", "for heating"),
    ("para riego", "for irrigation"),
    ("para soldadura", "for welding"),
    ("para carpintería", "for joinery"),
    ("para almacén", "for warehouses"),
    ("para cámara frigorífica", "for cold rooms"),
    ("para andamio", "for scaffolding"),
    ("para ascensor", "for lifts"),
    ("para embarcación", "for boats"),
    ("para maquinaria agrícola", "for farm machinery"),
    ("para vidrio", "for glass"),
    ("para cerámica", "for tiles"),
    ("para placa solar", "for solar panels"),
]


@dataclass(frozen=True, slots=True)
class Made:
    """What was written: numbers of the items in the order they were made, ids of the leaf categories."""

    skus: list[str]
    leaves: list[str]


def fill(*, items: int, categories: int = 100, now: dt.datetime, seed: int = 1) -> Made:
    """Write `categories` categories in two levels and `items` items into the empty mirror, with their search data."""
    leaves = _categories(categories, now)
    source = _items(items, leaves, now, random.Random(seed))  # noqa: S311 (data, not secrets)
    skus: list[str] = []
    while chunk := list(islice(source, CHUNK)):
        Item.objects.bulk_create(chunk)
        index.fill_items([item.erp_id for item in chunk])
        skus += [item.sku for item in chunk]
    index.recount_words()
    return Made(skus, leaves)


def _categories(count: int, now: dt.datetime) -> list[str]:
    """Write the families and, below them, leaves until there are `count`; return the leaves' ids."""
    roots = [_category(f"cat-{n}", "", es, en, now) for n, (es, en) in enumerate(FAMILIES)]
    leaves = []
    for number in range(max(count - len(roots), len(roots))):
        family = number % len(FAMILIES)
        things = THINGS[family]
        es, en = things[(number // len(FAMILIES)) % len(things)]
        series = number // (len(FAMILIES) * len(things)) + 1
        suffix = f" {series}" if series > 1 else ""
        leaves.append(_category(f"cat-{family}-{number}", f"cat-{family}", es + suffix, en + suffix, now))
    Category.objects.bulk_create([*roots, *leaves])
    index.place_categories()
    return [leaf.erp_id for leaf in leaves]


def _category(erp_id: str, parent: str, es: str, en: str, now: dt.datetime) -> Category:
    names = {"es": es, "en": en}
    return Category(erp_id=erp_id, version=now, synced_at=now, names=names, parent_erp_id=parent, code=erp_id)


def _items(count: int, leaves: list[str], now: dt.datetime, chance: random.Random) -> Iterator[Item]:
    for number in range(count):
        yield _item(number, chance.choice(leaves), now, chance)


def _item(number: int, leaf: str, now: dt.datetime, chance: random.Random) -> Item:
    things = THINGS[int(leaf.split("-")[1])]
    es, en = things[(int(leaf.split("-")[2]) // len(FAMILIES)) % len(things)]
    size = f"M{chance.choice([3, 4, 5, 6, 8, 10, 12, 16, 20])}x{chance.choice(range(10, 210, 5))}"
    material, brand = chance.choice(MATERIALS), chance.choice(BRANDS)
    purpose = chance.choice(PURPOSES)
    adjective, standard = chance.choice(ADJECTIVES), chance.choice(STANDARDS)
    return Item(
        erp_id=f"item-{number}",
        version=now,
        synced_at=now,
        sku=f"{en[:3].upper()}-{(number * 7919) % 1_000_000:06}-{brand[:2].upper()}",
        texts={
            "es": {
                "name": f"{es} {purpose[0]} {adjective[0]} {size} {material[0].lower()}",
                "description": f"{es} de {material[0].lower()} según {standard}, marca {brand}, uso {size}.",
            },
            "en": {
                "name": f"{en} {purpose[1]} {adjective[1]} {size} {material[1].lower()}",
                "description": f"{en} made of {material[1].lower()} to {standard}, by {brand}.",
            },
        },
        brand=brand,
        attributes=_attributes(material, size, standard, chance),
        sales_unit={"code": "u", "names": {"en": "Unit", "es": "Unidad"}, "factor": "1", "digits": 0},
        packs=[{"code": "box", "names": {"en": "Box", "es": "Caja"}, "factor": "100", "digits": 0}],
        list_price=Decimal(chance.randint(5, 50_000)) / 100,
        barcodes=[f"84{number:011}"],
        own_category_ids=[leaf],
    )


def _attributes(material: tuple[str, str], size: str, standard: str, chance: random.Random) -> dict[str, Any]:
    colour, use = chance.choice(COLOURS), chance.choice(USES)
    return {
        "material": {"es": material[0], "en": material[1]},
        "colour": {"es": colour[0], "en": colour[1]},
        "use": {"es": use[0], "en": use[1]},
        "standard": {"en": standard},
        "thread": {"en": size.split("x", maxsplit=1)[0]},
    }
