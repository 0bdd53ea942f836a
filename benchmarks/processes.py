"""The processes of a measurement: started, asked what they used, ended."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Self

TICKS_S = os.sysconf("SC_CLK_TCK")
READY_S = 60


class Child:
    """A process whose words go to a file; use it in a `with` block."""

    def __init__(self, words: list[str], *, env: Mapping[str, str], log: Path, talks: bool = False) -> None:
        self._log = log.open("wb")
        pipe = subprocess.PIPE if talks else None
        self.process = subprocess.Popen(
            words, env=env, stdin=pipe or subprocess.DEVNULL, stdout=pipe or self._log, stderr=self._log, text=True
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *reason: object) -> None:
        self.process.terminate()
        try:
            self.process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self._log.close()

    def ask(self, words: str = "") -> str:
        """Send a line when there is one, and return the line that comes back."""
        if self.process.stdin is None or self.process.stdout is None:
            raise RuntimeError("this process was not started to be talked to")
        if words:
            self.process.stdin.write(words + "\n")
            self.process.stdin.flush()
        return self.process.stdout.readline().strip()


def gunicorn(port: int, *, settings: str, env: Mapping[str, str], log: Path) -> Child:
    """Start the web as `make demo` does: two workers with four threads each, made of one loaded process."""
    words = [sys.executable, "-m", "gunicorn", "--config", "python:config.web", "--bind", f"127.0.0.1:{port}"]
    words += ["--workers", "2", "--no-control-socket"]
    child = Child(words, env={**env, "DJANGO_SETTINGS_MODULE": settings}, log=log)
    wait_for(port, child)
    return child


def wait_for(port: int, child: Child) -> None:
    """Return when the web answers.

    Raises:
        RuntimeError: the process ended, or nothing answers in time.
    """
    deadline = time.monotonic() + READY_S
    while time.monotonic() < deadline and child.process.poll() is None:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
                connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                if connection.recv(100).startswith(b"HTTP/1.1"):
                    return
        except OSError:
            pass
        time.sleep(0.1)
    raise RuntimeError(f"nothing answers at port {port}; see the logs under the bench folder of VAR_DIR")


def free_port() -> int:
    """Return a port that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


# --- what processes use, from /proc ---


def tree(roots: Iterable[int]) -> set[int]:
    """Return these processes with all their descendants."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            fields = _stat(int(entry.name))
            if fields:
                children.setdefault(int(fields[1]), []).append(int(entry.name))
    found: set[int] = set()
    left = list(roots)
    while left:
        pid = left.pop()
        found.add(pid)
        left += children.get(pid, [])
    return found


def cpu_s(roots: Iterable[int]) -> float:
    """Return the CPU seconds that these processes, their descendants, and those of them that ended have used."""
    ticks = 0
    for pid in tree(roots):
        fields = _stat(pid)
        ticks += sum(map(int, fields[11:15])) if fields else 0
    return ticks / TICKS_S


def peak_mib(pid: int) -> float:
    """Return the most memory that a process ever held (resident, shared pages included)."""
    for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    return 0.0


def share_mib(pid: int) -> float:
    """Return the memory that a process holds now: its own, and its share of what several processes hold together."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / 1024
    return 0.0


def children_of(pid: int) -> list[int]:
    """Return the processes that a process started itself."""
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()]


def _stat(pid: int) -> list[str]:
    """Return the fields of /proc/PID/stat after the name (state, parent, …), [] when it is gone."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return []
    return text.rpartition(")")[2].split()
