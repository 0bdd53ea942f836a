"""The nightly comparison of ids."""

import datetime as dt
from typing import Any

import pytest

from erp_sync.adapters.fake import FakeErp
from erp_sync.mirror import keys, selectors, sync
from erp_sync.mirror.models import Address, Item, Order, SyncState
from tests.erp_sync.mirror import facts

pytestmark = pytest.mark.django_db

NOW = facts.NOW
NIGHT = NOW + dt.timedelta(hours=16)


@pytest.fixture
def erp() -> FakeErp:
    made = FakeErp()
    for number in range(1, 5):
        made.put("orders", facts.order(str(number)))
    sync.pull(kind="orders", now=NOW, erp=made)
    return made


def compare(erp: FakeErp, **more: Any) -> keys.Comparison:
    ask: dict[str, Any] = {"kind": "orders", "now": NIGHT}
    return keys.compare(**(ask | more), erp=erp)


def test_what_the_erp_deleted_is_marked_as_gone_and_no_longer_shown(erp: FakeErp) -> None:
    erp.remove("orders", "2")

    result = compare(erp)

    assert (result.gone, result.back, result.unknown) == (1, 0, 0)
    assert Order.objects.get(erp_id="2").gone_at == NIGHT
    assert selectors.order(customer_erp_id="c1", number="SO2") is None
    assert selectors.orders_of(customer_erp_id="c1").total == 3
    assert SyncState.objects.get().keys_compared_at == NIGHT


def test_what_comes_back_returns(erp: FakeErp) -> None:
    erp.remove("orders", "2")
    compare(erp)
    erp.put("orders", facts.order("2", version=NOW - dt.timedelta(days=9)))

    assert compare(erp).back == 1
    assert Order.objects.get(erp_id="2").gone_at is None


def test_a_pull_brings_back_a_gone_row_too(erp: FakeErp) -> None:
    erp.remove("orders", "2")
    compare(erp)
    erp.put("orders", facts.order("2"))
    sync.pull(kind="orders", now=NIGHT, full=True, erp=erp)
    assert Order.objects.get(erp_id="2").gone_at is None


def test_what_the_mirror_never_saw_makes_the_next_pull_a_full_one(erp: FakeErp) -> None:
    erp.put("orders", facts.order("old", version=NOW - dt.timedelta(days=400)))

    assert compare(erp).unknown == 1
    sync.pull(kind="orders", now=NIGHT, erp=erp)

    assert Order.objects.filter(erp_id="old").exists()
    assert compare(erp).unknown == 0


def test_an_order_made_just_now_is_neither_gone_nor_unknown(erp: FakeErp, monkeypatch: pytest.MonkeyPatch) -> None:
    real = erp.keys

    def keys_then_a_new_order(kind: str, **limits: Any) -> Any:
        yield from real(kind, **limits)
        erp.put("orders", facts.order("9", version=dt.datetime.now(dt.UTC)))

    monkeypatch.setattr(erp, "keys", keys_then_a_new_order)
    result = compare(erp)
    assert (result.gone, result.unknown) == (0, 0)
    assert Order.objects.get(erp_id="9").gone_at is None


def test_an_erp_that_suddenly_lists_almost_nothing_is_not_believed(erp: FakeErp) -> None:
    for number in range(100, 140):
        erp.put("orders", facts.order(str(number)))
    sync.pull(kind="orders", now=NOW, full=True, erp=erp)
    for number in range(100, 140):
        erp.remove("orders", str(number))

    result = compare(erp)
    assert result.doubt == "The ERP lists 4 of 44 known orders; nothing was marked as gone."
    assert not Order.objects.exclude(gone_at=None).exists()

    assert compare(erp, accept_loss=True).gone == 40


def test_an_erp_that_is_down_marks_nothing(erp: FakeErp) -> None:
    erp.book.is_down = True
    results = keys.compare_all(now=NIGHT, erp=erp)
    assert [str(result.error) for result in results] == ["not reached: the ERP is down"]
    assert not Order.objects.exclude(gone_at=None).exists()


def test_an_item_whose_number_was_given_away_does_not_return_beside_it() -> None:
    erp = FakeErp()
    erp.put("items", facts.item("A", erp_id="1"))
    sync.pull(kind="items", now=NOW, erp=erp)
    erp.remove("items", "1")
    compare(erp, kind="items")
    erp.put("items", facts.item("A", erp_id="2", version=dt.datetime.now(dt.UTC)))
    erp.put("items", facts.item("A", erp_id="1"))

    result = compare(erp, kind="items", now=NIGHT + dt.timedelta(days=1))

    assert result.back == 0
    found = selectors.item("A")
    assert found is not None
    assert found.erp_id == "2"
    assert Item.objects.filter(gone_at=None).count() == 1


def test_an_address_that_left_its_customer_without_a_trace_is_gone_by_night() -> None:
    erp = FakeErp()
    erp.put("customers", facts.customer("c1", addresses=(facts.address("a1"), facts.address("a2"))))
    sync.pull(kind="customers", now=NOW, erp=erp)
    erp.put("customers", facts.customer("c1", addresses=(facts.address("a2"),)))  # of the same old version
    sync.pull(kind="customers", now=dt.datetime.now(dt.UTC) + dt.timedelta(hours=1), erp=erp)
    assert Address.objects.count() == 2

    compare(erp, kind="customers")

    assert [one.erp_id for one in Address.objects.all()] == ["a2"]
