"""Ends what the launcher started when the launcher itself was killed.

Runs beside it with a pipe as standard input; the pipe's end means that the launcher is gone.
"""

import signal
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent


def main(var: str) -> None:
    """Wait for the launcher's end, then end its groups and the PostgreSQL that nobody needs."""
    sys.path.insert(0, str(ROOT))
    from demo.launcher.children import signal_group
    from demo.launcher.places import Places
    from demo.launcher.postgres import stop_unless_needed

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    sys.stdin.buffer.read()
    places = Places(Path(var))
    if not places.groups.exists():
        return
    groups = [int(line) for line in places.groups.read_text(encoding="ascii").split()]
    for number, pause in ((signal.SIGTERM, 3), (signal.SIGKILL, 0)):
        for group in groups:
            signal_group(group, number)
        if groups:
            time.sleep(pause)
    places.groups.unlink(missing_ok=True)
    stop_unless_needed(places)


def start(var: Path) -> "subprocess.Popen[bytes]":
    """Start the reaper; it waits until its standard input ends."""
    return subprocess.Popen(
        [sys.executable, str(Path(__file__).resolve()), str(var)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


if __name__ == "__main__":
    main(sys.argv[1])
