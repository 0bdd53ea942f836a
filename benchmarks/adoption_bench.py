"""Measures the figures: python -m benchmarks.adoption_bench (part of `make bench`).

A PostgreSQL under VAR_DIR/bench-adoption is filled with ADOPTION_EVENTS events (default 1,000,000) and a tenth as many
orders of ADOPTION_ACCOUNTS companies (default 400). Measured: storing events, making all sums anew, refreshing one day,
the report's pages, and three questions over the plain facts in PostgreSQL and, as the limit, in DuckDB. BENCH_RESULTS
is where the report goes. ADOPTION_KEEP=1 keeps the filled database for the next run, BENCH_DATABASE_URL names an empty
one to use instead, for example on a server with settings of its own.

Times are those that a page waited, and the processor time of its database connection, which other work on the machine
does not lengthen.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks import place, report
from config import env

ROOT = Path(__file__).resolve().parent.parent
WRITERS = 8
SINGLE = 2_000
BULK = 100_000
KINDS = ("product_view", "login")
REPEATS = 3
PAGE_GOAL_MS, DAY_GOAL_MS, REBUILD_GOAL_S, SINGLE_GOAL, BULK_GOAL = 100, 100, 300, 5_000, 30_000


def main() -> int:
    """Measure, print, keep; return 0 whatever was missed: a goal is no test."""
    var_dir = env.folder("VAR_DIR", ROOT / "var") / "bench-adoption"
    keeps = env.flag("ADOPTION_KEEP", default=False)
    with place.database(var_dir, may_be_filled=keeps) as stands:
        os.environ |= {"VAR_DIR": str(var_dir), "DJANGO_SETTINGS_MODULE": "config.settings.dev"}
        os.environ["DATABASE_URL"] = stands.url
        size = env.integer("ADOPTION_EVENTS", 1_000_000), env.integer("ADOPTION_ACCOUNTS", 400)
        return _measure(*size, keeps=keeps, is_ready=stands.is_ready)


def _measure(events: int, accounts: int, *, keeps: bool, is_ready: bool) -> int:
    import django

    django.setup()
    from django.core.management import call_command

    from benchmarks import adoption_world, adoption_writer
    from benchmarks.adoption_questions import Questions

    size = adoption_world.Size(events, accounts)
    now = dt.datetime.now(dt.UTC)
    if not is_ready:
        call_command("migrate", verbosity=0)
    questions = Questions(now)
    if not keeps or questions.is_empty():
        if not is_ready:
            call_command("flush", interactive=False, verbosity=0)
        _say(f"making {size}")
        adoption_world.build(size, now)
    _say("making the sums")
    rebuild = _measured(questions.rebuild)
    states = _measured(questions.renew_states)
    # While the server still writes all sums down, pages take up to half as long again.
    questions.write_down()
    _say("pages")
    found: dict[str, Any] = {
        "at": now.strftime("%Y-%m-%d %H:%M"), "commit": report.commit(), "machine": report.machine(),
        "data": str(size), "rebuild": asdict(rebuild),
        "states": asdict(states),
        "pages": {name: asdict(_best(ask)) for name, ask in questions.pages().items()},
        # After the pages: a day is not brought up to date while the server still writes down all sums anew.
        **_day(questions),
        "facts": {name: _median_ms(ask) for name, ask in questions.facts().items()},
        "sums": {name: _median_ms(ask) for name, ask in questions.sums().items()},
        "rows": questions.row_counts(),
    }  # fmt: skip
    _say("asking DuckDB")
    with tempfile.TemporaryDirectory(dir=env.folder("VAR_DIR", ROOT / "var")) as folder:
        found["duckdb"] = {name: _median_ms(ask) for name, ask in questions.duckdb(Path(folder)).items()}
    _say("storing events")
    found["single_per_s"] = {kind: adoption_writer.rate(WRITERS, min(SINGLE, events // 50), kind) for kind in KINDS}
    found["bulk_per_s"] = _bulk(questions, min(BULK, events))
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


@dataclass(frozen=True, slots=True)
class Cost:
    """What something took: waiting for the database, its connection's processor, ours; ms. `asked`: statements."""

    waited: float
    database: float
    python: float
    asked: int


