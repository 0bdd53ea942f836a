"""In CI nothing may be skipped."""

import subprocess
from pathlib import Path

from tests.config import processes

SKIPPED = "import pytest\n\n\ndef test_it() -> None:\n    pytest.skip('no browser here')\n"
MODULE = "import pytest\n\npytest.skip('no Redis here', allow_module_level=True)\n"


def run_pytest(folder: Path, source: str, no_skips: str) -> subprocess.CompletedProcess[str]:
    (folder / "test_one.py").write_text(source, encoding="utf-8")
    options = ["-p", "tests.conftest", "-c", "pyproject.toml", "-p", "no:cacheprovider"]
    return processes.run("-m", "pytest", *options, str(folder), NO_SKIPS=no_skips)


def test_a_skip_is_only_a_skip_at_home_and_is_explained(tmp_path: Path) -> None:
    done = run_pytest(tmp_path, SKIPPED, "")
    assert done.returncode == 0, done.stdout
    assert "1 skipped" in done.stdout
    assert "no browser here" in done.stdout


def test_a_skip_is_a_failure_where_skips_are_forbidden(tmp_path: Path) -> None:
    done = run_pytest(tmp_path, SKIPPED, "1")
    assert done.returncode == 1
    assert "NO_SKIPS=1 forbids it" in done.stdout


def test_a_module_that_skips_itself_is_a_failure_too(tmp_path: Path) -> None:
    done = run_pytest(tmp_path, MODULE, "1")
    assert done.returncode != 0
    assert "no Redis here" in done.stdout
