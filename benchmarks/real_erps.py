"""Real ERPs to measure against: a Tryton that the demo's launcher starts, and the Odoo that the tests keep."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

from config import env

ROOT = Path(__file__).resolve().parent.parent
END_S = 60

Settings = dict[str, Any]


class NotThere(Exception):
    """This ERP cannot be had here; the text says why."""


@contextmanager
def tryton(var_dir: Path) -> Iterator[Settings]:
    """Start a Tryton with the demo's data (SQLite, or what DEMO_ERP says); give the shop's settings for it."""
    place = var_dir / "tryton"
    place.mkdir(parents=True, exist_ok=True)
    venv = os.environ.get("DEMO_ERP_VENV") or str(env.folder("VAR_DIR", ROOT / "var").parent / "erp" / "venv")
    given = {**os.environ, "VAR_DIR": str(place), "DEMO_ERP_VENV": venv}
    command = [sys.executable, str(ROOT / "demo" / "up.py"), "--erp-only"]
    with (place / "launcher.log").open("w+", encoding="utf-8") as log:
        process = subprocess.Popen(command, env=given, cwd=ROOT, stdout=subprocess.PIPE, stderr=log, text=True)
        try:
            told = process.stdout.readline() if process.stdout else ""
            if not told:
                log.seek(0)
                raise NotThere(f"its launcher ended: {log.read()[-300:]}")
            yield _settings("tryton.adapter.TrytonErp", json.loads(told))
        finally:
            process.terminate()
            process.communicate(timeout=END_S)


@contextmanager
def odoo(var_dir: Path) -> Iterator[Settings]:
    """Start the Odoo that `make test-odoo` keeps, on a copy of its database; give the shop's settings for it."""
    from tests.odoo.server import OdooServer

    server = OdooServer(var_dir)
    if not (server.cache / server.template / "done").exists():
        raise NotThere("`make test-odoo` was not run here, so there is none")
    server.prepare()
    server.clone("odoo_bench")
    try:
        server.start()
        at = {"url": server.url, "database": "odoo_bench", "user": "webshop", "password": server.keys["webshop"]}
        yield _settings("odoo.adapter.OdooErp", at)
    finally:
        server.stop()
        server.drop("odoo_bench")


def _settings(adapter: str, at: dict[str, str]) -> Settings:
    found = {f"ERP_{name.upper()}": at[name] for name in ("url", "database", "user", "password")}
    return {"ERP_ADAPTER": f"erp_sync.adapters.{adapter}", "ERP_OPTIONS": {}, **found}


REAL: dict[str, Callable[[Path], AbstractContextManager[Settings]]] = {"Tryton 8.0": tryton, "Odoo 19.0": odoo}
