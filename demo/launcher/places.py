"""Where the demo keeps its things, and which ports it takes."""

import os
import socket
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
HOST = "127.0.0.1"
SHOP_PORT, ERP_PORT = 8000, 8069
SHOP_PYTHON = ROOT / ".venv" / "bin" / "python"


class DemoError(RuntimeError):
    """The demo cannot go on; the text says why, what was kept and what to do."""


@dataclass(frozen=True)
class Places:
    """The folders and files under one VAR_DIR."""

    var: Path

    @property
    def log(self) -> Path:
        """One log file for each process."""
        return self.var / "log"

    @property
    def erp(self) -> Path:
        """The ERP's environment, configuration and data."""
        return self.var / "erp"

    @property
    def erp_venv(self) -> Path:
        """The ERP's environment; DEMO_ERP_VENV lets several VAR_DIRs share one."""
        given = os.environ.get("DEMO_ERP_VENV", "").strip()
        return Path(given).expanduser().resolve() if given else self.erp / "venv"

    @property
    def erp_seed(self) -> Path:
        """What the shop must know of the ERP; written by the ERP's tool."""
        return self.erp / "seed.json"

    @property
    def summary(self) -> Path:
        """What was printed, for programs: demo.json."""
        return self.var / "demo.json"

    @property
    def people(self) -> Path:
        """The log-ins that `manage.py demo_seed` made."""
        return self.var / "people.json"

    @property
    def state(self) -> Path:
        """Which steps were done, and from which sources."""
        return self.var / "demo.state.json"

    @property
    def lock(self) -> Path:
        """Held by the demo that runs on this VAR_DIR; holds its process number."""
        return self.var / "demo.lock"

    @property
    def reset_request(self) -> Path:
        """There while somebody waits for the running demo to put its first state back."""
        return self.var / "demo.reset"

    @property
    def groups(self) -> Path:
        """The process groups that run, for whoever ends them when the launcher was killed."""
        return self.var / "demo.groups"

    @property
    def postgres_users(self) -> Path:
        """Locked, shared, by everybody who needs this VAR_DIR's PostgreSQL (config/postgres)."""
        return self.var / "postgres.users"


def places() -> Places:
    """Return the places of VAR_DIR, `var` in the clone by default; the folders are made."""
    var = Path(os.environ.get("VAR_DIR", "").strip() or ROOT / "var").expanduser().resolve()
    result = Places(var)
    for folder in (var, result.log, result.erp):
        folder.mkdir(parents=True, exist_ok=True)
    return result


def free_port(wanted: int, taken: frozenset[int] = frozenset()) -> int:
    """Return `wanted` when nobody listens there, else a port that is free now."""
    if wanted not in taken and _is_free(wanted):
        return wanted
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def port_from(name: str, default: int) -> int:
    """Return the port that the environment asks for, or the default.

    Raises:
        DemoError: it is not a port.
    """
    value = os.environ.get(name, "").strip()
    if not value:
        return default
    if not value.isdigit() or not 0 < int(value) < 65536:
        raise DemoError(f"{name} is '{value}'. Set it to a number from 1 to 65535.")
    return int(value)


def check_python() -> None:
    """Refuse a Python that is too old.

    Raises:
        DemoError: it is.
    """
    if sys.version_info < (3, 11):  # noqa: UP036 (the message is for whoever has an older Python)
        version = sys.version.split()[0]
        raise DemoError(f"Python 3.11 or newer is needed, this is {version}: make demo PYTHON=python3.11")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True
