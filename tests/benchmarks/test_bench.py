"""`make bench` works: run tiny, with real processes, it measures every page and writes its results.

The database is a copy of the test session's: making it anew would be most of the test's time, and proves nothing here.
"""

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
def test_a_tiny_run_measures_every_page_and_keeps_its_results(tmp_path: Path, empty_database: str) -> None:
    tiny = {
        "BENCH_ITEMS": "300",
        "BENCH_CUSTOMERS": "20",
        "BENCH_ARCHIVE": "200",
        "BENCH_SECONDS": "0.01",
        "BENCH_VISITS": "2",
        "BENCH_RESULTS": str(tmp_path / "r"),
        "BENCH_DATABASE_URL": empty_database,
    }
    given = {**os.environ, **tiny, "VAR_DIR": str(tmp_path / "var")}
    command = [sys.executable, "-m", "benchmarks.run"]
    done = subprocess.run(command, cwd=ROOT, env=given, capture_output=True, text=True, timeout=240, check=False)  # noqa: S603 (ours)
    assert done.returncode == 0, done.stderr[-3000:]

    (kept,) = (tmp_path / "r").glob("*.json")
    result = json.loads(kept.read_text(encoding="utf-8"))
    assert set(result["pages"]) == PAGES
    for page in result["pages"].values():
        assert all(run["done"] > 0 for run in page["runs"].values())
        assert any(run["cpu_ms"] > 0 for run in page["runs"].values())  # the system counts in hundredths of a second
    assert result["cold"]["erp_calls"] == 1
    assert result["cold"]["page_ms"] >= 300
    assert all(page["p95_ms"] > 0 for page in result["archive"]["pages"].values())
    assert result["orders"]["in_erp"] == result["orders"]["placed"] > 0
    report = kept.with_suffix(".md").read_text(encoding="utf-8")
    assert report in done.stdout
    assert all(goal.words in report for goal in goals_of(result))
