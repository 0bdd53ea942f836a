"""What the demo does, from nothing to running, and back."""

import contextlib
import fcntl
import json
import os
import signal
import sys
import time
from collections.abc import Iterator
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from types import FrameType
from typing import Any

from demo.launcher import postgres, reaper, summary
from demo.launcher.children import Children
from demo.launcher.environments import install_shop
from demo.launcher.erp import Erp
from demo.launcher.places import ERP_PORT, SHOP_PORT, DemoError, Places, check_python, free_port, places, port_from
from demo.launcher.progress import Progress
from demo.launcher.shop import Shop

WATCH_S = 0.5


class Stopped(BaseException):
    """Somebody asked the demo to stop; like KeyboardInterrupt, not for catching on the way."""


class Demo:
    """One run of the demo on one VAR_DIR."""

    def __init__(self, where: Places, children: Children, progress: Progress) -> None:
        self.places = where
        self.children = children
        self.progress = progress
        wanted = port_from("PORT", SHOP_PORT)
        port = free_port(wanted)
        if port != wanted:
            progress.say(f"port {wanted} is taken: the shop takes {port}")
        self.erp_port = free_port(port_from("ERP_PORT", ERP_PORT), frozenset({port}))
        self.shop = Shop(where, children, progress, port)
        self.erp = Erp(where, children, progress)

    def up(self) -> dict[str, Any]:
        """Bring everything up; return what demo.json holds."""
        with ThreadPoolExecutor(max_workers=2) as pool:
            try:
                if on_postgresql():
                    self._together(pool.submit(self._prepare_shop), pool.submit(self.erp.install))
                    erp = self._start_erp()
                else:
                    shop = pool.submit(self._prepare_shop)
                    other = pool.submit(self._install_and_start_erp)
                    self._together(shop, other)
                    erp = other.result()
            except BaseException:
                self.children.end_all()
                raise
        self.shop.fill(erp["seed_id"])
        self.shop.serve()
        self.progress.say(f"ready: {self.shop.url}/")
        return summary.write(self.places, self.shop.url, erp)

    def reset_while_running(self) -> None:
        """End shop and ERP, put the first state back, and start them again on the same ports."""
        self.progress.say("putting everything back, as make demo-reset asked")
        self.children.end_running(last="erp")
        self._put_back()
        self.erp.serve(self.erp_port, self._erp_database())
        self.shop.serve()
        self.places.reset_request.unlink(missing_ok=True)
        self.progress.say(f"ready again, in the first state: {self.shop.url}/")

    def erp_only(self) -> dict[str, Any]:
        """Bring only the ERP up; return how to reach it."""
        if on_postgresql():
            self._prepare_database()
        erp = self._install_and_start_erp()
        return {name: erp[name] for name in ("url", "database", "user", "password")} | {
            "seed": str(self.places.erp_seed)
        }

    def reset(self) -> None:
        """Put the first state back.

        Raises:
            DemoError: the demo has not been up yet.
        """
        if not self.places.summary.exists():
            raise DemoError("There is nothing to put back yet: make demo")
        self._prepare_database()
        self._put_back()

    def _put_back(self) -> None:
        self.erp.reset(self._erp_database())
        self.shop.reset()

    def _prepare_database(self) -> None:
        install_shop(self.children, self.progress)
        self.shop.start_database()

    def _prepare_shop(self) -> None:
        self._prepare_database()
        self.shop.prepare()

    def _install_and_start_erp(self) -> dict[str, Any]:
        self.erp.install()
        return self._start_erp()

    def _start_erp(self) -> dict[str, Any]:
        database = self._erp_database()
        self.erp.seed(database)
        return self.erp.serve(self.erp_port, database)

    def _erp_database(self) -> str | None:
        return self.shop.database_server() if on_postgresql() else None

    def _together(self, *work: "Future[Any]") -> None:
        done, _ = wait(work, return_when=FIRST_EXCEPTION)
        for future in done:
            future.result()


