# SPDX-License-Identifier: GPL-3.0-or-later
"""Which order came when, through which channel, with what in it: plain data from a random seed."""

import datetime as dt
import random
from dataclasses import dataclass

from demo.tryton_erp.catalogue import DISCONTINUED, OUT_OF_STOCK, WITHDRAWN, Item
from demo.tryton_erp.context import COMPANY_ZONE
from demo.tryton_erp.customers import CUSTOMERS, Customer

# The off-line ways, by the customer's habit: most of its orders come by it
OFFLINE = ["phone", "email", "rep", "fax", "counter"]
CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
# Items that go out of the range are ordered until then
RETIRED_DAYS_AGO = 45


@dataclass(frozen=True)
class Planned:
    """An order of the past: `placed_at` is naive UTC, as the ERP stores it."""

    customer: Customer
    placed_at: dt.datetime
    ordered_on: dt.date
    channel: str
    web_id: str | None
    reference: str
    site: int
    lines: list[tuple[Item, float]]


def plan(today: dt.date, days: int, catalogue: list[Item], rng: random.Random) -> list[Planned]:
    """Return the orders of the last `days` days, the oldest first."""
    orders: list[Planned] = []
    for customer in CUSTOMERS:
        families = customer.families.split()
        range_ = [item for item in catalogue if item.family in families]
        baskets = [_basket(range_, rng) for _ in range(3)]
        for day in _days(customer, days, rng):
            date = today - dt.timedelta(days=day)
            orders.append(_order(customer, date, day, range_, baskets, rng))
    return sorted(orders, key=lambda order: order.placed_at)


def _days(customer: Customer, days: int, rng: random.Random) -> list[int]:
    """Return how many days ago the customer ordered."""
    result = []
    gap = 30.4 / customer.orders
    at = rng.uniform(1, 1 + gap)  # the newest are of yesterday: nothing lies in the future
    last = customer.gone or 0
    while at < days:
        if at >= last:
            result.append(int(at))
        at += rng.uniform(0.45, 1.55) * gap
    return result


def _order(
    customer: Customer,
    date: dt.date,
    day: int,
    range_: list[Item],
    baskets: list[list[tuple[Item, float]]],
    rng: random.Random,
) -> Planned:
    channel = _channel(customer, day, rng)
    # a rep sometimes enters his customer's order in the shop
    by_web = channel == "web" or (
        channel == "rep" and customer.web_since is not None and day < 200 and rng.random() < 0.5
    )
    date, placed_at = _moment(date, online=channel == "web", rng=rng)
    lines = _lines(range_, baskets, rng)
    lines = [(item, quantity) for item, quantity in lines if _sold(item, day)]
    sites = 1 + len([site for site in customer.sites.split(";") if site])
    return Planned(
        customer=customer,
        placed_at=placed_at,
        ordered_on=date,
        channel=channel,
        web_id=web_id(placed_at, rng) if by_web else None,
        reference=_reference(customer, date, rng),
        site=rng.choices(range(sites), [3] + [2] * (sites - 1))[0],
        lines=lines or [(next(item for item in range_ if _sold(item, 0)), 5.0)],
    )


def _channel(customer: Customer, day: int, rng: random.Random) -> str:
    since, left = customer.web_since, customer.left_web
    online = since is not None and day <= since and not (left is not None and day < left)
    if online and rng.random() < customer.web_share:
        return "web"
    if rng.random() < 0.75:
        return customer.habit
    return rng.choices(OFFLINE, [40, 30, 20, 4, 6])[0]


def _moment(date: dt.date, *, online: bool, rng: random.Random) -> tuple[dt.date, dt.datetime]:
    """Move the date to a working day where nobody takes orders, and choose the time."""
    if date.weekday() >= 5 and not (online and rng.random() < 0.5):
        date -= dt.timedelta(days=date.weekday() - 4)
    off_hours = rng.random() < (0.34 if online else 0.10)
    hour = (
        rng.choice([6, 7, 19, 20, 21, 22, 23])
        if off_hours
        else rng.choice([8, 9, 9, 10, 10, 11, 11, 12, 13, 15, 16, 16, 17])
    )
    time = dt.time(hour, rng.randrange(60), rng.randrange(60))
    local = dt.datetime.combine(date, time, COMPANY_ZONE)
    return date, local.astimezone(dt.UTC).replace(tzinfo=None)


def _basket(range_: list[Item], rng: random.Random) -> list[tuple[Item, float]]:
    """Return what a customer orders again and again."""
    chosen = rng.sample(range_, min(len(range_), rng.randint(3, 8)))
    return [(item, quantity_of(item, rng)) for item in chosen]


def _lines(range_: list[Item], baskets: list[list[tuple[Item, float]]], rng: random.Random) -> list[tuple[Item, float]]:
    if rng.random() > 0.6:
        return _basket(range_, rng)[:5]
    lines = list(rng.choices(baskets, [5, 3, 2])[0])
    if rng.random() < 0.4 and len(lines) > 2:
        lines.pop(rng.randrange(len(lines)))
    if rng.random() < 0.35:
        known = {item.sku for item, _ in lines}
        extra = rng.choice(range_)
        if extra.sku not in known:
            lines.append((extra, quantity_of(extra, rng)))
    return [(item, quantity_of(item, rng) if rng.random() < 0.2 else quantity) for item, quantity in lines]


def quantity_of(item: Item, rng: random.Random) -> float:
    """Return a likely quantity, in sales units."""
    if item.multiple:
        return float(item.multiple * rng.choice([1, 2, 2, 4, 6, 10]))
    if item.pack:
        return float(rng.choice([1, 1, 2, 3, 5, 10, 20]))
    if item.price > 50:
        return float(rng.choice([1, 1, 2]))
    if item.price > 10:
        return float(rng.choice([1, 2, 3, 4, 6]))
    return float(rng.choice([2, 4, 5, 10, 12, 20]))


def _sold(item: Item, day: int) -> bool:
    if item.sku in DISCONTINUED or item.sku in WITHDRAWN:
        return day > RETIRED_DAYS_AGO
    return item.sku not in OUT_OF_STOCK or day > 10


def _reference(customer: Customer, date: dt.date, rng: random.Random) -> str:
    """Return the customer's own order number; each company has its style."""
    number = rng.randrange(100, 999)
    styles = [f"PO-{date:%y%m}{number}", f"{date:%Y}/{number:04}", f"PC{date:%y}-{number}{number % 7}"]
    return styles[int(customer.code[1:]) % 3]


def web_id(placed_at: dt.datetime, rng: random.Random) -> str:
    """Return the shop's key of an order: `WEB-` and a ULID of its moment."""
    moment = placed_at.replace(tzinfo=dt.UTC).timestamp()
    number = (int(moment * 1000) << 80) | rng.getrandbits(80)
    return "WEB-" + "".join(CROCKFORD[(number >> shift) & 31] for shift in range(125, -1, -5))
