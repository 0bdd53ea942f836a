"""What a real ERP takes for a batch of prices, and how many orders workers bring into an ERP."""

from __future__ import annotations

import datetime as dt
import json
import os
import sys
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal
from itertools import count
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from benchmarks.processes import Child
from benchmarks.real_erps import Settings

if TYPE_CHECKING:
    from erp_sync.conformance.live import LiveSample

BATCHES, TIMES = (24, 100, 1_000), 3
WORKERS = (1, 2, 4)
LINES, SETTLED_S, DEADLINE_S = 3, 600, 120.0
# So long the simulated ERP takes for a call: about as Tryton does on its own.
LATENCY_S = 0.05
HTTP_ADAPTER = "erp_sync.adapters.fake_http.FakeHttpErp"


@contextmanager
def used(settings: Settings) -> Iterator[LiveSample]:
    """Let this process speak to an ERP; give what is found in it."""
    from django.conf import settings as ours

    from erp_sync import adapters
    from erp_sync.conformance.live import LiveSample

    before = {name: getattr(ours, name) for name in settings}
    for name, value in settings.items():
        setattr(ours, name, value)
    try:
        yield LiveSample(adapters.load())
    finally:
        for name, value in before.items():
            setattr(ours, name, value)


# --- prices ---


def prices(sample: LiveSample) -> list[dict[str, float]]:
    """Ask for batches of prices with stock, no two lines alike; return calls and seconds (the middle one of three)."""
    return [_batch(sample, size) for size in BATCHES]


def _batch(sample: LiveSample, size: int) -> dict[str, float]:
    from erp_sync.http import counted_calls

    asks, took, calls = _asks(sample, size), [], 0
    for _time in range(TIMES):
        with counted_calls() as counted:
            began = time.perf_counter()
            offers = sample.erp.offers(sample.context, asks, deadline_s=DEADLINE_S)
            took.append(time.perf_counter() - began)
        calls = counted.count
        if [one.sku for one in offers] != [one.sku for one in asks]:
            raise AssertionError("the ERP did not answer each line, in order")
    items = len({one.sku for one in asks})
    return {"lines": size, "items": items, "calls": calls, "seconds": median(took)}


def _asks(sample: LiveSample, size: int) -> list[Any]:
    """Return asks for all items in turn; each round asks for more of each."""
    from erp_sync import records as r

    items, found = list(sample.items.values()), []
    for times in count(1):
        for item in items:
            least = item.minimum or item.multiple or Decimal(1)
            found.append(r.Ask(item.sku, item.erp_id, least * times))
            if len(found) == size:
                return found
    raise AssertionError


# --- orders ---


def to_simulated(orders: int, folder: Path) -> list[dict[str, Any]]:
    """Export to the simulated ERP: at once, and one at a time as Tryton wants it."""
    found = []
    for at_once in (True, False):
        options = {"serial_writes": not at_once}
        for workers in WORKERS:
            with _simulated(folder) as url:
                settings = {"ERP_ADAPTER": HTTP_ADAPTER, "ERP_URL": url, "ERP_OPTIONS": options}
                found.append({"at_once": at_once, **_exported(_orders(orders), workers, settings)})
    return found


def to_real(sample: LiveSample, settings: Settings, orders: int) -> list[dict[str, Any]]:
    """Export orders of a customer to a real ERP."""
    at_once = not sample.erp.capabilities.serial_writes
    first = sample.order()
    return [
        {"at_once": at_once, **_exported([replace(first, reference=_reference()) for _ in range(orders)], n, settings)}
        for n in WORKERS
    ]


def _exported(orders: Sequence[Any], workers: int, settings: Settings) -> dict[str, Any]:
    """Let workers export orders that wait; return the rate from the first that arrived to the last."""
    from tests.reliability.workers import Workers

    _queue(orders)
    with Workers(count=workers, settings=settings):
        _wait()
    at = _settled_at(len(orders))
    seconds = (at[-1] - at[0]).total_seconds()
    return {"workers": workers, "orders": len(orders), "a_second": (len(orders) - 1) / max(seconds, 0.001)}


def _queue(orders: Sequence[Any]) -> None:
    from django.db import transaction
    from django.utils import timezone

    from erp_sync.outbox import services
    from erp_sync.outbox.models import OutboxRow

    OutboxRow.objects.all().delete()
    now = timezone.now()
    until = now + dt.timedelta(hours=24)
    for order in orders:
        with transaction.atomic():
            services.queue_order(order=order, recheck=False, prices_valid_until=until, now=now)


def _wait() -> None:
    from erp_sync.outbox.models import OutboxRow, OutboxState

    ends_at = time.monotonic() + SETTLED_S
    moving = OutboxRow.objects.filter(state__in=[OutboxState.READY, OutboxState.SENDING, OutboxState.CHECK])
    while moving.exists() and time.monotonic() < ends_at:
        time.sleep(0.1)


def _settled_at(wanted: int) -> list[dt.datetime]:
    from erp_sync.outbox.models import OutboxRow, OutboxState

    done = OutboxRow.objects.filter(state=OutboxState.DONE).order_by("settled_at")
    at = [one for one in done.values_list("settled_at", flat=True) if one]
    if len(at) != wanted:
        first = OutboxRow.objects.exclude(state=OutboxState.DONE).first()
        raise RuntimeError(f"{len(at)} of {wanted} orders arrived: {first and first.last_message}")
    return at


def _reference() -> str:
    return f"WEB-{uuid.uuid4().hex[:26].upper()}"


def _orders(wanted: int) -> list[Any]:
    from erp_sync.records import NewOrder, NewOrderLine

    items = [f"S-{number}" for number in range(LINES)]
    lines = tuple(NewOrderLine(n, sku, f"item-{sku}", Decimal(10), Decimal(2)) for n, sku in enumerate(items, 1))
    return [NewOrder(_reference(), "c1", "", "EUR", lines) for _ in range(wanted)]


@contextmanager
def _simulated(folder: Path) -> Iterator[str]:
    """Start the stand-in ERP in a process of its own, slow as a real one; give its address."""
    items = [{"sku": f"S-{n}", "erp_id": f"item-S-{n}", "list_price": "2"} for n in range(LINES)]
    book = {"items": items, "price_lists": {}, "customers": [{"erp_id": "c1", "price_list": ""}]}
    (folder / "book.json").write_text(json.dumps(book), encoding="utf-8")
    words = [sys.executable, "-m", "benchmarks.erp", str(folder / "book.json")]
    with Child(words, env=os.environ, log=folder / "erp.log", talks=True) as child:
        url = child.ask()
        child.ask(f"latency {LATENCY_S}")
        yield url
