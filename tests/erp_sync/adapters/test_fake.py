"""The ERP in memory: its faults, and how the settings find an adapter."""

import time
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

import pytest
from django.test import override_settings

from erp_sync import adapters
from erp_sync import records as r
from erp_sync.adapters import fake
from erp_sync.adapters.tryton.adapter import TrytonErp
from erp_sync.errors import ErpBroken, ErpMisconfigured, ErpRejected, ErpUnavailable
from tests.erp_sync.adapters.samples import FakeSample

CONNECTION = {"ERP_URL": "http://erp.test", "ERP_DATABASE": "erp", "ERP_USER": "shop", "ERP_PASSWORD": "x"}


@pytest.fixture
def erp() -> Iterator[fake.FakeErp]:
    yield fake.shared()
    fake.shared().reset()


def _order() -> tuple[fake.FakeErp, r.NewOrder]:
    sample = FakeSample()
    return sample.fake, sample.order()


def test_the_settings_name_the_shared_instance(erp: fake.FakeErp) -> None:
    with override_settings(ERP_ADAPTER="erp_sync.adapters.fake.FakeErp", **CONNECTION):
        assert adapters.load() is erp
        assert adapters.load() is adapters.load()


def test_other_settings_build_another_adapter() -> None:
    name = "erp_sync.adapters.tryton.adapter.TrytonErp"
    with override_settings(ERP_ADAPTER=name, ERP_OPTIONS={"languages": ["en"]}, **CONNECTION):
        first = adapters.load()
        assert isinstance(first, TrytonErp)
        assert adapters.load() is first
    with override_settings(ERP_ADAPTER=name, **(CONNECTION | {"ERP_USER": "other"})):
        assert adapters.load() is not first


@pytest.mark.parametrize("name", ["erp_sync.adapters.nosuch.Erp", "nosuch"])
def test_an_adapter_that_does_not_exist_is_a_wrong_setting(name: str) -> None:
    with override_settings(ERP_ADAPTER=name, **CONNECTION), pytest.raises(ErpMisconfigured, match="ERP_ADAPTER"):
        adapters.load()


@pytest.mark.parametrize(
    ("fault", "error", "orders"),
    [
        ("down", ErpUnavailable, 0),
        ("before", ErpUnavailable, 0),
        ("after", ErpUnavailable, 1),
        ("garbage", ErpBroken, 1),
    ],
)
def test_a_fault_hits_once_and_does_what_its_name_says(fault: str, error: type[Exception], orders: int) -> None:
    erp, order = _order()
    erp.fail(fault, "create_order")
    with pytest.raises(error) as caught:
        erp.create_order(order, deadline_s=1)
    assert getattr(caught.value, "nothing_sent", False) is (fault == "down")
    assert len(erp.orders_of(order.reference)) == orders
    assert erp.create_order(order, deadline_s=1).state == "confirmed"


def test_a_late_order_arrives_after_the_error() -> None:
    erp, order = _order()
    erp.fail("late", "create_order", seconds=0.05)
    with pytest.raises(ErpUnavailable):
        erp.create_order(order, deadline_s=1)
    assert erp.find_order(order.reference, deadline_s=1) == []
    time.sleep(0.06)
    assert len(erp.find_order(order.reference, deadline_s=1)) == 1


def test_a_slow_answer_is_cut_at_the_deadline() -> None:
    erp, order = _order()
    erp.fail("slow", "find_order", seconds=5)
    started = time.monotonic()
    with pytest.raises(ErpUnavailable):
        erp.find_order(order.reference, deadline_s=0.05)
    assert time.monotonic() - started < 4


def test_a_duplicate_is_two_orders_with_one_reference() -> None:
    erp, order = _order()
    erp.fail("duplicate", "create_order")
    erp.create_order(order, deadline_s=1)
    assert len(erp.find_order(order.reference, deadline_s=1)) == 2


def test_a_refusal_says_what_it_was_told_to_and_calls_are_listed() -> None:
    erp, order = _order()
    erp.book.calls.clear()
    erp.fail("reject", "create_order", message="Blocked by accounting.")
    with pytest.raises(ErpRejected, match="Blocked by accounting"):
        erp.create_order(order, deadline_s=1)
    erp.book.is_down = True
    with pytest.raises(ErpUnavailable):
        erp.credit("c1", deadline_s=1)
    assert erp.book.calls == ["create_order", "credit"]


def test_a_pull_by_time_takes_equal_stamps_apart_by_id() -> None:
    erp, _ = _order()
    page = erp.pull("items", r.Cursor(), limit=1, deadline_s=1)
    record = page.records[0]
    for number in range(5):
        erp.put("categories", r.CategoryRecord(str(number), record.version, {"en": "x"}))
    erp.capabilities = replace(erp.capabilities, page_order="changed")
    seen: list[str] = []
    cursor: r.Cursor | None = r.Cursor(changed_at=record.version)
    while cursor is not None:
        found = erp.pull("categories", cursor, limit=2, deadline_s=1)
        seen += [one.erp_id for one in found.records]
        cursor = found.next
    assert seen == ["0", "1", "2", "3", "4"]


def test_totals_round_each_line_and_the_tax_once() -> None:
    erp, _ = _order()
    lines = tuple(r.NewOrderLine(n, "A", "item-A", Decimal(1), Decimal("0.005")) for n in (1, 2))
    totals = erp.totals(r.NewOrder("WEB-1", "c1", "", "EUR", lines), deadline_s=1)
    assert (totals.untaxed, totals.tax, totals.total) == (Decimal("0.02"), Decimal("0.00"), Decimal("0.02"))
