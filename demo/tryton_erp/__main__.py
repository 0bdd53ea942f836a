# SPDX-License-Identifier: GPL-3.0-or-later
"""The command line.

    python -m demo.tryton_erp requirements            what to install
    python -m demo.tryton_erp seed  --data DIR        an ERP with the demo company
    python -m demo.tryton_erp serve --data DIR        serve it, in the foreground
    python -m demo.tryton_erp reset --data DIR        back to the seeded state; stop the server first

Every command does only what is still to do. What the shop needs (address, user, ids) is written to
DIR/seed.json. `--db postgresql://user:password@host:port/` takes PostgreSQL instead of SQLite.
"""

import argparse
import os
import time
from pathlib import Path

from demo.tryton_erp.options import HERE, Options


def main() -> None:
    """Do what the command line says."""
    # the ERP stores naive local times: make them UTC
    os.environ["TZ"] = "UTC"
    time.tzset()
    command, options = _parse()
    if command == "requirements":
        print((HERE / "requirements.in").read_text(encoding="utf-8"), end="")
    elif command == "seed":
        from demo.tryton_erp.seed import seed

        seed(options)
    elif command == "reset":
        from demo.tryton_erp.seed import reset

        reset(options)
    else:
        from demo.tryton_erp.serve import serve

        serve(options)


def _parse() -> tuple[str, Options]:
    default = Options(data=Path())
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "b2b-webshop"
    parser = argparse.ArgumentParser(
        prog="python -m demo.tryton_erp", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("command", choices=["requirements", "seed", "serve", "reset"])
    parser.add_argument("--data", type=Path, default=Path("var/erp"))
    parser.add_argument("--db", default=default.db)
    parser.add_argument("--host", default=default.host)
    parser.add_argument("--port", type=int, default=default.port)
    parser.add_argument("--workers", type=int, default=default.workers, help="PostgreSQL only")
    parser.add_argument("--cache", default=str(cache), help="folder of the local cache; '' for none")
    parser.add_argument("--products", type=int, default=default.products)
    parser.add_argument(
        "--full-days", type=int, default=default.full_days, help="days whose orders go through all the ERP's steps"
    )
    parser.add_argument("--days", type=int, default=default.days)
    parser.add_argument("--random-seed", type=int, default=default.random_seed)
    parser.add_argument("--password", default=default.password)
    given = vars(parser.parse_args())
    command = given.pop("command")
    given["cache"] = Path(given["cache"]) if given["cache"] else None
    given["data"] = given["data"].resolve()
    return command, Options(**given)


if __name__ == "__main__":
    main()
