"""Every outcome of a write, and what the exporter does next."""

import dataclasses
import datetime as dt
from typing import Any

import pytest
from pytest_django.fixtures import Settings

from erp_sync import adapters
from erp_sync import records as r
from erp_sync.adapters import fake
from erp_sync.errors import ErpMisconfigured
from erp_sync.outbox import claims, kinds
from erp_sync.outbox.history import Outcome
from erp_sync.outbox.models import OutboxRow, OutboxState
from erp_sync.outbox.signals import WriteSettled, write_settled

from .conftest import Desk

LEASE_S = 95.0


def cannot_enforce(erp: fake.FakeErp) -> None:
    """Play an ERP that takes a reference twice but can be asked for it."""
    erp.capabilities = dataclasses.replace(erp.capabilities, enforces_reference=False, max_processing_s=20.0)


def outcomes(row: OutboxRow) -> list[str]:
    return [f"{a.action}:{a.outcome}" for a in row.history.order_by("number")]


def state(row: OutboxRow) -> str:
    row.refresh_from_db()
    return row.state


def test_a_due_order_is_sent_once_and_its_number_told(desk: Desk, erp: fake.FakeErp) -> None:
    row = desk.queue()
    assert desk.export() == 1
    assert desk.export() == 0
    assert state(row) == OutboxState.DONE
    assert row.erp_number == "SO00001"
    assert len(erp.orders_of("WEB-1")) == 1
    (told,) = desk.told
    assert told.reference == "WEB-1"
    assert isinstance(told.written, r.WrittenOrder)
    assert told.written.totals.untaxed == 25
    assert outcomes(row) == ["send:done"]


def test_what_is_not_due_yet_is_left_alone(desk: Desk, erp: fake.FakeErp) -> None:
    row = desk.queue()
    OutboxRow.objects.update(due_at=desk.now + dt.timedelta(seconds=1))
    assert desk.export() == 0
    assert desk.export(after_s=1) == 1
    assert state(row) == OutboxState.DONE


def test_the_buyers_words_arrive_as_they_were(desk: Desk, erp: fake.FakeErp) -> None:
    desk.queue(note="Gate 3, ring twice", placed_by="Ana", ship_to_erp_id="a9")
    desk.export()
    (made,) = erp.orders_of("WEB-1")
    assert made.order.note == "Gate 3, ring twice"
    assert made.order.customer_reference == "PO 4711"
    assert made.order.requested_on == dt.date(2026, 3, 9)
    assert made.order.lines[1].note == "blue"


def test_when_nothing_was_sent_it_is_tried_again_after_longer_and_longer_waits(desk: Desk, erp: fake.FakeErp) -> None:
    erp.book.is_down = True
    row = desk.queue()
    waits = []
    for _ in range(7):
        desk.export()
        row.refresh_from_db()
        waits.append((row.due_at - desk.now).total_seconds())
        desk.now = row.due_at
    expected = [10, 30, 120, 600, 1800, 3600, 3600]
    for wait, middle in zip(waits, expected, strict=True):
        assert middle * 0.8 <= wait <= middle * 1.2 + 1
    assert row.state == OutboxState.READY
    erp.book.is_down = False
    desk.export()
    assert state(row) == OutboxState.DONE
    assert erp.book.calls.count("find_order") == 0


def test_after_48_hours_it_is_given_up_and_told(desk: Desk, erp: fake.FakeErp) -> None:
    erp.book.is_down = True
    row = desk.queue()
    desk.export()
    desk.export(after_s=48 * 3600 + 1)
    assert state(row) == OutboxState.DEAD
    assert desk.states == [OutboxState.DEAD]
    assert desk.export(after_s=3600) == 0


def test_a_refusal_is_told_in_the_erps_own_words_and_not_repeated(desk: Desk, erp: fake.FakeErp) -> None:
    erp.fail("reject", "create_order", message="Over the credit limit by 12.00 EUR.")
    row = desk.queue()
    desk.export()
    assert state(row) == OutboxState.REJECTED
    assert desk.told[0].message == "Over the credit limit by 12.00 EUR."
    assert desk.export(after_s=7200) == 0
    assert erp.orders_of("WEB-1") == []


@pytest.mark.parametrize("fault", ["before", "after", "garbage", "late"])
def test_an_unclear_send_is_looked_up_before_it_is_sent_again(desk: Desk, erp: fake.FakeErp, fault: str) -> None:
    cannot_enforce(erp)
    erp.fail(fault, "create_order")
    row = desk.queue()
    desk.export()
    assert state(row) == OutboxState.CHECK
    assert desk.export(after_s=19) == 0  # the ERP may still be at it
    erp.settle()
    desk.export(after_s=2)
    desk.export(after_s=13)
    assert state(row) == OutboxState.DONE
    assert [made.state for made in erp.orders_of("WEB-1")] == ["confirmed"]
    assert desk.states == [OutboxState.DONE]


