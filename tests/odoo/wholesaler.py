"""The wholesaler of the Odoo under test: what it sells, to whom, at which prices. All names are made up.

Plain data, read by seed.py inside Odoo and by the tests outside.
"""

from __future__ import annotations

from dataclasses import dataclass

COMPANY = "Suministros Delmar S.L."
WAREHOUSES = {"VLC": "Valencia", "BIO": "Bilbao"}
CATEGORIES = {
    "Fixings": "Fijación",
    "Hand tools": "Herramienta manual",
    "Power tools": "Herramienta eléctrica",
    "Electrical": "Electricidad",
    "Plumbing": "Fontanería",
    "Safety": "Seguridad",
    "Paint": "Pintura",
}
TEAM = "B2B webshop"
MEDIUMS = ("Fax", "EDI", "Rep", "Counter")


@dataclass(frozen=True)
class Item:
    """One article; `pack` is the size of the box that it is also told in, 0 for none."""

    sku: str
    en: str
    es: str
    category: str
    price: str
    pack: int = 0
    brand: str = "Ferrox"
    material: str = ""
    tax: int = 21
    valencia: int = 200
    bilbao: int = 80


ITEMS = (
    Item("TOR-0440-ZN", "Wood screw 4x40", "Tornillo para madera 4x40", "Fixings", "0.0558", 100, material="Steel"),
    Item("TOR-0560-ZN", "Wood screw 5x60", "Tornillo para madera 5x60", "Fixings", "0.0992", 100, material="Steel"),
    Item("TOR-0560-A2", "Wood screw 5x60 A2", "Tornillo 5x60 inox A2", "Fixings", "0.1885", 100, material="Stainless"),
    Item("PER-0830-ZN", "Hex bolt M8x30", "Tornillo hexagonal M8x30", "Fixings", "0.1748", 50, material="Steel"),
    Item("PER-1260-A2", "Hex bolt M12x60 A2", "Tornillo hexagonal M12x60 A2", "Fixings", "1.19",
         50, valencia=0, bilbao=0),
    Item("TAC-0840-FX", "Wall plug 8x40", "Taco 8x40", "Fixings", "0.0684", 100, material="Nylon"),
    Item("TUE-0008-ZN", "Hex nut M8", "Tuerca hexagonal M8", "Fixings", "0.0544", 50, material="Steel"),
    Item("ARA-0008-ZN", "Flat washer M8", "Arandela plana M8", "Fixings", "0.0336", 50, material="Steel"),
    Item("MAR-0500-FV", "Claw hammer 500 g", "Martillo 500 g", "Hand tools", "15.60", brand="Tenaz", material="Steel"),
    Item("LLA-0013-TZ", "Combination spanner 13 mm", "Llave combinada 13 mm", "Hand tools", "5.33", brand="Tenaz"),
    Item("LLA-0017-TZ", "Combination spanner 17 mm", "Llave combinada 17 mm", "Hand tools", "6.97", brand="Tenaz"),
    Item("DES-00P2-TZ", "Screwdriver PH2", "Destornillador PH2", "Hand tools", "3.96", brand="Tenaz"),
    Item("ALI-0180-TZ", "Combination pliers 180 mm", "Alicate universal 180 mm", "Hand tools", "10.98", brand="Tenaz"),
    Item("FLE-0005-TZ", "Tape measure 5 m", "Flexómetro 5 m", "Hand tools", "5.53", brand="Tenaz"),
    Item("TAL-0850-DM", "Rotary hammer 850 W", "Martillo perforador 850 W", "Power tools", "110.60", brand="Delmar"),
    Item("AMO-0115-DM", "Angle grinder 115 mm", "Amoladora 115 mm", "Power tools", "58.00", brand="Delmar", bilbao=0),
    Item("AMO-0125-DM", "Angle grinder 125 mm", "Amoladora 125 mm", "Power tools", "66.70", brand="Delmar"),
    Item("ATO-1800-DM", "Cordless drill 18 V", "Taladro a batería 18 V", "Power tools", "129.00", brand="Delmar"),
    Item("BAT-1850-DM", "Battery 18 V 5 Ah", "Batería 18 V 5 Ah", "Power tools", "74.90", brand="Delmar", valencia=0),
    Item("CAB-0025-NG", "Cable 2.5 mm² black", "Cable 2,5 mm² negro", "Electrical", "0.42", 100, "Norval", "Copper"),
    Item("CAB-0025-AZ", "Cable 2.5 mm² blue", "Cable 2,5 mm² azul", "Electrical", "0.42", 100, "Norval", "Copper"),
    Item("MAG-1016-NV", "Circuit breaker 16 A", "Magnetotérmico 16 A", "Electrical", "4.85", 12, "Norval"),
    Item("MAG-2040-NV", "Circuit breaker 40 A", "Magnetotérmico 40 A", "Electrical", "11.35", 12, "Norval"),
    Item("LED-0012-WF", "LED lamp 12 W cool", "Lámpara LED 12 W fría", "Electrical", "2.35", 10, "Lumbra"),
    Item("LED-0012-WC", "LED lamp 12 W warm", "Lámpara LED 12 W cálida", "Electrical", "2.35", 10, "Lumbra"),
    Item("ENC-0002-BL", "Wall socket white", "Enchufe blanco", "Electrical", "3.20", 10, "Norval", "Plastic"),
    Item("TUB-0015-AV", "Copper pipe 15 mm", "Tubo de cobre 15 mm", "Plumbing", "4.75",
         brand="Aguaviva", material="Copper"),
    Item("VAL-0012-AV", "Ball valve 1/2\"", "Válvula de esfera 1/2\"", "Plumbing", "6.20",
         brand="Aguaviva", material="Brass"),
    Item("COD-0015-AV", "Elbow 15 mm", "Codo 15 mm", "Plumbing", "0.79", 20, "Aguaviva", "Copper"),
    Item("GRI-0002-CR", "Basin mixer", "Grifo de lavabo", "Plumbing", "39.50", brand="Aguaviva", material="Brass"),
    Item("TEF-0012-AV", "PTFE tape 12 m", "Cinta PTFE 12 m", "Plumbing", "0.65", 12, "Aguaviva"),
    Item("GUA-0009-NI", "Work gloves size 9", "Guantes talla 9", "Safety", "1.95", 12, "Prevex", "Nitrile"),
    Item("BOT-0042-PX", "Safety boots 42", "Botas de seguridad 42", "Safety", "42.00",
         brand="Prevex", material="Leather"),
    Item("BOT-0043-PX", "Safety boots 43", "Botas de seguridad 43", "Safety", "42.00",
         brand="Prevex", material="Leather"),
    Item("CAS-0001-AM", "Helmet yellow", "Casco amarillo", "Safety", "6.90", brand="Prevex", material="Plastic"),
    Item("GAF-0001-TR", "Safety glasses clear", "Gafas transparentes", "Safety", "3.10", 10, "Prevex"),
    Item("ESM-0750-BL", "Enamel white 750 ml", "Esmalte blanco 750 ml", "Paint", "9.80", 12, "Tintalia"),
    Item("ESM-0750-AZ", "Enamel blue 750 ml", "Esmalte azul 750 ml", "Paint", "9.80", 12, "Tintalia"),
    Item("PLA-0015-BL", "Wall paint white 15 l", "Pintura plástica blanca 15 l", "Paint", "36.40", brand="Tintalia"),
    Item("AGU-0005-TT", "Bottled water 5 l", "Agua embotellada 5 l", "Safety", "0.95", tax=10, brand="Brisa"),
)  # fmt: skip
OUT_OF_RANGE = "LLA-0017-TZ"
EXPECTED = {"PER-1260-A2": (6, 500), "MAG-2040-NV": (4, 60)}


