"""Redis dies with every wake-up in it: the sweep exports all orders (broker_loss)."""

import time
from collections.abc import Iterator
from typing import Any

import pytest
import redis
from celery import Celery
from django.db.models import F, Max
from django.utils import timezone
from pytest_django.fixtures import Settings

from erp_sync.adapters import fake
from erp_sync.conf import limits
from erp_sync.outbox import claims, tasks, waking
from erp_sync.outbox.models import OutboxRow, OutboxState
from tests.builders.ticks import Ticks
from tests.conftest import RedisServer
from tests.reliability.conftest import FAST_LIMITS, queue_orders, states

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.redis]

QUEUE = "erp-export"
ORDERS = 100


@pytest.fixture
def broker(redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[Celery]:
    """A real broker that the outbox wakes through, empty at first and alive again at the end."""
    _client(redis_server).flushall()
    app = Celery("wakes", broker=redis_server.url, set_as_current=False)
    app.conf.task_default_queue = QUEUE
    app.conf.broker_transport_options = {"socket_connect_timeout": 0.5, "socket_timeout": 5.0}
    monkeypatch.setattr(waking, "current_app", app)
    waking.Wakes.forget()
    yield app
    waking.Wakes.forget()
    app.close()
    if redis_server.process.poll() is not None:
        redis_server.start()


@pytest.fixture
def erp(settings: Settings) -> Iterator[fake.FakeErp]:
    """The ERP in memory, with an enforced reference."""
    settings.ERP_LIMITS = FAST_LIMITS
    erp = fake.shared()
    erp.reset()
    erp.add_item("BOLT", "2.0000")
    erp.add_customer("c1")
    yield erp
    erp.reset()


def _client(server: RedisServer) -> "redis.Redis":
    return redis.Redis.from_url(server.url)


def wake_ups(server: RedisServer) -> int:
    """Return how many wake-ups wait in Redis."""
    with _client(server) as client:
        return int(client.llen(QUEUE))


def export_by_wake_ups(server: RedisServer) -> None:
    """Do what a worker does that only listens to the broker: a wake-up, an export."""
    with _client(server) as client:
        while client.lpop(QUEUE):
            tasks.wake("")


def test_the_sweep_exports_what_a_dead_broker_forgot(
    broker: Celery, erp: fake.FakeErp, redis_server: RedisServer
) -> None:
    references = queue_orders(ORDERS)
    assert 0 < wake_ups(redis_server) <= ORDERS
    abandoned = [claims.next_due(erp.capabilities, timezone.now()) for _ in range(5)]
    assert all(abandoned)  # their worker died with the broker
    redis_server.stop()
    for _ in range(40):
        tasks.sweep()
        if states() == {OutboxState.DONE: ORDERS}:
            break
        time.sleep(0.1)
    assert states() == {OutboxState.DONE: ORDERS}
    assert all(len(erp.orders_of(reference)) == 1 for reference in references)
    limit = limits()
    oldest = OutboxRow.objects.aggregate(age=Max(F("settled_at") - F("created_at")))["age"]
    assert oldest.total_seconds() <= limit.write_deadline_s + limit.lease_margin_s + 20


def test_control_wake_ups_alone_export_all_while_the_broker_lives_and_none_after_it_died(
    broker: Celery, erp: fake.FakeErp, redis_server: RedisServer
) -> None:
    queue_orders(3)
    export_by_wake_ups(redis_server)
    assert states() == {OutboxState.DONE: 3}
    OutboxRow.objects.all().delete()
    erp.book.orders.clear()
    queue_orders(ORDERS)
    redis_server.stop()
    redis_server.start()
    export_by_wake_ups(redis_server)
    assert states() == {OutboxState.READY: ORDERS}


def test_orders_are_accepted_without_a_broker_and_one_pays_for_the_try(
    broker: Celery, erp: fake.FakeErp, redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    redis_server.stop()
    tries: list[str] = []
    publish = broker.send_task

    def counted(task: str, **given: Any) -> Any:
        tries.append(task)
        return publish(task, **given)

    monkeypatch.setattr(broker, "send_task", counted)
    Ticks.instead_of("erp_sync.outbox.waking", monkeypatch)
    queue_orders(10)
    assert states() == {OutboxState.READY: 10}
    assert tries == [waking.TASK]
