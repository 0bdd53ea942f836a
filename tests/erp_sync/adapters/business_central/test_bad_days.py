"""Orders on bad days, carried by the real exporter: nothing is lost, nothing is there twice; each with its control."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from pytest_django.fixtures import Settings

from erp_sync import adapters
from erp_sync import records as r
from erp_sync.adapters.business_central import sales
from erp_sync.adapters.business_central.access import Basic
from erp_sync.adapters.business_central.found_orders import FoundOrders, _of_invoices
from erp_sync.http import Deadline
from erp_sync.outbox import exporter, services
from erp_sync.outbox.models import OutboxRow, OutboxState
from tests.erp_stubs.transport import Fault, Killed, When, anything, sends
from tests.erp_sync.adapters.business_central import stub
from tests.erp_sync.adapters.business_central.sample import World

START = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC)
API = f"{stub.ROOT}/api/v2.0/companies({stub.COMPANY})"
ORDERS = f"{API}/salesOrders"
ROUNDS = 8
MOST_STEPS = 30

pytestmark = pytest.mark.django_db


class Desk:
    """Queues orders and lets the exporter run, in a process that was started for it, until nothing is left to do."""

    def __init__(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        self.world = world
        self.now = START
        self._patch = monkeypatch
        self.start_again()

    def start_again(self) -> None:
        """Start a new process: it knows nothing of what was before."""
        erp = self.world.erp()
        self._patch.setattr(adapters, "load", lambda: erp)

    def queue(self, reference: str) -> OutboxRow:
        """Queue an order."""
        order = self.world.order(reference)
        return services.queue_order(order=order, recheck=False, prices_valid_until=self.now, now=self.now)

    def export(self) -> None:
        """Run the exporter once, an hour after the last time."""
        self.now += dt.timedelta(hours=1)
        self.world.clock.at += 3600
        try:
            exporter.export_due(now=self.now)
        except Killed:
            self.start_again()

    def settle(self, row: OutboxRow) -> OutboxState:
        """Let the exporter run until the row is settled."""
        for _ in range(ROUNDS):
            self.export()
            row.refresh_from_db()
            if row.state in {OutboxState.DONE, OutboxState.REJECTED, OutboxState.NEEDS_REVIEW}:
                break
        return OutboxState(row.state)


def outcomes(row: OutboxRow) -> list[str]:
    return [one.outcome for one in row.history.order_by("number")]


@pytest.fixture
def desk(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Desk:
    settings.ERP_LIMITS = {"write_deadline_s": 20.0, "read_deadline_s": 10.0}
    return Desk(World(), monkeypatch)


@pytest.mark.parametrize("fault", [Fault.LOST_AFTER, Fault.KILLED_AFTER])
def test_whatever_breaks_at_whichever_request_there_is_one_confirmed_order(desk: Desk, fault: Fault) -> None:
    for step in range(1, MOST_STEPS):
        if not broken_once(desk, fault, f"WEB-STEP{step}", at=step):
            break
    assert step > 10, "the sequence of an order is longer than this"


@pytest.mark.parametrize("fault", list(Fault))
def test_however_a_write_breaks_there_is_one_confirmed_order(desk: Desk, fault: Fault) -> None:
    for method in ("POST", "PATCH"):
        assert broken_once(desk, fault, f"WEB-{method}", at=1, when=sends(method, ORDERS))


def broken_once(desk: Desk, fault: Fault, reference: str, *, at: int, when: When = anything) -> bool:
    """Export an order over a line that breaks; return whether it did."""
    desk.world = World()
    desk.start_again()
    row = desk.queue(reference)
    plan = desk.world.line.next(fault, at=at, when=when)
    assert desk.settle(row) is OutboxState.DONE, outcomes(row)
    assert desk.world.orders(reference) == [row.erp_number]
    assert desk.world.book.order(reference)["externalDocumentNumber"] == reference
    return plan.struck


def test_without_the_look_up_a_lost_answer_would_double_the_order(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control of the test above."""
    monkeypatch.setattr(FoundOrders, "all", lambda *_: [])
    row = desk.queue("WEB-CONTROL")
    desk.world.line.next(Fault.LOST_AFTER, when=sends("POST", ORDERS))
    desk.settle(row)
    assert len(desk.world.orders("WEB-CONTROL")) > 1


