"""Pulls: what changed comes in once, in pages, resumable, and a bad record harms no other."""

import dataclasses
import datetime as dt
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from celery import current_app
from django.conf import settings
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from erp_sync import records as r
from erp_sync.adapters.fake import FakeErp
from erp_sync.errors import ErpUnavailable
from erp_sync.mirror import locks, sync, writing
from erp_sync.mirror.models import (
    Address,
    Category,
    Customer,
    Item,
    Order,
    OrderLine,
    OwnPartNumber,
    Quarantine,
    SyncRun,
    SyncState,
)
from erp_sync.mirror.progress import Progress
from erp_sync.ports import MIRRORED
from tests.erp_sync.mirror import facts

pytestmark = pytest.mark.django_db

NOW = facts.NOW


@pytest.fixture
def erp() -> FakeErp:
    return FakeErp()


def pull(erp: FakeErp, kind: str, **more: Any) -> Progress:
    return sync.pull(kind=kind, **({"now": NOW} | more), erp=erp)


def snapshot(model: Any) -> list[dict[str, Any]]:
    return list(model.objects.order_by("pk").values())


def test_an_order_comes_in_with_its_lines(erp: FakeErp) -> None:
    erp.put("orders", facts.order("1", total=Decimal("12.10"), channel_hint=r.Channel.PHONE))

    progress = pull(erp, "orders")

    assert (progress.seen, progress.changed, progress.is_done) == (1, 1, True)
    order = Order.objects.get()
    assert (order.number, order.total, order.channel_hint) == ("SO1", Decimal("12.10"), "phone")
    assert [(line.line_no, line.sku) for line in order.lines.all()] == [(1, "A"), (2, "B")]
    assert SyncState.objects.get().last_success_at == NOW


def test_the_same_pulled_twice_changes_nothing(erp: FakeErp) -> None:
    erp.put("orders", facts.order("1"))
    erp.put("customers", facts.customer("c1", addresses=(facts.address("a1"),)))
    pull(erp, "orders")
    pull(erp, "customers")
    before = [snapshot(model) for model in (Order, OrderLine, Customer, Address)]

    later = [pull(erp, kind, full=True, now=NOW + dt.timedelta(hours=1)) for kind in MIRRORED]

    assert sum(progress.changed for progress in later) == 0
    assert [snapshot(model) for model in (Order, OrderLine, Customer, Address)] == before


def test_a_changed_order_replaces_its_lines(erp: FakeErp) -> None:
    erp.put("orders", facts.order("1"))
    pull(erp, "orders")
    erp.put("orders", facts.order("1", lines=(facts.order_line(1, "C", "7"),), step="shipped"))

    progress = pull(erp, "orders", full=True)

    assert progress.changed == 1
    assert list(OrderLine.objects.values_list("sku", "quantity")) == [("C", Decimal(7))]
    assert Order.objects.get().step == "shipped"


def test_a_second_change_with_an_equal_stamp_is_seen(erp: FakeErp) -> None:
    erp.put("orders", facts.order("1", step="confirmed"))
    pull(erp, "orders")
    erp.put("orders", facts.order("1", step="picking"))  # in the same second, says the ERP

    pull(erp, "orders", full=True)

    assert Order.objects.get().step == "picking"


def test_what_the_erp_says_now_counts_even_when_its_clock_went_back(erp: FakeErp) -> None:
    erp.put("orders", facts.order("1", step="picking", version=NOW))
    pull(erp, "orders")
    erp.put("orders", facts.order("1", step="shipped", version=NOW - dt.timedelta(hours=1)))

    pull(erp, "orders", full=True)

    assert Order.objects.get().step == "shipped"


