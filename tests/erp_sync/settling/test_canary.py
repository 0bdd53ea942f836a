"""The sample of prices: equal on both sides, or a row with both."""

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from erp_sync import gateway
from erp_sync.adapters import fake
from erp_sync.adapters.fake import FakeErp
from erp_sync.mirror.models import Customer, Item, Order, OrderLine
from erp_sync.records import Ask, PriceContext
from erp_sync.settling import canary
from erp_sync.settling.models import Difference

pytestmark = pytest.mark.django_db
SKUS = ("BOLT", "NUT", "WASHER")


@pytest.fixture
def erp(settings: Any) -> Iterator[FakeErp]:
    settings.ERP_LIMITS = {"refresh_threads": 0}
    gateway.forget()
    erp = fake.shared()
    erp.reset()
    now = timezone.now()
    mirrored = {"version": now, "synced_at": now}
    for sku in SKUS:
        erp.add_item(sku, "2.0000")
        Item.objects.create(erp_id=f"item-{sku}", sku=sku, **mirrored)
    for number in range(4):
        erp.add_customer(f"c{number}")
        Customer.objects.create(erp_id=f"c{number}", number=f"C{number}", name=f"C{number}", currency="EUR", **mirrored)
        order = Order.objects.create(
            erp_id=f"o{number}",
            number=f"SO{number}",
            customer_erp_id=f"c{number}",
            status="open",
            placed_at=now - dt.timedelta(days=number),
            currency="EUR",
            channel_hint="phone",
            **mirrored,
        )
        for no, sku in enumerate(SKUS, 1):
            OrderLine.objects.create(
                order=order, erp_id=f"l{number}{no}", line_no=no, sku=sku, quantity=no, net_price=Decimal(2)
            )
    yield erp
    erp.reset()


def test_the_sample_is_what_customers_buy_and_the_same_all_day(erp: FakeErp) -> None:
    now = timezone.now()
    cases = canary.sample(now=now, size=8)
    assert len(cases) == 8
    assert cases == canary.sample(now=now, size=8)
    assert {case.ask.quantity for case in cases} <= {Decimal(n * times) for n in (1, 2, 3) for times in (1, 10)}


def test_equal_prices_are_parity_of_one(erp: FakeErp) -> None:
    found = canary.compare_prices(now=timezone.now())
    assert (found.compared, found.different, found.unanswered, found.error) == (12, 0, 0, "")
    assert not Difference.objects.exists()


def test_a_price_that_the_shop_shows_and_the_erp_no_longer_has_is_a_row_with_both_sides(erp: FakeErp) -> None:
    case = next(one for one in canary.sample(now=timezone.now()) if one.ask.sku == "BOLT")
    gateway.offers(PriceContext(case.context.customer_erp_id, "", "EUR"), [Ask("BOLT", "item-BOLT", case.ask.quantity)])
    erp.add_item("BOLT", "2.5000")
    found = canary.compare_prices(now=timezone.now())
    assert found.different == 1
    row = Difference.objects.get()
    assert (row.subject, row.reference) == ("price", case.reference)
    assert (row.ours["net_price"], row.theirs["net_price"]) == ("2.0000", "2.5000")


def test_an_erp_that_is_away_gives_no_parity_at_all(erp: FakeErp) -> None:
    erp.book.is_down = True
    found = canary.compare_prices(now=timezone.now())
    assert found.compared == 0
    assert "down" in found.error