# --- the order is billed and deleted while it is looked for ---


def test_an_order_that_is_billed_and_gone_before_the_look_up_is_found(desk: Desk) -> None:
    row = desk.queue("WEB-GONE1")
    desk.world.line.next(Fault.LOST_AFTER, when=sends("PATCH", ORDERS))
    desk.export()
    book = desk.world.book
    order = book.order("WEB-GONE1")
    book.ship(order)
    book.bill(order)
    assert desk.settle(row) is OutboxState.DONE
    assert desk.world.orders("WEB-GONE1") == [row.erp_number] == [order["number"]]
    (found,) = desk.world.erp().find_order("WEB-GONE1", deadline_s=20)
    assert (found.totals.total, found.state) == (order["totalAmountIncludingTax"], "confirmed")
    assert not [one for one in book.rows["salesOrders"].values() if one["externalDocumentNumber"] == "WEB-GONE1"]


def bill_after(desk: Desk, reference: str, place: str) -> Callable[[Any], Any]:
    """Let the staff bill the order right after the next question at a place."""
    inner = desk.world.stub.__class__.__call__
    done: list[int] = []

    def answered(request: Any) -> Any:
        answer = inner(desk.world.stub, request)
        if request.method == "GET" and f"/{place}" in request.url.path and not done:
            done.append(1)
            order = desk.world.book.order(reference)
            desk.world.book.ship(order)
            desk.world.book.bill(order)
        return answer

    desk.world.line.application = answered
    return answered


@pytest.mark.parametrize("place", ["salesOrders", "salesShipments"])
def test_an_order_that_is_billed_in_the_middle_of_the_look_up_is_found(desk: Desk, place: str) -> None:
    row = desk.queue("WEB-GONE2")
    desk.world.line.next(Fault.LOST_AFTER, when=sends("PATCH", ORDERS))
    desk.export()
    bill_after(desk, "WEB-GONE2", place)
    assert desk.settle(row) is OutboxState.DONE
    assert outcomes(row) == ["unclear", "found"]
    assert desk.world.orders("WEB-GONE2") == [row.erp_number]


