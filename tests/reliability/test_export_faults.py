"""Orders, payments and acceptances reach the ERP once, whatever goes wrong on the way (reliability.md: export_*).

LATE_ORDERS=300 is the full size of those that are committed late; python -m tests.reliability.drills export_faults that
of the rest.
"""

import dataclasses
import os
import random
import time
from typing import Any

import pytest
from django.utils import timezone
from pytest_django.fixtures import Settings

from erp_sync.adapters.fake_server import FakeServer, WireFault
from erp_sync.outbox import exporter
from erp_sync.outbox.history import Action
from erp_sync.outbox.models import OutboxAttempt, OutboxState
from tests.reliability.conftest import (
    FAST_LIMITS,
    HTTP_ADAPTER,
    lost_and_double,
    queue_orders,
    states,
    wait_until_settled,
)
from tests.reliability.payments import payments_in, queue_acceptances, queue_payments
from tests.reliability.workers import Workers

pytestmark = pytest.mark.django_db(transaction=True)

LATE_ORDERS = int(os.environ.get("LATE_ORDERS", "40"))


def settings_of(server: FakeServer, **options: Any) -> dict[str, Any]:
    """Return a worker's settings for an ERP that takes a reference twice but can be asked."""
    options = {"enforces_reference": False, "max_processing_s": 0.5} | options
    capabilities = dataclasses.replace(server.erp.capabilities, enforces_reference=options["enforces_reference"])
    server.erp.capabilities = capabilities
    return {
        "ERP_ADAPTER": HTTP_ADAPTER,
        "ERP_URL": server.url,
        "ERP_OPTIONS": options,
        "ERP_LIMITS": FAST_LIMITS,
    }


def test_200_orders_through_all_faults_and_kills_arrive_once(server: FakeServer) -> None:
    references = queue_orders(200)
    server.faults.share = 0.3
    with Workers(count=3, settings=settings_of(server, serial_writes=False)) as workers:
        ends_at = time.monotonic() + 90
        while time.monotonic() < ends_at and set(states()) != {OutboxState.DONE}:
            time.sleep(random.uniform(0.1, 0.4))  # noqa: S311 (no secret)
            if workers.killed < 40:
                workers.kill_one()
    lost, double = lost_and_double(server, references)
    assert (lost, double) == ([], [])
    assert states() == {OutboxState.DONE: 200}
    assert set(server.faults.seen) == set(WireFault)
    assert workers.killed >= 10


def test_payments_and_acceptances_through_all_faults_and_kills_arrive_once(server: FakeServer) -> None:
    payments, orders = queue_payments(server, 80), queue_acceptances(server, 60)
    server.faults.share = 0.3
    with Workers(count=3, settings=settings_of(server, serial_writes=False)) as workers:
        ends_at = time.monotonic() + 90
        while time.monotonic() < ends_at and set(states()) != {OutboxState.DONE}:
            time.sleep(random.uniform(0.1, 0.4))  # noqa: S311 (no secret)
            if workers.killed < 30:
                workers.kill_one()
    assert lost_and_double(server, orders) == ([], [])
    assert payments_in(server) == dict.fromkeys(payments, 1)
    assert states() == {OutboxState.DONE: 140}
    assert set(server.faults.seen) == set(WireFault)
    assert workers.killed >= 10


def test_control_paying_again_without_waiting_pays_twice(server: FakeServer) -> None:
    queue_payments(server, 20)
    server.faults.share = 0.8
    server.faults.kinds = (WireFault.LATE_COMMIT,)
    server.faults.operations = ("write",)
    server.faults.late_s = 600.0
    with Workers(count=2, settings=settings_of(server), variant="careless"):
        wait_until_settled(at_most_s=60)
    server.hurry()
    assert sum(times > 1 for times in payments_in(server).values()) >= 5


def test_control_sending_again_without_looking_orders_twice(server: FakeServer) -> None:
    references = queue_orders(40)
    server.faults.share = 0.5
    server.faults.kinds = (WireFault.ERROR_AFTER, WireFault.CLOSE, WireFault.GARBAGE)
    with Workers(count=2, settings=settings_of(server), variant="careless"):
        wait_until_settled(at_most_s=60)
    _, double = lost_and_double(server, references)
    assert len(double) >= 10


def commit_late(server: FakeServer, late_s: float) -> None:
    """Let most new orders be answered by an error and done later."""
    server.faults.share = 0.6
    server.faults.kinds = (WireFault.LATE_COMMIT,)
    server.faults.operations = ("create_order",)
    server.faults.late_s = late_s


@pytest.mark.parametrize("enforces", [True, False], ids=["enforcing", "asked"])
def test_orders_that_are_committed_late_arrive_once(server: FakeServer, *, enforces: bool) -> None:
    references = queue_orders(LATE_ORDERS)
    commit_late(server, 1.0)
    options = {"enforces_reference": enforces, "max_processing_s": 1.2}
    with Workers(count=2, settings=settings_of(server, **options)):
        wait_until_settled(at_most_s=60 + 2 * LATE_ORDERS)
    server.hurry()
    assert lost_and_double(server, references) == ([], [])
    assert states() == {OutboxState.DONE: LATE_ORDERS}


def test_control_looking_too_early_orders_twice(server: FakeServer) -> None:
    references = queue_orders(12)
    commit_late(server, 600.0)
    with Workers(count=2, settings=settings_of(server), variant="impatient"):
        wait_until_settled(at_most_s=60)
    server.hurry()
    _, double = lost_and_double(server, references)
    assert len(double) >= 3


def test_without_look_up_nothing_unclear_is_sent_again(server: FakeServer, settings: Settings) -> None:
    references = _export_without_look_up(server, settings)
    sends = OutboxAttempt.objects.filter(action=Action.SEND).count()
    found = server.orders()
    unclear = sum(server.faults.seen.values())
    assert sends == len(references)
    assert all(len(found.get(reference, [])) <= 1 for reference in references)
    assert unclear >= 10
    assert states() == {
        OutboxState.DONE: len(references) - unclear,
        OutboxState.NEEDS_CHECK: unclear,
    }


def test_control_claiming_to_enforce_what_is_not_enforced_orders_twice(server: FakeServer, settings: Settings) -> None:
    _export_without_look_up(server, settings, enforces_reference=True)
    assert any(len(numbers) > 1 for numbers in server.orders().values())


def _export_without_look_up(server: FakeServer, settings: Settings, **options: Any) -> list[str]:
    """Export 60 orders in this process to an ERP that can neither be asked nor refuses doubles."""
    for name, value in settings_of(server, can_query_reference=False).items():
        setattr(settings, name, value)
    settings.ERP_OPTIONS = settings.ERP_OPTIONS | options
    server.faults.share = 0.3
    server.faults.kinds = tuple(set(WireFault) - {WireFault.DRIP})
    references = queue_orders(60)
    for _ in range(5):
        exporter.export_due(now=timezone.now())
        time.sleep(0.3)
    return references
