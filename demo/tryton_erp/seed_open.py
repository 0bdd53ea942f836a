# SPDX-License-Identifier: GPL-3.0-or-later
"""What the first customers wait for: quotations that end soon, the rest of an order promised late."""

import datetime as dt
import random
from typing import Any

from demo.tryton_erp.catalogue import items
from demo.tryton_erp.context import Seed
from demo.tryton_erp.customers import CUSTOMERS, Customer
from demo.tryton_erp.history_plan import Planned, quantity_of
from demo.tryton_erp.seed_history import new_sale

# The companies that the demo's buyers work for
SHOWN = CUSTOMERS[:3]
# For how many days each one's second quotation is still good, and when the rest of its order is promised
GOOD_FOR = (2, 5, 9)
PROMISED_IN = (-4, 5, -1)


def expiring_quotations(seed: Seed) -> None:
    """Let the sales rep offer something that must be accepted soon; dice of its own leave the rest as it is."""
    Sale = seed.get("sale.sale")
    rng = random.Random("quotations")  # noqa: S311 (no secret)
    catalogue = [item for item in items(244) if not item.successor]
    sales = []
    for customer, days in zip(SHOWN, GOOD_FOR, strict=True):
        sale = new_sale(seed, _wish(seed, customer, catalogue, rng))
        sale.sale_date = None
        sale.quotation_validity = dt.timedelta(days=days)
        sale.description = "Oferta especial"
        sale.comment = "Precio especial por volumen, portes según tarifa."
        for line in sale.lines:
            line.unit_price = round(line.unit_price * 9 / 10, 4)
        sales.append(sale)
    Sale.save(sales)
    Sale.quote(sales)


def _wish(seed: Seed, customer: Customer, catalogue: list[Any], rng: random.Random) -> Planned:
    family = [item for item in catalogue if item.family in customer.families.split()]
    return Planned(
        customer=customer,
        placed_at=dt.datetime.combine(seed.today, dt.time(9, 5)),
        ordered_on=seed.today,
        channel="rep",
        web_id=None,
        reference=f"OF-{seed.today:%m%d}-{customer.code}",
        site=0,
        lines=[(item, quantity_of(item, rng) * 6) for item in rng.sample(family, 3)],
    )


def late_promises(seed: Seed) -> None:
    """Plan what is missing of partly shipped orders: for some of them the day is over already."""
    Shipment = seed.get("stock.shipment.out")
    for customer, days in zip(seed.ids["customers"], PROMISED_IN, strict=False):
        sales = seed.get("sale.sale").search(
            [("party", "=", customer["id"]), ("shipment_state", "=", "partially shipped")]
        )
        waiting = [one for sale in sales for one in sale.shipments if one.state == "waiting"]
        if waiting:
            Shipment.write(waiting, {"planned_date": seed.today + dt.timedelta(days=days)})