@dataclass(frozen=True)
class Rule:
    """A line of a price list: percent off, or a fixed share of the list price of one item."""

    percent: int
    quantity: int = 0
    category: str = ""
    sku: str = ""


RESELLER, BREAKS, CONTRACT = "Reseller 12%", "Wholesale breaks", "Contract Obras Levante"
PRICE_LISTS = {
    RESELLER: (Rule(8, category="Power tools"), Rule(12)),
    BREAKS: (
        Rule(35, 100, "Fixings"),
        Rule(25, 20, "Fixings"),
        Rule(20, 100),
        Rule(15, 50),
        Rule(8, 10),
        Rule(3),
    ),
    CONTRACT: (
        Rule(30, sku="TOR-0440-ZN"),
        Rule(30, sku="CAB-0025-NG"),
        Rule(30, sku="AMO-0125-DM"),
        Rule(18, 20),
        Rule(10),
    ),
}


@dataclass(frozen=True)
class Customer:
    """A company that buys; `sites` are its ship-to addresses."""

    code: str
    name: str
    street: str
    postal_code: str
    city: str
    person: str
    price_list: str
    term_days: int
    limit: int
    medium: str
    sites: tuple[tuple[str, str, str, str], ...] = ()


CUSTOMERS = (
    Customer("C0001", "Obras Levante S.A.", "Calle Colón 48", "46001", "Valencia", "Laura Gil", CONTRACT, 60, 60000,
             "Phone", (("Obra Torre Norte", "Avenida de Francia 31", "46023", "Valencia"),
                       ("Obra Estación", "Calle San Vicente 171", "46007", "Valencia"))),
    Customer("C0002", "Ferretería Central S.L.", "Calle Ercilla 12", "48001", "Bilbao", "Mikel Arana", BREAKS, 60,
             90000, "Email", (("Almacén Zorroza", "Camino de Zorroza 7", "48013", "Bilbao"),)),
    Customer("C0003", "Instalaciones Mar Azul S.L.", "Avenida Maisonnave 20", "03001", "Alicante", "Pablo Serna",
             RESELLER, 30, 15000, "Phone", (("Nave Babel", "Calle Guardiola 4", "03007", "Alicante"),)),
    Customer("C0005", "Construcciones Teide S.A.", "Calle Alcalá 96", "28014", "Madrid", "Carmen Díaz", BREAKS, 60,
             40000, "Rep", (("Obra Valdebebas", "Avenida de las Fuerzas Armadas 130", "28055", "Madrid"),)),
    Customer("C0007", "Fontanería Soler C.B.", "Calle Burjassot 101", "46015", "Valencia", "Toni Soler", RESELLER, 0,
             900, "Phone"),
    Customer("C0009", "Industrias Cierzo S.A.", "Polígono Malpica, calle E 12", "50014", "Zaragoza", "Javier Lahoz",
             BREAKS, 60, 50000, "EDI"),
    Customer("C0015", "Pinturas Cantabria S.L.", "Calle Julián Ceballos 2", "39300", "Torrelavega", "Lucía Fernández",
             BREAKS, 30, 10000, "Fax"),
    Customer("C0016", "Cooperativa San Isidro", "Calle Ancha 27", "02001", "Albacete", "Ramón Cano", RESELLER, 60, 9000,
             "Counter"),
)  # fmt: skip