def _measured(work: Callable[[], object]) -> Cost:
    """Return what it took once."""
    from django.db import connection

    waited: list[float] = []

    def clock(execute: Any, *arguments: Any) -> Any:
        begun = time.perf_counter()
        try:
            return execute(*arguments)
        finally:
            waited.append((time.perf_counter() - begun) * 1000)

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        backend = Path(f"/proc/{cursor.fetchone()[0]}/schedstat")
    database, python = _worked_ms(backend), time.process_time()
    with connection.execute_wrapper(clock):
        work()
    spent = (_worked_ms(backend) - database, (time.process_time() - python) * 1000)
    return Cost(sum(waited), *spent, len(waited))


def _worked_ms(place: Path) -> float:
    """Return the processor time of a process; 0 where the system doesn't tell."""
    return int(place.read_text().split()[0]) / 1e6 if place.exists() else 0.0


def _best(work: Callable[[], object]) -> Cost:
    """Return the least of some: what else runs on the machine only adds."""
    work()
    return min((_measured(work) for _again in range(REPEATS)), key=lambda cost: cost.waited)


def _day(questions: Any) -> dict[str, Any]:
    """Return what a day whose facts have changed took, the middle ones: its sums, and the states of its accounts."""
    sums, known = list[Cost](), list[Cost]()
    for _again in range(2 * REPEATS + 1):
        questions.change_day()
        sums.append(_measured(questions.refresh_day))
        known.append(_measured(questions.renew_changed))
    middle = (sorted(found, key=lambda cost: cost.waited)[REPEATS] for found in (sums, known))
    return dict(zip(("day", "states_of_some"), map(asdict, middle), strict=True))


def _bulk(questions: Any, count: int) -> float:
    return count / _seconds(lambda: questions.store_bulk(count))


def _markdown(found: dict[str, Any]) -> str:
    about = ", ".join(f"{name} {value}" for name, value in found["machine"].items())
    lines = [
        f"# Figures, {found['at']}, commit {found['commit']}", "", f"{about}.", f"Data: {found['data']}.",
        f"Sums: {', '.join(f'{name} {count:,} rows' for name, count in found['rows'].items())}.", "",
        "| page | waited for the database, ms | its processor, ms | Python, ms | statements | |",
        "|---|--:|--:|--:|--:|---|",
        *(
            f"| {name} | {cost['waited']:.0f} | {cost['database']:.0f} | {cost['python']:.0f} | {cost['asked']} |"
            f" {_mark(cost['waited'] <= PAGE_GOAL_MS)} |"
            for name, cost in found["pages"].items()
        ),
        "", "| question | sums, ms | PostgreSQL facts, ms | DuckDB facts, ms (limit) |", "|---|--:|--:|--:|",
        *(
            f"| {name} | {found['sums'][name]:.0f} | {found['facts'][name]:.0f} | {found['duckdb'][name]:.0f} |"
            for name in found["facts"]
        ),
        "", "| what | wanted | measured | |", "|---|--:|--:|---|",
        _goal("all sums anew", f"{REBUILD_GOAL_S} s", _seconds_of(found["rebuild"]),
              found["rebuild"]["waited"] <= REBUILD_GOAL_S * 1000),
        _goal("one day", f"{DAY_GOAL_MS} ms", _ms_of(found["day"]), found["day"]["waited"] <= DAY_GOAL_MS),
        f"| what is known of its accounts | | {_ms_of(found['states_of_some'])} | |",
        f"| what is known of every account, once a day | | {_ms_of(found['states'])} | |",
        *(_goal(f"{kind} stored one by one, {WRITERS} writers", f"{SINGLE_GOAL:,}/s", f"{rate:,.0f}/s",
                rate >= SINGLE_GOAL) for kind, rate in found["single_per_s"].items()),
        _goal("events stored in bulk", f"{BULK_GOAL:,}/s", f"{found['bulk_per_s']:,.0f}/s",
              found["bulk_per_s"] >= BULK_GOAL),
        "",
    ]  # fmt: skip
    return "\n".join(lines)


def _seconds_of(cost: dict[str, float]) -> str:
    return f"{cost['waited'] / 1000:.1f} s, processor {cost['database'] / 1000:.1f} s"


def _ms_of(cost: dict[str, float]) -> str:
    return f"{cost['waited']:.0f} ms, processor {cost['database']:.0f} ms"


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
