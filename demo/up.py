"""Bring the demo up, in the foreground: the shop beside a real ERP. Needs Python 3.11 and nothing else.

    python3 demo/up.py             everything, until Ctrl-C (make demo)
    python3 demo/up.py --reset     back to the first state, in seconds (make demo-reset)
    python3 demo/up.py --erp-only  only the seeded ERP; prints one JSON line when it answers

Environment: VAR_DIR (var), PORT (8000), ERP_PORT (8069), DATABASE_URL (a private PostgreSQL),
DEMO_ERP (sqlite, or postgresql), DEMO_ERP_VENV (an environment of the ERP to share).
"""

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from demo.launcher import run
from demo.launcher.places import DemoError


def main() -> int:
    """Do what the command line says; return the exit code."""
    parser = argparse.ArgumentParser(
        prog="demo/up.py", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--reset", action="store_true")
    what.add_argument("--erp-only", action="store_true")
    given = parser.parse_args()
    try:
        if given.reset:
            run.reset()
        else:
            run.up(erp_only=given.erp_only)
    except DemoError as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    except (run.Stopped, KeyboardInterrupt):
        return 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
