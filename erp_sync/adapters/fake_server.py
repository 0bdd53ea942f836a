"""The ERP in memory behind real sockets, with faults on the wire: for reliability tests.

    server = FakeServer(fault_share=0.3, seed=7)
    server.start()  # server.url; server.erp is the FakeErp inside

or `python -m erp_sync.adapters.fake_server --port 8899` as a process of its own.

`POST /call/<operation>` runs one, `GET /orders` lists the orders by reference, `GET /stats`
the faults so far, `POST /faults` {"share": 0.3, "kinds": [...], "operations": [...], "late_s": 0.3,
"times": null} sets the faults.
"""

from __future__ import annotations

import argparse
import json
import random
import socket
import struct
import sys
import threading
import time
import typing
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from erp_sync import records as r
from erp_sync.adapters.fake import FakeErp
from erp_sync.errors import ErpRejected, ErpUnavailable
from erp_sync.wire import from_json, to_json


class WireFault(StrEnum):
    """What goes wrong on the wire."""

    ERROR_BEFORE = "500_before"
    ERROR_AFTER = "500_after"
    CLOSE = "close"  # closes after the work, without an answer
    RESET = "reset"  # the same with a TCP reset
    LATE_COMMIT = "late_commit"  # answers an error at once, works `late_s` later
    GARBAGE = "garbage"
    DRIP = "drip"  # a byte at a time, for ever
    HALF_BODY = "half_body"


ARGUMENTS: dict[str, tuple[tuple[str, Any], ...]] = {
    "health": (),
    "needs": (),
    "now": (),
    "credit": (("customer_erp_id", str),),
    "totals": (("order", r.NewOrder),),
    "find_order": (("reference", str),),
    "create_order": (("order", r.NewOrder),),
    "accept_quote": (("acceptance", r.QuoteAcceptance),),
    "offers": (
        ("context", r.PriceContext),
        ("asks", tuple[r.Ask, ...]),
        ("ladders", bool),
        ("warehouses", bool),
    ),
    "pull": (("kind", str), ("cursor", r.Cursor), ("limit", int)),
    "keys": (("kind", str),),
}
WRITES = {kind.__name__: kind for kind in typing.get_args(r.Write)}
POSITIONAL = {"acceptance", "context", "asks", "customer_erp_id", "order", "reference", "kind", "cursor"}


@dataclass(slots=True)
class Faults:
    """Which share of which calls goes wrong, and how; `times` limits how often in all."""

    share: float = 0.0
    kinds: tuple[WireFault, ...] = tuple(WireFault)
    operations: tuple[str, ...] = ("create_order", "find_order", "accept_quote", "write", "find_written")
    late_s: float = 0.3
    drip_s: float = 30.0
    times: int | None = None
    dice: random.Random = field(default_factory=lambda: random.Random(7))  # noqa: S311 (repeatable faults)
    seen: Counter[str] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def draw(self, operation: str) -> WireFault | None:
        """Return the fault of this call, or None."""
        with self.lock:
            if operation not in self.operations or self.times == 0 or self.dice.random() >= self.share:
                return None
            if self.times is not None:
                self.times -= 1
            fault = self.dice.choice(self.kinds)
            self.seen[fault] += 1
            return fault