def test_control_sending_an_unclear_order_again_without_looking_makes_it_double(
    desk: Desk, erp: fake.FakeErp, monkeypatch: pytest.MonkeyPatch
) -> None:
    def careless(row: OutboxRow, *args: Any, now: dt.datetime, **kwargs: Any) -> None:
        row.state, row.due_at = OutboxState.READY, now
        row.save()

    cannot_enforce(erp)
    monkeypatch.setattr(claims, "unclear", careless)
    erp.fail("after", "create_order")
    desk.queue()
    desk.export()
    assert len(erp.orders_of("WEB-1")) == 2


def test_an_erp_that_enforces_the_reference_is_looked_up_at_once(desk: Desk, erp: fake.FakeErp) -> None:
    erp.fail("after", "create_order")
    row = desk.queue()
    assert desk.export() == 2
    assert outcomes(row) == ["send:unclear", "look_up:found"]
    assert state(row) == OutboxState.DONE


def test_an_order_found_twice_waits_for_a_person(desk: Desk, erp: fake.FakeErp) -> None:
    cannot_enforce(erp)
    erp.fail("after", "create_order")
    row = desk.queue()
    desk.export()
    erp.book.commit(_order_of(row), once=False)  # somebody entered it by hand
    desk.export(after_s=21)
    assert state(row) == OutboxState.NEEDS_REVIEW
    assert "SO00001, SO00002" in desk.told[0].message
    assert desk.told[0].written is None


def _order_of(row: OutboxRow) -> r.NewOrder:
    order: r.NewOrder = kinds.of(row.kind).read(row.payload)
    return order


def test_without_look_up_and_enforcement_nothing_unclear_is_ever_sent_again(desk: Desk, erp: fake.FakeErp) -> None:
    erp.capabilities = dataclasses.replace(erp.capabilities, enforces_reference=False, can_query_reference=False)
    erp.fail("before", "create_order")
    row = desk.queue()
    desk.export()
    assert desk.export(after_s=49 * 3600) == 0
    assert state(row) == OutboxState.NEEDS_CHECK
    assert erp.book.calls == ["create_order"]


def test_a_look_up_without_an_answer_is_repeated_and_nothing_is_sent(desk: Desk, erp: fake.FakeErp) -> None:
    erp.fail("after", "create_order")
    erp.fail("before", "find_order", times=2)
    row = desk.queue()
    desk.export()
    desk.export(after_s=13)
    desk.export(after_s=37)
    assert state(row) == OutboxState.DONE
    assert erp.book.calls == ["create_order", "find_order", "find_order", "find_order"]


def test_a_refusal_after_an_unclear_send_is_looked_up_first(desk: Desk, erp: fake.FakeErp) -> None:
    """An ERP that enforces the reference may say "exists already" to the second send."""
    erp.fail("late", "create_order", seconds=3600)
    row = desk.queue()
    desk.export()  # unclear, not found: to be sent again
    erp.fail("reject", "create_order", message="The reference must be unique.")
    erp.settle()
    desk.export(after_s=13)
    assert state(row) == OutboxState.DONE
    assert outcomes(row)[-2:] == ["send:rejected", "look_up:found"]
    assert desk.states == [OutboxState.DONE]


def test_a_refusal_after_an_unclear_send_stands_when_the_order_is_not_there(desk: Desk, erp: fake.FakeErp) -> None:
    erp.fail("before", "create_order")
    row = desk.queue()
    desk.export()
    erp.fail("reject", "create_order", message="No.")
    desk.export(after_s=13)
    assert state(row) == OutboxState.REJECTED
    assert desk.told[0].message == "No."


def test_an_order_found_half_way_is_carried_on(desk: Desk, erp: fake.FakeErp) -> None:
    erp.fail("halfway", "create_order")
    row = desk.queue()
    desk.export()
    assert outcomes(row) == ["send:unclear", "look_up:halfway", "send:done"]
    assert [made.state for made in erp.orders_of("WEB-1")] == ["confirmed"]


def test_an_order_cancelled_in_the_erp_waits_for_a_person(desk: Desk, erp: fake.FakeErp) -> None:
    erp.fail("halfway", "create_order")
    row = desk.queue()
    desk.export(limit=1)
    erp.write(r.Cancellation("C-1", "", "WEB-1", "c1"), deadline_s=1)
    desk.export(after_s=1)
    assert state(row) == OutboxState.NEEDS_REVIEW


