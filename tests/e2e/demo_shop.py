"""The complete demo as a fixture: `demo/up.py`, the product's first command, on a VAR_DIR of the tests."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
# A fresh machine installs the ERP's packages and fills it; other tests run beside it.
READY_S = 540.0
STOP_S = 60.0
GATE_S = 0.2


@dataclass(frozen=True)
class DemoShop:
    """A shop that runs, with its workers, its PostgreSQL and its Tryton.

    Attributes:
        var: Its VAR_DIR.
        summary: What demo.json says.
        seed: What the ERP's seed.json says: ids, customers, documents worth trying.
    """

    var: Path
    summary: dict[str, Any]
    seed: dict[str, Any]

    @property
    def url(self) -> str:
        """The shop's address, without a slash at its end."""
        return str(self.summary["url"]).rstrip("/")

    def person(self, role: str, company: str = "") -> dict[str, str]:
        """Return a log-in: the first of this role, of this company if one is named."""
        return next(
            person
            for person in self.summary["people"]
            if person["role"] == role and person["company"].startswith(company)
        )

    @contextmanager
    def erp_stopped(self) -> Iterator[None]:
        """Stop Tryton's process: it takes connections and answers nothing, until the block ends."""
        erp = self._erp_group()
        os.killpg(erp, signal.SIGSTOP)
        try:
            yield
        finally:
            os.killpg(erp, signal.SIGCONT)

    def _erp_group(self) -> int:
        """Return the process group of Tryton, of those that the launcher noted."""
        groups = [int(line) for line in (self.var / "demo.groups").read_text().split()]
        return next(group for group in groups if b"trytond" in _command(group))


def attached(var: Path) -> DemoShop:
    """Return a demo that somebody else started and ends."""
    return DemoShop(var, _json(var / "demo.json"), _json(var / "erp" / "seed.json"))


@contextmanager
def demo_shop(var: Path, *, erp_venv: Path) -> Iterator[DemoShop]:
    """Start the demo in its first state, wait until it is ready, and end all of it."""
    var.mkdir(parents=True, exist_ok=True)
    env = {key: value for key, value in os.environ.items() if key not in {"DATABASE_URL", "DJANGO_SETTINGS_MODULE"}}
    env |= {"VAR_DIR": str(var), "PORT": str(_free_port()), "ERP_PORT": str(_free_port())}
    env.setdefault("DEMO_ERP_VENV", str(erp_venv))
    if (var / "demo.json").exists():
        subprocess.run(_launcher("--reset"), env=env, cwd=ROOT, check=True, timeout=READY_S)  # noqa: S603
        (var / "demo.json").unlink()
    with (var / "launcher.log").open("wb") as log:
        process = subprocess.Popen(  # noqa: S603 (our own launcher)
            _launcher(), env=env, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT
        )
        try:
            _wait_until_ready(process, var)
            yield attached(var)
        finally:
            process.terminate()
            process.wait(timeout=STOP_S)


def _launcher(*arguments: str) -> list[str]:
    return [sys.executable, str(ROOT / "demo" / "up.py"), *arguments]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_ready(process: subprocess.Popen[bytes], var: Path) -> None:
    deadline = time.monotonic() + READY_S
    while not (var / "demo.json").exists():
        said = (var / "launcher.log").read_text(encoding="utf-8", errors="replace")
        assert process.poll() is None, f"the demo ended by itself:\n{said}"
        assert time.monotonic() < deadline, f"the demo was not ready in {READY_S:g} s:\n{said}"
        time.sleep(GATE_S)


def _json(path: Path) -> dict[str, Any]:
    return dict(json.loads(path.read_text(encoding="utf-8")))


def _command(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except FileNotFoundError:
        return b""
