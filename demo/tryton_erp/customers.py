# SPDX-License-Identifier: GPL-3.0-or-later
"""The twenty customers, and how each of them orders: plain data."""

import tomllib
from dataclasses import dataclass

from demo.tryton_erp.options import HERE


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
    term: str
    rep: int
    families: str
    orders: float
    habit: str
    price_list: str | None = None
    limit: str | None = None
    web_since: int | None = None
    web_share: float = 0.0
    left_web: int | None = None
    gone: int | None = None
    sites: str = ""


def _customers() -> list[Customer]:
    data = tomllib.loads((HERE / "customers.toml").read_text(encoding="utf-8"))
    return [Customer(**row) for row in data["customer"]]


CUSTOMERS = _customers()
# Who keeps part numbers of his own, and how they look
OWN_CODES = {"C0001": "OL-{:04}", "C0003": "MA{:05}", "C0009": "{:07}", "C0014": "MI.{:03}.A"}
NEAR_LIMIT = "C0007"
