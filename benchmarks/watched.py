"""A pull from the simulated ERP that tells what it does, for who watches its process."""

from __future__ import annotations

import datetime as dt
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

from django.db import connection

from benchmarks.processes import cpu_s
from benchmarks.simulated import SimulatedErp
from erp_sync import records as r
from erp_sync.mirror import sync

DYING_S = 60


class WatchedErp(SimulatedErp):
    """Tells each page that it gives out, and what its own work took."""

    cpu_s = 0.0

    def pull(self, kind: str, cursor: r.Cursor, *, limit: int, deadline_s: float) -> r.Page[Any]:
        """Return a page, and tell it."""
        began = time.process_time()
        page = super().pull(kind, cursor, limit=limit, deadline_s=deadline_s)
        self.cpu_s += time.process_time() - began
        ids = [int(record.erp_id) for record in page.records]
        _tell(kind=kind, first=min(ids, default=None), last=max(ids, default=None), count=len(ids), mib=_mib())
        return page


def pull(erp: WatchedErp) -> int:
    """Pull every kind, and tell what came of it."""
    kinds = {kind: _one(kind, erp) for kind in erp.sizes}
    failed = [one["failed"] for one in kinds.values() if one["failed"]]
    _tell(is_done=not failed, failed=failed, kinds=kinds, mib=_mib())
    return 1 if failed else 0


def _one(kind: str, erp: WatchedErp) -> dict[str, Any]:
    """Pull a kind; return what it took, the ERP's own work apart."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        backend = int(cursor.fetchone()[0])
    before = _clocks(backend, erp)
    progress = sync.pull(kind=kind, now=dt.datetime.now(dt.UTC), erp=erp)
    while progress.is_busy and time.perf_counter() - before["seconds"] < DYING_S:
        time.sleep(0.1)  # the database has not noticed yet that the process before this one was killed
        progress = sync.pull(kind=kind, now=dt.datetime.now(dt.UTC), erp=erp)
    took = {name: after - before[name] for name, after in _clocks(backend, erp).items()}
    took["cpu_s"] -= took["erp_cpu_s"]
    failed = "" if progress.is_done and not progress.quarantined else f"{kind}: {progress.error or 'in quarantine'}"
    return {"seen": progress.seen, "changed": progress.changed, "failed": failed, **took}


def _clocks(backend: int, erp: WatchedErp) -> dict[str, float]:
    return {
        "seconds": time.perf_counter(),
        "cpu_s": time.process_time(),
        "erp_cpu_s": erp.cpu_s,
        "database_cpu_s": cpu_s([backend]),
    }


def _mib() -> float:
    """Return what this process holds in memory now."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def _tell(**facts: Any) -> None:
    sys.stdout.write(json.dumps(facts) + "\n")
    sys.stdout.flush()
