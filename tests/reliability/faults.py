"""A proxy on TCP between the shop and its ERP that can be made to fail in six ways, and back."""

import contextlib
import socket
import struct
import threading
import time
from enum import StrEnum
from typing import Self
from urllib.parse import urlsplit

PIECE = 64 * 1024


class Mode(StrEnum):
    """How the ERP answers."""

    WELL = "well"
    REFUSE = "refuse"  # nobody listens
    HANG = "hang"  # takes the request, says nothing
    DRIP = "drip"  # a byte now and then
    RESET = "reset"  # cuts the connection when asked
    GARBAGE = "garbage"  # answers something that is not HTTP
    ERROR_500 = "500"  # answers an HTML page of error


OUTAGES = tuple(mode for mode in Mode if mode is not Mode.WELL)


class FaultProxy:
    """Listens on a port of its own and passes everything to `target` (a URL) while it is well."""

    def __init__(self, target: str) -> None:
        parts = urlsplit(target)
        self._target = (parts.hostname or "127.0.0.1", parts.port or 80)
        self._mode = Mode.WELL
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._listener: socket.socket | None = None
        self._port = 0
        self._listen()

    @property
    def url(self) -> str:
        """The ERP's address for the shop."""
        return f"http://127.0.0.1:{self._port}"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *reason: object) -> None:
        self._stop_listening()
        self._cut_all()

    def become(self, mode: Mode) -> None:
        """Answer like this from now on; connections of before are cut."""
        self._mode = mode
        self._cut_all()
        if mode is Mode.REFUSE:
            self._stop_listening()
        elif self._listener is None:
            self._listen()

    def _listen(self) -> None:
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", self._port))
        listener.listen(64)
        self._port = listener.getsockname()[1]
        self._listener = listener
        threading.Thread(target=self._accept, args=(listener,), daemon=True).start()

    def _stop_listening(self) -> None:
        listener, self._listener = self._listener, None
        if listener:
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            listener.close()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                caller, _address = listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(caller,), daemon=True).start()

    def _serve(self, caller: socket.socket) -> None:
        with self._lock:
            self._open.add(caller)
        with contextlib.suppress(OSError), caller:
            if self._mode is Mode.WELL:
                self._pass_on(caller)
            elif caller.recv(PIECE):
                self._fail(caller)
        with self._lock:
            self._open.discard(caller)

    def _fail(self, caller: socket.socket) -> None:
        match self._mode:
            case Mode.HANG:
                time.sleep(30)
            case Mode.DRIP:
                self._drip(caller)
            case Mode.RESET:
                caller.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            case Mode.GARBAGE:
                caller.sendall(b"\x00\xff\xfeWAT 9/9 !!\r\n\r\n{[")
            case Mode.ERROR_500:
                body = b"<html><h1>Internal Server Error</h1>"
                head = b"HTTP/1.1 500 No\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n"
                caller.sendall(head % len(body) + body)

    def _drip(self, caller: socket.socket) -> None:
        caller.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        for _ in range(150):
            caller.sendall(b"[")
            time.sleep(0.2)

    def _pass_on(self, caller: socket.socket) -> None:
        with socket.create_connection(self._target, timeout=5) as erp:
            back = threading.Thread(target=_pump, args=(erp, caller), daemon=True)
            back.start()
            _pump(caller, erp)
            back.join(5)

    def _cut_all(self) -> None:
        with self._lock:
            for caller in self._open:
                with contextlib.suppress(OSError):
                    caller.shutdown(socket.SHUT_RDWR)


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while piece := source.recv(PIECE):
            sink.sendall(piece)
        sink.shutdown(socket.SHUT_WR)
