"""Measures the figures: python -m benchmarks.adoption_bench (part of `make bench`).

A PostgreSQL under VAR_DIR/bench-adoption is filled with ADOPTION_EVENTS events (default 1,000,000) and a fifth as many
orders of ADOPTION_ACCOUNTS companies (default 400). Measured: storing events, making all sums anew, refreshing one day,
what report pages ask the database, and the same questions over the plain facts in PostgreSQL and, as the limit, in
DuckDB. BENCH_RESULTS is where the report goes.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks import report
from config import env, postgres

ROOT = Path(__file__).resolve().parent.parent
WRITERS = 8
SINGLE = 500
BULK = 50_000
REPEATS = 3
PAGE_GOAL_MS, DAY_GOAL_MS, REBUILD_GOAL_S, SINGLE_GOAL, BULK_GOAL = 100, 100, 300, 5_000, 30_000


def main() -> int:
    """Measure, print, keep; return 0 whatever was missed: a goal is no test."""
    var_dir = env.folder("VAR_DIR", ROOT / "var") / "bench-adoption"
    var_dir.mkdir(parents=True, exist_ok=True)
    postgres.ensure_running(var_dir)
    os.environ |= {"VAR_DIR": str(var_dir), "DJANGO_SETTINGS_MODULE": "config.settings.dev"}
    os.environ.pop("DATABASE_URL", None)
    try:
        return _measure(env.integer("ADOPTION_EVENTS", 1_000_000), env.integer("ADOPTION_ACCOUNTS", 400))
    finally:
        postgres.stop(var_dir)


def _measure(events: int, accounts: int) -> int:
    import django

    django.setup()
    from django.core.management import call_command

    from benchmarks import adoption_world
    from benchmarks.adoption_questions import Questions

    size = adoption_world.Size(events, accounts)
    now = dt.datetime.now(dt.UTC)
    call_command("migrate", verbosity=0)
    call_command("flush", interactive=False, verbosity=0)
    _say(f"making {size}")
    adoption_world.build(size, now)
    questions = Questions(now)
    _say("making the sums")
    rebuild_s = _seconds(questions.rebuild)
    found: dict[str, Any] = {
        "at": now.strftime("%Y-%m-%d %H:%M"), "commit": report.commit(), "machine": report.machine(),
        "data": str(size), "rebuild_s": rebuild_s, "day_ms": _median_ms(questions.refresh_day),
        "pages": {name: _database_ms(ask) for name, ask in questions.pages().items()},
        "facts": {name: _median_ms(ask) for name, ask in questions.facts().items()},
        "sums": {name: _median_ms(ask) for name, ask in questions.sums().items()},
        "rows": questions.row_counts(),
    }  # fmt: skip
    _say("asking DuckDB")
    with tempfile.TemporaryDirectory(dir=env.folder("VAR_DIR", ROOT / "var")) as folder:
        found["duckdb"] = {name: _median_ms(ask) for name, ask in questions.duckdb(Path(folder)).items()}
    _say("storing events")
    found["single_per_s"] = _singles()
    found["bulk_per_s"] = BULK / _seconds(lambda: questions.store_bulk(BULK))
    text = _markdown(found)
    print(text)
    _keep(found, text, events)
    return 0


def _seconds(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def _median_ms(work: Callable[[], object]) -> float:
    work()
    return statistics.median(_seconds(work) * 1000 for _ in range(REPEATS))


def _database_ms(work: Callable[[], object]) -> float:
    """Return how long the database worked for it, rows sent included."""
    from django.db import connection

    spent: list[float] = []

    def clock(execute: Any, *arguments: Any) -> Any:
        begun = time.perf_counter()
        try:
            return execute(*arguments)
        finally:
            spent[-1] += (time.perf_counter() - begun) * 1000

    with connection.execute_wrapper(clock):
        for _again in range(REPEATS + 1):
            spent.append(0.0)
            work()
    return float(statistics.median(spent[1:]))


def _singles() -> float:
    """Return how many events a second writers of their own processes store, each event in its own transaction."""
    words = [sys.executable, "-m", "benchmarks.adoption_writer", str(SINGLE)]
    begun = time.perf_counter()
    writers = [
        subprocess.Popen([*words, str(number)], cwd=ROOT, stdout=subprocess.PIPE, text=True)
        for number in range(WRITERS)
    ]
    spans = [json.loads(writer.communicate(timeout=300)[0]) for writer in writers]
    first, last = min(span[0] for span in spans), max(span[1] for span in spans)
    _say(f"{WRITERS} writers, {time.perf_counter() - begun:.1f} s with their start")
    return float(WRITERS * SINGLE / (last - first))


def _markdown(found: dict[str, Any]) -> str:
    about = ", ".join(f"{name} {value}" for name, value in found["machine"].items())
    lines = [
        f"# Figures, {found['at']}, commit {found['commit']}", "", f"{about}.", f"Data: {found['data']}.",
        f"Sums: {', '.join(f'{name} {count:,} rows' for name, count in found['rows'].items())}.", "",
        "| page | database ms | |", "|---|--:|---|",
        *(f"| {name} | {value:.0f} | {_mark(value <= PAGE_GOAL_MS)} |" for name, value in found["pages"].items()),
        "", "| question | sums, ms | PostgreSQL facts, ms | DuckDB facts, ms (limit) |", "|---|--:|--:|--:|",
        *(
            f"| {name} | {found['sums'][name]:.0f} | {found['facts'][name]:.0f} | {found['duckdb'][name]:.0f} |"
            for name in found["facts"]
        ),
        "", "| what | wanted | measured | |", "|---|--:|--:|---|",
        _goal("all sums anew", f"{REBUILD_GOAL_S} s", f"{found['rebuild_s']:.1f} s",
              found["rebuild_s"] <= REBUILD_GOAL_S),
        _goal("one day", f"{DAY_GOAL_MS} ms", f"{found['day_ms']:.0f} ms", found["day_ms"] <= DAY_GOAL_MS),
        _goal(f"events stored one by one, {WRITERS} writers", f"{SINGLE_GOAL:,}/s", f"{found['single_per_s']:,.0f}/s",
              found["single_per_s"] >= SINGLE_GOAL),
        _goal("events stored in bulk", f"{BULK_GOAL:,}/s", f"{found['bulk_per_s']:,.0f}/s",
              found["bulk_per_s"] >= BULK_GOAL),
        "",
    ]  # fmt: skip
    return "\n".join(lines)


def _goal(name: str, wanted: str, measured: str, is_met: bool) -> str:  # noqa: FBT001 a row's last cell
    return f"| {name} | {wanted} | {measured} | {_mark(is_met)} |"


def _mark(is_met: bool) -> str:  # noqa: FBT001 a word for it
    return "met" if is_met else "**missed**"


def _keep(found: dict[str, Any], text: str, events: int) -> None:
    folder = env.folder("BENCH_RESULTS", report.RESULTS)
    folder.mkdir(parents=True, exist_ok=True)
    name = f"{found['at'][:10]}-{found['commit'].rstrip('+')}-adoption-{events // 1000}k"
    (folder / f"{name}.md").write_text(text, encoding="utf-8")
    (folder / f"{name}.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    _say(f"Kept: {name}.md and .json beside it")


def _say(text: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
