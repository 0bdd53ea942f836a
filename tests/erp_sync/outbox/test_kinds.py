"""Every kind of write reaches the ERP once, as orders do, whatever happens on the way."""

import dataclasses
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from erp_sync import records as r
from erp_sync.adapters import fake
from erp_sync.outbox import claims, kinds, services
from erp_sync.outbox.models import OutboxRow, OutboxState

from . import writes
from .conftest import Desk

OTHERS = [name for name in kinds.KINDS if name != kinds.ORDER]
LEASE_S = 95.0

every_kind = pytest.mark.parametrize("kind", OTHERS)


@pytest.fixture
def furnished(erp: fake.FakeErp) -> fake.FakeErp:
    writes.furnish(erp)
    return erp


def state(row: OutboxRow) -> str:
    row.refresh_from_db()
    return row.state


def effects(erp: fake.FakeErp) -> dict[str, Any]:
    """Return all that the ERP holds, without times: equal effects are equal."""
    erp.settle()
    book = {
        kind: sorted((_timeless(one) for one in found.values()), key=repr) for kind, found in erp.book.records.items()
    }
    return book | {"made": sorted((one.order.reference, one.state) for one in erp.book.orders.values())}


def _timeless(record: Any) -> Any:
    moments = {"version": writes.NOW, "placed_at": writes.NOW, "requested_at": writes.NOW}
    mine = {field.name for field in dataclasses.fields(record)}
    return dataclasses.replace(record, **{name: value for name, value in moments.items() if name in mine})


def wanted(kind: str) -> dict[str, Any]:
    """Return what an undisturbed ERP holds after one write of a kind."""
    calm = fake.FakeErp()
    for sku, price in (("BOLT", "2.0000"), ("NUT", "1.0000")):
        calm.add_item(sku, price)
    calm.add_customer("c1")
    writes.furnish(calm)
    write = writes.write_of(kind, calm)
    if isinstance(write, r.QuoteAcceptance):
        calm.accept_quote(write, deadline_s=1)
    else:
        calm.write(write, deadline_s=1)
    return effects(calm)


@every_kind
def test_a_write_is_sent_once_and_told(desk: Desk, furnished: fake.FakeErp, kind: str) -> None:
    row = writes.queue(kind, writes.write_of(kind, furnished), now=desk.now)
    assert desk.export() == 1
    assert desk.export() == 0
    assert state(row) == OutboxState.DONE
    (told,) = desk.told
    assert (told.kind, told.reference, told.state) == (kind, row.reference, "done")
    assert isinstance(told.written, r.WrittenOrder if kind == "quote_accept" else r.WrittenDocument)
    assert told.written.reference == row.reference
    assert row.erp_id == told.written.erp_id
    assert effects(furnished) == wanted(kind)


@pytest.mark.parametrize("fault", ["down", "before", "after", "garbage", "late", "halfway", "slow"])
@every_kind
def test_a_write_survives_a_fault_with_one_effect(desk: Desk, furnished: fake.FakeErp, kind: str, fault: str) -> None:
    furnished.fail(fault, "write", "accept_quote", seconds=0.01)
    row = writes.queue(kind, writes.write_of(kind, furnished), now=desk.now)
    for _ in range(4):
        desk.export(after_s=120)
        furnished.settle()
    assert state(row) == OutboxState.DONE
    assert effects(furnished) == wanted(kind)
    assert desk.states == ["done"]


@every_kind
def test_a_write_whose_worker_was_killed_is_found(desk: Desk, furnished: fake.FakeErp, kind: str) -> None:
    write = writes.write_of(kind, furnished)
    row = writes.queue(kind, write, now=desk.now)
    claim = claims.next_due(furnished.capabilities, desk.now)
    assert claim
    kinds.of(kind).send(furnished, write, 1.0)  # and then it was killed
    desk.export(after_s=LEASE_S + 1)
    desk.export(after_s=1)
    assert state(row) == OutboxState.DONE
    assert effects(furnished) == wanted(kind)


@every_kind
def test_a_refusal_is_told_in_the_erps_words(desk: Desk, furnished: fake.FakeErp, kind: str) -> None:
    furnished.fail("reject", "write", "accept_quote", message="The ERP says no to this.")
    before = effects(furnished)
    row = writes.queue(kind, writes.write_of(kind, furnished), now=desk.now)
    desk.export()
    assert state(row) == OutboxState.REJECTED
    assert [(told.state, told.message) for told in desk.told] == [("rejected", "The ERP says no to this.")]
    assert effects(furnished) == before


