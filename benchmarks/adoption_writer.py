"""Writers of events: processes of their own that begin together."""

from __future__ import annotations

import multiprocessing
import time
from typing import Any

PATIENCE_S = 300


def rate(writers: int, count: int, kind: str) -> float:
    """Return how many events a second so many writers store, `count` each, each event in a transaction of its own."""
    from django.db import connections

    connections.close_all()  # no two processes may talk through one connection
    forked = multiprocessing.get_context("fork")
    start, spans = forked.Barrier(writers), forked.SimpleQueue()
    processes = [forked.Process(target=_write, args=(count, number, kind, start, spans)) for number in range(writers)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(PATIENCE_S)
    if any(process.exitcode != 0 for process in processes):
        raise RuntimeError("A writer of events failed or took too long; its own words stand above.")
    found: list[tuple[float, float]] = [spans.get() for _process in processes]
    return writers * count / (max(end for _begin, end in found) - min(begin for begin, _end in found))


def _write(count: int, number: int, kind: str, start: Any, spans: Any) -> None:
    """Announce events one by one, as pages do; tell when it began and ended."""
    from django.utils import timezone

    from accounts.signals import Fact, Who, announce
    from shop.signals import shop_fact

    mark, who = time.time_ns(), Who("C1", "U1", "buyer", session_id=f"S{number}")
    announce(shop_fact, Fact(f"bench:{mark}:{number}:first", kind, timezone.now(), who))
    start.wait(PATIENCE_S)
    begun = time.time()
    for index in range(count):
        announce(shop_fact, Fact(f"bench:{mark}:{number}:{index}", kind, timezone.now(), who, "item", f"S{index}"))
    spans.put((begun, time.time()))