def on_postgresql() -> bool:
    """Whether the ERP shall use PostgreSQL and gunicorn instead of SQLite.

    Raises:
        DemoError: DEMO_ERP is neither.
    """
    value = os.environ.get("DEMO_ERP", "").strip().lower() or "sqlite"
    if value not in {"sqlite", "postgresql"}:
        raise DemoError(f"DEMO_ERP is '{value}'. Set it to sqlite or postgresql.")
    return value == "postgresql"


def up(*, erp_only: bool = False) -> None:
    """Run the demo until somebody stops it.

    Raises:
        DemoError: a step failed, or a process ended by itself.
        Stopped: it was asked to stop.
    """
    progress = Progress(sys.stderr if erp_only else sys.stdout)
    with _session(progress) as demo:
        if erp_only:
            print(json.dumps(demo.erp_only()), flush=True)
        else:
            progress.plain(summary.text(demo.up()))
        _watch(demo, parent=erp_only or "MAKELEVEL" in os.environ)


def reset() -> None:
    """Put the pristine state of shop and ERP back; a demo that runs does it itself, and goes on.

    Raises:
        DemoError: a step failed.
    """
    progress = Progress()
    where = places()
    if _runs(where):
        _ask_for_reset(where, progress)
        return
    with _session(progress) as demo:
        demo.reset()
        progress.say("shop and ERP are back in their first state: make demo")


def _ask_for_reset(where: Places, progress: Progress) -> None:
    progress.say(f"a demo runs in {where.var}: it puts everything back and goes on")
    where.reset_request.touch()
    while where.reset_request.exists():
        if not _runs(where):
            where.reset_request.unlink(missing_ok=True)
            raise DemoError("The demo stopped meanwhile; what it said last stands where it ran.")
        time.sleep(WATCH_S)
    progress.say("shop and ERP are back in their first state")


def _runs(where: Places) -> bool:
    with where.lock.open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


@contextlib.contextmanager
def _session(progress: Progress) -> Iterator[Demo]:
    """Hold the VAR_DIR, and end every process at the end, whatever happened."""
    check_python()
    where = places()
    with _only_one(where):
        where.reset_request.unlink(missing_ok=True)
        guard = reaper.start(where.var)
        children = Children(where)
        try:
            with postgres.needed(where):
                try:
                    _listen_to_signals()
                    yield Demo(where, children, progress)
                finally:
                    _ignore_signals()
                    progress.say("stopping")
                    children.end_all(last="erp")
                    where.groups.unlink(missing_ok=True)
        finally:
            where.groups.unlink(missing_ok=True)
            guard.communicate()


@contextlib.contextmanager
def _only_one(where: Places) -> Iterator[None]:
    with where.lock.open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            raise DemoError(
                f"A demo runs in {where.var} already (process {file.read().strip()}). Stop it first "
                "(Ctrl-C where it runs), or take another folder: VAR_DIR=/some/folder make demo"
            ) from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


def _watch(demo: Demo, *, parent: bool) -> None:
    """Wait for a signal, a process that ended by itself, or the parent's end."""
    born_of = os.getppid()
    while True:
        time.sleep(WATCH_S)
        if parent and os.getppid() != born_of:
            raise Stopped
        if demo.places.reset_request.exists():
            demo.reset_while_running()
        child = demo.children.dead()
        if child:
            raise DemoError(
                f"The process '{child.name}' ended by itself (exit code {child.process.returncode}), so the demo "
                f"stops. All data is kept: make demo starts it again. Its last words, from {child.log}:\n"
                f"{child.last_lines()}"
            )


def _listen_to_signals() -> None:
    def stop(_number: int, _frame: FrameType | None) -> None:
        raise Stopped

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) != signal.SIG_IGN or number != signal.SIGHUP:
            signal.signal(number, stop)


def _ignore_signals() -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
