"""Real export workers for reliability tests: processes that may be killed at any moment.

    with Workers(count=3, settings={"ERP_URL": ...}) as workers: workers.kill_one()

`python -m tests.reliability.workers` is the crew's foreman: it forks the workers and replaces each
one that dies. A worker does what a Celery worker does with `sweep`, over and over.
"""

import contextlib
import datetime as dt
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from types import FrameType
from typing import Any, Self
from urllib.parse import quote

from django.db import connection

PAUSE_S = 0.02
START_S = 120  # a busy machine needs long to load them; what a test then waits for begins later


class Workers:
    """A crew of `count` workers on the test database.

    Args:
        count: How many work at once.
        settings: Django settings that differ from the test settings (JSON values).
        variant: A deliberate mistake, for controls: see `make_mistake`.
        clock_off_s: How far their clock is ahead of ours.
    """

    def __init__(self, *, count: int, settings: dict[str, Any], variant: str = "", clock_off_s: float = 0.0) -> None:
        order = {"count": count, "settings": settings, "variant": variant, "clock_off_s": clock_off_s}
        self._environment = os.environ | {
            "DJANGO_SETTINGS_MODULE": "config.settings.test",
            "DATABASE_URL": database_url(),
            "WORKERS": json.dumps(order),
        }
        self._alive: set[int] = set()
        self._lock = threading.Lock()
        self._at_work = threading.Event()
        self.killed = 0

    def __enter__(self) -> Self:
        self._foreman = subprocess.Popen(
            [sys.executable, "-m", "tests.reliability.workers"],
            env=self._environment,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        assert self._at_work.wait(START_S), "no worker began"
        return self

    def __exit__(self, *reason: object) -> None:
        self._foreman.terminate()
        self._foreman.wait(timeout=20)
        self._reader.join(timeout=5)
        assert self._foreman.stdout
        self._foreman.stdout.close()

    def kill_one(self) -> None:
        """Kill a worker in the middle of whatever it does (SIGKILL); the foreman replaces it."""
        with self._lock:
            if self._alive:
                pid = random.choice(sorted(self._alive))  # noqa: S311 (no secret)
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
                    self.killed += 1
                self._alive.discard(pid)

    def _read(self) -> None:
        assert self._foreman.stdout
        for line in self._foreman.stdout:
            sign, pid = line[0], int(line[1:])
            with self._lock:
                if sign == "+":
                    self._alive.add(pid)
                    self._at_work.set()
                else:
                    self._alive.discard(pid)


def database_url() -> str:
    """Return the address of the test database for another process."""
    given = connection.settings_dict
    host, port = quote(str(given["HOST"]), safe=""), given["PORT"]
    person = quote(str(given["USER"])) + (f":{quote(str(given['PASSWORD']))}" if given["PASSWORD"] else "")
    return f"postgresql://{person}@{host}{f':{port}' if port else ''}/{given['NAME']}"


# --- the foreman and its workers, in processes of their own ---


def foreman() -> None:
    """Keep `count` workers at work until told to end."""
    order = json.loads(os.environ["WORKERS"])
    set_up(order)
    crew: set[int] = set()

    def end(number: int, frame: FrameType | None) -> None:
        for pid in crew:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        os._exit(0)

    signal.signal(signal.SIGTERM, end)
    while True:
        while len(crew) < order["count"]:
            crew.add(hire())
        pid, _status = os.wait()
        crew.discard(pid)
        report("-", pid)


def set_up(order: dict[str, Any]) -> None:
    """Set Django up once, before any worker is forked."""
    import django
    from django.conf import settings

    for name, value in order["settings"].items():
        setattr(settings, name, value)
    django.setup()
    if order["variant"]:
        make_mistake(order["variant"])
    if order["clock_off_s"]:
        import time_machine

        elsewhere = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=order["clock_off_s"])
        time_machine.travel(elsewhere, tick=True).start()


def make_mistake(variant: str) -> None:
    """Work wrongly on purpose.

    "careless" sends again whatever is unclear, without looking; "impatient" looks at once, without
    waiting for what the ERP may still be doing.
    """
    from erp_sync.outbox import claims
    from erp_sync.outbox.models import OutboxRow, OutboxState

    state = {"careless": OutboxState.READY, "impatient": OutboxState.CHECK}[variant]

    def mistaken(row: OutboxRow, *args: object, now: dt.datetime, **kwargs: object) -> None:
        row.state, row.due_at = state, now
        row.save()

    claims.unclear = mistaken


def hire() -> int:
    """Fork a worker and report it."""
    parent = os.getpid()
    pid = os.fork()
    if pid == 0:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        work(parent)
    report("+", pid)
    return pid


def work(parent: int) -> None:
    """Sweep until the foreman is gone."""
    from django.utils import timezone

    from erp_sync.outbox import exporter

    while os.getppid() == parent:
        exporter.export_due(now=timezone.now())
        time.sleep(PAUSE_S)
    os._exit(0)


def report(sign: str, pid: int) -> None:
    """Tell the test which workers live."""
    with contextlib.suppress(BrokenPipeError):
        print(f"{sign}{pid}", flush=True)  # noqa: T201 (the test reads it)


if __name__ == "__main__":
    foreman()
