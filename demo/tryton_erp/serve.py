# SPDX-License-Identifier: GPL-3.0-or-later
"""Become the ERP's server."""

import os
import sys
from pathlib import Path

from demo.tryton_erp.options import DATABASE, Options, write_config
from demo.tryton_erp.seed import note_address


def serve(options: Options) -> None:
    """Replace this process by the server.

    SQLite is served by one process, because the ERP's caches are not shared between processes;
    PostgreSQL by gunicorn.
    """
    config = write_config(options)
    note_address(options)
    if options.is_sqlite:
        command = [sys.executable, "-m", "trytond.cli", "-c", str(config), "-d", DATABASE]
    else:
        os.environ["TRYTOND_DATABASE_NAMES"] = DATABASE
        command = [
            str(Path(sys.executable).with_name("gunicorn")),
            "trytond.application:app",
            "--bind",
            f"{options.host}:{options.port}",
            "--workers",
            str(options.workers),
            "--threads",
            "4",
            "--timeout",
            "120",
            "--no-control-socket",
        ]
    os.execv(command[0], command)  # noqa: S606 (our own server)
