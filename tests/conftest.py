"""What every test has: a private PostgreSQL, an empty cache, and skips that can be forbidden."""

import gc
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Generator, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import stamina
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.test import TransactionTestCase
from django.utils import translation
from xdist.scheduler import LoadFileScheduling

from config import postgres, table_cache
from tests import migrated

# The one without windows comes first: the same engine, at less than half of the work.
BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
session = ExitStack()
# What takes longest begins first, so that no process sits idle at the end. The real ERP's tests are one piece.
LONGEST = (
    "tests/e2e/",
    "tests/reliability/test_model_fuzz.py",
    "tests/reliability/test_bola_matrix.py",
    "tests/benchmarks/",
    "tests/reliability/",
    "tests/adoption/books/",
    "tests/adoption/reports/",
)
# Files whose tests are long enough to be handed out one by one.
ONE_BY_ONE = ("tests/reliability/test_bola_matrix.py", "tests/reliability/test_mass_assign.py")
# The tests with the mark "tryton", by path: the process that hands them out sees no marks.
NEEDS_ERP = (
    "tests/e2e/",
    "tests/erp_sync/adapters/test_adapter_contract.py",
    "tests/erp_sync/adapters/test_tryton.py",
    "tests/erp_sync/adapters/test_tryton_totals.py",
    "tests/erp_sync/adapters/test_tryton_writes.py",
)


def pytest_configure(config: pytest.Config) -> None:
    """Keep the private PostgreSQL until the last test session of this folder ends."""
    stamina.set_testing(True)
    table_cache.PURGE_ONE_IN = 10**12  # by chance a write of the cache would cost one query more
    if settings.PRIVATE_POSTGRES and not hasattr(config, "workerinput"):
        session.enter_context(postgres.in_use(settings.VAR_DIR))
        postgres.ensure_running(settings.VAR_DIR, durable=settings.PRIVATE_POSTGRES_DURABLE)
        migrated.ensure()
    if settings.PRIVATE_POSTGRES:
        connection.settings_dict["TEST"]["TEMPLATE"] = migrated.name()
        TransactionTestCase._fixture_teardown = migrated.empty_as_at_first  # type: ignore[attr-defined]  # noqa: SLF001
    gc.disable()  # importing makes hardly any garbage


def pytest_unconfigure(config: pytest.Config) -> None:
    """Let the private PostgreSQL go."""
    session.close()


def pytest_collection_finish() -> None:
    """Let the collector never look again at what importing made: all modules, a quarter of a million objects."""
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)
    gc.enable()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> "ErpTogether":
    """Keep a file's tests in one process, and all that need the real ERP in one: it starts once for them."""
    return ErpTogether(config, log)


class ErpTogether(LoadFileScheduling):  # type: ignore[misc]  # xdist has no types
    """Hands out whole files; those that need the real ERP are one piece.

    pytest-xdist 3.8 does the same with marks (loadgroup), but not beside pytest 9.2, which ignores the ids it writes.
    """

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        if file.startswith(NEEDS_ERP):
            return "erp"
        return nodeid if file.startswith(ONE_BY_ONE) else file


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest pieces first; within a piece the order stays."""
    items.sort(key=_piece)


def _piece(item: pytest.Item) -> int:
    path = item.nodeid.partition("::")[0]
    if path.startswith(NEEDS_ERP):
        return -1
    return next((place for place, start in enumerate(LONGEST) if path.startswith(start)), len(LONGEST))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turn a skip into a failure when NO_SKIPS=1 (.ci/run): there nothing may be missing."""
    report = yield
    if report.skipped and not hasattr(report, "wasxfail") and os.environ.get("NO_SKIPS") == "1":
        report.outcome = "failed"
        report.longrepr = f"skipped, and NO_SKIPS=1 forbids it: {report.longrepr}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Do the same for a module that skips itself."""
    report = yield
    if report.skipped and os.environ.get("NO_SKIPS") == "1":
        report.outcome = "failed"
        report.longrepr = f"skipped, and NO_SKIPS=1 forbids it: {report.longrepr}"
    return report


@pytest.fixture(autouse=True)
def _empty_cache() -> None:
    cache.clear()


@pytest.fixture(autouse=True)
def _own_language() -> None:
    """A page asked for in Spanish leaves its thread in Spanish; the next test begins in the shop's language."""
    translation.activate(settings.LANGUAGE_CODE)


@pytest.fixture(scope="session")
def chromium() -> str:
    """Return the path of a Chromium, or skip with what to do."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        pytest.skip("no Chromium on this machine: apt-get install chromium")
    return found


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator["RedisServer"]:
    """Start a Redis of this test session on a free port, or skip with what to do."""
    program = shutil.which("redis-server")
    if program is None:
        pytest.skip("no redis-server on this machine: apt-get install redis-server")
    server = RedisServer(program, tmp_path_factory.mktemp("redis"))
    server.start()
    yield server
    server.stop()


class RedisServer:
    """A Redis that tests may stop, kill, pause and start again on the same port."""

    def __init__(self, program: str, folder: Path) -> None:
        """Choose a free port; `folder` holds its log."""
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        self._program = program
        self._folder = folder
        self._process: subprocess.Popen[Any] | None = None

    @property
    def url(self) -> str:
        """The REDIS_URL."""
        return f"redis://127.0.0.1:{self.port}/0"

    @property
    def process(self) -> subprocess.Popen[Any]:
        """The running process."""
        assert self._process is not None
        return self._process

    def start(self) -> None:
        """Start it and wait until it listens."""
        options = [
            "--port",
            str(self.port),
            "--bind",
            "127.0.0.1",
            "--save",
            "",
            "--appendonly",
            "no",
        ]
        with (self._folder / "redis.log").open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603
                [self._program, *options], cwd=self._folder, stdout=log, stderr=log
            )
        for _attempt in range(100):
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=0.1).close()
            except OSError:
                time.sleep(0.02)
                continue
            return
        raise AssertionError(f"redis-server does not listen: {self._folder}/redis.log")

    def stop(self) -> None:
        """End it at once, as a crash would."""
        self.process.kill()
        self.process.wait(timeout=5)
