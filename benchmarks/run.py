"""Measures the shop beside the smallest page that could be one: python -m benchmarks.run (`make bench`).

Everything is made anew under VAR_DIR/bench: a PostgreSQL, 10,000 items in 100 categories, 500 customers in three price
lists with quantity steps, a stand-in ERP over real HTTP, two gunicorns (shop and limit). BENCH_SECONDS sets how long
each page is loaded (default 2), BENCH_VISITS how often each report of the long history is opened, BENCH_ITEMS and
BENCH_CUSTOMERS how much there is, BENCH_RESULTS where the results go.
BENCH_DATABASE_URL names an empty database to measure in, for example on a server with settings of its own.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks import measures, place, report
from benchmarks.goals import goals_of
from benchmarks.place import Place
from benchmarks.processes import Child, free_port, gunicorn
from benchmarks.visits import Visits
from config import env, postgres

ROOT = Path(__file__).resolve().parent.parent
CATEGORIES = 100


@dataclass(frozen=True, slots=True)
class Size:
    """How much there is, and how long each page is loaded."""

    items: int
    customers: int
    archive: int
    seconds: float

    def __str__(self) -> str:
        many = f"{self.items:,} items, {CATEGORIES} categories, {self.customers} customers, 3 price lists with steps"
        return f"{many}, one customer with {self.archive:,} orders"


def main() -> int:
    """Measure, print, keep; return 0 whatever was missed: a goal is no test."""
    size = Size(
        env.integer("BENCH_ITEMS", 10_000),
        env.integer("BENCH_CUSTOMERS", 500),
        env.integer("BENCH_ARCHIVE", 10_000),
        _seconds(),
    )
    var_dir = env.folder("VAR_DIR", ROOT / "var") / "bench"
    about = {
        "at": dt.datetime.now(dt.UTC).strftime("%Y-%m-%d %H:%M"),
        "commit": report.commit(),
        "machine": report.machine(),
        "data": f"{size}; {size.seconds:g} s a page and number of connections",
    }
    with _stage(var_dir, size) as stage:
        result = about | measures.everything(stage, seconds=size.seconds, say=_say)
    kept = report.keep(result, env.folder("BENCH_RESULTS", report.RESULTS))
    print(report.markdown(result))
    missed = sum(not goal.is_met for goal in goals_of(result))
    _say(f"{missed} goals missed. Kept: {kept.name} and .json beside it")
    return 0


@contextmanager
def _stage(var_dir: Path, size: Size) -> Iterator[measures.Stage]:
    """Build everything, give it, and end every process."""
    _empty(var_dir)
    with ExitStack() as open_:
        stands = open_.enter_context(place.database(var_dir))
        given = _environment(var_dir, stands)
        _prepare(var_dir, given, size, is_ready=stands.is_ready)
        erp = open_.enter_context(_erp(var_dir, given))
        given["ERP_URL"] = erp.ask()
        port, limit_port = free_port(), free_port()
        web = gunicorn(port, settings="benchmarks.settings", env=given, log=var_dir / "web.log")
        open_.enter_context(web)
        limit = gunicorn(limit_port, settings="benchmarks.limit_settings", env=given, log=var_dir / "limit.log")
        open_.enter_context(limit)
        worker = open_.enter_context(_worker(var_dir, given))
        visits = Visits(json.loads((var_dir / "plan.json").read_text(encoding="utf-8")))
        yield measures.Stage(
            web=web, port=port, limit=limit, limit_port=limit_port, erp=erp, erp_url=given["ERP_URL"], worker=worker,
            postgres_pid=stands.server_pid(), visits=visits,
        )  # fmt: skip


def _empty(var_dir: Path) -> None:
    """Throw away what an earlier run left."""
    var_dir.mkdir(parents=True, exist_ok=True)
    postgres.stop(var_dir)
    shutil.rmtree(postgres.cluster_of(var_dir).home, ignore_errors=True)
    shutil.rmtree(var_dir)
    var_dir.mkdir()


def _prepare(var_dir: Path, given: dict[str, str], size: Size, *, is_ready: bool) -> None:
    """Make the tables, the static files and the data."""
    tables = {} if is_ready else {"tables": ["manage.py", "migrate", "--verbosity", "0"]}
    steps = tables | {
        "static files": ["manage.py", "collectstatic", "--noinput", "--verbosity", "0"],
        f"data ({size})": [
            "-m",
            "benchmarks.world",
            str(size.items),
            str(size.customers),
            str(size.archive),
            str(var_dir),
        ],
    }
    for words, command in steps.items():
        started = time.monotonic()
        subprocess.run([sys.executable, *command], cwd=ROOT, env=given, check=True)
        _say(f"{words}: {time.monotonic() - started:.0f} s")


def _environment(var_dir: Path, stands: Place) -> dict[str, str]:
    """Return the environment of all processes: this one's, without what belongs to another copy of the shop."""
    kept = {name: value for name, value in os.environ.items() if name != "REDIS_URL"} | {"DATABASE_URL": stands.url}
    own = {"VAR_DIR": str(var_dir), "DJANGO_SETTINGS_MODULE": "benchmarks.settings", "PYTHONPATH": str(ROOT)}
    return kept | own | {"CONN_MAX_AGE": "600", "ERP_OPTIONS": "", "STATIC_ROOT": ""}


def _erp(var_dir: Path, given: dict[str, str]) -> Child:
    words = [sys.executable, "-m", "benchmarks.erp", str(var_dir / "book.json")]
    return Child(words, env=given, log=var_dir / "erp.log", talks=True)


def _worker(var_dir: Path, given: dict[str, str]) -> Child:
    """Start the export worker; nothing comes to it before the first order."""
    words = [sys.executable, "-m", "celery", "-A", "config.celery", "worker", "--queues", "erp-export"]
    words += ["--pool", "threads", "--concurrency", "1", "--without-gossip", "--without-mingle"]
    return Child(words, env=given, log=var_dir / "worker.log")


def _seconds() -> float:
    return float(env.text("BENCH_SECONDS", "2"))


def _say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
