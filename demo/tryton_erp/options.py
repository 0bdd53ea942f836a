# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run was asked for, and the configuration file that it gives to trytond."""

import os
import sys
from dataclasses import dataclass
from pathlib import Path

SERIES = "8.0"
DATABASE = "erp"
HERE = Path(__file__).resolve().parent
MODULES = [
    "account_credit_limit",
    "account_dunning",
    "account_payment_clearing",
    "bank",
    "carrier",
    "marketing_campaign",
    "party_relationship",
    "product_attribute",
    "product_image",
    "product_price_list_dates",
    "sale_amendment",
    "sale_blanket_agreement",
    "sale_complaint",
    "sale_credit_limit",
    "sale_discount",
    "sale_history",
    "sale_payment",
    "sale_price_list",
    "sale_product_customer",
    "sale_product_quantity",
    "sale_product_recommendation",
    "sale_promotion",
    "sale_shipment_cost",
    "stock_package_shipping",
    "web_shop",
]
# The demo's companies, products and orders in both languages, and Tryton's own messages too.
LANGUAGES = ["en", "es"]


@dataclass(frozen=True)
class Options:
    """The command line, checked."""

    data: Path
    db: str = "sqlite"
    host: str = "127.0.0.1"
    port: int = 8069
    workers: int = 2
    cache: Path | None = None
    products: int = 244
    full_days: int = 24
    days: int = 548
    random_seed: int = 7
    password: str = "tryton-demo"  # noqa: S105 (of a demo on this machine only)

    @property
    def is_sqlite(self) -> bool:
        """Whether the ERP keeps its data in one SQLite file."""
        return self.db == "sqlite"

    @property
    def database_file(self) -> Path:
        """The SQLite database."""
        return self.data / "db" / f"{DATABASE}.sqlite"

    @property
    def state_file(self) -> Path:
        """What the shop needs to know: url, user, password, ids."""
        return self.data / "seed.json"

    @property
    def content(self) -> tuple[object, ...]:
        """Everything besides the source that the seeded data depends on."""
        return (self.products, self.full_days, self.days, self.random_seed, self.password)


def write_config(options: Options) -> Path:
    """Write trytond.conf for these options and point trytond at it."""
    (options.data / "db").mkdir(parents=True, exist_ok=True)
    uri = "sqlite://" if options.is_sqlite else options.db
    # SQLite: trytond 8.0 turns its connection to autocommit when it looks for caches to clean, so
    # never let it (one process needs none). PostgreSQL: 0 means that it is notified at once.
    clean_timeout = 10**9 if options.is_sqlite else 0
    convert = f'"{sys.executable}" "{HERE / "documents.py"}" "%(input_path)s" "%(output_path)s"'
    path = options.data / "trytond.conf"
    path.write_text(
        f"[database]\nuri = {uri}\npath = {options.data / 'db'}\nlist = False\n"
        # confirming an order locks tables without waiting: try again for longer
        "retry = 30\n"
        f"[web]\nlisten = {options.host}:{options.port}\nroot =\n"
        f"[cache]\nclean_timeout = {clean_timeout}\n"
        # documents live in the database, so that one copy of it is a copy of everything
        "[attachment]\nfilestore = False\n"
        f"[report]\nconvert_command = {convert}\n"
        "[session]\ntimeout = 86400\n",
        encoding="utf-8",
    )
    os.environ["TRYTOND_CONFIG"] = str(path)
    return path
