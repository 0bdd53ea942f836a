"""The trust score: what counts against an order, and what does not."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from erp_sync.mirror.models import Customer, Delivery, DeliveryLine, Invoice, InvoiceLine, Order, OrderLine
from erp_sync.settling.models import CustomerTrust, Difference
from erp_sync.settling.trust import compute_trust

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC)
PROMISED = dt.date(2026, 2, 10)
MIRRORED: dict[str, Any] = {"version": NOW, "synced_at": NOW}


def order(
    number: int, *, came_on: dt.date = PROMISED, delivered: int = 5, billed: str = "2.0", status: str = "completed"
) -> None:
    """Write an order of five with its delivery and its invoice."""
    common: dict[str, Any] = {"number": f"N{number}", "customer_erp_id": "c1", **MIRRORED}
    made = Order.objects.create(
        erp_id=f"o{number}",
        web_reference=f"WEB-{number}",
        status=status,
        placed_at=NOW - dt.timedelta(days=30),
        currency="EUR",
        channel_hint="shop",
        **common,
    )
    line = OrderLine.objects.create(
        order=made,
        erp_id=f"l{number}",
        line_no=1,
        sku="BOLT",
        quantity=5,
        quantity_delivered=delivered,
        net_price=Decimal("2.0"),
        first_promised_on=PROMISED,
    )
    delivery = Delivery.objects.create(erp_id=f"d{number}", state="delivered", delivered_on=came_on, **common)
    DeliveryLine.objects.create(
        delivery=delivery, order_erp_id=made.erp_id, order_line_erp_id=line.erp_id, quantity=delivered
    )
    invoice = Invoice.objects.create(
        erp_id=f"i{number}",
        kind="invoice",
        state="open",
        invoiced_on=PROMISED,
        currency="EUR",
        untaxed_total=10,
        tax_total=0,
        total=10,
        amount_due=10,
        **common,
    )
    InvoiceLine.objects.create(
        invoice=invoice,
        erp_id=f"il{number}",
        line_no=1,
        quantity=delivered,
        net_price=Decimal(billed),
        amount=10,
        order_line_erp_id=line.erp_id,
    )


def test_each_broken_promise_counts_once_and_the_rest_are_kept() -> None:
    Customer.objects.create(erp_id="c1", number="C1", name="Ferretería Sol", **MIRRORED)
    order(1)
    order(2, came_on=PROMISED + dt.timedelta(days=1))
    order(3, delivered=4, status="open")
    order(4, billed="2.1")
    order(5)
    Difference.objects.create(
        subject="order", kind="line", reference="WEB-5", first_seen_at=NOW, last_seen_at=NOW, settled_at=NOW
    )
    order(6, came_on=PROMISED - dt.timedelta(days=3))
    assert compute_trust(now=NOW, today=NOW.date()) == 1
    row = CustomerTrust.objects.get()
    assert (row.name, row.orders, row.kept) == ("Ferretería Sol", 6, 2)
    assert (row.price_kept, row.complete, row.on_time, row.billed) == (5, 5, 5, 5)


def test_an_order_that_may_still_come_is_not_judged_and_a_second_night_replaces_the_first() -> None:
    order(1)
    order(2, delivered=1, status="open")
    OrderLine.objects.filter(erp_id="l2").update(first_promised_on=NOW.date())
    for _ in range(2):
        compute_trust(now=NOW, today=NOW.date())
    assert CustomerTrust.objects.get().orders == 1