def test_a_worker_that_never_came_back_leaves_an_unclear_row(desk: Desk, erp: fake.FakeErp) -> None:
    row = desk.queue()
    claim = claims.next_due(erp.capabilities, desk.now)
    assert claim
    erp.create_order(_order_of(row), deadline_s=1)  # and then it was killed
    assert desk.export(after_s=LEASE_S - 1) == 0
    desk.export(after_s=2)
    assert state(row) == OutboxState.DONE
    assert outcomes(row) == ["send:lost", "look_up:found"]
    assert len(erp.orders_of("WEB-1")) == 1


def test_a_worker_that_comes_back_too_late_records_nothing(desk: Desk, erp: fake.FakeErp) -> None:
    row = desk.queue()
    late = claims.next_due(erp.capabilities, desk.now)
    assert late
    erp.create_order(_order_of(row), deadline_s=1)
    desk.export(after_s=LEASE_S + 1)
    rest = claims.Rest(OutboxState.REJECTED, Outcome.REJECTED, "late news")
    assert not claims.settle(late, rest, desk.now)
    assert state(row) == OutboxState.DONE
    assert desk.states == [OutboxState.DONE]
    assert outcomes(row)[0] == "send:late"


def test_a_worker_that_slept_through_its_lease_does_not_send(
    desk: Desk, erp: fake.FakeErp, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = desk.queue()
    honest = claims.next_due

    def sleepy(*args: Any) -> claims.Claim | None:
        claim = honest(*args)
        return claim and dataclasses.replace(claim, lease_until=claim.lease_until - dt.timedelta(seconds=LEASE_S))

    monkeypatch.setattr(claims, "next_due", sleepy)
    desk.export(limit=1)
    assert erp.book.calls == []
    assert outcomes(row) == ["send:not_sent"]


def test_a_listener_that_fails_leaves_the_write_to_be_looked_up(desk: Desk, erp: fake.FakeErp) -> None:
    def broken(**_kwargs: Any) -> None:
        raise RuntimeError("no disk")

    row = desk.queue()
    write_settled.connect(broken, weak=False)
    desk.export()
    assert state(row) == OutboxState.SENDING
    write_settled.disconnect(broken)
    desk.told.clear()
    desk.export(after_s=LEASE_S + 1)
    assert state(row) == OutboxState.DONE
    assert desk.states == [OutboxState.DONE]
    assert len(erp.orders_of("WEB-1")) == 1


def test_one_bad_row_does_not_stop_the_others(desk: Desk, erp: fake.FakeErp, monkeypatch: pytest.MonkeyPatch) -> None:
    unreadable, poisoned = desk.queue("WEB-1"), desk.queue("WEB-2")
    good = desk.queue("WEB-3")
    OutboxRow.objects.filter(pk=unreadable.pk).update(payload={"order": {"lines": 7}})
    honest = erp.create_order

    def broken(order: r.NewOrder, **kwargs: Any) -> r.WrittenOrder:
        if order.reference == "WEB-2":
            raise ZeroDivisionError
        return honest(order, **kwargs)

    monkeypatch.setattr(erp, "create_order", broken)
    desk.export()
    assert state(unreadable) == OutboxState.NEEDS_REVIEW
    assert state(poisoned) == OutboxState.SENDING  # looked up when its lease is over
    assert state(good) == OutboxState.DONE


def test_when_the_erp_refuses_connections_the_sweep_stops_and_keeps_the_other_rows_fresh(
    desk: Desk, erp: fake.FakeErp
) -> None:
    erp.book.is_down = True
    for number in range(6):
        desk.queue(f"WEB-{number}")
    assert desk.export() == 3
    assert OutboxRow.objects.filter(attempts=0).count() == 3


def test_with_wrong_settings_nothing_is_tried_and_no_attempt_is_spent(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse() -> None:
        raise ErpMisconfigured("ERP_ADAPTER cannot be imported")

    row = desk.queue()
    monkeypatch.setattr(adapters, "load", refuse)
    assert desk.export() == 0
    assert state(row) == OutboxState.READY
    assert row.attempts == 0


def test_no_row_is_begun_when_the_time_is_over(desk: Desk, erp: fake.FakeErp) -> None:
    desk.queue()
    assert desk.export(for_s=0.0) == 0


def test_the_lease_outlives_the_deadline_of_a_call(desk: Desk, erp: fake.FakeErp, settings: Settings) -> None:
    settings.ERP_LIMITS = {"write_deadline_s": 20.0, "lease_margin_s": 31.0}
    desk.queue()
    claim = claims.next_due(erp.capabilities, desk.now)
    assert claim
    assert (claim.lease_until - desk.now).total_seconds() == 51.0


def test_an_event_names_the_kind(desk: Desk, erp: fake.FakeErp) -> None:
    desk.queue()
    desk.export()
    assert isinstance(desk.told[0], WriteSettled)
    assert desk.told[0].kind == "order"
