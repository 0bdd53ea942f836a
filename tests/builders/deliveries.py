"""Orders of other channels and their deliveries for tests, in the mirror as after a pull."""

from __future__ import annotations

import datetime as dt
import itertools
from decimal import Decimal

from django.utils import timezone

from accounts.models import SoldTo
from erp_sync.mirror.models import Delivery, DeliveryLine, Order, OrderLine

_numbers = itertools.count(1)


def order(company: SoldTo, number: str = "", **facts: object) -> Order:
    """Return a new order by telephone of three days ago, without lines."""
    key = next(_numbers)
    now = timezone.now()
    known: dict[str, object] = {
        "erp_id": f"ord-{key:05}", "number": number or f"SO-{key:05}", "customer_erp_id": company.erp_id,
        "status": "open", "step": "confirmed", "currency": "EUR", "channel_hint": "phone", "total": Decimal(121),
        "placed_at": now - dt.timedelta(days=3), "version": now, "synced_at": now,
    }  # fmt: skip
    return Order.objects.create(**known | facts)


def line(
    of: Order, sku: str = "A-1", quantity: int | Decimal = 10, *, delivered: int | Decimal = 0, **facts: object
) -> OrderLine:
    """Return a new line of an order; its first promise is the promise unless another is named."""
    known: dict[str, object] = {
        "order": of, "erp_id": f"line-{next(_numbers):05}", "line_no": of.lines.count() + 1, "sku": sku,
        "description": sku, "quantity": Decimal(quantity), "quantity_delivered": Decimal(delivered), "unit": "u",
        "net_price": Decimal(10), "first_promised_on": facts.get("promised_on"),
    }  # fmt: skip
    return OrderLine.objects.create(**known | facts)


def delivery(company: SoldTo, *parts: tuple[OrderLine, int], number: str = "", **facts: object) -> Delivery:
    """Return a new delivery that brings so much of these lines; shipped today unless said otherwise."""
    key = next(_numbers)
    now = timezone.now()
    known: dict[str, object] = {
        "erp_id": f"del-{key:05}", "number": number or f"D-{key:05}", "customer_erp_id": company.erp_id,
        "state": "shipped", "shipped_on": now.date(), "version": now, "synced_at": now,
    }  # fmt: skip
    row = Delivery.objects.create(**known | facts)
    for one, quantity in parts:
        DeliveryLine.objects.create(
            delivery=row, order_erp_id=one.order.erp_id, order_line_erp_id=one.erp_id, sku=one.sku,
            quantity=Decimal(quantity), unit=one.unit,
        )  # fmt: skip
    return row
