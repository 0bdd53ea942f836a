"""The one gate (`make check`): every check runs, each says its time, one failure fails the whole.

    .venv/bin/python config/check.py [name …]

It is the same in the Makefile, in pre-commit and in CI.
"""

import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = ROOT / ".venv" / "bin"
PYTHON = str(BIN / "python")
# makemigrations warns that it cannot compare with a database; the tests migrate a real one.
MANAGE = [PYTHON, "-W", "ignore::RuntimeWarning", "manage.py"]
CODE = ["config", "erp_sync", "accounts", "shop", "adoption", "sheets", "worktime", "tests", "benchmarks", "demo"]

# No check asks a database, so none is started for them.
NO_DATABASE = {"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none"}
# Production settings with nothing real in them: only their shape is looked at.
DEPLOY = {
    "DJANGO_SETTINGS_MODULE": "config.settings.production",
    "SECRET_KEY": "x" * 25 + "abcdefghijklmnopqrstuvwxyz",
    **NO_DATABASE,
    "ALLOWED_HOSTS": "shop.example.com",
    "SHOP_URL": "https://shop.example.com",
    "EMAIL_HOST": "mail.example.com",
    "ERP_ADAPTER": "erp_sync.adapters.tryton.adapter.TrytonErp",
}
TEST = {"DJANGO_SETTINGS_MODULE": "config.settings.test", **NO_DATABASE}

Check = tuple[list[str], dict[str, str]]


def checks() -> dict[str, Check]:
    """Return each check's command and what it adds to the environment."""
    code = [name for name in CODE if (ROOT / name).is_dir()]
    every = {
        "format": ([str(BIN / "ruff"), "format", "--check", "--quiet", "."], {}),
        "lint": ([str(BIN / "ruff"), "check", "--quiet", "--output-format=concise", "."], {}),
        "types": ([str(BIN / "mypy"), *code], TEST),
        "imports": ([str(BIN / "lint-imports"), "--no-cache"], {}),
        # Linted, not reformatted: what djlint adds in white space goes out to every browser.
        "templates": ([str(BIN / "djlint"), "templates", "--lint", "--quiet"], {}),
        "django": ([*MANAGE, "check", "--fail-level", "WARNING"], TEST),
        "deploy": ([*MANAGE, "check", "--deploy", "--fail-level", "WARNING"], DEPLOY),
        "migrations": ([*MANAGE, "makemigrations", "--check", "--dry-run"], TEST),
        "security": ([str(BIN / "bandit"), "-q", "-r", "-ll", "-c", "pyproject.toml", *code], {}),
    }
    if (ROOT / "tests" / "check_locale.py").exists():
        every["texts"] = ([PYTHON, "tests/check_locale.py"], TEST)
    return every


def run(name: str, check: Check) -> bool:
    """Run one check; print what it said only when it failed, or could not look."""
    command, environment = check
    started = time.monotonic()
    done = subprocess.run(  # noqa: S603
        command, cwd=ROOT, env=os.environ | environment, capture_output=True, text=True, check=False
    )
    took = time.monotonic() - started
    print(f"{'ok    ' if done.returncode == 0 else 'FAILED'}  {name:<11} {took:5.1f} s", flush=True)
    if done.returncode or done.stdout.startswith("MISSING"):
        print(done.stdout[-20_000:] + done.stderr[-20_000:], flush=True)
    return done.returncode == 0


def main(names: list[str]) -> int:
    """Run the named checks, or all; return the exit code."""
    every = checks()
    unknown = [name for name in names if name not in every]
    if unknown:
        print(f"no such check: {', '.join(unknown)}; there are {', '.join(every)}")
        return 2
    results = [run(name, every[name]) for name in names or every]
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
