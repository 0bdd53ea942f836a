"""Several workers at once: one write at a time where the ERP wants it, never one row twice."""

import dataclasses
import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from erp_sync import records as r
from erp_sync.adapters import fake
from erp_sync.outbox import exporter, tasks
from erp_sync.outbox.models import OutboxAttempt, OutboxRow, OutboxState

from .conftest import Desk

pytestmark = pytest.mark.django_db(transaction=True)


def in_threads(count: int, work: Callable[[], None]) -> None:
    """Run `work` in so many threads, each with a connection of its own."""

    def run() -> None:
        try:
            work()
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)


class Watched:
    """An ERP whose orders take a while; it notes how many are written at once.

    An order takes until a second one comes beside it, and at most `at_most_s`.
    """

    def __init__(self, erp: fake.FakeErp, monkeypatch: pytest.MonkeyPatch, *, at_most_s: float) -> None:
        self._honest = erp.create_order
        self._lock = threading.Lock()
        self._at_most_s = at_most_s
        self.first, self.second = threading.Event(), threading.Event()
        self._now = self.most = 0
        monkeypatch.setattr(erp, "create_order", self.create_order)

    def create_order(self, order: r.NewOrder, **details: Any) -> r.WrittenOrder:
        """Take a while."""
        with self._lock:
            self._now += 1
            self.most = max(self.most, self._now)
            (self.first if self._now == 1 else self.second).set()
        self.second.wait(self._at_most_s)
        with self._lock:
            self._now -= 1
        return self._honest(order, **details)


def work_all(desk: Desk, rows: int) -> None:
    for number in range(rows):
        desk.queue(f"WEB-{number}")
    in_threads(4, lambda: void(exporter.export_due(now=timezone.now())))


def void(_count: int) -> None:
    """Drop a number."""


def test_an_erp_that_takes_one_write_at_a_time_gets_one(
    desk: Desk, erp: fake.FakeErp, monkeypatch: pytest.MonkeyPatch
) -> None:
    watched = Watched(erp, monkeypatch, at_most_s=0.05)
    work_all(desk, 8)
    assert watched.most == 1
    assert set(OutboxRow.objects.values_list("state", flat=True)) == {OutboxState.DONE}


def test_another_erp_gets_several_and_no_row_is_sent_twice(
    desk: Desk, erp: fake.FakeErp, monkeypatch: pytest.MonkeyPatch
) -> None:
    erp.capabilities = dataclasses.replace(erp.capabilities, serial_writes=False)
    watched = Watched(erp, monkeypatch, at_most_s=10)
    work_all(desk, 8)
    assert watched.most > 1
    assert OutboxAttempt.objects.count() == 8
    assert len(erp.book.orders) == 8


def test_a_worker_that_finds_another_at_work_returns_at_once(
    desk: Desk, erp: fake.FakeErp, monkeypatch: pytest.MonkeyPatch
) -> None:
    watched = Watched(erp, monkeypatch, at_most_s=10)
    desk.queue("WEB-1")
    desk.queue("WEB-2")
    holder = threading.Thread(target=in_threads, args=(1, lambda: void(exporter.export_due(now=timezone.now()))))
    holder.start()
    assert watched.first.wait(10)
    assert exporter.export_due(now=timezone.now()) == 0
    assert holder.is_alive()
    watched.second.set()
    holder.join(20)
    assert len(erp.book.orders) == 2


def test_tasks_are_safe_to_run_twice(desk: Desk, erp: fake.FakeErp) -> None:
    desk.queue("WEB-1")
    assert tasks.wake("WEB-1") == 1
    assert tasks.wake("WEB-1") == 0
    assert tasks.sweep() == 0
    assert len(erp.book.orders) == 1