@every_kind
def test_a_write_is_queued_once(desk: Desk, furnished: fake.FakeErp, kind: str) -> None:
    write = writes.write_of(kind, furnished)
    writes.queue(kind, write, now=desk.now)
    with pytest.raises(IntegrityError), transaction.atomic():
        writes.queue(kind, write, now=desk.now)
    assert OutboxRow.objects.count() == 1


@every_kind
def test_a_payload_reads_as_it_was_written(desk: Desk, furnished: fake.FakeErp, kind: str) -> None:
    write = writes.write_of(kind, furnished)
    row = writes.queue(kind, write, now=desk.now)
    row.refresh_from_db()
    assert kinds.of(kind).read(row.payload) == write


@every_kind
def test_after_a_restored_database_a_write_is_looked_up(desk: Desk, furnished: fake.FakeErp, kind: str) -> None:
    write = writes.write_of(kind, furnished)
    kinds.of(kind).send(furnished, write, 1.0)  # before the backup was put back
    row = writes.queue(kind, write, now=desk.now)
    assert services.doubt_all(now=desk.now) == 1
    desk.export(after_s=120)
    assert state(row) == OutboxState.DONE
    assert effects(furnished) == wanted(kind)


def test_a_payload_that_nobody_can_read_waits_for_a_person(desk: Desk, furnished: fake.FakeErp) -> None:
    row = writes.queue("payment", writes.write_of("payment", furnished), now=desk.now)
    OutboxRow.objects.filter(pk=row.pk).update(payload={"document": {"amount": "much"}})
    desk.export()
    assert state(row) == OutboxState.NEEDS_REVIEW


def test_a_kind_that_nobody_knows_waits_for_a_person(desk: Desk, erp: fake.FakeErp) -> None:
    row = desk.queue()
    OutboxRow.objects.filter(pk=row.pk).update(kind="telegram")
    desk.export()
    assert state(row) == OutboxState.NEEDS_REVIEW


def test_an_unclear_payment_waits_until_a_late_one_would_be_there(desk: Desk, furnished: fake.FakeErp) -> None:
    furnished.capabilities = dataclasses.replace(furnished.capabilities, max_processing_s=20.0)
    furnished.fail("late", "write")
    row = writes.queue("payment", writes.write_of("payment", furnished), now=desk.now)
    desk.export()
    row.refresh_from_db()
    assert (row.state, (row.due_at - desk.now).total_seconds() > 19) == (OutboxState.CHECK, True)


def test_an_acceptance_before_its_quote_arrived_is_tried_again(desk: Desk, erp: fake.FakeErp) -> None:
    row = writes.queue("quote_accept", r.QuoteAcceptance(
        "WEB-Q", "RFQ-1", "", "c1", "EUR", writes.quote_lines()
    ), now=desk.now)  # fmt: skip
    desk.export()
    assert state(row) == OutboxState.READY
    erp.write(r.NewQuote("RFQ-1", "c1", "", "EUR", writes.quote_lines()), deadline_s=1)
    desk.export(after_s=20)
    assert state(row) == OutboxState.DONE
    assert len(erp.orders_of("WEB-Q")) == 1


def test_two_acceptances_of_a_quote_make_one_order(desk: Desk, furnished: fake.FakeErp) -> None:
    acceptance: r.QuoteAcceptance = writes.write_of("quote_accept", furnished)
    first = writes.queue("quote_accept", acceptance, now=desk.now)
    second = writes.queue("quote_accept", dataclasses.replace(acceptance, reference="WEB-R"), now=desk.now)
    desk.export()
    assert (state(first), state(second)) == (OutboxState.DONE, OutboxState.REJECTED)
    assert furnished.orders_of("WEB-R") == []


def test_a_payment_taken_back_in_the_erp_waits_for_a_person(desk: Desk, furnished: fake.FakeErp) -> None:
    furnished.fail("after", "write")
    payment: r.NewPayment = writes.write_of("payment", furnished)
    row = writes.queue("payment", payment, now=desk.now)
    desk.export()
    reversal = r.PaymentReversal("X", payment.reference, "c1", "EUR", payment.amount, payment.paid_on)
    furnished.write(reversal, deadline_s=1)
    desk.export(after_s=60)
    assert state(row) == OutboxState.NEEDS_REVIEW
