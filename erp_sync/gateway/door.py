"""The one way to a live ERP call of the web: id, breaker, bulkhead, and a diary."""

from __future__ import annotations

import contextlib
import datetime as dt
import functools
import statistics
import threading
import time
import uuid
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Generic, Literal, TypeVar

import structlog
from django.core.cache import cache
from django.utils import timezone

from erp_sync import adapters
from erp_sync.conf import limits
from erp_sync.errors import ErpBroken, ErpError, ErpMisconfigured, ErpRejected, ErpUnavailable
from erp_sync.gateway import patience
from erp_sync.gateway.breaker import Breaker
from erp_sync.ports import Erp

T = TypeVar("T")
Bulkhead = Literal["pages", "documents"]

log = structlog.get_logger("erp")

# What reading a senseless answer can raise inside an adapter; our own mistakes look the same, hence
# the traceback.
SENSELESS = (LookupError, TypeError, ValueError, ArithmeticError, AttributeError, RecursionError)
STATUS_EVERY_S = 5.0
STATUS_KEPT_S = 3600


@dataclass(frozen=True, slots=True)
class Answered(Generic[T]):
    """What the ERP said, under which id in the logs, and when."""

    value: T
    call_id: str
    at: dt.datetime


@dataclass(frozen=True, slots=True)
class OperationStatus:
    """How one operation goes: breaker (closed, open, probing), last success, median time."""

    operation: str
    breaker: str
    last_success_at: dt.datetime | None
    p50_ms: float | None


class Operation:
    """Breaker and diary of one operation (offers, credit, …) in this process."""

    def __init__(self, name: str) -> None:
        limit = limits()
        self.name = name
        self.breaker = Breaker(
            failures=limit.breaker_failures,
            window=limit.breaker_window,
            pause_s=limit.breaker_pause_s,
        )
        self.last_success_at: dt.datetime | None = None
        self.times_ms: deque[float] = deque(maxlen=50)
        self._published_at = 0.0

    def succeeded(self, took_ms: float) -> None:
        """Note an answer that took `took_ms`."""
        self.breaker.succeeded()
        self.last_success_at = timezone.now()
        self.times_ms.append(took_ms)
        self._publish()

    def failed(self) -> None:
        """Note that no usable answer came."""
        self.breaker.failed()
        self._publish()

    def status(self) -> OperationStatus:
        """Return a snapshot."""
        times = list(self.times_ms)
        p50 = round(statistics.median(times), 1) if times else None
        return OperationStatus(self.name, self.breaker.state, self.last_success_at, p50)

    def _publish(self) -> None:
        """Tell the other processes, at most every few seconds."""
        if time.monotonic() - self._published_at >= STATUS_EVERY_S:
            self._published_at = time.monotonic()
            cache.set(_status_key(self.name), self.status(), STATUS_KEPT_S)


WARM_UP_S = 20.0
FAILURES = "erp-failures"
OPERATIONS = ("offers", "totals", "credit", "documents")

_operations: dict[str, Operation] = {}
_operations_lock = threading.Lock()


@functools.cache
def _slots(bulkhead: Bulkhead, size: int) -> threading.BoundedSemaphore:
    return threading.BoundedSemaphore(size)


def call(
    name: str,
    ask: Callable[[Erp, float], T],
    *,
    deadline_s: float,
    wait_s: float,
    bulkhead: Bulkhead = "pages",
) -> Answered[T]:
    """Ask the ERP once and return its answer.

    Args:
        name: The operation; each has its own breaker.
        ask: The call itself; it gets the adapter and the seconds that it may take.
        deadline_s: What it may take, unless this page waited in vain for the ERP already.
        wait_s: How long to wait for a free place when too many calls are out already.
        bulkhead: Which places it takes; documents have half as many of their own, so that prices
            keep theirs.

    Raises:
        ErpUnavailable, ErpRejected, ErpBroken: as the adapter says; nothing was sent when the
            breaker is open, no place is free, this page waited long enough, or settings are wrong.
    """
    operation = _operation(name)
    left_s = min(deadline_s, patience.left_s(deadline_s))
    if left_s <= 0:
        raise ErpUnavailable("this page waited long enough for the ERP", nothing_sent=True)
    with _place(bulkhead, wait_s):
        if not operation.breaker.admits():
            raise ErpUnavailable("the ERP did not answer lately, not asked", nothing_sent=True)
        call_id = uuid.uuid4().hex
        with structlog.contextvars.bound_contextvars(erp_call=call_id):
            return Answered(_timed(operation, ask, left_s), call_id, timezone.now())