def test_the_next_cursor_is_the_erps_clock_when_the_run_began(erp: FakeErp, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = dt.datetime(2031, 5, 1, tzinfo=dt.UTC)  # nothing like ours
    monkeypatch.setattr(erp, "_now", lambda: clock)
    erp.put("orders", facts.order("1", version=clock))

    pull(erp, "orders")

    state = SyncState.objects.get()
    assert (state.changed_at, state.page_id, state.horizon_at) == (clock, "", None)


def test_a_run_that_is_cut_between_pages_goes_on_where_it_stood(
    erp: FakeErp, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.MIRROR_PAGE_SIZE = {"orders": 2}
    for number in range(1, 6):
        erp.put("orders", facts.order(str(number)))
    asked: list[r.Cursor] = []
    real = erp.pull

    def third_fails(kind: str, cursor: r.Cursor, **limits: Any) -> r.Page[Any]:
        asked.append(cursor)
        if len(asked) == 3:
            raise ErpUnavailable("no answer in time")
        return real(kind, cursor, **limits)

    monkeypatch.setattr(erp, "pull", third_fails)
    cut = pull(erp, "orders")
    assert (cut.seen, cut.is_done, str(cut.error)) == (4, False, "no answer in time")
    assert SyncState.objects.get().last_success_at is None

    rest = pull(erp, "orders", now=NOW + dt.timedelta(minutes=9))

    assert (rest.seen, rest.is_done) == (1, True)
    assert [cursor.last_id for cursor in asked] == ["", "2", "4", "4"]
    assert Order.objects.count() == 5
    state = SyncState.objects.get()
    assert (state.page_id, state.last_success_at) == ("", NOW)  # as fresh as its first page
    assert [run.error for run in SyncRun.objects.order_by("pk")] == ["no answer in time", ""]


def test_a_crash_inside_a_page_leaves_the_mirror_and_the_cursor_as_they_were(
    erp: FakeErp, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.MIRROR_PAGE_SIZE = {"orders": 2}
    for number in range(1, 5):
        erp.put("orders", facts.order(str(number)))
    real = writing.write
    pages = iter([real])

    def dies_on_second(*args: Any, **more: Any) -> writing.Written:
        written = real(*args, **more)
        if next(pages, None) is None:
            raise MemoryError
        return written

    monkeypatch.setattr(writing, "write", dies_on_second)
    with pytest.raises(MemoryError):
        pull(erp, "orders")
    assert Order.objects.count() == 2
    assert SyncState.objects.get().page_id == "2"

    monkeypatch.undo()
    pull(erp, "orders")
    assert Order.objects.count() == 4
    assert SyncRun.objects.filter(error__contains="was ended").count() == 1


@pytest.mark.parametrize("page_order", ["id", "changed"])
def test_many_records_with_one_stamp_all_come_in(erp: FakeErp, settings: Any, page_order: str) -> None:
    settings.MIRROR_PAGE_SIZE = {"orders": 7}
    erp.capabilities = dataclasses.replace(erp.capabilities, page_order=page_order)
    for number in range(50):
        erp.put("orders", facts.order(str(number)))

    assert pull(erp, "orders").changed == 50
    assert Order.objects.count() == 50


def test_a_record_that_does_not_fit_is_quarantined_and_comes_in_once_it_does(erp: FakeErp) -> None:
    erp.put("customers", facts.customer("c1"))
    erp.put("customers", facts.customer("c2", number="9" * 65))

    progress = pull(erp, "customers")

    assert (progress.changed, progress.quarantined) == (1, 1)
    kept = Quarantine.objects.get()
    assert (kept.kind, kept.erp_id, kept.settled_at) == ("customers", "c2", None)
    assert kept.reason.startswith("number has 65 characters, 64 fit")
    assert "9999" in kept.raw

    erp.put("customers", facts.customer("c2", number="9"))
    pull(erp, "customers", full=True)
    assert Quarantine.objects.get().settled_at == NOW
    assert Customer.objects.count() == 2


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"total": Decimal("NaN")}, "total is not a number"),
        ({"total": Decimal("1e15")}, "total is too big"),
        ({"number": "a\x00b"}, "number holds a NUL character"),
        ({"placed_at": dt.datetime(2026, 1, 1)}, "placed_at is not an instant"),  # noqa: DTZ001
        ({"currency": None}, "currency is missing"),
        ({"lines": (facts.order_line(1, "A"), facts.order_line(1, "B"))}, "duplicate key"),
    ],
)
def test_nonsense_of_the_erp_is_quarantined(erp: FakeErp, change: dict[str, Any], reason: str) -> None:
    erp.put("orders", facts.order("1", **change))
    erp.put("orders", facts.order("2"))

    pull(erp, "orders")

    assert list(Order.objects.values_list("erp_id", flat=True)) == ["2"]
    assert reason in Quarantine.objects.get().reason


