"""One company with a long history: what its reports over all orders cost."""

from __future__ import annotations

import datetime as dt
import random
from decimal import Decimal
from typing import Any

LINES = 3
ERP_ID = "ARCHIVE"
# What is opened, one visit after the other; the goal is in `goals`.
PAGES = {
    "missing goods": "/missing-goods/",
    "missing goods by item, everything": "/missing-goods/?level=item&show=all",
    "overdue goods by order": "/missing-goods/?level=order&show=overdue",
}


def fill(*, orders: int, skus: list[str], now: dt.datetime) -> Any:
    """Write a company, its buyer, and its orders of the last years with their deliveries; return the buyer."""
    from accounts.models import Eligibility, Membership, SoldTo, User
    from erp_sync.mirror.models import Customer

    Customer.objects.create(
        erp_id=ERP_ID, version=now, synced_at=now, number="99999", name="Archivo S.A.", currency="EUR"
    )
    company = SoldTo.objects.create(erp_id=ERP_ID, number="99999", name="Archivo S.A.")
    Eligibility.objects.create(sold_to=company, from_on=now.date() - dt.timedelta(days=365))
    person = User.objects.create(email="archive@example.com", first_name="Ana", last_name="Gil", password="!")  # noqa: S106 (none)
    Membership.objects.create(user=person, sold_to=company)
    _orders(orders, skus, now)
    _deliveries(now)
    return person


def _orders(count: int, skus: list[str], now: dt.datetime) -> None:
    """Write the orders: of five one is young and open, the others are complete but for a few lines."""
    from erp_sync.mirror.models import Order, OrderLine

    chance = random.Random(7)  # noqa: S311 (data)
    orders = Order.objects.bulk_create(
        (
            Order(
                erp_id=f"archive-{n}", version=now, synced_at=now, number=f"AR/{n:06}", customer_erp_id=ERP_ID,
                status="open" if n % 5 == 0 else "completed", step="shipped", currency="EUR", channel_hint="phone",
                placed_at=now - dt.timedelta(hours=2 * n), customer_reference=f"PO-{n}", ship_to="Calle Mayor 1",
            )
            for n in range(count)
        ),
        batch_size=1000,
    )  # fmt: skip
    OrderLine.objects.bulk_create(
        (_line(order, number, sku, now, chance) for order in orders
         for number, sku in enumerate(chance.sample(skus, LINES), start=1)),
        batch_size=2000,
    )  # fmt: skip


def _line(order: Any, number: int, sku: str, now: dt.datetime, chance: random.Random) -> Any:
    from erp_sync.mirror.models import OrderLine

    quantity = Decimal(chance.randrange(1, 50))
    is_whole = order.status == "completed" and chance.random() < 0.97
    promised_on = order.placed_at.date() + dt.timedelta(days=chance.randrange(2, 12))
    return OrderLine(
        order=order, erp_id=f"{order.erp_id}-{number}", line_no=number, sku=sku, description=sku, unit="u",
        quantity=quantity, quantity_delivered=quantity if is_whole else quantity // 2, net_price=Decimal(5),
        promised_on=promised_on, first_promised_on=promised_on,
    )  # fmt: skip


def _deliveries(now: dt.datetime) -> None:
    """Write one delivery for each order, a few of them too late."""
    from erp_sync.mirror.models import Delivery, DeliveryLine, Order

    chance = random.Random(8)  # noqa: S311 (data)
    orders = list(Order.objects.filter(customer_erp_id=ERP_ID).prefetch_related("lines"))
    made = Delivery.objects.bulk_create(
        (
            Delivery(
                erp_id=f"d-{order.erp_id}", version=now, synced_at=now, number=f"D-{order.number}", state="delivered",
                customer_erp_id=ERP_ID, shipped_on=order.placed_at.date() + dt.timedelta(days=chance.randrange(1, 9)),
            )
            for order in orders
        ),
        batch_size=1000,
    )  # fmt: skip
    DeliveryLine.objects.bulk_create(
        (
            DeliveryLine(
                delivery=delivery, order_erp_id=order.erp_id, order_line_erp_id=line.erp_id, sku=line.sku,
                quantity=line.quantity_delivered, unit="u",
            )
            for delivery, order in zip(made, orders, strict=True)
            for line in order.lines.all()
            if line.quantity_delivered
        ),
        batch_size=2000,
    )  # fmt: skip
