"""What the watch over the mirror tells: shipped, late, changed, cancelled; each once."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.actors import Actor
from erp_sync.mirror.models import Delivery, OrderLine
from erp_sync.mirror.models import Order as ErpOrder
from shop.deliveries import watch
from shop.deliveries.models import OrderShape
from shop.notices.models import Notice
from shop.orders.models import Order
from tests.builders import catalogue, deliveries, people

pytestmark = pytest.mark.django_db
NOW = timezone.now()
TODAY = NOW.date()


def told(event: str) -> list[dict[str, str]]:
    return list(Notice.objects.filter(event=event).order_by("pk").values_list("params", flat=True))


def later(minutes: int) -> dt.datetime:
    return timezone.now() + dt.timedelta(minutes=minutes)


def ours(actor: Actor, reference: str = "WEB-1", **facts: object) -> ErpOrder:
    """Return an order of the shop as the mirror has it, with its row in the shop."""
    Order.objects.create(
        reference=reference, sold_to=actor.sold_to, placed_by=actor.user, channel="web_self", currency="EUR",
        order_key="9b2f7f4e-7b43-4a0e-9d0c-0d3b54b8a001", content_hash="x", state="confirmed", placed_at=NOW,
        prices_valid_until=NOW,
    )  # fmt: skip
    return deliveries.order(actor.sold_to, "SO/1", web_reference=reference, **facts)


def pulled(row: ErpOrder) -> None:
    """Let the mirror have written the order a minute ago."""
    ErpOrder.objects.filter(pk=row.pk).update(synced_at=timezone.now())


def test_a_shipped_delivery_is_told_once_with_its_tracking() -> None:
    actor = people.buyer()
    line = deliveries.line(deliveries.order(actor.sold_to, "SO/1"))
    deliveries.delivery(actor.sold_to, (line, 4), number="D/1", carrier="Envíos", tracking_number="TR-1")
    deliveries.delivery(actor.sold_to, (line, 4), number="D/2", state="picking", shipped_on=None)
    watch.look(now=timezone.now())
    watch.look(now=later(1))
    assert [(one["number"], one["delivery"], one["tracking"]) for one in told("order_shipped")] == [
        ("SO/1", "D/1", "TR-1")
    ]


def test_an_old_shipment_of_the_first_pull_is_no_news() -> None:
    actor = people.buyer()
    line = deliveries.line(deliveries.order(actor.sold_to))
    deliveries.delivery(actor.sold_to, (line, 4), shipped_on=TODAY - dt.timedelta(days=30))
    deliveries.delivery(actor.sold_to, (line, 4), gone_at=NOW)
    watch.look(now=timezone.now())
    assert told("order_shipped") == []


def test_a_company_that_the_shop_does_not_know_is_told_nothing() -> None:
    company = people.sold_to()
    line = deliveries.line(deliveries.order(company))
    deliveries.delivery(company, (line, 4))
    Delivery.objects.update(customer_erp_id="stranger")
    watch.look(now=timezone.now())
    assert not Notice.objects.exists()


def test_late_is_told_once_for_each_promise() -> None:
    actor = people.buyer()
    order = deliveries.order(actor.sold_to, "SO/1")
    deliveries.line(order, "A-1", promised_on=TODAY - dt.timedelta(days=1))
    deliveries.line(order, "A-2", promised_on=TODAY - dt.timedelta(days=1))
    deliveries.line(order, "DONE", 5, delivered=5, promised_on=TODAY - dt.timedelta(days=1))
    deliveries.line(order, "OLD", promised_on=TODAY - dt.timedelta(days=60))
    deliveries.line(deliveries.order(actor.sold_to, status="cancelled"), promised_on=TODAY - dt.timedelta(days=1))
    watch.tell_late(now=timezone.now())
    watch.tell_late(now=later(60))
    assert [one["sku"] for one in told("order_late")] == ["A-1"]
    moved_to = TODAY + dt.timedelta(days=9)
    OrderLine.objects.filter(sku="A-1").update(promised_on=moved_to)
    watch.tell_late(now=later(120))
    assert [one["now"] for one in told("order_late")] == ["", moved_to.isoformat()]


def test_what_the_erp_changes_in_our_order_is_told_and_what_it_leaves_is_not() -> None:
    actor = people.buyer()
    order = ours(actor, requested_on=TODAY)
    line = deliveries.line(order, "A-1", 10)
    catalogue.item("A-1")
    watch.look(now=timezone.now())
    assert OrderShape.objects.count() == 1
    OrderLine.objects.filter(pk=line.pk).update(quantity_delivered=4)
    pulled(order)
    watch.look(now=later(1))
    assert told("order_changed") == []
    OrderLine.objects.filter(pk=line.pk).update(quantity=8, net_price=Decimal("12.5"))
    ErpOrder.objects.update(requested_on=TODAY + dt.timedelta(days=3))
    pulled(order)
    watch.look(now=later(2))
    watch.look(now=later(3))
    assert [one["what"] for one in told("order_changed")] == [
        f"A-1: 10 → 8 pcs; A-1: €10.00 → €12.50; {TODAY} → {TODAY + dt.timedelta(days=3)}"
    ]


def test_lines_that_the_erp_writes_anew_under_other_keys_are_no_change() -> None:
    was = {"lines": {"1": ["A-1", "12", "2.5"], "2": ["A-1", "12", "2.5"], "3": ["B-2", "6", "4"]}}
    now = {"lines": {"7": ["B-2", "6", "4"], "8": ["A-1", "12", "2.5"], "9": ["A-1", "12", "2.5"]}}
    assert watch.differences(was, now) == []
    now["lines"]["9"] = ["A-1", "10", "2.5"]
    assert watch.differences(was, now) == ["A-1: 12 → 0", "A-1: 0 → 10"]


def test_lines_that_come_and_go_are_changes() -> None:
    before = {"lines": {"1": ["A-1", "10", "2"], "2": ["B-1", "3", "1"]}, "wanted": "", "ship_to": "", "po": ""}
    after = {"lines": {"1": ["A-1", "10", "2"], "3": ["C-1", "4", "1"]}, "wanted": "", "ship_to": "", "po": "X"}
    assert watch.differences(before, after) == ["B-1: 3 → 0", "C-1: 0 → 4", "- → X"]
    assert watch.differences(before, before) == []


def test_an_order_that_the_erp_cancels_is_told_once_and_one_of_another_channel_is_not_compared() -> None:
    actor = people.buyer()
    ours(actor, status="cancelled")
    deliveries.order(actor.sold_to, "SO/2", status="cancelled")
    watch.look(now=timezone.now())
    watch.look(now=later(1))
    assert [one["number"] for one in told("order_cancelled")] == ["SO/1"]
    assert not OrderShape.objects.exists()


def test_a_quiet_minute_asks_few_questions() -> None:
    watch.look(now=timezone.now())
    with CaptureQueriesContext(connection) as caught:
        watch.look(now=later(60))
    assert len(caught) <= 16
