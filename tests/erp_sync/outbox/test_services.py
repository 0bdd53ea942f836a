"""Queueing inside the caller's transaction, waking after it, and what staff may do."""

import dataclasses
import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from celery import current_app
from django.db import IntegrityError, transaction
from hypothesis import given, settings
from hypothesis import strategies as st
from kombu.exceptions import OperationalError

from erp_sync.adapters import fake
from erp_sync.outbox import claims, kinds, selectors, services, waking
from erp_sync.outbox.errors import OutboxRefused
from erp_sync.outbox.models import OutboxRow, OutboxState
from erp_sync.records import NewOrder, NewOrderLine

from .conftest import START, Desk, order

KIND = kinds.of(kinds.ORDER)


@pytest.fixture
def woken(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """References for which the exporter was woken."""
    sent: list[str] = []

    def send_task(name: str, args: list[str], **options: Any) -> None:
        assert name == "erp_sync.outbox.tasks.wake"
        assert options in ({"retry": False}, {"retry": False, "countdown": waking.SHARED_S})
        sent.append(args[0])

    waking.Wakes.forget()
    monkeypatch.setattr(current_app, "send_task", send_task)
    return sent


def test_the_exporter_is_woken_after_the_commit_and_not_before(
    desk: Desk, woken: list[str], django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        desk.queue()
        assert woken == []
    assert woken == ["WEB-1"]


def test_orders_that_come_close_together_share_one_more_wake_up(
    desk: Desk, woken: list[str], monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    clock = [1000.0]
    monkeypatch.setattr("erp_sync.outbox.waking.time.monotonic", lambda: clock[0])
    for number, seconds in enumerate((0.0, 0.1, 0.1, 0.1, 0.1, 5.0)):
        clock[0] += seconds
        with django_capture_on_commit_callbacks(execute=True):
            desk.queue(f"WEB-{number}")
    # The second goes a little later and serves the third and fourth; what comes after it began needs its own.
    assert woken == ["WEB-0", "WEB-1", "WEB-4", "WEB-5"]


def test_an_order_that_is_rolled_back_leaves_no_row_and_wakes_nobody(
    desk: Desk, woken: list[str], django_capture_on_commit_callbacks: Any
) -> None:
    def place() -> None:
        with transaction.atomic():
            desk.queue()
            raise ValueError("the basket changed")

    with django_capture_on_commit_callbacks(execute=True), pytest.raises(ValueError, match="bask"):
        place()
    assert OutboxRow.objects.count() == 0
    assert woken == []


def test_a_broker_that_is_gone_costs_one_try_in_ten_seconds_and_no_order(
    desk: Desk,
    woken: list[str],
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Any,
) -> None:
    tried = []

    def fail(*args: Any, **options: Any) -> None:
        tried.append(args)
        raise OperationalError("no broker")

    monkeypatch.setattr(current_app, "send_task", fail)
    with django_capture_on_commit_callbacks(execute=True):
        for number in range(5):
            desk.queue(f"WEB-{number}")
    assert len(tried) == 1
    assert OutboxRow.objects.count() == 5


def test_the_same_reference_is_queued_once(desk: Desk) -> None:
    desk.queue()
    with pytest.raises(IntegrityError), transaction.atomic():
        desk.queue()


decimals = st.decimals(min_value=0, max_value=10**9, places=4)
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=40)


@settings(deadline=None)  # how long it takes says how busy the machine is
@given(
    lines=st.lists(st.builds(NewOrderLine, st.integers(1, 999), texts, texts, decimals, decimals, texts)),
    note=texts,
    requested_on=st.none() | st.dates(),
    expected_total=st.none() | decimals,
)
def test_a_payload_comes_back_as_it_went(
    lines: list[NewOrderLine],
    note: str,
    requested_on: dt.date | None,
    expected_total: Decimal | None,
) -> None:
    before = order(lines=tuple(lines), note=note, requested_on=requested_on, expected_total=expected_total)
    assert KIND.read(KIND.payload(before)) == before


def test_a_payload_forgets_no_field() -> None:
    data = KIND.payload(order())["order"]
    assert set(data) == {field.name for field in dataclasses.fields(NewOrder)}
    assert set(data["lines"][0]) == {field.name for field in dataclasses.fields(NewOrderLine)}


def test_a_payload_is_stored_with_exact_decimals(desk: Desk) -> None:
    row = desk.queue()
    row.refresh_from_db()
    stored: NewOrder = KIND.read(row.payload)
    assert stored == order()
    assert row.payload["order"]["lines"][0]["quantity"] == "10.0000"


# --- staff ---


def reject(desk: Desk, erp: fake.FakeErp) -> OutboxRow:
    erp.fail("reject", "create_order", message="Over the limit.")
    row = desk.queue()
    desk.export()
    row.refresh_from_db()
    assert row.state == OutboxState.REJECTED
    return row


def test_a_refused_order_is_sent_again_by_a_person(desk: Desk, erp: fake.FakeErp) -> None:
    row = reject(desk, erp)
    services.retry(row=row, by="Marta", now=desk.now)
    desk.export(after_s=1)
    row.refresh_from_db()
    assert row.state == OutboxState.DONE
    assert [a.by for a in row.history.order_by("number")] == ["", "Marta", ""]
    assert desk.states == [OutboxState.REJECTED, OutboxState.DONE]


def test_a_retry_after_an_unclear_send_looks_first(desk: Desk, erp: fake.FakeErp) -> None:
    erp.fail("after", "create_order")
    erp.fail("before", "find_order", times=100)
    row = desk.queue()
    desk.export()
    desk.export(after_s=49 * 3600)
    row.refresh_from_db()
    assert row.state == OutboxState.DEAD
    erp.book.faults.clear()
    services.retry(row=row, by="Marta", now=desk.now)
    desk.export(after_s=1)
    row.refresh_from_db()
    assert row.state == OutboxState.DONE
    assert erp.book.calls.count("create_order") == 1


def test_a_retried_row_has_its_48_hours_anew(desk: Desk, erp: fake.FakeErp) -> None:
    erp.book.is_down = True
    row = desk.queue()
    desk.export()
    desk.export(after_s=49 * 3600)
    desk.pass_time(1)
    services.retry(row=row, by="Marta", now=desk.now)
    desk.export(after_s=1)
    row.refresh_from_db()
    assert row.state == OutboxState.READY
    assert 8 <= (row.due_at - desk.now).total_seconds() <= 13


def test_a_retry_after_a_price_review_sends_the_accepted_prices(desk: Desk, erp: fake.FakeErp) -> None:
    erp.set_price("", "BOLT", (1, "3.0000"))
    row = desk.queue(recheck=True, valid_until=desk.now)
    desk.export(after_s=1)
    row.refresh_from_db()
    assert row.state == OutboxState.NEEDS_REVIEW
    services.retry(row=row, by="Marta", now=desk.now)
    desk.export(after_s=1)
    assert [str(line.net_price) for line in erp.orders_of("WEB-1")[0].order.lines] == [
        "2.0000",
        "1.0000",
    ]


def test_looking_up_again_records_what_a_person_entered(desk: Desk, erp: fake.FakeErp) -> None:
    row = reject(desk, erp)
    erp.book.commit(order(), once=True)
    services.check_again(row=row, by="Marta", now=desk.now)
    desk.export(after_s=1)
    row.refresh_from_db()
    assert row.state == OutboxState.DONE
    assert erp.book.calls.count("create_order") == 1


def test_looking_up_a_refused_order_that_is_not_there_leaves_it_refused(desk: Desk, erp: fake.FakeErp) -> None:
    row = reject(desk, erp)
    services.check_again(row=row, by="Marta", now=desk.now)
    desk.export(after_s=1)
    row.refresh_from_db()
    assert row.state == OutboxState.REJECTED
    assert erp.book.calls.count("create_order") == 1


def test_an_erp_that_cannot_be_asked_says_so(desk: Desk, erp: fake.FakeErp) -> None:
    erp.capabilities = dataclasses.replace(erp.capabilities, can_query_reference=False)
    row = reject(desk, erp)
    with pytest.raises(OutboxRefused, match="cannot be asked"):
        services.check_again(row=row, by="Marta", now=desk.now)


def test_a_handed_over_order_is_told_and_never_sent(desk: Desk, erp: fake.FakeErp) -> None:
    row = desk.queue()
    services.hand_over(row=row, by="Marta", now=desk.now)
    assert desk.export(after_s=49 * 3600) == 0
    row.refresh_from_db()
    assert row.state == OutboxState.NEEDS_REVIEW
    assert desk.told[0].message == "Marta takes care of it"
    assert erp.book.calls == []


@pytest.mark.parametrize("act", [services.retry, services.check_again, services.hand_over])
def test_an_order_on_its_way_or_arrived_is_left_alone(desk: Desk, erp: fake.FakeErp, act: Any) -> None:
    row = desk.queue()
    claims.next_due(erp.capabilities, desk.now)
    with pytest.raises(OutboxRefused, match="being sent"):
        act(row=row, by="Marta", now=desk.now)
    OutboxRow.objects.update(state=OutboxState.DONE)
    with pytest.raises(OutboxRefused, match="in the ERP"):
        act(row=row, by="Marta", now=desk.now)
    assert row.history.count() == 1


def test_after_a_restore_every_open_write_is_looked_up_before_it_is_sent(desk: Desk, erp: fake.FakeErp) -> None:
    erp.book.commit(order("WEB-1"), once=True)  # exported after the backup was made
    desk.queue("WEB-1")
    desk.queue("WEB-2")
    assert services.doubt_all(now=desk.now) == 2
    desk.export(after_s=1)
    desk.export(after_s=13)
    assert erp.book.calls.count("create_order") == 1
    assert set(OutboxRow.objects.values_list("state", flat=True)) == {OutboxState.DONE}


def test_the_summary_counts_states_and_the_oldest_wait(desk: Desk, erp: fake.FakeErp) -> None:
    reject(desk, erp)
    desk.queue("WEB-2")
    desk.pass_time(60)
    desk.queue("WEB-3")
    found = selectors.summary(now=desk.now)
    counts = {count.state: count.rows for count in found.counts}
    assert counts["ready"] == 2
    assert counts["rejected"] == 1
    assert counts["dead"] == 0
    assert found.waiting == 2
    assert found.oldest_waiting == dt.timedelta(seconds=60)


@pytest.mark.parametrize(
    ("state", "due_s", "words"),
    [
        ("ready", 0, "will be sent in a few seconds"),
        ("check", 3600, "will be looked up at 10:00"),
        ("sending", 95, "is being sent; if nothing is heard, it is looked up at 09:01"),
        ("ready", 86400, "will be sent at 3 Mar 2026, 09:00"),
        ("done", 0, "nothing: it is in the ERP"),
        ("needs_check", 0, "look for the reference in the ERP; retry only if it is not there"),
    ],
)
def test_the_next_step_is_said_in_words(state: str, due_s: int, words: str) -> None:
    row = OutboxRow(state=state, due_at=START + dt.timedelta(seconds=due_s))
    assert selectors.next_step(row, now=START) == words
