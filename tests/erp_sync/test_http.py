"""The one HTTP client: deadline, size cap, outcomes by what the caller may do next."""

import gzip
import http.server
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from decimal import Decimal

import httpx2
import pytest

from erp_sync.errors import ErpBroken, ErpMisconfigured, ErpUnavailable
from erp_sync.http import Answer, Deadline, ErpHttp, counted_calls, last_call_id

# For so long a slow answer comes in pieces; whoever waits for all of it misses his deadline of half a second by far.
DRIPS_S = 6.0

Serve = Callable[[Callable[[socket.socket], None]], str]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Give a function that serves raw sockets with the given behaviour and returns the address."""
    listeners: list[socket.socket] = []

    def start(behave: Callable[[socket.socket], None]) -> str:
        listener = socket.create_server(("127.0.0.1", 0))
        listeners.append(listener)

        def loop() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                threading.Thread(target=_quietly, args=(behave, connection), daemon=True).start()

        threading.Thread(target=loop, daemon=True).start()
        return f"http://127.0.0.1:{listener.getsockname()[1]}"

    yield start
    for listener in listeners:
        listener.close()


def _quietly(behave: Callable[[socket.socket], None], connection: socket.socket) -> None:
    with connection:
        try:
            connection.recv(65536)
            behave(connection)
        except OSError:
            return


def _ask(url: str, *, seconds: float = 0.5, **options: object) -> Answer:
    client = ErpHttp(url)
    try:
        return client.request("GET", "/x", operation="x", deadline=Deadline(seconds), **options)  # type: ignore[arg-type]  # options of request
    finally:
        client.close()


def _mocked(answer: httpx2.Response) -> ErpHttp:
    return ErpHttp("http://erp.test", transport=httpx2.MockTransport(lambda _request: answer))


def test_a_body_that_drips_is_cut_at_the_total_deadline(serve: Serve) -> None:
    def drip(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        for _ in range(100):
            connection.sendall(b"x")
            time.sleep(DRIPS_S / 100)

    client = ErpHttp(serve(drip))
    started = time.monotonic()
    with pytest.raises(ErpUnavailable) as caught:
        client.request("GET", "/x", operation="x", deadline=Deadline(0.5))
    assert 0.45 < time.monotonic() - started < DRIPS_S / 2
    assert not caught.value.nothing_sent


def test_headers_that_drip_are_cut_at_the_total_deadline(serve: Serve) -> None:
    def drip(connection: socket.socket) -> None:
        for byte in b"HTTP/1.1 200 OK\r\nX-Slow: " + b"y" * 100:
            connection.sendall(bytes([byte]))
            time.sleep(DRIPS_S / 100)

    client = ErpHttp(serve(drip))
    started = time.monotonic()
    with pytest.raises(ErpUnavailable):
        client.request("GET", "/x", operation="x", deadline=Deadline(0.5))
    assert time.monotonic() - started < DRIPS_S / 2


def test_a_late_byte_does_not_buy_more_time(serve: Serve) -> None:
    def one_byte_late(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n")
        for _ in range(15):  # each comes before a wait of half a second for the next one would be over
            time.sleep(0.4)
            connection.sendall(b"x")

    client = ErpHttp(serve(one_byte_late))
    started = time.monotonic()
    with pytest.raises(ErpUnavailable):
        client.request("GET", "/x", operation="x", deadline=Deadline(0.5))
    assert time.monotonic() - started < DRIPS_S / 2


def test_a_refused_connection_sent_nothing() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(ErpUnavailable) as caught:
        _ask(f"http://127.0.0.1:{port}")
    assert caught.value.nothing_sent


def test_an_unknown_host_sent_nothing() -> None:
    with pytest.raises(ErpUnavailable) as caught:
        _ask("http://no-such-host.invalid", seconds=5)
    assert caught.value.nothing_sent


def test_a_server_that_speaks_no_tls_got_nothing(serve: Serve) -> None:
    url = serve(lambda connection: connection.sendall(b"what?\r\n" * 10))
    with pytest.raises(ErpUnavailable) as caught:
        _ask(url.replace("http:", "https:"))
    assert caught.value.nothing_sent


def test_no_time_left_means_that_nothing_is_sent() -> None:
    with pytest.raises(ErpUnavailable) as caught:
        _ask("http://127.0.0.1:1", seconds=0)
    assert caught.value.nothing_sent


@pytest.mark.parametrize(
    "behave",
    [
        lambda connection: connection.close(),
        lambda connection: connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nhalf"),
        lambda connection: connection.sendall(b"HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n"),
        lambda connection: connection.sendall(b"\x00\x01 no HTTP at all \r\n\r\n"),
    ],
    ids=["closed", "half a body", "HTTP 500", "no HTTP"],
)
def test_after_sending_every_failure_is_ambiguous(serve: Serve, behave: Callable[[socket.socket], None]) -> None:
    with pytest.raises(ErpUnavailable) as caught:
        _ask(serve(behave))
    assert not caught.value.nothing_sent


def test_an_oversized_answer_is_broken() -> None:
    client = _mocked(httpx2.Response(200, content=b"x" * 2001))
    with pytest.raises(ErpBroken, match="larger than 2000 bytes"):
        client.request("GET", "/", operation="x", deadline=Deadline(1), max_bytes=2000)


def test_the_size_is_that_of_the_unpacked_answer() -> None:
    packed = gzip.compress(b"0" * 1_000_000)
    client = _mocked(httpx2.Response(200, headers={"Content-Encoding": "gzip"}, content=packed))
    with pytest.raises(ErpBroken, match="larger"):
        client.request("GET", "/", operation="x", deadline=Deadline(1), max_bytes=len(packed) + 9)


def test_a_badly_packed_answer_is_broken(serve: Serve) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\nplain"
    with pytest.raises(ErpBroken, match="unpacked"):
        _ask(serve(lambda connection: connection.sendall(head)))


def test_a_redirect_is_not_followed() -> None:
    client = _mocked(httpx2.Response(302, headers={"Location": "http://elsewhere.test/"}))
    with pytest.raises(ErpBroken, match="redirects"):
        client.request("GET", "/", operation="x", deadline=Deadline(1))


@pytest.mark.parametrize("path", ["http://elsewhere.test/", "//elsewhere.test/x", "x"])
def test_a_path_cannot_leave_the_host(path: str) -> None:
    client = _mocked(httpx2.Response(200))
    with pytest.raises(ErpBroken, match="not a path"):
        client.request("GET", path, operation="x", deadline=Deadline(1))


def test_a_status_that_is_understood_comes_back() -> None:
    client = _mocked(httpx2.Response(503, content=b"busy"))
    answer = client.request("GET", "/", operation="x", deadline=Deadline(1), understood=[503])
    assert (answer.status, answer.content) == (503, b"busy")


def test_numbers_in_json_stay_exact_and_garbage_is_broken() -> None:
    assert Answer(200, {}, b'{"price": 0.1}').json() == {"price": Decimal("0.1")}
    with pytest.raises(ErpBroken, match="not JSON"):
        Answer(200, {}, b"<html>").json()


def test_an_address_without_a_host_is_a_wrong_setting() -> None:
    with pytest.raises(ErpMisconfigured, match="ERP_URL"):
        ErpHttp("erp.example.com")


def test_calls_are_counted_in_all_threads_and_have_an_id() -> None:
    client = _mocked(httpx2.Response(200, content=b"{}"))

    def call() -> None:
        client.request("GET", "/", operation="offers", deadline=Deadline(1))

    with counted_calls() as calls:
        call()
        thread = threading.Thread(target=call)
        thread.start()
        thread.join()
    call()
    assert calls.operations == ["offers", "offers"]
    assert len(last_call_id.get()) == 8


def test_a_connection_is_used_again() -> None:
    ports: list[int] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            ports.append(self.client_address[1])
            body = json.dumps({}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_args: object) -> None:
            """Write nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        client = ErpHttp(f"http://127.0.0.1:{server.server_address[1]}")
        for _ in range(3):
            client.request("GET", "/", operation="x", deadline=Deadline(1))
        client.close()
        server.shutdown()
    assert len(ports) == 3
    assert len(set(ports)) == 1
