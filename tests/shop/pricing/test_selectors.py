"""Prices for an actor: his own, in one question, and never waiting when told not to."""

import datetime as dt
from decimal import Decimal

import pytest
import time_machine
from django.utils import timezone

from accounts.selectors import price_context
from erp_sync.adapters.fake import FakeErp
from shop.pricing.selectors import price_in_full, price_lines
from tests.builders import catalogue, people

pytestmark = pytest.mark.django_db
ONE = Decimal(1)


def test_each_company_sees_its_own_price(erp: FakeErp) -> None:
    item = catalogue.item(price="10.00")
    erp.set_price("GOLD", item.sku, (1, "8.00"))
    erp.set_price("SILVER", item.sku, (1, "9.00"))
    gold = people.buyer(people.sold_to(price_list="GOLD"))
    silver = people.buyer(people.sold_to(price_list="SILVER"))
    asks = [(item.sku, ONE)]

    seen = [price_lines(actor=a, asks=asks)[item.sku].net_price for a in (gold, silver, gold)]

    assert seen == [Decimal("8.00"), Decimal("9.00"), Decimal("8.00")]


def test_a_page_of_items_is_one_question_and_none_while_fresh(erp: FakeErp) -> None:
    skus = [catalogue.item().sku for _ in range(96)]
    actor = people.buyer()

    cold = price_lines(actor=actor, asks=[(sku, ONE) for sku in skus])
    after_one = list(erp.book.calls)
    warm = price_lines(actor=actor, asks=[(sku, ONE) for sku in skus])

    assert after_one == ["offers"]
    assert erp.book.calls == ["offers"]
    assert set(cold) == set(warm) == set(skus)
    assert {p.state for p in warm.values()} == {"priced"}


def test_of_a_long_basket_what_a_slow_erp_answered_is_kept(erp: FakeErp) -> None:
    asks = [(catalogue.item().sku, ONE) for _ in range(150)]
    actor = people.buyer()
    erp.fail("down", "offers")

    found = price_lines(actor=actor, asks=asks)

    assert erp.book.calls == ["offers", "offers"]
    assert [p.state for p in found.values()].count("priced") == 50


def test_without_waiting_nothing_is_asked_and_what_is_missing_is_pending(erp: FakeErp) -> None:
    known, unknown = catalogue.item(), catalogue.item()
    actor = people.buyer()
    price_lines(actor=actor, asks=[(known.sku, ONE)])
    erp.book.calls.clear()

    found = price_lines(actor=actor, asks=[(known.sku, ONE), (unknown.sku, ONE)], wait=False)

    assert erp.book.calls == []
    assert (found[known.sku].state, found[unknown.sku].state) == ("priced", "pending")


def test_with_live_every_line_is_asked_again(erp: FakeErp) -> None:
    item = catalogue.item(price="10.00")
    actor = people.buyer()
    price_lines(actor=actor, asks=[(item.sku, ONE)])
    erp.set_price(price_context(sold_to=actor.sold_to).price_list, item.sku, (1, "11.00"))

    found = price_lines(actor=actor, asks=[(item.sku, ONE)], live=True)

    stamp = found[item.sku].stamp
    assert found[item.sku].net_price == Decimal("11.00")
    assert stamp is not None
    assert stamp.source == "live"


def test_the_ladder_and_the_warehouses_come_when_asked_for(erp: FakeErp) -> None:
    item = catalogue.item(stock=None)
    erp.set_stock(item.sku, 30, warehouse="Bilbao")
    erp.set_stock(item.sku, 12, warehouse="Madrid")
    erp.set_price("PL", item.sku, (1, "2.00"), (50, "1.90"))
    actor = people.buyer(people.sold_to(price_list="PL"))

    found = price_lines(actor=actor, asks=[(item.sku, ONE)], ladders=True, warehouses=True)[item.sku]

    assert [(s.quantity, s.net_price) for s in found.steps] == [
        (Decimal(1), Decimal("2.00")),
        (Decimal(50), Decimal("1.90")),
    ]
    assert found.stock is not None
    assert {p.warehouse: p.available for p in found.stock.warehouses} == {
        "Bilbao": Decimal(30),
        "Madrid": Decimal(12),
    }


def test_when_the_erp_is_down_the_last_known_price_is_shown_with_its_age(erp: FakeErp) -> None:
    item = catalogue.item(price="10.00")
    never_asked = catalogue.item()
    actor = people.buyer()
    price_lines(actor=actor, asks=[(item.sku, ONE)])
    erp.book.is_down = True
    asks = [(item.sku, ONE), (never_asked.sku, ONE)]

    with time_machine.travel(timezone.now() + dt.timedelta(hours=2), tick=True):
        found = price_lines(actor=actor, asks=asks)

    stamp = found[item.sku].stamp
    assert found[item.sku].net_price == Decimal("10.00")
    assert stamp is not None
    assert stamp.tone == "offline"
    assert found[item.sku].stock is None
    assert found[never_asked.sku].state == "on_request"


def test_unknown_and_withdrawn_items_are_missing_from_the_answer(erp: FakeErp) -> None:
    withdrawn = catalogue.item(is_active=False)

    found = price_lines(actor=people.buyer(), asks=[(withdrawn.sku, ONE), ("NO-SUCH", ONE)])

    assert found == {}
    assert erp.book.calls == []


def test_the_plain_price_is_shown_while_breaks_are_not_known(erp: FakeErp) -> None:
    item = catalogue.item(price="10.00")
    actor = people.buyer()
    asked = price_in_full(actor=actor, item=item, wait=False)
    price_lines(actor=actor, asks=[(item.sku, ONE)])

    known = price_in_full(actor=actor, item=item, wait=False)
    in_full = price_in_full(actor=actor, item=item, wait=True)
    kept = price_in_full(actor=actor, item=item, wait=False)

    assert asked is not None
    assert known is not None
    assert in_full is not None
    assert (asked.state, known.state, known.is_partial) == ("pending", "priced", True)
    assert (in_full.net_price, in_full.is_partial) == (Decimal("10.00"), False)
    assert kept is not None
    assert (kept.net_price, kept.is_partial) == (Decimal("10.00"), False)


def test_when_the_breaks_are_not_answered_the_plain_price_stays(erp: FakeErp) -> None:
    item = catalogue.item(price="10.00")
    actor = people.buyer()
    price_lines(actor=actor, asks=[(item.sku, ONE)])
    erp.book.is_down = True

    with time_machine.travel(timezone.now() + dt.timedelta(hours=1), tick=True):
        found = price_in_full(actor=actor, item=item, wait=True)

    assert found is not None
    assert (found.net_price, found.is_partial) == (Decimal("10.00"), True)
    assert found.stamp is not None
    assert found.stamp.tone == "offline"


def test_a_withdrawn_item_has_no_price_in_full(erp: FakeErp) -> None:
    item = catalogue.item(is_active=False)

    assert price_in_full(actor=people.buyer(), item=item, wait=True) is None
    assert erp.book.calls == []