def test_what_the_adapter_could_not_read_is_quarantined(erp: FakeErp, monkeypatch: pytest.MonkeyPatch) -> None:
    page: r.Page[Any] = r.Page((facts.order("1"),), None, (r.Broken("7", "no currency", "{…}"),))
    monkeypatch.setattr(erp, "pull", lambda *args, **kwargs: page)

    progress = pull(erp, "orders")

    assert (progress.seen, progress.changed, progress.quarantined) == (2, 1, 1)
    assert Quarantine.objects.get().erp_id == "7"


def test_prose_that_is_too_long_is_cut(erp: FakeErp) -> None:
    erp.put("orders", facts.order("1", lines=(facts.order_line(1, "A", description="x" * 900),)))
    pull(erp, "orders")
    assert OrderLine.objects.get().description == "x" * 499 + "…"


def test_two_items_may_swap_their_numbers(erp: FakeErp) -> None:
    erp.put("items", facts.item("A", erp_id="1"))
    erp.put("items", facts.item("B", erp_id="2"))
    pull(erp, "items")
    erp.put("items", facts.item("B", erp_id="1"))
    erp.put("items", facts.item("C", erp_id="2"))

    pull(erp, "items", full=True)

    assert dict(Item.objects.values_list("erp_id", "sku")) == {"1": "B", "2": "C"}
    assert not Quarantine.objects.exists()


def test_two_items_on_sale_with_one_number_are_refused_with_a_sentence(erp: FakeErp) -> None:
    erp.put("items", facts.item("A", erp_id="1"))
    erp.put("items", facts.item("A", erp_id="2"))
    erp.put("items", facts.item("A", erp_id="3", is_active=False))

    pull(erp, "items")

    assert list(Item.objects.order_by("erp_id").values_list("erp_id", flat=True)) == ["1", "3"]
    assert Quarantine.objects.get().reason == (
        "Another item on sale has the number A. Change one of the two in the ERP."
    )


def test_a_customers_parts_are_replaced_and_an_address_keeps_its_row(erp: FakeErp) -> None:
    erp.put(
        "customers",
        facts.customer(
            "c1",
            addresses=(facts.address("a1"), facts.address("a2")),
            contacts=(r.ContactRecord("email", "x@example.com"),),
            own_part_numbers=(("SKU-1", "mine-7"), ("SKU-1", "mine-7")),
        ),
    )
    pull(erp, "customers")
    kept = Address.objects.get(erp_id="a1").pk
    erp.put("customers", facts.customer("c1", addresses=(facts.address("a1", city="Vigo"),)))

    pull(erp, "customers", full=True)

    assert list(Address.objects.values_list("pk", "city")) == [(kept, "Vigo")]
    assert not OwnPartNumber.objects.exists()


