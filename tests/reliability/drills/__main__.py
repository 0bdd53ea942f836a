"""Bad days, played at full size on a PostgreSQL of their own; each ends with 0 when all is as promised.

    python -m tests.reliability.drills pg_crash            PostgreSQL dies twice under 8 clients and the workers
    python -m tests.reliability.drills reload_under_load   web processes reloaded and killed while orders come in
    python -m tests.reliability.drills clock_skew          workers 40 minutes ahead and behind, the ERP elsewhere
    python -m tests.reliability.drills restore_drill       an older copy of the database beside a live ERP
    python -m tests.reliability.drills bulkhead            the ERP hangs, 32 clients, pages that do not need it
    python -m tests.reliability.drills export_faults       1,000 orders, an ERP that fails in 8 ways, 40 kills
    python -m tests.reliability.drills soak --minutes 30   half of what the shop can do, the ERP fails now and then
    python -m tests.reliability.drills NAME --control      the same with a mistake made on purpose: must fail

VAR_DIR says where their PostgreSQL lives (var/drills).
"""

import argparse
import importlib
import sys

from tests.reliability.drills import ground

NAMES = ("pg_crash", "reload_under_load", "clock_skew", "restore_drill", "bulkhead", "export_faults", "soak")


def main() -> int:
    """Play one; return the exit code."""
    parser = argparse.ArgumentParser(prog="tests.reliability.drills", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("name", choices=NAMES)
    parser.add_argument("--control", action="store_true", help="make the mistake that the drill must notice")
    parser.add_argument("--minutes", type=float, default=30.0, help="how long soak takes")
    given = parser.parse_args()
    more = {"minutes": given.minutes} if given.name == "soak" else {}
    with ground.prepared():
        drill = importlib.import_module(f"tests.reliability.drills.{given.name}")
        problems = drill.play(control=given.control, **more)
    for problem in problems:
        print(f"FAIL  {problem}")  # noqa: T201 (a command)
    if given.control:
        print("ok    the mistake was noticed" if problems else "FAIL  the mistake was not noticed")  # noqa: T201
        return 0 if problems else 1
    print("FAIL" if problems else "ok    as promised")  # noqa: T201
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
