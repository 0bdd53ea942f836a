"""Pulls from the simulated ERP in a process of its own, so that it can be watched and killed.

    python -m benchmarks.erp_pull ITEMS DOCUMENTS [CHANGED_AT]

It prints a line of JSON for each page: kind, the numbers of its first and last record, how many, memory. The last line
of a run is {"is_done": ..., "failed": [...], "kinds": {...}}: records, seconds and processor time of each kind.
"""

from __future__ import annotations

import datetime as dt
import sys


def main() -> int:
    """Pull to the end; return 1 when an error ended it."""
    import django

    django.setup()
    from benchmarks import watched

    changed_at = dt.datetime.fromisoformat(sys.argv[3]) if len(sys.argv) > 3 else None
    erp = watched.WatchedErp(items=int(sys.argv[1]), documents=int(sys.argv[2]), changed_at=changed_at)
    return watched.pull(erp)


if __name__ == "__main__":
    sys.exit(main())
