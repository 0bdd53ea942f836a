# SPDX-License-Identifier: GPL-3.0-or-later
"""The three price lists, and the same prices in plain Python for the orders of the past.

A test of the seed compares `unit_price` with the ERP's own answer; the shop never computes one.
"""

from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from demo.tryton_erp.catalogue import Item
from demo.tryton_erp.context import Seed
from demo.tryton_erp.units import PACKS

RESELLER, BREAKS, CONTRACT = "Reseller 12%", "Wholesale breaks", "Contract Obras Levante"
# The contract's net prices, as a part of the list price
CONTRACT_SKUS = [
    "TOR-0440-ZN",
    "TOR-0560-ZN",
    "PER-0830-ZN",
    "TAC-0840-FX",
    "TAL-0850-DM",
    "AMO-0125-DM",
    "CAB-0025-NG",
    "CAB-0025-AZ",
    "CAB-0025-TI",
    "MAG-1016-NV",
    "GUA-0009-NI",
    "BOT-0042-PX",
    "BOT-0043-PX",
    "PLA-0015-BL",
    "DSG-0005-BS",
]
CONTRACT_FACTOR = Decimal("0.7")


@dataclass(frozen=True)
class Rule:
    """A line of a price list: the first one that matches counts."""

    factor: str
    quantity: int | None = None
    family: str | None = None
    sku: str | None = None


RULES: dict[str, list[Rule]] = {
    # 1. a percentage, with another one for a family
    RESELLER: [Rule("0.92", family="MAQ"), Rule("0.88")],
    # 2. quantity breaks; fixings go down faster
    BREAKS: [
        Rule("0.65", quantity=100, family="FIJ"),
        Rule("0.75", quantity=20, family="FIJ"),
        Rule("0.80", quantity=100),
        Rule("0.85", quantity=50),
        Rule("0.92", quantity=10),
        Rule("0.97"),
    ],
    # 3. one customer's contract: net prices with dates, then discounts
    CONTRACT: [
        *[Rule(str(CONTRACT_FACTOR), sku=sku) for sku in CONTRACT_SKUS],
        Rule("0.82", quantity=20),
        Rule("0.90"),
    ],
}


def price_lists(seed: Seed) -> None:
    """Make the price lists."""
    PriceList = seed.get("product.price_list")
    Category = seed.get("product.category")
    families = {c.code: c for c in Category.search([("code", "!=", None)])}
    seed.ids["price_lists"] = {}
    for name, rules in RULES.items():
        lines = [_line(seed, number, rule, families) for number, rule in enumerate(rules)]
        record = PriceList(
            name=name,
            company=seed.ids["company"],
            unit="product_sale",
            price="list_price",
            lines=[line for line in lines if line],
        )
        record.save()
        seed.ids["price_lists"][name] = record.id


def _line(seed: Seed, sequence: int, rule: Rule, families: dict[str, Any]) -> Any:
    import datetime as dt

    Line = seed.get("product.price_list.line")
    line = Line(sequence=sequence, quantity=rule.quantity, formula=f"unit_price * {rule.factor}")
    if rule.family:
        line.category = families[rule.family]
    if rule.sku:
        if rule.sku not in seed.products:
            return None
        product = seed.get("product.product")(seed.products[rule.sku])
        line.product = product
        line.formula = str(net_price(product.list_price_used))
        line.start_date = seed.days_ago(seed.options.days + 30)
        line.end_date = seed.today + dt.timedelta(days=300)
    return line


def net_price(list_price: Decimal) -> Decimal:
    """Return the contract's net price for one piece."""
    return (list_price * CONTRACT_FACTOR).quantize(Decimal("0.0001"), ROUND_HALF_EVEN)


def unit_price(item: Item, price_list: str | None, quantity: float) -> Decimal:
    """Return the price of one sales unit of `item` for `quantity` sales units, 4 decimals."""
    size = Decimal(PACKS[item.pack].size if item.pack else 1)
    price = item.price
    if price_list:
        rule = next(rule for rule in RULES[price_list] if _matches(rule, item, quantity))
        price = net_price(price) if rule.sku else price * Decimal(rule.factor)
    # the ERP rounds the price of a piece, and then multiplies
    return price.quantize(Decimal("0.0001"), ROUND_HALF_EVEN) * size


def _matches(rule: Rule, item: Item, quantity: float) -> bool:
    return (
        (rule.quantity is None or quantity >= rule.quantity)
        and (rule.family is None or rule.family == item.family)
        and (rule.sku is None or rule.sku == item.sku)
    )
