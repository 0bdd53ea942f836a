"""An order on its way through the outbox to an ERP of files: handed over, waiting, answered."""

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal

import pytest
from django.utils import timezone
from pytest_django.fixtures import Settings

from erp_sync import records as r
from erp_sync.connection import services as connection
from erp_sync.connection.selectors import frame
from erp_sync.mirror import selectors as mirror
from erp_sync.mirror import sync
from erp_sync.mirror.models import SyncState
from erp_sync.outbox import exporter, selectors, services
from erp_sync.outbox.models import OutboxRow, OutboxState
from erp_sync.outbox.signals import WriteSettled, write_settled
from tests.erp_sync.adapters.files.other_side import OtherSide
from tests.erp_sync.adapters.files.wholesaler import OPTIONS

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)
LINES = (r.NewOrderLine(1, "TOR-0440", "TOR-0440", Decimal(10), Decimal("1.0505")),)
ORDER = r.NewOrder("WEB-HANDED0001", "c1", "breaks", "EUR", LINES, note="=HYPERLINK(1)")


@pytest.fixture
def connected_side(side: OtherSide, settings: Settings) -> OtherSide:
    settings.ERP_ADAPTER = "erp_sync.adapters.files.adapter.FilesErp"
    settings.ERP_URL, settings.ERP_OPTIONS = side.root.as_uri(), OPTIONS
    return side


@pytest.fixture
def told() -> Iterator[list[WriteSettled]]:
    events: list[WriteSettled] = []

    def keep(event: WriteSettled, **_more: object) -> None:
        events.append(event)

    write_settled.connect(keep)
    yield events
    write_settled.disconnect(keep)


def queued(order: r.NewOrder = ORDER) -> OutboxRow:
    return services.queue_order(order=order, recheck=False, prices_valid_until=NOW + HOUR, now=NOW)


def exported(at: dt.datetime) -> OutboxRow:
    exporter.export_due(now=at)
    return OutboxRow.objects.get()


def test_an_order_is_handed_over_waits_without_alarm_and_gets_its_number(
    connected_side: OtherSide, told: list[WriteSettled]
) -> None:
    queued()
    row = exported(NOW)
    assert (row.state, row.erp_number) == (OutboxState.CHECK, "")
    assert selectors.next_step(row, now=NOW).startswith("is with the ERP and waits for its number")
    assert connection.feel_pulse(now=NOW + HOUR).oldest_write_s == 0
    assert exported(NOW + HOUR).state == OutboxState.CHECK
    connected_side.work()
    row = exported(NOW + 2 * HOUR)
    assert (row.state, row.erp_number, row.erp_total) == (OutboxState.DONE, "SO0001", Decimal("12.72"))
    assert [event.state for event in told] == ["handed", "done"]
    assert connected_side.taken == ["WEB-HANDED0001"]


def test_an_order_that_the_erp_rejects_later_is_told_in_its_words(
    connected_side: OtherSide, told: list[WriteSettled]
) -> None:
    connected_side.limits["c1"] = Decimal(1)
    queued()
    exported(NOW)
    connected_side.work()
    row = exported(NOW + HOUR)
    assert (row.state, row.last_message) == (OutboxState.REJECTED, "Customer c1 is over the limit of 1.")
    assert [event.state for event in told] == ["handed", "rejected"]
    tried = [f"{one.action}:{one.outcome}" for one in row.history.order_by("number")]
    assert tried == ["send:handed", "look_up:rejected"], "it is not sent again to hear it"


def test_an_order_that_is_never_answered_reaches_a_person(connected_side: OtherSide, told: list[WriteSettled]) -> None:
    queued()
    exported(NOW)
    row = exported(NOW + 49 * HOUR)
    assert row.state == OutboxState.DEAD
    assert row.last_message.endswith("it said nothing for too long")
    assert [event.state for event in told] == ["handed", "dead"]


def test_an_order_of_friday_evening_goes_to_no_person_on_sunday(connected_side: OtherSide) -> None:
    friday = NOW + dt.timedelta(days=4, hours=9)
    services.queue_order(order=ORDER, recheck=False, prices_valid_until=friday + HOUR, now=friday)
    assert [exported(friday + days * 24 * HOUR).state for days in (0, 2, 3)] == [OutboxState.CHECK] * 3
    assert exported(friday + 4 * 24 * HOUR + HOUR).state == OutboxState.DEAD, "two working days later"


def test_a_refused_batch_stands_in_the_pulse(connected_side: OtherSide) -> None:
    connected_side.sequence = 5
    connected_side.export({"stock": "sku,warehouse,on_hand\nTOR-0440,Main,1"}, content="changes", name="tonight")
    exported_nothing = exporter.export_due(now=NOW)
    queued()
    exported(NOW)
    pulse = connection.feel_pulse(now=NOW)
    assert exported_nothing == 0
    assert pulse.latency_ms is None
    assert pulse.error.startswith("Batch tonight was not taken: batch 2 is missing before batch 6")


def test_pages_say_the_time_of_the_export_not_that_of_the_pull(connected_side: OtherSide) -> None:
    taken_at = timezone.now()
    exported_at = (taken_at - 9 * HOUR).replace(microsecond=0)
    invoices = "invoice_id, number, kind, account_id, invoice_date, total\nI9, 2026/9, invoice, c1, 2026-11-06, 5.00"
    connected_side.export({"invoices": invoices}, content="changes", exported_at=exported_at.isoformat())
    for kind in ("customers", "orders", "invoices"):
        assert sync.pull(kind=kind, now=taken_at, full=True).is_done
    assert mirror.freshness("invoices") == exported_at
    orders_at = mirror.freshness("orders")
    assert orders_at
    assert exported_at < orders_at < taken_at, "the file of orders is of another batch"
    assert frame(now=taken_at).orders_as_of == orders_at
    assert SyncState.objects.get(kind="orders").last_success_at == taken_at, "the lag of the copy is the pull's"
