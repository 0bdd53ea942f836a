"""Runs a piece of the project in a process of its own, with an environment of its own."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
OURS = ("DATABASE_URL", "REDIS_URL", "CELERY_BROKER_URL", "DJANGO_SETTINGS_MODULE", "SECRET_KEY")


def environment(**variables: str) -> dict[str, str]:
    """Return this process's environment without the project's variables, plus the given ones."""
    kept = {name: value for name, value in os.environ.items() if name not in OURS}
    return kept | {"PYTHONPATH": str(ROOT)} | variables


def run(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run this Python with `arguments` in the project's folder and wait for it, 60 s at most."""
    return subprocess.run(  # noqa: S603
        [sys.executable, *arguments],
        cwd=ROOT,
        env=environment(**variables),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
