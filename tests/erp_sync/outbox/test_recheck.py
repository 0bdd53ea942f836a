"""Orders accepted while the ERP was away: their prices are asked again before they are sent."""

import datetime as dt
from decimal import Decimal

import pytest

from erp_sync.adapters import fake
from erp_sync.outbox.models import OutboxRow, OutboxState
from erp_sync.records import WrittenOrder

from .conftest import Desk


def sent_prices(erp: fake.FakeErp) -> list[Decimal]:
    return [line.net_price for line in erp.orders_of("WEB-1")[0].order.lines]


def state(row: OutboxRow) -> str:
    row.refresh_from_db()
    return row.state


def test_equal_prices_are_sent_as_they_are(desk: Desk, erp: fake.FakeErp) -> None:
    row = desk.queue(recheck=True)
    desk.export()
    assert state(row) == OutboxState.DONE
    assert desk.told[0].message == "prices checked: all equal"
    assert erp.book.calls == ["offers", "create_order"]


def test_a_lower_price_of_the_erp_applies_and_is_told(desk: Desk, erp: fake.FakeErp) -> None:
    erp.set_price("", "NUT", (1, "0.8000"))
    row = desk.queue(recheck=True)
    desk.export()
    assert sent_prices(erp) == [Decimal("2.0000"), Decimal("0.8000")]
    assert state(row) == OutboxState.DONE
    (told,) = desk.told
    assert told.message == ("line 2 (NUT): 1.0000 accepted, the ERP's price is 0.8000 and applies")
    assert isinstance(told.written, WrittenOrder)
    assert told.written.lines[1] == (2, Decimal("5.0000"), Decimal("0.8000"))


def test_a_higher_price_is_honoured_inside_the_window(desk: Desk, erp: fake.FakeErp) -> None:
    erp.set_price("", "BOLT", (1, "3.0000"))
    row = desk.queue(recheck=True, valid_until=desk.now + dt.timedelta(hours=1))
    desk.export(after_s=3599)
    assert state(row) == OutboxState.DONE
    assert sent_prices(erp) == [Decimal("2.0000"), Decimal("1.0000")]
    assert "the accepted one is honoured" in desk.told[0].message


def test_after_the_window_a_higher_price_waits_for_a_person(desk: Desk, erp: fake.FakeErp) -> None:
    erp.set_price("", "BOLT", (1, "3.0000"))
    row = desk.queue(recheck=True, valid_until=desk.now + dt.timedelta(hours=1))
    desk.export(after_s=3601)
    assert state(row) == OutboxState.NEEDS_REVIEW
    assert erp.orders_of("WEB-1") == []
    assert "time to honour the accepted one is over" in desk.told[0].message


@pytest.mark.parametrize("sku", ["BOLT", "NUT"])
def test_an_item_without_a_price_waits_for_a_person(desk: Desk, erp: fake.FakeErp, sku: str) -> None:
    erp.book.items.pop(sku)
    row = desk.queue(recheck=True)
    desk.export()
    assert state(row) == OutboxState.NEEDS_REVIEW
    assert erp.book.calls == ["offers"]


def test_while_prices_cannot_be_asked_nothing_is_sent(desk: Desk, erp: fake.FakeErp) -> None:
    erp.fail("before", "offers")
    row = desk.queue(recheck=True)
    desk.export()
    assert state(row) == OutboxState.READY
    assert erp.book.calls == ["offers"]
    desk.export(after_s=13)
    assert state(row) == OutboxState.DONE


def test_a_repetition_sends_what_was_decided_even_if_prices_moved_again(desk: Desk, erp: fake.FakeErp) -> None:
    erp.set_price("", "NUT", (1, "0.8000"))
    erp.fail("before", "create_order")
    row = desk.queue(recheck=True)
    desk.export()
    erp.set_price("", "NUT", (1, "0.7000"))
    desk.export(after_s=13)
    assert state(row) == OutboxState.DONE
    assert sent_prices(erp)[1] == Decimal("0.8000")
    assert erp.book.calls.count("offers") == 1
    assert "0.8000 and applies" in desk.told[0].message


def test_an_order_with_live_prices_is_not_asked_again(desk: Desk, erp: fake.FakeErp) -> None:
    desk.queue(recheck=False)
    desk.export()
    assert erp.book.calls == ["create_order"]
