"""The shop's private PostgreSQL, through the project's own commands (config/postgres)."""

import contextlib
import fcntl
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

from demo.launcher.places import ROOT, SHOP_PYTHON, Places


def is_private() -> bool:
    """Whether the shop has no DATABASE_URL, and so a PostgreSQL of its own."""
    return not (os.environ.get("DATABASE_URL", "").strip() or os.environ.get("DATABASE_URL_FILE", ""))


def command(*arguments: str) -> list[str | Path]:
    """Return the command line of a PostgreSQL command."""
    return [SHOP_PYTHON, "-m", "config.postgres", *arguments]


@contextlib.contextmanager
def needed(places: Places) -> Iterator[None]:
    """Say that the server is needed, so that a test session on this VAR_DIR leaves it running."""
    with places.postgres_users.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_SH)
        try:
            yield
        finally:
            fcntl.flock(file, fcntl.LOCK_UN)
            stop_unless_needed(places)


def stop_unless_needed(places: Places) -> None:
    """Stop the server, unless somebody else says that he needs it."""
    if not is_private() or not SHOP_PYTHON.exists():
        return
    with places.postgres_users.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        subprocess.run(
            [str(part) for part in command("stop")],
            cwd=ROOT,
            check=False,
            timeout=60,
            env={**os.environ, "VAR_DIR": str(places.var)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
