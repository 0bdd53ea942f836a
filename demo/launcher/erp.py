"""The ERP beside the shop: its environment, its data, its server."""

import hashlib
import json
import os
import shutil
import sys
import time
from pathlib import Path
from typing import Any

from demo.launcher.answering import erp_answers
from demo.launcher.children import Child, Children
from demo.launcher.environments import held
from demo.launcher.places import HOST, ROOT, DemoError, Places
from demo.launcher.progress import Progress

LOCK_FILE = ROOT / "demo" / "tryton_erp" / "requirements.lock"
READY_TIMEOUT_S = 60.0


class Erp:
    """The ERP of one VAR_DIR."""

    def __init__(self, places: Places, children: Children, progress: Progress) -> None:
        self.places = places
        self.children = children
        self.progress = progress
        self.server: Child | None = None

    @property
    def python(self) -> Path:
        """The Python of the ERP's environment."""
        return self.places.erp_venv / "bin" / "python"

    def install(self) -> None:
        """Make the environment unless it is there; a half-made one is made again."""
        venv = self.places.erp_venv
        stamp = venv / ".installed"
        digest = hashlib.sha256(LOCK_FILE.read_bytes()).hexdigest()
        with held(LOCK_FILE):
            if self.python.exists() and stamp.exists() and stamp.read_text().strip() == digest:
                return
            self.progress.say("ERP: installing its packages")
            shutil.rmtree(venv, ignore_errors=True)
            env = dict(os.environ)
            self.children.run("erp-venv", [sys.executable, "-m", "venv", venv], env)
            self.children.run(
                "erp-install",
                [
                    self.python,
                    "-m",
                    "pip",
                    "install",
                    "--quiet",
                    "--disable-pip-version-check",
                    "--require-hashes",
                    "--requirement",
                    LOCK_FILE,
                ],
                env,
            )
            stamp.write_text(digest + "\n")
        self.progress.say("ERP: packages installed")

    def seed(self, database_url: str | None) -> None:
        """Create and fill the ERP unless it is there."""
        if self._is_seeded("postgresql" if database_url else "sqlite"):
            return
        if not self.places.erp_seed.exists():
            self.progress.say("ERP: creating and filling it (about a minute the first time)")
        self.children.run("erp-seed", self._command("seed", database_url), self._env())

    def reset(self, database_url: str | None) -> None:
        """Put the ERP back to its seeded state; its server must not run."""
        self.children.run("erp-reset", self._command("reset", database_url), self._env())

    def serve(self, port: int, database_url: str | None) -> dict[str, Any]:
        """Start the server, wait until it answers, return what seed.json says.

        Raises:
            DemoError: it does not answer.
        """
        command = self._command("serve", database_url, "--port", str(port))
        self.server = self.children.start("erp", command, self._env())
        deadline = time.monotonic() + READY_TIMEOUT_S
        while not erp_answers(port):
            if self.server.process.poll() is not None or time.monotonic() > deadline:
                raise DemoError(
                    "The ERP's server does not answer. Its data is kept. Its last words, from "
                    f"{self.server.log}:\n{self.server.last_lines()}"
                )
            time.sleep(0.2)
        self.progress.say(f"ERP: answers on http://{HOST}:{port}")
        return dict(json.loads(self.places.erp_seed.read_text(encoding="utf-8")))

    def _is_seeded(self, kind: str) -> bool:
        """Whether a whole seed is there; what is uncertain is left to the ERP's tool."""
        if not self.places.erp_seed.exists() or (self.places.erp / "incomplete").exists():
            return False
        return bool(json.loads(self.places.erp_seed.read_text(encoding="utf-8")).get("of") == kind)

    def _command(self, name: str, database_url: str | None, *more: str) -> list[str | Path]:
        data = ["--data", str(self.places.erp)]
        database = ["--db", database_url] if database_url else []
        return [self.python, "-m", "demo.tryton_erp", name, *data, *database, *more]

    def _env(self) -> dict[str, str]:
        # the ERP stores naive server-local times
        return {**os.environ, "TZ": "UTC", "PYTHONUNBUFFERED": "1"}
