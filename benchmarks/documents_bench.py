"""Measures quotes, invoices, payments and the missing-goods report: python -m benchmarks.documents_bench.

Part of `make bench`. Companies with long histories stand among others' documents (BENCH_DOCUMENTS is how many invoices
and orders one has, default 10,000). Requests run in this process, so the figures are the shop's own work: middleware,
statements, page; no web server, no network, the ERP in memory. BENCH_RESULTS is where the report goes.
"""

from __future__ import annotations

import datetime as dt
import json
import sys
from collections.abc import Iterator
from typing import Any

from benchmarks import archive, payments_bench, quotes_bench, report
from benchmarks.in_process import database, ok, timed
from config import env

GOAL_MS = 300
HEAD = ("what", "p50 ms", "p95 ms", "CPU ms", "SQL", f"p95 at most {GOAL_MS} ms")

Row = tuple[str, dict[str, float]]


def main() -> int:
    """Measure, print, keep; return 0 whatever was missed: a goal is no test."""
    size = env.integer("BENCH_DOCUMENTS", 10_000)
    with database("documents"):
        rows = []
        for name, figures in everything(size):
            print(f"{name}: p95 {figures['p95_ms']:.0f} ms", file=sys.stderr, flush=True)
            rows.append((name, figures))
    result: dict[str, Any] = {
        "at": f"{dt.datetime.now(dt.UTC):%Y-%m-%d %H:%M}",
        "commit": report.commit(),
        "machine": report.machine(),
        "data": f"{size:,} invoices, {size // 2:,} quotes and {size:,} orders of one company, and those of others",
        "rows": dict(rows),
    }
    folder = env.folder("BENCH_RESULTS", report.RESULTS)
    folder.mkdir(parents=True, exist_ok=True)
    name = f"{result['at'][:10]}-{result['commit'].rstrip('+')}-documents"
    (folder / f"{name}.json").write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    (folder / f"{name}.md").write_text(markdown(result), encoding="utf-8")
    print(markdown(result))
    return 0


def everything(size: int) -> Iterator[Row]:
    """Measure every question over documents, room by room."""
    yield from quotes_bench.rows(size // 2)
    yield from payments_bench.rows(size)
    yield from _missing(size)


def _missing(orders: int) -> Iterator[Row]:
    """Measure the missing-goods report of a company with many orders; first with its sums, then as it is after that."""
    from django.core.cache import cache
    from django.db import connection
    from django.test import Client
    from django.utils import timezone

    from tests.builders import people

    skus = [f"M-{number:05}" for number in range(max(orders // 5, archive.LINES))]
    buyer = archive.fill(orders=orders, skus=skus, now=timezone.now())
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    browser = Client()
    people.log_in(browser, buyer)
    for name, path in archive.PAGES.items():

        def first(path: str = path) -> object:
            cache.clear()
            return ok(browser.get(path))

        yield f"{name}, {orders:,} orders, after a change", timed(first)
        yield f"{name}, {orders:,} orders", timed(lambda path=path: ok(browser.get(path)))  # type: ignore[misc] # bound now


def markdown(result: dict[str, Any]) -> str:
    """Return the report."""
    about = ", ".join(f"{name} {value}" for name, value in result["machine"].items())
    lines = [f"# {result['at']}, commit {result['commit']}: documents", "", f"{about}.", f"Data: {result['data']}.", ""]
    met = [figures["p95_ms"] <= GOAL_MS for figures in result["rows"].values()]
    told = f"Goals met: {sum(met)} of {len(met)}."
    return "\n".join([*lines, *report.table(HEAD, [_cells(*row) for row in result["rows"].items()]), "", told, ""])


def _cells(name: str, figures: dict[str, float]) -> tuple[str, ...]:
    verdict = "met" if figures["p95_ms"] <= GOAL_MS else "**missed**"
    shown = (f"{figures[key]:.0f}" for key in ("p50_ms", "p95_ms", "cpu_ms", "statements"))
    return (name, *shown, verdict)


if __name__ == "__main__":
    sys.exit(main())
