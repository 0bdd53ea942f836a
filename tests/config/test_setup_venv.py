"""Making .venv: once, anew when the lock changes, and with a sentence when it fails."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.config import processes

LOCKS = ("requirements.lock", "requirements-demo.lock", "requirements-dev.lock")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose lock files name no package, so nothing is fetched."""
    root = tmp_path_factory.mktemp("project")
    (root / "config").mkdir()
    shutil.copy(processes.ROOT / "config" / "setup_venv.py", root / "config")
    for name in LOCKS:
        (root / name).write_text("# nothing\n", encoding="utf-8")
    return root


def set_up(root: Path, lock: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603
        [sys.executable, "config/setup_venv.py", lock],
        cwd=root,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def stamps(root: Path) -> dict[str, str]:
    lines = (root / ".venv" / ".installed").read_text(encoding="utf-8").splitlines()
    return dict(line.split() for line in lines)


def test_it_installs_once_then_again_when_the_lock_changes_and_keeps_its_stamp_when_it_fails(project: Path) -> None:
    first = set_up(project, "requirements-dev.lock")
    assert (first.returncode, set(stamps(project))) == (0, set(LOCKS))
    assert "creating .venv" in first.stdout
    assert set_up(project, "requirements-demo.lock").stdout == ""

    (project / "requirements-dev.lock").write_text("# still nothing\n", encoding="utf-8")
    again = set_up(project, "requirements-dev.lock")
    assert again.stdout == "installing requirements-dev.lock into .venv (about a minute the first time)\n"
    good = stamps(project)

    (project / "requirements-dev.lock").write_text("django==5.2.19\n", encoding="utf-8")
    broken = set_up(project, "requirements-dev.lock")
    assert broken.returncode == 1
    assert "pip could not install requirements-dev.lock" in broken.stdout
    assert "hash" in broken.stderr
    assert stamps(project) == good
