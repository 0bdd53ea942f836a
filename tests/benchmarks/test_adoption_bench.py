"""The measurement of the figures works: run tiny, it asks everything and keeps its results."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.slow
def test_a_tiny_run_asks_every_question_of_sums_facts_and_duckdb(tmp_path: Path, empty_database: str) -> None:
    given = os.environ | {
        "ADOPTION_EVENTS": "3000",
        "ADOPTION_ACCOUNTS": "20",
        "BENCH_RESULTS": str(tmp_path / "r"),
        "BENCH_DATABASE_URL": empty_database,
        "VAR_DIR": str(tmp_path / "var"),
    }
    command = [sys.executable, "-m", "benchmarks.adoption_bench"]
    done = subprocess.run(command, cwd=ROOT, env=given, capture_output=True, text=True, timeout=240, check=False)  # noqa: S603 (ours)
    assert done.returncode == 0, done.stderr[-3000:]
    (kept,) = (tmp_path / "r").glob("*.json")
    found = json.loads(kept.read_text(encoding="utf-8"))
    assert found["sums"].keys() == found["facts"].keys() == found["duckdb"].keys()
    assert found["rows"]["orderday"] > 0
    assert min(found["single_per_s"].values()) > 0
    assert kept.with_suffix(".md").read_text(encoding="utf-8") in done.stdout
