"""What every drill stands on: a durable PostgreSQL of its own with the shop's tables, an ERP over sockets."""

import contextlib
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path


@contextlib.contextmanager
def prepared() -> Iterator[None]:
    """Start PostgreSQL, point Django at it, migrate, empty the tables; stop it at the end."""
    from config import postgres

    folder = place()
    folder.mkdir(parents=True, exist_ok=True)
    with postgres.in_use(folder):
        postgres.ensure_running(folder, durable=True)
        os.environ["DATABASE_URL"] = postgres.url(folder)
        os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings.test"
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        call_command("flush", interactive=False, verbosity=0)
        yield


def place() -> Path:
    """Return the folder of the drills' PostgreSQL."""
    return Path(os.environ.get("VAR_DIR", "var")) / "drills"


def say(text: str) -> None:
    """Tell what happens, with the time."""
    print(f"[{time.monotonic() - STARTED:6.1f} s] {text}", flush=True)  # noqa: T201 (a command)


def wait_for(what: Callable[[], bool], *, at_most_s: float) -> bool:
    """Wait until it is so, or the time is over; return whether it is."""
    ends_at = time.monotonic() + at_most_s
    while time.monotonic() < ends_at:
        if what():
            return True
        time.sleep(0.1)
    return what()


STARTED = time.monotonic()
