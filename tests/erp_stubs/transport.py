"""A line to an ERP that is played in this process: it records what is sent and breaks where a test says so.

Give it to an adapter in place of the network:

    line = StubLine(application)  # Callable[[httpx2.Request], httpx2.Response]
    http = ErpHttp("https://erp.test", transport=line)
    line.next(Fault.ERROR_AFTER, when=is_post("/api/orders"))
    line.next(Fault.UNAUTHORIZED, at=3)  # the third request from now

Nothing sleeps: a slow answer is one whose time is compared with what the caller still had. Threads may share a line;
the application sees one request at a time.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import httpx2

Application = Callable[[httpx2.Request], httpx2.Response]
SLOW_S = 30.0
RETRY_AFTER_S = "7"


class Fault(StrEnum):
    """What happens to a request."""

    REFUSED = "refused"  # nothing listens: ConnectError, not processed
    LOST_BEFORE = "lost before"  # ConnectTimeout, not processed
    UNAUTHORIZED = "unauthorized"  # 401, not processed
    TOO_MANY = "too many"  # 429 with Retry-After, not processed
    UNAVAILABLE = "unavailable"  # 503, not processed
    ERROR_AFTER = "error after"  # processed, then 500
    LOST_AFTER = "lost after"  # processed, then ReadTimeout
    BROKEN_AFTER = "broken after"  # processed, then the connection is cut
    GARBAGE = "garbage"  # processed, then a page of nonsense with status 200
    KILLED_AFTER = "killed after"  # processed, then the caller's process dies (Killed)
    SLOW = "slow"  # processed; the answer takes `SLOW_S`, so a caller with less time gets ReadTimeout


class Killed(BaseException):
    """The caller's process died here; no code of the product may catch it."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A request as it came in; `path` is as on the wire, with its query."""

    method: str
    path: str
    body: bytes
    headers: Mapping[str, str]

    def json(self) -> Any:
        """Return the body as JSON; None without a body."""
        return json.loads(self.body) if self.body else None

    def __str__(self) -> str:
        return f"{self.method} {self.path} {self.body.decode('utf-8', 'replace')[:500]}"


When = Callable[[Seen], bool]


@dataclass(slots=True)
class Plan:
    """A fault that waits for its request; `struck` says that it came."""

    fault: Fault
    at: int
    when: When
    seen: int = 0
    struck: bool = False

    def strikes(self, request: Seen) -> bool:
        """Count a request that fits; say whether it is the one."""
        if self.struck or not self.when(request):
            return False
        self.seen += 1
        self.struck = self.seen == self.at
        return self.struck


def anything(_request: Seen) -> bool:
    """Fit every request."""
    return True


def sends(method: str, start: str) -> When:
    """Fit requests of this method whose path begins so."""
    return lambda request: request.method == method and request.path.startswith(start)


@dataclass(eq=False)
class StubLine(httpx2.BaseTransport):
    """The line to a stub.

    Args:
        application: Answers a request, in process.
        bodies: What this ERP says with a fault's status, as JSON; without it the body is empty.
    """

    application: Application
    bodies: Mapping[Fault, Any] = field(default_factory=dict)
    requests: list[Seen] = field(default_factory=list)
    plans: list[Plan] = field(default_factory=list)
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def next(self, fault: Fault, *, at: int = 1, when: When = anything) -> Plan:
        """Break the line at the `at`-th request from now that fits `when`; once."""
        plan = Plan(fault, at, when)
        with self._lock:
            self.plans.append(plan)
        return plan

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Take a request, as a transport of httpx2 does."""
        seen = _seen(request)
        with self._lock:
            self.requests.append(seen)
            struck = [plan.fault for plan in self.plans if plan.strikes(seen)]
            if not struck:
                return self.application(request)
            return self._broken(struck[0], request)

    def sent(self, method: str, start: str = "") -> list[Seen]:
        """Return the requests of this method whose path begins so, in order."""
        return [one for one in self.requests if sends(method, start)(one)]

    def _broken(self, fault: Fault, request: httpx2.Request) -> httpx2.Response:
        if fault is Fault.REFUSED:
            raise httpx2.ConnectError("stub: connection refused", request=request)
        if fault is Fault.LOST_BEFORE:
            raise httpx2.ConnectTimeout("stub: no connection in time", request=request)
        if fault is Fault.UNAUTHORIZED:
            return self._said(fault, 401)
        if fault is Fault.TOO_MANY:
            return self._said(fault, 429, {"Retry-After": RETRY_AFTER_S})
        if fault is Fault.UNAVAILABLE:
            return self._said(fault, 503)
        return self._spoilt(fault, request, self.application(request))

    def _spoilt(self, fault: Fault, request: httpx2.Request, answer: httpx2.Response) -> httpx2.Response:
        """Return what is left of an answer to a request that the ERP has processed."""
        if fault is Fault.ERROR_AFTER:
            return self._said(fault, 500)
        if fault is Fault.GARBAGE:
            return httpx2.Response(200, content=b"<html>\xff\xfe Bad gateway")
        if fault is Fault.BROKEN_AFTER:
            raise httpx2.RemoteProtocolError("stub: server disconnected", request=request)
        if fault is Fault.KILLED_AFTER:
            raise Killed
        if fault is Fault.LOST_AFTER or _patience(request) < SLOW_S:
            raise httpx2.ReadTimeout("stub: no answer in time", request=request)
        return answer

    def _said(self, fault: Fault, status: int, headers: Mapping[str, str] | None = None) -> httpx2.Response:
        if fault in self.bodies:
            return httpx2.Response(status, headers=headers, json=self.bodies[fault])
        return httpx2.Response(status, headers=headers, content=b"")


def _seen(request: httpx2.Request) -> Seen:
    path = request.url.raw_path.decode("ascii")
    return Seen(request.method, path, request.read(), {key.lower(): value for key, value in request.headers.items()})


def _patience(request: httpx2.Request) -> float:
    """How long the caller waits for the answer, in seconds; without a limit he waits for ever."""
    read = request.extensions.get("timeout", {}).get("read")
    return float("inf") if read is None else float(read)
