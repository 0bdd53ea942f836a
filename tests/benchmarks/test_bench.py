"""`make bench` works: run tiny, with real processes, it measures every page and writes its results."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.goals import goals_of

ROOT = Path(__file__).resolve().parents[2]
PAGES = {
    "limit", "item list", "item page", "search", "basket", "order list", "order page", "home", "basket add",
}  # fmt: skip


@pytest.mark.slow
def test_a_tiny_run_measures_every_page_and_keeps_its_results(tmp_path: Path) -> None:
    tiny = {
        "BENCH_ITEMS": "600",
        "BENCH_CUSTOMERS": "60",
        "BENCH_ARCHIVE": "200",
        "BENCH_SECONDS": "0.3",
        "BENCH_RESULTS": str(tmp_path / "r"),
    }
    given = {**os.environ, **tiny, "VAR_DIR": str(tmp_path / "var")}
    for folder in (tmp_path, *tmp_path.parents[:2]):
        folder.chmod(folder.stat().st_mode | 0o011)  # PostgreSQL runs as another user when we are root
    command = [sys.executable, "-m", "benchmarks.run"]
    done = subprocess.run(command, cwd=ROOT, env=given, capture_output=True, text=True, timeout=240, check=False)  # noqa: S603 (ours)
    assert done.returncode == 0, done.stderr[-3000:]

    (kept,) = (tmp_path / "r").glob("*.json")
    result = json.loads(kept.read_text(encoding="utf-8"))
    assert set(result["pages"]) == PAGES
    assert all(
        run["done"] > 0 and run["cpu_ms"] > 0 for page in result["pages"].values() for run in page["runs"].values()
    )
    assert result["cold"]["erp_calls"] == 1
    assert result["cold"]["page_ms"] >= 300
    assert all(page["p95_ms"] > 0 for page in result["archive"]["pages"].values())
    assert result["orders"]["in_erp"] == result["orders"]["placed"] > 0
    report = kept.with_suffix(".md").read_text(encoding="utf-8")
    assert report in done.stdout
    assert all(goal.words in report for goal in goals_of(result))
