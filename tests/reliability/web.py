"""The shop in a real gunicorn on the test database, for tests that need many requests at once.

with Web(settings={"ERP_URL": ...}) as web: web.post("/checkout/", fields, cookies)
"""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlencode

from tests.reliability.workers import database_url

WORKERS, THREADS = 2, 10
CSRF = "a" * 32


class Web:
    """A gunicorn with threads.

    Args:
        settings: Django settings that differ from the test settings (JSON values).
        variant: A deliberate mistake, for controls: see `make_mistake`.
        patience_s: How long clients wait for an answer, and a process that ends for its last requests.
    """

    def __init__(self, *, settings: dict[str, Any], variant: str = "", patience_s: int = 60) -> None:
        self._patience_s = patience_s
        self._environment = os.environ | {
            "DJANGO_SETTINGS_MODULE": "config.settings.test",
            "DATABASE_URL": database_url(),
            "WEB": json.dumps({"settings": settings, "variant": variant}),
        }
        self._open = ExitStack()

    def __enter__(self) -> Self:
        folder = Path(self._open.enter_context(tempfile.TemporaryDirectory(prefix="web-")))
        self._socket = folder / "web.sock"
        self._log = self._open.enter_context((folder / "log").open("w+"))
        self._start()
        self._open.callback(self._stop)
        for _attempt in range(300):
            if self._socket.exists() and self.get("/healthz")[0] == 200:
                return self
            assert self._process.poll() is None, (folder / "log").read_text()
            time.sleep(0.1)
        raise AssertionError("gunicorn does not answer: " + (folder / "log").read_text())

    def _start(self) -> None:
        command = [sys.executable, "-m", "gunicorn", "tests.reliability.web:application()"]
        command += ["--config", "python:config.web", "--bind", f"unix:{self._socket}"]
        command += ["--workers", str(WORKERS), "--threads", str(THREADS)]
        command += ["--timeout", str(self._patience_s), "--graceful-timeout", str(self._patience_s)]
        self._process = subprocess.Popen(command, env=self._environment, stdout=self._log, stderr=self._log)  # noqa: S603

    def __exit__(self, *reason: object) -> None:
        self._open.close()

    def _stop(self) -> None:
        self._process.terminate()
        self._process.wait(timeout=20)

    def get(self, path: str, *, session: str = "") -> tuple[int, str]:
        """Return status and Location."""
        return self._ask("GET", path, "", {"Cookie": f"sessionid={session}"} if session else {})

    @property
    def pid(self) -> int:
        """The process that its workers come from."""
        return self._process.pid

    def reload(self) -> None:
        """Let it take new processes and end the old ones when they are done (HUP)."""
        self._process.send_signal(signal.SIGHUP)

    def kill_a_worker(self) -> None:
        """Kill one of its processes in the middle of whatever it does."""
        children = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children").read_text().split()
        os.kill(int(children[0]), signal.SIGKILL)

    def start_anew(self) -> None:
        """End it at once and start it again: what a reload is there to avoid."""
        self._process.kill()
        self._process.wait(timeout=20)
        self._socket.unlink(missing_ok=True)
        self._start()

    def post(self, path: str, fields: dict[str, str], *, session: str) -> tuple[int, str]:
        """Send a form with a session's cookie; return status and Location."""
        body = urlencode(fields | {"csrfmiddlewaretoken": CSRF})
        headers = {
            "Cookie": f"sessionid={session}; csrftoken={CSRF}",
            "Content-Type": "application/x-www-form-urlencoded",
        }
        return self._ask("POST", path, body, headers)

    def _ask(self, method: str, path: str, body: str, headers: dict[str, str]) -> tuple[int, str]:
        connection = _UnixConnection(self._socket, self._patience_s)
        try:
            connection.request(method, path, body, headers | {"Host": "localhost"})
            answer = connection.getresponse()
            answer.read()
            return answer.status, answer.headers.get("Location", "")
        finally:
            connection.close()


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: Path, patience_s: int) -> None:
        super().__init__("localhost", timeout=patience_s)
        self._path = path

    def connect(self) -> None:
        import socket

        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self._path))


# --- inside gunicorn ---


def application() -> Any:
    """Return the WSGI application of the shop with the settings that the test asks for."""
    order = json.loads(os.environ["WEB"])
    from django.conf import settings

    settings.MIDDLEWARE = [one for one in settings.MIDDLEWARE if not one.startswith("zeal.")]
    for name, value in order["settings"].items():
        setattr(settings, name, value)
    from config import web

    found = web.application()
    if order["variant"]:
        make_mistake(order["variant"])
    return found


def make_mistake(variant: str) -> None:
    """Work wrongly on purpose.

    "careless" looks for no earlier order and locks no basket; "leaky" keeps something of every request.
    """
    {"careless": _be_careless, "leaky": _leak}[variant]()


def _leak() -> None:
    from django.core.handlers.wsgi import WSGIHandler

    answer, kept = WSGIHandler.get_response, []

    def leaking(self: WSGIHandler, request: Any) -> Any:
        kept.append(b"x" * 300_000)
        return answer(self, request)

    setattr(WSGIHandler, "get_response", leaking)  # noqa: B010 (the mistake)


def _be_careless() -> None:
    from accounts.actors import Actor
    from shop.carts.models import Cart
    from shop.orders import services

    def unlocked(*, actor: Actor) -> Cart:
        return Cart.objects.get(user=actor.user, sold_to=actor.sold_to)

    def nobody(*args: object) -> None:
        return None

    create = services.__dict__["_create"]

    def late(**given: object) -> object:
        time.sleep(0.2)  # the twins all get as far as here, however busy the machine is
        return create(**given)

    setattr(services, "_create", late)  # noqa: B010 (the mistake needs its time)
    setattr(services, "_placed_before", nobody)  # noqa: B010 (the mistake)
    setattr(services, "cart_for_update", unlocked)  # noqa: B010 (the mistake)
