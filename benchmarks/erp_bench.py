"""Measures the ERP's side: python -m benchmarks.erp_bench (part of `make bench`).

- the first pull of ERP_ITEMS items (100,000) and ERP_DOCUMENTS documents (50,000: orders, deliveries, invoices of four
  lines) from a simulated ERP, in a process of its own: records a second, memory; all of it again, killed in the middle
  and resumed; one record in a hundred changed;
- prices and stock of 24, 100 and 1,000 lines from each real ERP;
- ERP_ORDERS waiting orders (300) brought into the simulated ERP, and 12 into each real one, by 1, 2 and 4 workers.

Tryton is started by the demo's launcher; Odoo where `make test-odoo` left it, else it is not measured. ERP_PARTS says
which of "pulls orders real" (all) are measured. A PostgreSQL of its own is under VAR_DIR/bench-erp; BENCH_RESULTS is
where the report goes, and it is written after each part.
"""

from __future__ import annotations

import datetime as dt
import json
import sys
from pathlib import Path
from typing import Any

from benchmarks import erp_calls, erp_pulls, report
from benchmarks.in_process import database
from benchmarks.real_erps import REAL, NotThere
from config import env

REAL_ORDERS, LINES = 12, 4
PULLS = ("pull", "records", "a second", "CPU ms a record: shop", "database", "simulated ERP")
PRICES = ("ERP", "lines", "of different items", "calls", "seconds", "ms a line")
ORDERS = ("ERP", "writes", "1 worker", "2 workers", "4 workers")


def main() -> int:
    """Measure, print, keep; return 0: there is no goal to miss."""
    items, documents = env.integer("ERP_ITEMS", 100_000), env.integer("ERP_DOCUMENTS", 50_000)
    result: dict[str, Any] = {
        "at": f"{dt.datetime.now(dt.UTC):%Y-%m-%d %H:%M}",
        "commit": report.commit(),
        "machine": report.machine(),
        "data": f"{items:,} items, {documents:,} documents of {documents * LINES:,} lines",
        "pulls": {},
        "orders": {},
        "prices": {},
        "missing": {},
    }
    parts = (env.text("ERP_PARTS") or "pulls orders real").split()
    with database("erp"):
        var_dir = env.folder("VAR_DIR", Path("var"))
        if "pulls" in parts:
            _say("pulls")
            result["pulls"] = erp_pulls.everything(items, documents)
            _keep(result)
        if "orders" in parts:
            _say("orders into the simulated ERP")
            result["orders"]["simulated"] = erp_calls.to_simulated(env.integer("ERP_ORDERS", 300), var_dir)
            _keep(result)
        for name in REAL if "real" in parts else ():
            _real(name, result, var_dir)
            _keep(result)
    print(markdown(result))
    return 0


def _real(name: str, result: dict[str, Any], var_dir: Path) -> None:
    """Measure a real ERP; note why not when it cannot be had."""
    from erp_sync.errors import ErpError

    _say(name)
    try:
        with REAL[name](var_dir) as settings, erp_calls.used(settings) as sample:
            result["prices"][name] = erp_calls.prices(sample)
            result["orders"][name] = erp_calls.to_real(sample, settings, REAL_ORDERS)
    except (NotThere, ErpError, RuntimeError) as error:
        result["missing"][name] = str(error)


def _keep(result: dict[str, Any]) -> None:
    folder = env.folder("BENCH_RESULTS", report.RESULTS)
    folder.mkdir(parents=True, exist_ok=True)
    name = f"{result['at'][:10]}-{result['commit'].rstrip('+')}-erp"
    (folder / f"{name}.json").write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    (folder / f"{name}.md").write_text(markdown(result), encoding="utf-8")


def markdown(result: dict[str, Any]) -> str:
    """Return the report of what was measured so far."""
    about = ", ".join(f"{name} {value}" for name, value in result["machine"].items())
    lines = [
        f"# {result['at']}, commit {result['commit']}: the ERP's side",
        "",
        f"{about}.",
        f"Data: {result['data']}.",
    ]
    lines += [f"Not measured: {name}, since {why}." for name, why in result["missing"].items()]
    if result["pulls"]:
        lines += ["", *_pulls(result["pulls"])]
    if result["prices"]:
        rows = [_priced(name, one) for name, priced in result["prices"].items() for one in priced]
        lines += ["", *report.table(PRICES, rows)]
    if result["orders"]:
        rows = [row for name, runs in result["orders"].items() for row in _exported(name, runs)]
        lines += ["", *report.table(ORDERS, rows), "", "Orders: how many a second, from the first that arrived to the"]
        lines[-1] += f" last; the simulated ERP takes {erp_calls.LATENCY_S * 1000:.0f} ms for a call."
    return "\n".join([*lines, ""])


def _pulls(found: dict[str, Any]) -> list[str]:
    rows = [
        _pulled(f"{words}, {group}", figures)
        for words, part in (("first", "first"), ("one in a hundred changed", "changes"))
        for group, figures in found[part].items()
    ]
    killed = found["killed"]
    rows.append(_pulled("all again, unchanged, items after the kill", killed["items"]))
    return [
        *report.table(PULLS, rows),
        "",
        *(_memory(group, used) for group, used in found["memory"].items()),
        f"- Killed after {killed['killed_at']:,} items and resumed: {killed['pages_twice']} page asked for twice, "
        f"{killed['asked']:,} records in all.",
    ]


def _pulled(name: str, one: dict[str, float]) -> tuple[str, ...]:
    seen = max(one["seen"], 1)
    costs = (f"{1000 * one[key] / seen:.2f}" for key in ("cpu_s", "database_cpu_s", "erp_cpu_s"))
    return (name, f"{one['seen']:,}", f"{one['seen'] / max(one['seconds'], 0.001):,.0f}", *costs)


def _memory(group: str, used: dict[str, float]) -> str:
    first, last = used["first_mib"], used["last_mib"]
    return f"- Memory, {group}: {first:.0f} MiB at most in the first fifth of the pages, {last:.0f} MiB in the last."


def _priced(name: str, one: dict[str, float]) -> tuple[str, ...]:
    counts = (f"{one[key]:,}" for key in ("lines", "items", "calls"))
    return (name, *counts, f"{one['seconds']:.2f}", f"{1000 * one['seconds'] / one['lines']:.1f}")


def _exported(name: str, runs: list[dict[str, Any]]) -> list[tuple[str, ...]]:
    """Return a row for each way to write, with its rates by workers."""
    rows = []
    for at_once in (True, False):
        rates = [f"{one['a_second']:.1f}" for one in runs if one["at_once"] is at_once]
        if rates:
            rows.append((name, "at once" if at_once else "one at a time", *rates))
    return rows


def _say(text: str) -> None:
    print(f"erp_bench: {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