def test_an_address_that_two_customers_share_is_there_for_both(erp: FakeErp) -> None:
    for erp_id in ("c1", "c2"):
        erp.put("customers", facts.customer(erp_id, addresses=(facts.address("a1"), facts.address(f"own of {erp_id}"))))
    assert pull(erp, "customers").changed == 2
    kept = {erp_id: Address.objects.get(customer__erp_id=erp_id, erp_id="a1").pk for erp_id in ("c1", "c2")}
    erp.put("customers", facts.customer("c1", addresses=(facts.address("a1", city="Vigo"),)))
    erp.put("customers", facts.customer("c2", addresses=(facts.address("own of c1"),)))

    assert pull(erp, "customers", full=True).changed == 2

    held = Address.objects.order_by("erp_id").values_list("customer__erp_id", "erp_id", "city")
    assert list(held) == [("c1", "a1", "Vigo"), ("c2", "own of c1", "C")]
    assert Address.objects.get(erp_id="a1").pk == kept["c1"]


def test_items_stand_in_their_categories_and_all_above_whatever_comes_first(erp: FakeErp) -> None:
    erp.put("items", facts.item("A", category_erp_ids=("nuts",)))
    pull(erp, "items")
    assert Item.objects.get().category_ids == ["nuts"]
    erp.put("categories", facts.category("nuts", "fasteners"))
    erp.put("categories", facts.category("fasteners", "root"))
    erp.put("categories", facts.category("root"))

    pull(erp, "categories")

    assert Category.objects.get(erp_id="nuts").path == ["root", "fasteners", "nuts"]
    assert sorted(Item.objects.get().category_ids) == ["fasteners", "nuts", "root"]

    erp.put("categories", facts.category("nuts", "root"))
    pull(erp, "categories", full=True)
    assert sorted(Item.objects.get().category_ids) == ["nuts", "root"]


def test_a_circle_of_categories_does_not_hang(erp: FakeErp) -> None:
    erp.put("categories", facts.category("a", "b"))
    erp.put("categories", facts.category("b", "a"))
    pull(erp, "categories")
    assert dict(Category.objects.values_list("erp_id", "path")) == {"a": ["a"], "b": ["b"]}


def test_the_number_of_queries_does_not_grow_with_the_page(
    erp: FakeErp,
) -> None:
    pull(erp, "orders")
    counts = []
    for size in (2, 40):
        for number in range(size):
            erp.put("orders", facts.order(f"{size}-{number}"))
        counter = _Counter()
        with connection.execute_wrapper(counter):
            pull(erp, "orders", full=True)
        counts.append(counter.count)
    assert counts[0] == counts[1]


class _Counter:
    def __init__(self) -> None:
        self.count = 0

    def __call__(self, execute: Any, *args: Any) -> Any:
        self.count += 1
        return execute(*args)


def test_a_run_that_finds_nothing_leaves_no_row_for_people_but_is_fresh(erp: FakeErp) -> None:
    pull(erp, "orders")
    pull(erp, "orders", now=NOW + dt.timedelta(seconds=30))
    assert not SyncRun.objects.exclude(is_full=True).exists()
    assert SyncState.objects.get().last_success_at == NOW + dt.timedelta(seconds=30)


def test_an_overlapping_run_says_so_and_leaves(erp: FakeErp) -> None:
    erp.put("orders", facts.order("1"))
    other = psycopg.connect(**_dsn())
    other.execute("SELECT pg_advisory_lock(%s, %s)", [locks.FAMILY, MIRRORED.index("orders")])
    try:
        assert pull(erp, "orders").is_busy
        assert not Order.objects.exists()
        assert not pull(erp, "items").is_busy  # another kind is free
    finally:
        other.execute("SELECT pg_advisory_unlock_all()")
        other.close()
    assert pull(erp, "orders").changed == 1


def test_an_erp_that_is_down_ends_the_round_and_keeps_what_there_is(erp: FakeErp) -> None:
    erp.put("orders", facts.order("1"))
    pull(erp, "orders")
    erp.book.is_down = True

    rounds = sync.pull_all(now=NOW + dt.timedelta(hours=1), erp=erp)

    assert [progress.kind for progress in rounds] == ["categories"]
    assert Order.objects.count() == 1
    state = SyncState.objects.get(kind="categories")
    assert state.last_error == "not reached: the ERP is down"
    assert SyncState.objects.get(kind="orders").last_success_at == NOW


