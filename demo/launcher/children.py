"""The processes of the demo: each leads a group of its own, writes to its own log, and is ended."""

import contextlib
import os
import signal
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from demo.launcher.places import ROOT, DemoError, Places

GRACE_S = 5.0
LAST_LINES = 20


@dataclass(frozen=True)
class Child:
    """A process that was started."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path

    def last_lines(self) -> str:
        """Return the end of its log."""
        lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
        return "\n".join(f"    {line}" for line in lines[-LAST_LINES:])


class Children:
    """All processes that this demo started and that still run."""

    def __init__(self, places: Places) -> None:
        self._places = places
        self._running: list[Child] = []
        self._lock = threading.Lock()
        self._closed = False

    def start(self, name: str, command: Sequence[str | Path], env: Mapping[str, str]) -> Child:
        """Start a process in a group of its own.

        Raises:
            DemoError: the demo is being stopped.
        """
        log = self._places.log / f"{name}.log"
        with self._lock:
            if self._closed:
                raise DemoError("The demo is being stopped.")
            with log.open("wb") as output:
                process = subprocess.Popen(
                    [str(part) for part in command],
                    cwd=ROOT,
                    env=dict(env),
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
            child = Child(name, process, log)
            self._running.append(child)
            self._note()
        return child

    def run(self, name: str, command: Sequence[str | Path], env: Mapping[str, str]) -> Path:
        """Run a step to its end and return its log.

        Raises:
            DemoError: it failed; the text holds the end of its log.
        """
        child = self.start(name, command, env)
        code = child.process.wait()
        self._forget(child)
        if code != 0:
            raise DemoError(
                f"The step '{name}' failed (exit code {code}); what was made before it is kept. "
                f"Its last words, from {child.log}:\n{child.last_lines()}"
            )
        return child.log

    def dead(self) -> Child | None:
        """Return a process that ended although nobody asked it to."""
        return next((c for c in list(self._running) if c.process.poll() is not None), None)

    def end(self, *children: Child) -> None:
        """End these processes with their groups: a request first, after some seconds by force."""
        for child in children:
            # the leader tells its workers itself; what it leaves behind is killed below
            child.process.terminate()
        deadline = time.monotonic() + GRACE_S
        for child in children:
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.process.wait(max(0.1, deadline - time.monotonic()))
            signal_group(child.process.pid, signal.SIGKILL)
            child.process.wait()
            self._forget(child)

    def end_running(self, last: str = "") -> None:
        """End everything that runs, the one named `last` after the others, which may need it."""
        running = list(self._running)
        self.end(*[child for child in reversed(running) if child.name != last])
        self.end(*[child for child in running if child.name == last])

    def end_all(self, last: str = "") -> None:
        """End everything; nothing starts after this."""
        with self._lock:
            self._closed = True
        self.end_running(last)

    def _forget(self, child: Child) -> None:
        with self._lock, contextlib.suppress(ValueError):
            self._running.remove(child)
            self._note()

    def _note(self) -> None:
        """Write the groups down for the reaper."""
        groups = "".join(f"{child.process.pid}\n" for child in self._running)
        new = self._places.groups.with_suffix(".new")
        new.write_text(groups, encoding="ascii")
        new.rename(self._places.groups)


def signal_group(leader: int, number: int) -> None:
    """Send a signal to a process group; nothing happens when it is gone."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, number)
