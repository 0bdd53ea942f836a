"""ERPs to ask: the one in memory, and a real Tryton with the demo's data."""

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from tests.erp_sync.adapters.samples import FakeSample, TrytonAt, TrytonSample

ROOT = Path(__file__).resolve().parents[3]
END_S = 60


@pytest.fixture
def fake_sample() -> FakeSample:
    return FakeSample()


@pytest.fixture(scope="session")
def tryton() -> Iterator[TrytonAt]:
    """Give a seeded Tryton: the one of TRYTON_TEST_URL, else one that the demo's launcher starts."""
    url = os.environ.get("TRYTON_TEST_URL", "")
    if url:
        database = os.environ.get("TRYTON_TEST_DATABASE", "erp")
        user = os.environ.get("TRYTON_TEST_USER", "webshop")
        yield TrytonAt(url, database, user, os.environ.get("TRYTON_TEST_PASSWORD", "tryton-demo"))
        return
    with _demo_erp() as at:
        yield at


@pytest.fixture(scope="session")
def tryton_sample(tryton: TrytonAt) -> TrytonSample:
    return TrytonSample(tryton)


@contextlib.contextmanager
def _demo_erp() -> Iterator[TrytonAt]:
    launcher = ROOT / "demo" / "up.py"
    folder = settings.VAR_DIR / "erp-for-tests"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "launcher.log").open("w+", encoding="utf-8") as log:
        process = subprocess.Popen(  # noqa: S603 (our own launcher)
            [sys.executable, str(launcher), "--erp-only"],
            env={**os.environ, "VAR_DIR": str(folder)},
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
        try:
            assert process.stdout is not None
            answer = process.stdout.readline()
            if not answer:
                log.seek(0)
                pytest.skip(f"NO TRYTON ({launcher} --erp-only; or set TRYTON_TEST_URL): {log.read()[-500:]}")
            data = json.loads(answer)
            yield TrytonAt(data["url"], data["database"], data["user"], data["password"])
        finally:
            process.terminate()
            process.communicate(timeout=END_S)