def _timed(operation: Operation, ask: Callable[[Erp, float], T], deadline_s: float) -> T:
    started = time.perf_counter()
    try:
        value = ask(adapters.load(), deadline_s)
    except ErpRejected:  # an answer like any other: the ERP is well
        operation.succeeded((time.perf_counter() - started) * 1000)
        raise
    except ErpMisconfigured as error:  # for a page the same as no answer; an operator must act
        _note_failure(operation, time.perf_counter() - started)
        log.error("erp_misconfigured", operation=operation.name, error=str(error))  # noqa: TRY400
        raise ErpUnavailable(str(error), nothing_sent=True) from error
    except ErpError as error:
        _note_failure(operation, time.perf_counter() - started)
        log.warning("erp_call_failed", operation=operation.name, error=str(error), kind=type(error).__name__)
        raise
    except SENSELESS as error:
        _note_failure(operation, time.perf_counter() - started)
        log.exception("erp_answer_unreadable", operation=operation.name)
        raise ErpBroken(f"the answer could not be read: {error!r}") from error
    operation.succeeded((time.perf_counter() - started) * 1000)
    return value


def _note_failure(operation: Operation, took_s: float) -> None:
    operation.failed()
    patience.lose(took_s)
    if not cache.add(FAILURES, 1, STATUS_KEPT_S):
        with contextlib.suppress(ValueError):  # it ended between the two
            cache.incr(FAILURES)


def take_failures() -> int:
    """Return how many calls of all processes had no usable answer since this was asked last."""
    found = int(cache.get(FAILURES, 0))
    if found:
        cache.delete(FAILURES)
    return found


@contextlib.contextmanager
def _place(bulkhead: Bulkhead, wait_s: float) -> Iterator[None]:
    """Hold one of the places of this process, so that a hanging ERP cannot take every thread."""
    size = limits().calls_at_once
    slots = _slots(bulkhead, size if bulkhead == "pages" else max(1, size // 2))
    if not slots.acquire(timeout=wait_s):
        raise ErpUnavailable("too many calls are waiting for the ERP", nothing_sent=True)
    try:
        yield
    finally:
        slots.release()


def warm_up() -> None:
    """Log in to the ERP and let the adapter find out what it must know, before the first page asks; never raises."""
    try:
        adapters.load().health(deadline_s=WARM_UP_S)
    except ErpError as error:
        log.warning("erp_not_met", error=str(error))


def status() -> list[OperationStatus]:
    """Return how each operation goes: as this process sees it, else as another one told."""
    told: dict[str, Any] = cache.get_many([_status_key(name) for name in OPERATIONS])
    found = (_status_of(name, told.get(_status_key(name))) for name in OPERATIONS)
    return [status for status in found if status]


def _status_of(name: str, told: OperationStatus | None) -> OperationStatus | None:
    if name not in _operations:
        return told
    own = _operations[name].status()
    if told is None or own.last_success_at:
        return own
    return replace(own, last_success_at=told.last_success_at, p50_ms=told.p50_ms)


def forget() -> None:
    """Close every breaker and empty the diaries, as in a new process (tests, `manage.py`)."""
    with _operations_lock:
        _operations.clear()
    cache.delete_many([_status_key(name) for name in OPERATIONS])


def _operation(name: str) -> Operation:
    with _operations_lock:
        if name not in _operations:
            _operations[name] = Operation(name)
        return _operations[name]


def _status_key(name: str) -> str:
    return f"erp-status:{name}"
