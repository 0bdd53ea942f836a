"""Measuring in this process: a database of its own, requests through Django's test client, statements counted."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

from config import env, postgres

ROOT = Path(__file__).resolve().parent.parent
TIMES = 20


@contextmanager
def database(name: str) -> Iterator[None]:
    """Give an empty database under VAR_DIR/bench-NAME and a shop on it; its ERP is the one in memory."""
    var_dir = env.folder("VAR_DIR", ROOT / "var") / f"bench-{name}"
    var_dir.mkdir(parents=True, exist_ok=True)
    postgres.ensure_running(var_dir)
    os.environ |= {"VAR_DIR": str(var_dir), "DJANGO_SETTINGS_MODULE": "config.settings.dev", "LOG_LEVEL": "ERROR"}
    os.environ |= {"ERP_ADAPTER": "erp_sync.adapters.fake.FakeErp"}
    os.environ.pop("DATABASE_URL", None)
    try:
        _ready()
        yield
    finally:
        postgres.stop(var_dir)


def _ready() -> None:
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command

    settings.DEBUG, settings.ALLOWED_HOSTS = False, ["*"]
    call_command("migrate", verbosity=0)
    call_command("flush", interactive=False, verbosity=0)


def ok(answer: Any) -> Any:
    """Return an answer that is one.

    Raises:
        AssertionError: the shop refused, or fell.
    """
    if answer.status_code not in {200, 302}:
        raise AssertionError(f"{answer.request['PATH_INFO']}: {answer.status_code}")
    return answer


def timed(ask: Callable[[], object], *, times: int = TIMES) -> dict[str, float]:
    """Return time, CPU time of this process (not of PostgreSQL) and statements of one question."""
    from django.db import connection

    counted = Statements()
    with connection.execute_wrapper(counted):
        ask()
    took, cpu = [], []
    for _time in range(times):
        started, worked = time.perf_counter(), time.process_time()
        ask()
        took.append((time.perf_counter() - started) * 1000)
        cpu.append((time.process_time() - worked) * 1000)
    took.sort()
    return {
        "p50_ms": median(took),
        "p95_ms": took[min(len(took) - 1, int(len(took) * 0.95))],
        "cpu_ms": median(cpu),
        "statements": counted.count,
    }


class Statements:
    """Counts what goes to the database through Django's cursors."""

    def __init__(self) -> None:
        """Begin with none."""
        self.count = 0

    def __call__(self, execute: Callable[..., Any], *arguments: Any) -> Any:
        """Count and execute."""
        self.count += 1
        return execute(*arguments)