@dataclass(frozen=True)
class Past:
    """An order of the past: how long ago, of what, and how far it came.

    `until` is one of quotation, ordered, delivered, half (a part delivered), billed, paid, credited, cancelled.
    """

    customer: str
    days_ago: int
    until: str
    lines: tuple[tuple[str, int], ...]


HISTORY = (
    Past("C0001", 60, "paid", (("TOR-0440-ZN", 500), ("AMO-0125-DM", 2))),
    Past("C0001", 40, "paid", (("CAB-0025-NG", 300), ("CAB-0025-AZ", 300), ("MAG-1016-NV", 24))),
    Past("C0001", 35, "billed", (("TOR-0440-ZN", 200), ("PER-0830-ZN", 100))),
    Past("C0001", 30, "billed", (("BOT-0042-PX", 4), ("CAS-0001-AM", 6))),
    Past("C0001", 12, "billed", (("TAL-0850-DM", 1), ("TAC-0840-FX", 400))),
    Past("C0001", 11, "billed", (("GUA-0009-NI", 24),)),
    Past("C0001", 10, "delivered", (("ESM-0750-BL", 12),)),
    Past("C0001", 2, "ordered", (("TOR-0560-ZN", 100),)),
    Past("C0002", 55, "paid", (("TOR-0440-ZN", 1000), ("TUE-0008-ZN", 400))),
    Past("C0002", 33, "billed", (("MAR-0500-FV", 10), ("ALI-0180-TZ", 10))),
    Past("C0002", 28, "billed", (("FLE-0005-TZ", 20),)),
    Past("C0002", 25, "billed", (("DES-00P2-TZ", 30), ("LLA-0013-TZ", 12))),
    Past("C0002", 20, "billed", (("ESM-0750-AZ", 24),)),
    Past("C0002", 15, "billed", (("ARA-0008-ZN", 500),)),
    Past("C0002", 14, "billed", (("GAF-0001-TR", 20),)),
    Past("C0002", 8, "half", (("CAB-0025-NG", 100), ("LED-0012-WF", 40))),
    Past("C0002", 5, "quotation", (("ATO-1800-DM", 10), ("BAT-1850-DM", 10))),
    Past("C0003", 45, "paid", (("TUB-0015-AV", 30), ("COD-0015-AV", 60), ("VAL-0012-AV", 10))),
    Past("C0003", 24, "billed", (("GRI-0002-CR", 4), ("TEF-0012-AV", 24))),
    Past("C0003", 22, "credited", (("VAL-0012-AV", 6),)),
    Past("C0003", 21, "billed", (("COD-0015-AV", 40),)),
    Past("C0003", 6, "cancelled", (("TUB-0015-AV", 10),)),
    Past("C0005", 50, "paid", (("PLA-0015-BL", 12), ("CAS-0001-AM", 10))),
    Past("C0005", 26, "billed", (("BOT-0043-PX", 8),)),
    Past("C0005", 19, "billed", (("AMO-0115-DM", 3),)),
    Past("C0005", 4, "quotation", (("TAL-0850-DM", 5),)),
    Past("C0007", 18, "billed", (("TUB-0015-AV", 20), ("GRI-0002-CR", 5))),
    Past("C0009", 38, "paid", (("PER-0830-ZN", 1000), ("TUE-0008-ZN", 1000))),
    Past("C0009", 9, "delivered", (("MAG-1016-NV", 36),)),
    Past("C0015", 16, "billed", (("ESM-0750-BL", 36), ("PLA-0015-BL", 4))),
    Past("C0016", 13, "paid", (("AGU-0005-TT", 60), ("GUA-0009-NI", 12))),
)  # fmt: skip
