"""The one place that opens sockets to an ERP: total deadline, size cap, one log line a call.

A deadline counts from the caller's first step to the last byte of the answer: every connect,
handshake, write and read is given only what is left of it, so a server that drips a byte at a time
is cut like one that is silent. (The look-up of a host name is the operating system's, and not cut.)
"""

from __future__ import annotations

import contextlib
import json
import secrets
import ssl
import threading
import time
import weakref
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

import httpcore2
import httpx2
import structlog

from erp_sync.errors import ErpBroken, ErpMisconfigured, ErpUnavailable
from erp_sync.faults import LineFault, next_fault

CONNECT_S = 0.5
MAX_BYTES = 5 * 1024 * 1024
MAX_PDF_BYTES = 20 * 1024 * 1024
READ_SIZE = 64 * 1024

log = structlog.get_logger(__name__)
# Id of the latest ERP call made by this thread or task, for the stamp of a figure.
last_call_id: ContextVar[str] = ContextVar("erp_call_id", default="")


class Deadline:
    """A point in time until which an operation, with all its calls, must be over.

    Attributes:
        has_written: Whether a call of the operation changed something in the ERP; the adapter's client says so.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.has_written = False
        self._ends_at = time.monotonic() + seconds

    def left(self) -> float:
        """Return the seconds left, at least 0."""
        return max(0.0, self._ends_at - time.monotonic())

    @property
    def is_over(self) -> bool:
        """Whether nothing is left."""
        return self.left() <= 0


@contextlib.contextmanager
def writing(seconds: float) -> Iterator[Deadline]:
    """Give the deadline of an operation that writes.

    Once a call of it has written, no error of a later one says "nothing was sent".
    """
    deadline = Deadline(seconds)
    try:
        yield deadline
    except ErpUnavailable as error:
        error.nothing_sent = error.nothing_sent and not deadline.has_written
        raise


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: any status below 500, or one that the caller said it understands."""

    status: int
    headers: Mapping[str, str]
    content: bytes

    def json(self, object_hook: Callable[[dict[str, Any]], Any] | None = None) -> Any:
        """Return the parsed body, decimals exact; `object_hook` as in json.loads.

        Raises:
            ErpBroken: the body is not JSON.
        """
        try:
            return json.loads(self.content, parse_float=Decimal, object_hook=object_hook)
        except (ValueError, ArithmeticError, KeyError, TypeError, RecursionError) as error:
            start = self.content[:80].decode("utf-8", "replace")
            raise ErpBroken(f"the answer is not JSON: {start!r}") from error


@dataclass(slots=True)
class Calls:
    """The calls seen by `counted_calls`, each by its operation name."""

    operations: list[str] = field(default_factory=list)

    @property
    def count(self) -> int:
        """How many there were."""
        return len(self.operations)


_counters: list[Calls] = []
_counters_lock = threading.Lock()


@contextlib.contextmanager
def counted_calls() -> Iterator[Calls]:
    """Count every ERP call of this process, of all threads, while the block runs."""
    calls = Calls()
    with _counters_lock:
        _counters.append(calls)
    try:
        yield calls
    finally:
        with _counters_lock:
            _counters.remove(calls)


def note_call(operation: str) -> None:
    """Tell the counters of `counted_calls` about a call (in-memory ERPs call it too)."""
    with _counters_lock:
        for calls in _counters:
            calls.operations.append(operation)