class FakeServer:
    """Serves one FakeErp on 127.0.0.1 from a thread; port 0 = any free one."""

    def __init__(self, *, port: int = 0, fault_share: float = 0.0, seed: int = 7, erp: FakeErp | None = None) -> None:
        self.erp = erp or FakeErp()
        self.faults = Faults(share=fault_share, dice=random.Random(seed))  # noqa: S311 (repeatable faults)
        self._server = _Server(("127.0.0.1", port), _Handler)
        self._server.owner = self
        self._late: list[tuple[threading.Timer, Callable[[], None]]] = []
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def start(self) -> None:
        """Serve in the background until `stop`."""
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def serve(self) -> None:
        """Serve in this thread, for ever."""
        self._server.serve_forever()

    def stop(self) -> None:
        """Stop serving and free the port."""
        self._server.shutdown()
        self._server.server_close()

    def later(self, work: Callable[..., object], *arguments: object) -> None:
        """Do it once, after `faults.late_s`, or when somebody is in a hurry."""
        once = threading.Lock()

        def do() -> None:
            if once.acquire(blocking=False):
                work(*arguments)

        timer = threading.Timer(self.faults.late_s, do)
        timer.daemon = True
        self._late.append((timer, do))
        timer.start()

    def hurry(self) -> None:
        """Do now what is late."""
        for timer, do in self._late:
            do()
            timer.cancel()
            timer.join()
        self._late.clear()

    def orders(self) -> dict[str, list[str]]:
        """Return the numbers of the orders by reference, late ones included."""
        self.erp.settle()
        found: dict[str, list[str]] = {}
        for order in list(self.erp.book.orders.values()):
            found.setdefault(order.order.reference, []).append(order.number)
        return found


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128
    owner: FakeServer

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Stay silent about callers that hang up: they are what this server is for."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def log_message(self, format: str, *args: object) -> None:
        """Write nothing."""

    def do_GET(self) -> None:
        """Answer with the orders or the faults so far."""
        owner = self.server.owner
        self._answer(200, owner.orders() if self.path == "/orders" else dict(owner.faults.seen))

    def do_POST(self) -> None:
        """Run an operation, with its fault, or set the faults."""
        data = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path == "/faults":
            self._set_faults(data)
            return
        operation = self.path.removeprefix("/call/")
        fault = self.server.owner.faults.draw(operation)
        if fault is WireFault.ERROR_BEFORE:
            self._answer(500, {"error": "before"})
        elif fault is WireFault.LATE_COMMIT:
            self.server.owner.later(self._run, operation, data)
            self._answer(500, {"error": "late"})
        else:
            self._send(fault, *self._run(operation, data))

    def _set_faults(self, data: dict[str, Any]) -> None:
        faults = self.server.owner.faults
        for name, value in data.items():
            setattr(faults, name, tuple(WireFault(v) for v in value) if name == "kinds" else value)
        self._answer(200, {})

    def _run(self, operation: str, data: dict[str, Any]) -> tuple[int, Any]:
        try:
            result = self._done(operation, data)
        except ErpRejected as error:
            return 422, {"message": error.message}
        except ErpUnavailable as error:
            return 409 if error.nothing_sent else 503, {"message": str(error)}
        return 200, to_json(list(result) if operation == "keys" else result)

    def _done(self, operation: str, data: dict[str, Any]) -> Any:
        erp = self.server.owner.erp
        if operation in {"write", "find_written"}:
            write = from_json(WRITES[data["name"]], data["write"])
            return (erp.post if operation == "write" else erp.find_written)(write, deadline_s=60.0)
        values = {name: from_json(kind, data[name]) for name, kind in ARGUMENTS[operation]}
        positional = [value for name, value in values.items() if name in POSITIONAL]
        named = {name: value for name, value in values.items() if name not in POSITIONAL}
        return getattr(erp, operation)(*positional, **named, deadline_s=60.0)

    def _send(self, fault: WireFault | None, status: int, result: Any) -> None:
        match fault:
            case None:
                self._answer(status, result)
            case WireFault.ERROR_AFTER:
                self._answer(500, {"error": "after"})
            case WireFault.GARBAGE:
                self._raw(200, b"<html>\xff\xfe Gateway says hello")
            case WireFault.CLOSE:
                self.close_connection = True
            case WireFault.RESET:
                self._reset()
            case WireFault.DRIP:
                self._drip(json.dumps(result).encode())
            case WireFault.HALF_BODY:
                self._half(json.dumps(result).encode())

    def _answer(self, status: int, result: Any) -> None:
        self._raw(status, json.dumps(result).encode())

    def _head(self, status: int, length: int) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(length))
        self.end_headers()

    def _raw(self, status: int, body: bytes) -> None:
        self._head(status, len(body))
        self.wfile.write(body)

    def _reset(self) -> None:
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True
        self.connection.close()

    def _half(self, body: bytes) -> None:
        self._head(200, len(body))
        self.wfile.write(body[: len(body) // 2])
        self.close_connection = True

    def _drip(self, body: bytes) -> None:
        self._head(200, len(body))
        ends_at = time.monotonic() + self.server.owner.faults.drip_s
        for byte in body:
            if time.monotonic() > ends_at:
                break
            self.wfile.write(bytes([byte]))
            self.wfile.flush()
            time.sleep(0.2)
        self.close_connection = True


def main() -> None:
    """Serve from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8899)
    parser.add_argument("--fault-share", type=float, default=0.0)
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    server = FakeServer(port=options.port, fault_share=options.fault_share, seed=options.seed)
    sys.stdout.write(f"{server.url}\n")
    sys.stdout.flush()
    server.serve()


if __name__ == "__main__":
    main()
