"""Seeded differences between the outbox and the ERP are found, all of them and nothing else."""

import dataclasses
import datetime as dt
from decimal import Decimal

from erp_sync.adapters import fake
from erp_sync.outbox.models import OutboxRow, OutboxState
from erp_sync.outbox.reconcile import Difference, reconcile

from .conftest import Desk, order


def exported(desk: Desk, count: int) -> None:
    for number in range(count):
        desk.queue(f"WEB-{number}")
    desk.export()
    desk.pass_time(60)


def test_two_sides_that_agree_have_no_mismatch(desk: Desk, erp: fake.FakeErp) -> None:
    exported(desk, 5)
    report = reconcile(now=desk.now)
    assert (report.compared, report.unanswered, report.mismatches) == (5, 0, ())


def test_every_seeded_difference_is_found(desk: Desk, erp: fake.FakeErp) -> None:
    exported(desk, 8)
    made = {one.order.reference: one for one in erp.book.orders.values()}
    del erp.book.orders[made["WEB-0"].erp_id]
    erp.book.commit(order("WEB-1"), once=False)
    made["WEB-2"].state = "cancelled"
    first, second = made["WEB-3"].order.lines
    changed = dataclasses.replace(first, net_price=Decimal("9.0000"))
    made["WEB-3"].order = dataclasses.replace(made["WEB-3"].order, lines=(changed, second))
    OutboxRow.objects.filter(reference="WEB-4").update(state=OutboxState.DEAD)
    report = reconcile(now=desk.now)
    assert [(one.reference, one.difference) for one in report.mismatches] == [
        ("WEB-0", Difference.MISSING),
        ("WEB-1", Difference.DOUBLE),
        ("WEB-2", Difference.CANCELLED),
        ("WEB-3", Difference.LINE_DIFFERS),
        ("WEB-4", Difference.GHOST),
    ]


def test_orders_older_than_a_day_are_left_alone(desk: Desk, erp: fake.FakeErp) -> None:
    exported(desk, 2)
    assert reconcile(now=desk.now + dt.timedelta(hours=25)).compared == 0


def test_an_erp_that_is_away_is_not_asked_for_every_order(desk: Desk, erp: fake.FakeErp) -> None:
    exported(desk, 10)
    erp.book.calls.clear()
    erp.book.is_down = True
    report = reconcile(now=desk.now)
    assert (report.compared, report.unanswered, report.mismatches) == (0, 10, ())
    assert erp.book.calls == ["find_order"] * 3
