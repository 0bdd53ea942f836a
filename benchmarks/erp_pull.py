"""Pulls from the simulated ERP in a process of its own, so that it can be watched and killed.

    python -m benchmarks.erp_pull ITEMS DOCUMENTS [CHANGED_AT]

It prints a line of JSON for each page: kind, the numbers of its first and last record, records seen, memory, CPU.
The last line of a run that came to its end is {"is_done": true, "kinds": {...}}.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

from erp_sync import records as r


def main() -> int:
    """Pull to the end; return 1 when an error ended it."""
    import django

    django.setup()
    from benchmarks.simulated import SimulatedErp
    from erp_sync.mirror import sync

    changed_at = dt.datetime.fromisoformat(sys.argv[3]) if len(sys.argv) > 3 else None

    class Watched(SimulatedErp):
        """Tells each page that it gave out, and what its own work took."""

        cpu_s = 0.0

        def pull(self, kind: str, cursor: r.Cursor, *, limit: int, deadline_s: float) -> r.Page[Any]:
            began = time.process_time()
            page = super().pull(kind, cursor, limit=limit, deadline_s=deadline_s)
            self.cpu_s += time.process_time() - began
            ids = [int(record.erp_id) for record in page.records]
            tell(kind=kind, first=min(ids, default=None), last=max(ids, default=None), count=len(ids), **used())
            return page

    erp = Watched(items=int(sys.argv[1]), documents=int(sys.argv[2]), changed_at=changed_at)
    rounds = []
    kinds: dict[str, Any] = {}
    for kind in erp.sizes:
        began, cpu, erps = time.perf_counter(), time.process_time(), erp.cpu_s
        (progress,) = sync.pull_all(kinds=[kind], now=dt.datetime.now(dt.UTC), erp=erp)
        took = {"seconds": time.perf_counter() - began, "erp_cpu_s": erp.cpu_s - erps}
        took["cpu_s"] = time.process_time() - cpu - took["erp_cpu_s"]
        kinds[kind] = {"seen": progress.seen, "changed": progress.changed, **took}
        rounds.append(progress)
    failed = [str(progress.error or progress.quarantined) for progress in rounds if not progress.is_done]
    tell(is_done=not failed, failed=failed, kinds=kinds, **used())
    return 1 if failed else 0


def used() -> dict[str, float]:
    """Return what this process uses now: memory in MiB."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return {"mib": pages * os.sysconf("SC_PAGE_SIZE") / 2**20}


def tell(**facts: Any) -> None:
    """Print a line for who watches."""
    sys.stdout.write(json.dumps(facts) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