def test_asked_in_the_other_order_it_would_be_missed(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: invoices first, orders last."""

    def invoices_first(self: FoundOrders, reference: str, deadline: Deadline) -> list[r.WrittenOrder]:
        billed = self._gone(sales.INVOICE, reference, deadline)
        opened = [sales.written(row, reference, "EUR") for row in self.open(reference, deadline)]
        return opened or [_of_invoices(number, rows, reference, "EUR") for number, rows in billed.items()]

    row = desk.queue("WEB-GONE3")
    desk.world.line.next(Fault.LOST_AFTER, when=sends("PATCH", ORDERS))
    desk.export()
    monkeypatch.setattr(FoundOrders, "all", invoices_first)
    bill_after(desk, "WEB-GONE3", "salesInvoices")
    assert desk.settle(row) is OutboxState.DONE
    assert outcomes(row) == ["unclear", "not_found", "done"], "the second guard, before each try, found it"


def test_a_request_that_the_staff_made_an_order_of_is_not_asked_again_and_a_copy_is_told() -> None:
    world = World()
    erp = world.erp()
    item = r.NewQuoteLine(1, "A", world.ask("A").erp_id, Decimal(10), Decimal("1.0000"))
    quote = r.NewQuote("RFQ-9", world.customer("C1")["id"], "", "EUR", (item,))
    made = erp.write(quote, deadline_s=20.0)
    row = world.book.find("salesQuotes", number=made.number)
    copy = world.book.put("salesQuotes", **{**row, "number": "S-QUOCOPY", "id": str(UUID(int=7))})
    assert len(erp.find_written(quote, deadline_s=20.0)) == 2
    world.book.remove("salesQuotes", copy)

    world.book.make_order(row)  # by the staff: it keeps the reference of the quote
    for _ in range(2):
        assert erp.write(quote, deadline_s=20.0).state == "accepted"
        assert not [one for one in world.book.rows["salesQuotes"].values() if one["externalDocumentNumber"] == "RFQ-9"]
        for order in list(world.book.rows["salesOrders"].values()):
            if order["externalDocumentNumber"] == "RFQ-9":
                world.book.ship(order)
                world.book.bill(order)


# --- what the ERP says ---


def test_too_many_is_nothing_sent_and_the_erp_is_left_in_peace_until_it_said(desk: Desk) -> None:
    row = desk.queue("WEB-MANY")
    desk.world.line.next(Fault.TOO_MANY, when=sends("POST", ORDERS))
    desk.export()
    row.refresh_from_db()
    assert outcomes(row) == ["not_sent"]
    sent = len(desk.world.line.requests)
    desk.now += dt.timedelta(hours=1)  # by the shop's clock; the adapter's own has not moved
    exporter.export_due(now=desk.now)
    assert len(desk.world.line.requests) == sent
    assert desk.settle(row) is OutboxState.DONE
    assert desk.world.orders("WEB-MANY") == [row.erp_number]


def test_a_field_that_vanished_stops_the_order_and_loses_nothing(desk: Desk) -> None:
    row = desk.queue("WEB-FIELD")
    desk.world.stub.vanished.add(("salesOrders", "requestedDeliveryDate"))
    for _ in range(3):
        desk.export()
    row.refresh_from_db()
    assert row.state in {OutboxState.CHECK, OutboxState.READY}
    assert "requestedDeliveryDate" in list(row.history.order_by("number"))[-1].message
    assert desk.world.orders("WEB-FIELD") == []
    desk.world.stub.vanished.clear()
    desk.now += dt.timedelta(hours=5)
    assert desk.settle(row) is OutboxState.DONE
    assert desk.world.orders("WEB-FIELD") == [row.erp_number]


def test_an_order_that_costs_more_is_refused_and_nothing_of_it_stays(desk: Desk) -> None:
    row = desk.queue("WEB-DEAR")
    desk.world.book.prices.clear()
    assert desk.settle(row) is OutboxState.REJECTED
    assert desk.world.orders("WEB-DEAR") == []


def test_an_order_that_somebody_changed_before_it_was_confirmed_is_compared_again(desk: Desk) -> None:
    row = desk.queue("WEB-EDITED")
    inner = desk.world.stub.__class__.__call__
    done: list[int] = []

    def edited(request: Any) -> Any:
        if request.method == "PATCH" and not done:
            done.append(1)
            order = desk.world.book.order("WEB-EDITED-NEW")
            line = desk.world.book.lines("salesOrders", order)[0]
            desk.world.book.change_line("salesOrders", order, line, {"unitPrice": line["unitPrice"] * 2})
        return inner(desk.world.stub, request)

    desk.world.line.application = edited
    assert desk.settle(row) is OutboxState.REJECTED
    assert desk.world.orders("WEB-EDITED") == []


def test_a_blocked_customer_is_refused_in_the_erps_words(desk: Desk) -> None:
    row = desk.queue("WEB-BLOCKED")
    desk.world.customer("C1")["blocked"] = "All"
    assert desk.settle(row) is OutboxState.REJECTED
    (told,) = row.history.all()
    assert told.message == "You cannot create this document because customer C1 is blocked."


def test_a_token_that_ends_is_renewed_once_and_a_key_that_is_refused_is_told(desk: Desk) -> None:
    row = desk.queue("WEB-TOKEN")
    desk.world.line.next(Fault.UNAUTHORIZED, when=sends("POST", ORDERS))
    assert desk.settle(row) is OutboxState.DONE
    assert len(desk.world.line.sent("POST", "/tenant")) == 2
    assert not Basic("user", "key").is_renewed("Basic x", None)  # type: ignore[arg-type] # the control: not asked
