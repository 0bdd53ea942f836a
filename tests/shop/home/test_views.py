"""The buyer's first page: what he repeats, what he must look at, what he owes, and only his own."""

import datetime as dt
import itertools
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import SoldTo
from erp_sync.mirror.models import Invoice, Order, OrderLine
from shop.home import selectors
from shop.orders.models import Order as ShopOrder
from shop.orders.models import OrderState
from tests.builders import people

pytestmark = pytest.mark.django_db
NOW = timezone.now()
_numbers = itertools.count(1)


def order(
    company: SoldTo,
    *skus: str,
    days_ago: int = 1,
    step: str = "delivered",
    delivered: str = "10",
    late: int = 0,
    **facts: object,
) -> Order:
    """Put an order of ten of each item into the mirror; `late` is how many days ago it was promised."""
    number = next(_numbers)
    row = Order.objects.create(
        **{"erp_id": f"O{number}", "version": NOW, "synced_at": NOW, "number": f"SO-{number}", "status": "open"}
        | facts,
        customer_erp_id=company.erp_id,
        step=step,
        placed_at=NOW - dt.timedelta(days=days_ago),
        currency="EUR",
        channel_hint="phone",
        untaxed_total=Decimal(100),
    )
    for line_no, sku in enumerate(skus, 1):
        OrderLine.objects.create(
            order=row, erp_id=f"{row.erp_id}-{line_no}", line_no=line_no, sku=sku, description=f"Item {sku}",
            quantity=10, quantity_delivered=Decimal(delivered), net_price=10,
            promised_on=(NOW - dt.timedelta(days=late)).date() if late else (NOW + dt.timedelta(days=9)).date(),
        )  # fmt: skip
    return row


def test_the_same_basket_of_several_orders_is_shown_once_with_its_last_order() -> None:
    actor = people.buyer()
    order(actor.sold_to, "A", "B", days_ago=20)
    last = order(actor.sold_to, "B", "A", days_ago=2)
    other = order(actor.sold_to, "C", days_ago=5)
    found = selectors.orders_at_home(actor=actor, now=NOW).baskets
    assert [(one.number, one.times) for one in found] == [(last.number, 2), (other.number, 1)]


def test_cancelled_orders_and_returns_are_no_baskets() -> None:
    actor = people.buyer()
    order(actor.sold_to, "A", status="cancelled", step="cancelled")
    order(actor.sold_to, "B", is_return=True)
    assert selectors.orders_at_home(actor=actor, now=NOW).baskets == ()


def test_a_late_order_comes_before_a_short_one_and_the_latest_first() -> None:
    actor = people.buyer()
    short = order(actor.sold_to, "A", step="picking", delivered="4")
    late = order(actor.sold_to, "B", step="confirmed", delivered="0", late=3)
    later = order(actor.sold_to, "C", step="confirmed", delivered="0", late=30)
    found = selectors.orders_at_home(actor=actor, now=NOW).open_orders
    assert [one.number for one in found.alerts] == [later.number, late.number, short.number]
    assert [one.tone for one in found.alerts] == ["bad", "bad", "attention"]
    assert found.total == 3


def test_an_open_order_in_time_is_counted_and_raises_no_alarm() -> None:
    actor = people.buyer()
    order(actor.sold_to, "A", step="confirmed", delivered="0")
    order(actor.sold_to, "B", step="delivered")
    assert selectors.orders_at_home(actor=actor, now=NOW).open_orders == selectors.OpenOrders(alerts=(), total=1)


@pytest.mark.parametrize(
    ("state", "age", "tones", "total"),
    [
        (OrderState.REJECTED, 1, ["bad"], 0),
        (OrderState.REJECTED, 15, [], 0),
        (OrderState.NEEDS_REVIEW, 40, ["attention"], 1),
        (OrderState.PENDING_CONFIRMATION, 0, ["info"], 1),
        (OrderState.CONFIRMED, 0, [], 0),
    ],
)
def test_what_the_erp_did_not_take_is_shown(state: str, age: int, tones: list[str], total: int) -> None:
    actor = people.buyer()
    placed_at = NOW - dt.timedelta(days=age)
    ShopOrder.objects.create(
        reference="WEB-1", sold_to=actor.sold_to, placed_by=actor.user, channel="web_self", state=state, currency="EUR",
        order_key="00000000-0000-0000-0000-000000000001", content_hash="x", placed_at=placed_at, prices_valid_until=NOW,
    )  # fmt: skip
    found = selectors.orders_at_home(actor=actor, now=NOW).open_orders
    assert ([one.tone for one in found.alerts], found.total) == (tones, total)


def test_the_page_shows_his_own_and_nothing_of_another_company(client: Client) -> None:
    actor = people.acting(client)
    own = order(actor.sold_to, "A", step="confirmed", delivered="0", late=3)
    foreign = order(people.sold_to(), "B", step="confirmed", delivered="0", late=3)
    Invoice.objects.create(
        erp_id="I1", version=NOW, synced_at=NOW, number="FV-1", customer_erp_id=actor.sold_to.erp_id, kind="invoice",
        state="open", invoiced_on=NOW.date(), due_on=(NOW - dt.timedelta(days=4)).date(), currency="EUR",
        untaxed_total=100, tax_total=21, total=121, amount_due=121,
    )  # fmt: skip
    page = client.get("/").content.decode()
    assert f"/orders/{own.number}/reorder/" in page
    assert "€121.00 to pay" in page
    assert foreign.number not in page


def test_an_empty_page_says_what_to_do_next(client: Client) -> None:
    people.acting(client)
    page = client.get("/").content.decode()
    assert "Nothing to repeat yet" in page
    assert "nothing is late" in page


def test_a_rep_goes_to_his_desk_a_manager_to_the_admin_and_a_stranger_to_the_log_in(client: Client) -> None:
    assert client.get("/")["Location"] == "/accounts/login/?next=/"
    people.log_in(client, people.rep())
    assert client.get("/")["Location"] == "/rep/"
    people.log_in(client, people.manager())
    assert client.get("/")["Location"] == "/admin/adoption/adoptionreport/"


def test_the_page_costs_the_same_queries_whatever_it_shows(client: Client) -> None:
    actor = people.acting(client)
    order(actor.sold_to, "A", step="confirmed", delivered="0", late=3)
    client.get("/")
    with CaptureQueriesContext(connection) as few:
        client.get("/")
    for number in range(20):
        order(actor.sold_to, f"A{number}", "B", "C", step="confirmed", delivered="0", late=3)
    with CaptureQueriesContext(connection) as many:
        client.get("/")
    assert len(many) == len(few) <= 11
