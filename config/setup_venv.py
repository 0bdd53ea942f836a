"""Create .venv and install lock files into it; only the standard library, any Python from 3.11 on.

    python3 config/setup_venv.py requirements-dev.lock

A line `<lock file> <sha256>` in .venv/.installed says which state is installed, so a second run
takes no time.
"""

import hashlib
import importlib.util
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / ".installed"
# A lock file that holds everything of another one answers for it too.
COVERS = {
    "requirements-dev.lock": ["requirements-demo.lock", "requirements.lock"],
    "requirements-demo.lock": ["requirements.lock"],
    "requirements.lock": [],
}


class SetupFailed(Exception):
    """.venv could not be made; the text says why and what to do."""


def digest(lock: str) -> str:
    """Return the SHA-256 of a lock file in the project root."""
    return hashlib.sha256((ROOT / lock).read_bytes()).hexdigest()


def installed() -> dict[str, str]:
    """Return the lock files that .venv holds, with the digest each had when it was installed."""
    if not STAMP.exists():
        return {}
    lines = [line.split() for line in STAMP.read_text(encoding="utf-8").splitlines()]
    return dict(line for line in lines if len(line) == 2)


def create() -> None:
    """Make .venv anew when there is none, or one that was never finished, or one whose Python is gone.

    Raises:
        SetupFailed: this Python cannot make environments.
    """
    if STAMP.exists() and PYTHON.exists():
        return
    if importlib.util.find_spec("ensurepip") is None:
        raise SetupFailed("This Python cannot make environments. Debian and Ubuntu: apt-get install python3-venv")
    print("creating .venv", flush=True)
    venv.create(VENV, with_pip=True, clear=True)
    STAMP.touch()


def install(lock: str) -> None:
    """Bring .venv to the state of `lock`; pip checks every hash.

    Raises:
        SetupFailed: pip could not install; its own words stand above.
    """
    print(f"installing {lock} into .venv (about a minute the first time)", flush=True)
    quietly = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes"]
    done = subprocess.run([PYTHON, *quietly, "--requirement", ROOT / lock], check=False)  # noqa: S603
    if done.returncode:
        raise SetupFailed(
            f"pip could not install {lock}: its reason stands above. Nothing else was changed; run again."
        )
    stamps = installed() | {name: digest(name) for name in [lock, *COVERS[lock]]}
    STAMP.write_text("".join(f"{name} {sha}\n" for name, sha in stamps.items()), encoding="utf-8")


def main(lock: str) -> int:
    """Install `lock` unless .venv has it already; return the exit code."""
    if sys.version_info < (3, 11):  # noqa: UP036 (the message is for whoever has an older Python)
        print(f"Python 3.11 or newer is needed, this is {sys.version.split()[0]}: run make with PYTHON=python3.11")
        return 1
    if PYTHON.exists() and installed().get(lock) == digest(lock):
        return 0
    try:
        create()
        install(lock)
    except SetupFailed as error:
        print(error)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else "requirements-dev.lock"))
