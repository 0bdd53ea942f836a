"""The shop's environment, made by the project's own script."""

import contextlib
import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from demo.launcher.children import Children
from demo.launcher.places import ROOT, SHOP_PYTHON
from demo.launcher.progress import Progress

LOCK_NAME = "requirements-demo.lock"


def install_shop(children: Children, progress: Progress) -> None:
    """Bring .venv to the state of the lock file; a half-made one is made again."""
    with held(ROOT / LOCK_NAME):
        stamp = ROOT / ".venv" / ".installed"
        if not stamp.exists() and not _has_pip():
            shutil.rmtree(ROOT / ".venv", ignore_errors=True)
        if not stamp.exists():
            progress.say("shop: installing its packages")
        script = ROOT / "config" / "setup_venv.py"
        children.run("shop-install", [sys.executable, script, LOCK_NAME], os.environ)
    progress.say("shop: packages are there")


@contextlib.contextmanager
def held(path: Path) -> Iterator[None]:
    """Keep other launchers from making the same environment at the same time."""
    with path.open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _has_pip() -> bool:
    if not SHOP_PYTHON.exists():
        return False
    asked = subprocess.run(
        [str(SHOP_PYTHON), "-m", "pip", "--version"],
        check=False,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    return asked.returncode == 0
