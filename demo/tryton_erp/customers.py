# SPDX-License-Identifier: GPL-3.0-or-later
"""The twenty customers, and how each of them orders: plain data."""

from dataclasses import dataclass

from demo.tryton_erp.price_lists import BREAKS, CONTRACT, RESELLER


@dataclass(frozen=True)
class Customer:
    """One customer company.

    `orders` is its orders a month. `web_since` is how many days ago it began to order online,
    `web_share` how much of its orders it placed there from then on; `left_web` is when it went
    back, `gone` when it stopped ordering at all.
    """

    code: str
    name: str
    segment: str
    city: str
    postal_code: str
    street: str
    people: str
    price_list: str | None
    term: str
    limit: str | None
    rep: int
    families: str
    orders: float
    habit: str
    web_since: int | None = None
    web_share: float = 0.0
    left_web: int | None = None
    gone: int | None = None
    sites: str = ""


CUSTOMERS = [
    Customer("C0001", "Obras Levante S.A.", "Contractor", "Valencia", "46001",
             "Calle Colón 48", "Laura Gil|Jorge Marín|Rosa Ferrer", CONTRACT, "30/60 days", "60000",
             0, "FIJ MAQ ELC SEG PIN", 6, "phone", 400, 0.75,
             sites="Obra Torre Norte|Avenida de Francia 31|46023|Valencia;"
                   "Obra Estación Joaquín Sorolla|Calle San Vicente 171|46007|Valencia"),
    Customer("C0002", "Ferretería Central S.L.", "Reseller", "Bilbao", "48001",
             "Calle Ercilla 12", "Mikel Arana|Ane Bilbao", BREAKS, "60 days", "25000",
             1, "FIJ HER PIN LIM", 5, "email", 330, 0.8,
             sites="Almacén Zorroza|Camino de Zorroza 7|48013|Bilbao"),
    Customer("C0003", "Instalaciones Mar Azul S.L.", "Contractor", "Alicante", "03001",
             "Avenida Maisonnave 20", "Pablo Serna|Elena Vidal", RESELLER, "30 days", "15000",
             0, "FON ELC FIJ", 4, "phone", 300, 0.6,
             sites="Nave Babel|Calle Arquitecto Guardiola 4|03007|Alicante"),
    Customer("C0004", "Talleres Goikoetxea S.L.", "Contractor", "Bilbao", "48002",
             "Calle Autonomía 55", "Iker Goikoetxea", BREAKS, "30 days", "12000",
             1, "MAQ HER FIJ", 3, "phone", 330, 0.8, left_web=85),
    Customer("C0005", "Construcciones Teide S.A.", "Contractor", "Madrid", "28014",
             "Calle Alcalá 96", "Carmen Díaz|Raúl Ortega", BREAKS, "60 days", "40000",
             2, "FIJ SEG PIN MAQ", 4, "rep", 220, 0.7,
             sites="Obra Valdebebas|Avenida de las Fuerzas Armadas 130|28055|Madrid"),
    Customer("C0006", "Electricidad Vega S.L.", "Contractor", "Zaragoza", "50001",
             "Paseo Independencia 8", "Nuria Vega", RESELLER, "30 days", "8000",
             2, "ELC FIJ", 4, "phone", 180, 0.85),
    Customer("C0007", "Fontanería Soler C.B.", "Contractor", "Valencia", "46015",
             "Calle Burjassot 101", "Toni Soler", None, "On receipt", "3000",
             0, "FON HER", 2.5, "phone", 140, 0.7),
    Customer("C0008", "Hoteles Costa Norte S.A.", "Reseller", "Santander", "39001",
             "Paseo de Pereda 5", "Isabel Cueto|Marcos Ruiz", RESELLER, "60 days", "20000",
             1, "LIM ELC FON", 3, "phone", 130, 0.55,
             sites="Hotel Sardinero|Plaza de Italia 1|39005|Santander;"
                   "Hotel Laredo|Avenida de la Victoria 3|39770|Laredo"),
    Customer("C0009", "Industrias Cierzo S.A.", "Reseller", "Zaragoza", "50014",
             "Polígono Malpica, calle E 12", "Javier Lahoz", BREAKS, "60 days", "50000",
             2, "FIJ MAQ SEG LIM", 3, "edi"),
    Customer("C0010", "Reformas Atlántico S.L.", "Contractor", "A Coruña", "15001",
             "Calle Real 33", "Sabela Castro", None, "30 days", "6000",
             1, "PIN HER FON", 2, "email", 110, 0.7),
    Customer("C0011", "Puertos y Grúas S.A.", "Contractor", "Cádiz", "11004",
             "Muelle de Levante s/n", "Manuel Reina", BREAKS, "60 days", "30000",
             2, "SEG MAQ FIJ", 2, "phone", 120, 0.9),
    Customer("C0012", "Mantenimientos Duero S.L.", "Contractor", "Valladolid", "47001",
             "Calle Santiago 9", "Óscar Prieto", RESELLER, "30 days", "6000",
             2, "LIM ELC FON HER", 2.5, "email", 290, 0.75, left_web=60),
    Customer("C0013", "Jardines del Turia S.L.", "Contractor", "Valencia", "46021",
             "Calle Blasco Ibáñez 140", "Amparo Roig", None, "On receipt", "1500",
             0, "HER SEG LIM", 1.5, "email"),
    Customer("C0014", "Montajes Iberia S.A.", "Contractor", "Madrid", "28031",
             "Calle Gamonal 16", "Sergio Molina|Eva Pardo", BREAKS, "60 days", "25000",
             2, "FIJ MAQ ELC", 3, "rep", 100, 0.8),
    Customer("C0015", "Pinturas Cantabria S.L.", "Reseller", "Torrelavega", "39300",
             "Calle Julián Ceballos 2", "Lucía Fernández", BREAKS, "30 days", "10000",
             1, "PIN LIM", 2.5, "fax", 45, 0.6),
    Customer("C0016", "Cooperativa San Isidro", "Reseller", "Albacete", "02001",
             "Calle Ancha 27", "Ramón Cano", RESELLER, "60 days", "9000",
             0, "HER LIM SEG FON", 1.5, "rep"),
    Customer("C0017", "Suministros Arga S.L.", "Reseller", "Pamplona", "31001",
             "Calle Mayor 60", "Leire Irigoyen", BREAKS, "30 days", "18000",
             1, "FIJ HER MAQ", 3, "phone", 200, 0.65),
    Customer("C0018", "Metalúrgica Oria S.A.", "Contractor", "Tolosa", "20400",
             "Polígono Usabal 3", "Jon Otegi", BREAKS, "60 days", "20000",
             1, "MAQ FIJ SEG", 2.5, "phone", 380, 0.8, gone=100),
    Customer("C0019", "Granja La Vega S.C.", "Reseller", "Murcia", "30001",
             "Carretera de Alcantarilla 14", "Fulgencio Vera", None, "On receipt", None,
             0, "LIM SEG HER", 1, "counter"),
    Customer("C0020", "Ayuntamiento de Almenar", "Public", "Soria", "42001",
             "Plaza Mayor 1", "Teresa Hernando|Félix Soria", RESELLER, "60 days", None,
             2, "ELC PIN LIM FON", 2, "email", 25, 0.9,
             sites="Brigada municipal|Calle del Río 22|42001|Soria"),
]
# Who keeps part numbers of his own, and how they look
OWN_CODES = {"C0001": "OL-{:04}", "C0003": "MA{:05}", "C0009": "{:07}", "C0014": "MI.{:03}.A"}
NEAR_LIMIT = "C0007"
