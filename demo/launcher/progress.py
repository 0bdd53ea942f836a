"""Lines of progress with the seconds since the start."""

import sys
import threading
import time
from typing import TextIO


class Progress:
    """Prints what happens, for a person who waits."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stdout
        self._started = time.monotonic()
        self._lock = threading.Lock()

    @property
    def elapsed(self) -> float:
        """The seconds since the start."""
        return time.monotonic() - self._started

    def say(self, message: str) -> None:
        """Print one line."""
        with self._lock:
            self._stream.write(f"[{self.elapsed:6.1f} s] {message}\n")
            self._stream.flush()

    def plain(self, text: str) -> None:
        """Print text as it is."""
        with self._lock:
            self._stream.write(text + "\n")
            self._stream.flush()