class ErpHttp:
    """A pool of connections to one ERP; threads share it.

    Args:
        base_url: Scheme and host of the ERP, from deployment settings; calls give paths only.
        ca_file: File of an own certificate authority; "" = the well-known ones.
        transport: Takes the place of the network in tests.
        pool_size: Most connections at a time.
        log_as: Event of the log line; anything but "erp_call" is no call of the ERP, and counts as none.

    Raises:
        ErpMisconfigured: the address is not an http(s) address.
    """

    def __init__(
        self,
        base_url: str,
        *,
        ca_file: str = "",
        transport: httpx2.BaseTransport | None = None,
        pool_size: int = 20,
        log_as: str = "erp_call",
    ) -> None:
        self._log_as = log_as
        parts = urlsplit(base_url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ErpMisconfigured(f"ERP_URL is {base_url!r}: set it to the ERP's http(s) address")
        self.base_url = base_url.rstrip("/")
        # The transport itself: what a client adds (redirects, its ways to log in) costs more than the call and is not
        # wanted here. Cookies it would keep too.
        self._transport = transport or _DeadlineTransport(ca_file=ca_file, pool_size=pool_size)
        self._cookies = httpx2.Cookies()
        weakref.finalize(self, self._transport.close)

    def request(
        self,
        method: str,
        path: str,
        *,
        operation: str,
        deadline: Deadline,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        max_bytes: int = MAX_BYTES,
        understood: Iterable[int] = (),
    ) -> Answer:
        """Send one request and return its whole answer.

        Args:
            method: GET or POST.
            path: Begins with "/"; the host is fixed.
            operation: Name of the call for the log.
            deadline: Of the operation that this call belongs to.
            content: Body to send.
            headers: Further headers.
            max_bytes: Largest body accepted, unpacked.
            understood: Statuses from 500 up that the caller wants to see itself.

        Raises:
            ErpUnavailable: no whole answer in time, or a server error; see its `nothing_sent`.
            ErpBroken: oversized, badly packed or redirected.
        """
        call_id = secrets.token_hex(4)
        if self._log_as == "erp_call":
            last_call_id.set(call_id)
            note_call(operation)
        started = time.monotonic()
        outcome = "ok"
        with structlog.contextvars.bound_contextvars(erp_call_id=call_id):
            try:
                answer = self._exchange(method, path, deadline, content, headers, max_bytes)
                _refuse_unusable(answer, frozenset(understood))
            except (ErpUnavailable, ErpBroken) as error:
                outcome = f"{type(error).__name__}: {error}"
                raise
            finally:
                log.info(
                    self._log_as,
                    method=operation,
                    ms=round((time.monotonic() - started) * 1000),
                    outcome=outcome,
                )
        return answer

    def close(self) -> None:
        """Close the pool."""
        self._transport.close()

    def _exchange(
        self,
        method: str,
        path: str,
        deadline: Deadline,
        content: bytes | None,
        headers: Mapping[str, str] | None,
        max_bytes: int,
    ) -> Answer:
        if not path.startswith("/") or path.startswith("//"):
            raise ErpBroken(f"not a path on the ERP: {path[:80]!r}")
        if deadline.is_over:
            raise ErpUnavailable(f"no time left of {deadline.seconds:g} s", nothing_sent=True)
        fault = next_fault()
        if fault is LineFault.REFUSED:
            raise ErpUnavailable("not reached: the line was cut on purpose", nothing_sent=True)
        token = _current_deadline.set(deadline)
        try:
            answer = self._sent(method, path, deadline, content, headers, max_bytes)
            return _spoilt(answer, fault)
        except (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout) as error:
            raise ErpUnavailable(f"not reached: {_words(error)}", nothing_sent=True) from error
        except httpx2.DecodingError as error:
            raise ErpBroken(f"the answer cannot be unpacked: {_words(error)}") from error
        except httpx2.TimeoutException as error:
            raise ErpUnavailable(f"no whole answer in {deadline.seconds:g} s") from error
        except httpx2.TransportError as error:
            raise ErpUnavailable(f"the connection broke: {_words(error)}") from error
        finally:
            _current_deadline.reset(token)

    def _sent(
        self,
        method: str,
        path: str,
        deadline: Deadline,
        content: bytes | None,
        headers: Mapping[str, str] | None,
        max_bytes: int,
    ) -> Answer:
        timeout = httpx2.Timeout(deadline.left()).as_dict()
        request = httpx2.Request(
            method, self.base_url + path, content=content, headers=_headers(headers), extensions={"timeout": timeout}
        )
        if self._cookies:
            self._cookies.set_cookie_header(request)
        response = self._transport.handle_request(request)
        try:
            response.request = request
            if "set-cookie" in response.headers:
                self._cookies.extract_cookies(response)
            body = _read(response, deadline, max_bytes)
        finally:
            response.close()
        return Answer(status=response.status_code, headers=response.headers, content=body)


def _spoilt(answer: Answer, fault: LineFault | None) -> Answer:
    """Return an answer as a line broken on purpose lets it through."""
    if fault is LineFault.LOST:
        raise ErpUnavailable("the answer was lost on purpose")
    if fault is LineFault.ERROR:
        return Answer(500, answer.headers, b"error")
    if fault is LineFault.GARBAGE:
        return Answer(200, answer.headers, b"<html>\xff\xfe Bad gateway")
    return answer


def _headers(headers: Mapping[str, str] | None) -> dict[str, str]:
    return {"Accept": "*/*", "Accept-Encoding": "gzip", "User-Agent": "b2b-webshop", **(headers or {})}


def _words(error: Exception) -> str:
    return (str(error) or type(error).__name__)[:200]


def _read(response: httpx2.Response, deadline: Deadline, max_bytes: int) -> bytes:
    parts: list[bytes] = []
    size = 0
    for part in response.iter_bytes():
        size += len(part)
        if size > max_bytes:
            raise ErpBroken(f"the answer is larger than {max_bytes} bytes")
        if deadline.is_over:
            raise ErpUnavailable(f"no whole answer in {deadline.seconds:g} s")
        parts.append(part)
    return b"".join(parts)


def _refuse_unusable(answer: Answer, understood: frozenset[int]) -> None:
    if answer.status in understood:
        return
    if answer.status >= 500:
        raise ErpUnavailable(f"the ERP failed with HTTP status {answer.status}")
    if 300 <= answer.status < 400:
        raise ErpBroken(f"the ERP redirects (HTTP status {answer.status}): correct ERP_URL")


# --- the network, each step bounded by the deadline ---

_current_deadline: ContextVar[Deadline | None] = ContextVar("erp_deadline", default=None)


def _bounded(timeout: float | None) -> float | None:
    deadline = _current_deadline.get()
    if deadline is None:
        return timeout
    left = max(deadline.left(), 0.001)
    return left if timeout is None else min(timeout, left)


class _DeadlineStream(httpcore2.NetworkStream):
    """A connection on which each read and write gets what is left of the current deadline."""

    def __init__(self, stream: httpcore2.NetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        if _is_over():
            raise httpcore2.ReadTimeout("deadline")
        return self._stream.read(max_bytes, _bounded(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        for start in range(0, len(buffer), READ_SIZE):
            if _is_over():
                raise httpcore2.WriteTimeout("deadline")
            self._stream.write(buffer[start : start + READ_SIZE], _bounded(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore2.NetworkStream:
        stream = self._stream.start_tls(ssl_context, server_hostname, _bounded(CONNECT_S))
        return _DeadlineStream(stream)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def _is_over() -> bool:
    deadline = _current_deadline.get()
    return deadline is not None and deadline.is_over


class _DeadlineBackend(httpcore2.NetworkBackend):
    """Opens connections that know the current deadline."""

    def __init__(self) -> None:
        self._backend = httpcore2.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.NetworkStream:
        stream = self._backend.connect_tcp(host, port, _bounded(CONNECT_S), local_address, socket_options)
        return _DeadlineStream(stream)

    def sleep(self, seconds: float) -> None:
        self._backend.sleep(seconds)


class _DeadlineTransport(httpx2.HTTPTransport):
    """httpx2's own transport on a pool whose connections know the current deadline."""

    def __init__(self, *, ca_file: str, pool_size: int) -> None:
        context = ssl.create_default_context(cafile=ca_file or None)
        super().__init__(verify=context, trust_env=False)
        self._pool = httpcore2.ConnectionPool(
            ssl_context=context,
            max_connections=pool_size,
            max_keepalive_connections=pool_size,
            keepalive_expiry=15.0,
            network_backend=_DeadlineBackend(),
        )
