"""Imports Online Retail II whole and opens all reports: python -m benchmarks.retail_bench (part of `make bench`).

RETAIL_DATA is the folder of the set (docs/imports.md); without it nothing happens. A PostgreSQL of its own is
filled anew. Measured: the import, making the sums, and every page of the report over the whole time, by facts and by
sums.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

from config import env, postgres

ROOT = Path(__file__).resolve().parent.parent
IMPORT_GOAL_S, REPORTS_GOAL_S = 300, 10
ASKED = {"period": "custom", "first": "2009-12-01", "last": "2011-12-09"}


def main() -> int:
    """Measure and print; return 0 whatever was missed: a goal is no test."""
    given = env.text("RETAIL_DATA")
    if not given:
        print("RETAIL_DATA names no folder: Online Retail II is left out.")
        return 0
    var_dir = env.folder("VAR_DIR", ROOT / "var") / "bench-retail"
    var_dir.mkdir(parents=True, exist_ok=True)
    postgres.ensure_running(var_dir)
    os.environ |= {"VAR_DIR": str(var_dir), "DJANGO_SETTINGS_MODULE": "config.settings.dev"}
    os.environ.pop("DATABASE_URL", None)
    try:
        return _measure(given)
    finally:
        postgres.stop(var_dir)


def _measure(folder: str) -> int:
    import django

    django.setup()
    from django.core.management import call_command
    from django.utils import timezone

    from adoption.books import rollups
    from adoption.books.rollups import Frame
    from adoption.definitions.selectors import current
    from adoption.reports import scenes
    from adoption.reports.sections import registry

    call_command("migrate", verbosity=0)
    call_command("flush", interactive=False, verbosity=0)
    _say("import", _seconds(lambda: call_command("import_dataset", "online_retail_ii", folder)), IMPORT_GOAL_S)
    now = timezone.now()
    frame = Frame.at(now, current())
    _say("all sums", _seconds(lambda: rollups.rebuild(frame=frame, now=now)), IMPORT_GOAL_S)

    def by_facts() -> None:
        scene = scenes.scene_by_facts(data=ASKED, now=now)
        for section in registry.SECTIONS:
            section.build(scene)

    def by_sums() -> None:
        for section in registry.SECTIONS:
            section.build(scenes.scene_by_sums(data=ASKED, frame=frame, now=now))

    _say("all reports by sums", _seconds(by_sums), REPORTS_GOAL_S)
    _say("all reports by facts", _seconds(by_facts), REPORTS_GOAL_S)
    return 0


def _seconds(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def _say(name: str, seconds: float, goal: float) -> None:
    print(f"{name}: {seconds:.1f} s, wanted {goal} s: {'met' if seconds <= goal else 'missed'}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
