"""Where a measurement's rows are: in a PostgreSQL of its own, or in the database that BENCH_DATABASE_URL names."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from config import env, postgres

FILLED = "SELECT EXISTS (SELECT FROM erp_sync_order) OR EXISTS (SELECT FROM accounts_soldto)"


@dataclass(frozen=True, slots=True)
class Place:
    """A database to measure in. `is_ready`: it has its tables, and nothing in them that must go."""

    url: str
    is_ready: bool

    def server_pid(self) -> int:
        """Return the server's first process: the parent of the one that talks to us."""
        with psycopg.connect(self.url) as connection:
            stat = Path(f"/proc/{connection.info.backend_pid}/stat").read_text(encoding="ascii")
        return int(stat.rpartition(")")[2].split()[1])


@contextmanager
def database(var_dir: Path, *, may_be_filled: bool = False) -> Iterator[Place]:
    """Give a database; the one under `var_dir` is started, and stopped afterwards.

    Raises:
        SystemExit: the database that was named holds orders or companies; measuring would delete them.
    """
    url = env.text("BENCH_DATABASE_URL")
    if url:
        is_ready = _asked(url, "SELECT to_regclass('django_migrations') IS NOT NULL")
        if is_ready and not may_be_filled and _asked(url, FILLED):
            raise SystemExit(
                "BENCH_DATABASE_URL names a database with orders or companies. Nothing was changed; name an empty one."
            )
        yield Place(url, is_ready=is_ready)
        return
    var_dir.mkdir(parents=True, exist_ok=True)
    postgres.ensure_running(var_dir)
    try:
        yield Place(postgres.url(var_dir), is_ready=False)
    finally:
        postgres.stop(var_dir)


def _asked(url: str, question: str) -> bool:
    with psycopg.connect(url) as connection:
        found = connection.execute(question).fetchone()
    return bool(found and found[0])
