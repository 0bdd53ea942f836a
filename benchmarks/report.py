"""Writes down what was measured: a table for people, JSON for comparing."""

from __future__ import annotations

import json
import os
import platform
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.goals import AT, LIMIT, goals_of

RESULTS = Path(__file__).parent / "results"
HEAD = ("page", "req/s 1 / 4 / 16", "p50 / p95 / p99 ms (4)", "CPU ms", "x limit", "SQL", "ERP", "HTML kB / packed")


def machine() -> dict[str, str]:
    """Return what kind of machine this is, without its name."""
    model = next(
        (line.split(":", 1)[1].strip() for line in _lines(Path("/proc/cpuinfo")) if line.startswith("model name")), ""
    )
    return {
        "cores": str(len(os.sched_getaffinity(0))),
        "processor": model,
        "system": platform.system(),
        "python": platform.python_version(),
        "load before": f"{os.getloadavg()[0]:.1f}",
    }


def commit() -> str:
    """Return the short id of the commit, with a plus when files differ from it; "unknown" outside a clone."""
    try:
        found = _git("rev-parse", "--short", "HEAD")
        return found + ("+" if _git("status", "--porcelain", "--untracked-files=no") else "")
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def markdown(result: dict[str, Any]) -> str:
    """Return the report."""
    about = ", ".join(f"{name} {value}" for name, value in result["machine"].items())
    lines = [f"# {result['at']}, commit {result['commit']}", "", f"{about}.", f"Data: {result['data']}.", ""]
    lines += table(HEAD, [_row(name, page, result["pages"]) for name, page in result["pages"].items()])
    lines += ["", *_sentences(result), "", "## Goals", ""]
    rows = [
        (goal.words, goal.wanted, goal.measured, "met" if goal.is_met else "**missed**") for goal in goals_of(result)
    ]
    return "\n".join([*lines, *table(("goal", "wanted", "measured", ""), rows), ""])


def keep(result: dict[str, Any], folder: Path) -> Path:
    """Write the report and the figures; return the report's path."""
    folder.mkdir(parents=True, exist_ok=True)
    name = f"{result['at'][:10]}-{result['commit'].rstrip('+')}"
    (folder / f"{name}.json").write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    report = folder / f"{name}.md"
    report.write_text(markdown(result), encoding="utf-8")
    return report


def _row(name: str, page: dict[str, Any], pages: dict[str, Any]) -> tuple[str, ...]:
    runs, at = page["runs"], page["runs"][AT]
    limit_ms = pages[LIMIT]["runs"][AT]["cpu_ms"] or 1
    return (
        name,
        " / ".join(f"{run['rate']:.0f}" for run in runs.values()),
        f"{at['p50_ms']:.1f} / {at['p95_ms']:.1f} / {at['p99_ms']:.1f}",
        f"{at['cpu_ms']:.1f}",
        f"{at['cpu_ms'] / limit_ms:.1f}",
        str(page.get("statements", "")),
        str(page.get("erp_calls", "")),
        f"{page['bytes'] / 1000:.1f} / {page['packed_bytes'] / 1000:.1f}",
    )


def _sentences(result: dict[str, Any]) -> list[str]:
    orders, cold, slow = result["orders"], result["cold"], result["slow_erp"]
    return [
        "CPU: application processes and PostgreSQL together, per request, at 4 connections. SQL: every statement, "
        "savepoints included. ERP: calls that the page itself waited for.",
        "",
        f"- Whole orders (three items, checkout page, order; 5 requests, {orders['statements']} statements): "
        f"{orders['rate']:.1f} a second at {orders['connections']} connections, "
        f"p50 {orders['p50_ms']:.0f} ms, p95 {orders['p95_ms']:.0f} ms; CPU an order: "
        f"{orders['cpu_ms']:.1f} ms shop and database, {orders['worker_cpu_ms']:.1f} ms export worker, "
        f"{orders['erp_cpu_ms']:.1f} ms stand-in ERP, {orders['load_cpu_ms']:.1f} ms load. "
        f"{orders['placed']} placed, {orders['in_erp']} in the ERP {orders['drained_s']:.1f} s after the last.",
        f"- Cold list (no price known, ERP answers in {cold['latency_ms']} ms): {cold['page_ms']:.0f} ms, "
        f"the ERP's batch alone {cold['batch_ms']:.0f} ms, {cold['erp_calls']:.0f} ERP call.",
        f"- Warm list: p95 {slow['p95_ms_before']:.1f} ms with an ERP of 0 ms, {slow['p95_ms_during']:.1f} ms with one "
        f"of {slow['latency_ms']} ms; {result['warm_erp_calls']:.2f} ERP calls a page with all refreshing.",
        f"- First view (item list with css and js, packed, heads included): "
        f"{result['first_view_bytes'] / 1000:.1f} kB. Memory of a web worker: "
        f"{result['worker_share_mib']:.0f} MiB of its own and as its share of what workers have in common (PSS, at the "
        f"end), {result['worker_mib']:.0f} MiB with the common pages counted whole (RSS, peak).",
    ]


def table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> list[str]:
    """Return a Markdown table whose columns stand below each other in a terminal too."""
    widths = [max(len(row[n]) for row in [head, *rows]) for n in range(len(head))]
    lines = [head, tuple("-" * width for width in widths), *rows]
    return [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |" for row in lines
    ]


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else []


def _git(*words: str) -> str:
    done = subprocess.run(["git", *words], cwd=Path(__file__).parent, capture_output=True, text=True, check=True)
    return done.stdout.strip()