def test_a_page_that_leads_back_to_itself_ends_the_run(erp: FakeErp, monkeypatch: pytest.MonkeyPatch) -> None:
    page: r.Page[Any] = r.Page((), r.Cursor(None, "7"))
    monkeypatch.setattr(erp, "pull", lambda *args, **kwargs: page)
    assert "leads back" in str(pull(erp, "orders").error)


def _dsn() -> dict[str, Any]:
    database = settings.DATABASES["default"]
    found = {
        "host": database["HOST"],
        "port": database["PORT"],
        "user": database["USER"],
        "password": database["PASSWORD"],
        "dbname": connection.settings_dict["NAME"],
    }
    return {name: value for name, value in found.items() if value}


@pytest.mark.django_db(transaction=True)
def test_a_hundred_written_orders_ask_for_one_pull_that_comes_after_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sent: list[tuple[Any, float]] = []
    monkeypatch.setattr(sync, "_soon", {})
    monkeypatch.setattr(
        current_app,
        "send_task",
        lambda name, *, kwargs, countdown, retry: sent.append((kwargs, countdown)),
    )
    with transaction.atomic():
        for number in range(100):
            sync.refresh(("orders",), erp_id=str(number))
        assert sent == []
    assert sent == [({"kinds": ["orders"]}, 2.0)]


@pytest.mark.django_db(transaction=True)
def test_a_broker_that_is_down_is_not_asked_for_every_order(monkeypatch: pytest.MonkeyPatch) -> None:
    tries: list[str] = []

    def refuse(name: str, **more: Any) -> None:
        tries.append(name)
        raise ConnectionRefusedError

    monkeypatch.setattr(sync, "_soon", {})
    monkeypatch.setattr(current_app, "send_task", refuse)
    for number in range(5):
        sync.refresh(("orders",), erp_id=str(number))
    assert tries == ["erp_sync.mirror.tasks.pull"]


def test_a_slow_erp_is_asked_for_smaller_pages(erp: FakeErp, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(60):
        erp.put("orders", facts.order(str(number)))
    real, asked = erp.pull, []

    def slow(kind: str, cursor: r.Cursor, *, limit: int, deadline_s: float) -> r.Page[Any]:
        asked.append(limit)
        if limit > 30:
            raise ErpUnavailable("no answer in time")
        return real(kind, cursor, limit=limit, deadline_s=deadline_s)

    monkeypatch.setattr(erp, "pull", slow)

    progress = pull(erp, "orders")

    assert (progress.is_done, Order.objects.count()) == (True, 60)
    assert asked == [100, 25, 25, 25]


@pytest.mark.parametrize("kind", ["items", "customers", "orders"])
def test_a_page_is_written_with_as_many_statements_for_forty_records_as_for_two(erp: FakeErp, kind: str) -> None:
    def statements(*numbers: int) -> int:
        for number in numbers:
            erp.put(kind, _RECORDS[kind](str(number)))
        with CaptureQueriesContext(connection) as asked:
            assert pull(erp, kind, full=True).changed == len(numbers)
        return len(asked)

    pull(erp, kind)  # the first run notes that there are runs
    assert statements(1, 2) == statements(*range(3, 43))


_RECORDS: dict[str, Any] = {
    "items": facts.item,
    "orders": facts.order,
    "customers": lambda erp_id: facts.customer(erp_id, addresses=(facts.address(f"a{erp_id}"),)),
}


def test_a_text_that_is_no_unicode_is_quarantined_and_harms_no_other(erp: FakeErp) -> None:
    erp.put("customers", facts.customer("c1", name="half a sign \ud83d"))
    erp.put("customers", facts.customer("c2"))

    progress = pull(erp, "customers")

    assert (progress.changed, progress.quarantined) == (1, 1)
    assert list(Customer.objects.values_list("erp_id", flat=True)) == ["c2"]
