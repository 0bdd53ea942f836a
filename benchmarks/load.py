"""The load: so many connections at once, each sending one request after the other, in a process of its own.

    python -m benchmarks.load < order.json

The order: {"port", "connections", "seconds", "flows": [[{"method", "path", "cookie", "body", "take"}, …], …]}. A flow
is what one visitor does; its requests go out one after the other. `{key}` in a body becomes a fresh key for each flow;
`take` names hidden fields of the answer whose values replace `{name}` in the requests after it. Answers come as JSON:
flows done, the time each took in ms, and what went wrong. Plain sockets: on a small machine the load must cost little.
"""

from __future__ import annotations

import json
import re
import socket
import sys
import threading
import time
import uuid
import zlib
from itertools import count
from typing import Any

ACCEPTED = {"200", "302"}
# Threads change places often enough that a finished answer is noticed at once.
SWITCH_S = 0.0005


class Load:
    """The flows that go out, and what came of them."""

    def __init__(self, order: dict[str, Any]) -> None:
        self.address = ("127.0.0.1", order["port"])
        self.flows: list[list[dict[str, Any]]] = order["flows"]
        self.seconds = order["seconds"]
        self.numbers = count()
        self.times_ms: list[float] = []
        self.errors: list[str] = []

    def run(self, connections: int) -> dict[str, Any]:
        """Send for so many seconds and return the result."""
        started = time.perf_counter()
        until = started + self.seconds
        threads = [threading.Thread(target=self._visit, args=(until,)) for _ in range(connections)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return {
            "done": len(self.times_ms),
            "seconds": time.perf_counter() - started,
            "times_ms": self.times_ms,
            "errors": self.errors,
            "cpu_s": time.process_time(),
        }

    def _visit(self, until: float) -> None:
        """Follow flows until then, and one in any case: a machine that is busy starts late."""
        is_over = False
        while not is_over:
            flow = self.flows[next(self.numbers) % len(self.flows)]
            started = time.perf_counter()
            error = self._follow(flow)
            if error:
                self.errors.append(error)
            else:
                self.times_ms.append((time.perf_counter() - started) * 1000)
            is_over = time.perf_counter() >= until

    def _follow(self, flow: list[dict[str, Any]]) -> str:
        values = {"key": str(uuid.uuid4())}
        for request in flow:
            try:
                head, body = exchange(self.address, request, values)
            except OSError as error:
                return f"{request['path']}: {error}"
            if head[9:12].decode() not in ACCEPTED:
                return f"{request['path']}: {head[:60]!r}"
            for name in request.get("take", ()):
                values[name] = hidden_value(head, body, name)
        return ""


def exchange(address: tuple[str, int], request: dict[str, Any], values: dict[str, str]) -> tuple[bytes, bytes]:
    """Send one request on a connection of its own; return head and body as they came."""
    with socket.create_connection(address, timeout=30) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.sendall(message(request, values))
        parts = []
        while part := connection.recv(262_144):
            parts.append(part)
    head, _blank, body = b"".join(parts).partition(b"\r\n\r\n")
    return head, body


def message(request: dict[str, Any], values: dict[str, str]) -> bytes:
    """Return a request as bytes."""
    body: str = request.get("body", "")
    for name, value in values.items():
        body = body.replace("{" + name + "}", value)
    lines = [f"{request['method']} {request['path']} HTTP/1.1", "Host: localhost", "Connection: close"]
    lines += [f"Accept-Encoding: {request.get('encoding', 'gzip')}", f"Cookie: {request.get('cookie', '')}"]
    lines += request.get("headers", [])
    if request["method"] == "POST":
        lines += ["Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(body.encode())}"]
    return ("\r\n".join(lines) + "\r\n\r\n" + body).encode()


def hidden_value(head: bytes, body: bytes, name: str) -> str:
    """Return the value of a hidden field of a page."""
    text = unpacked(head, body).decode()
    tag = re.search(rf'<input[^>]*name="{name}"[^>]*>', text)
    value = re.search(r'value="([^"]*)"', tag[0]) if tag else None
    return value[1] if value else ""


def unpacked(head: bytes, body: bytes) -> bytes:
    """Return a body as it was before it was packed for the way."""
    if b"content-encoding: gzip" not in head.lower():
        return body
    return zlib.decompress(body, wbits=31)


def main() -> None:
    """Read the order, run it, print what came of it."""
    sys.setswitchinterval(SWITCH_S)
    order = json.load(sys.stdin)
    json.dump(Load(order).run(order["connections"]), sys.stdout)


if __name__ == "__main__":
    main()
