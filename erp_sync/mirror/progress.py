"""How far a run is: for the terminal, the admin and the logs."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from erp_sync.errors import ErpError


@dataclass(slots=True)
class Progress:
    """One run of one kind.

    Attributes:
        expected: Records that the ERP said there are, None when it does not say.
        error: What ended the run early; what was pulled until then is kept and the next run goes on
            from there.
        is_busy: Another process works on this kind, nothing was done.
    """

    kind: str
    expected: int | None = None
    seen: int = 0
    changed: int = 0
    quarantined: int = 0
    is_done: bool = False
    is_busy: bool = False
    error: ErpError | None = None
    started: float = field(default_factory=time.monotonic)
    ended: float | None = None

    @property
    def rate(self) -> float:
        """Records a second."""
        return self.seen / self._elapsed_s

    @property
    def seconds_left(self) -> float | None:
        """Seconds to the end at this rate, None when nobody knows."""
        return seconds_left(self.expected, self.seen, self._elapsed_s)

    @property
    def _elapsed_s(self) -> float:
        end = time.monotonic() if self.ended is None else self.ended
        return max(end - self.started, 0.001)


def seconds_left(expected: int | None, seen: int, elapsed_s: float) -> float | None:
    """Return the seconds to the end at the rate so far, None when there is nothing to tell it from."""
    if expected is None or not seen or elapsed_s <= 0:
        return None
    return max(expected - seen, 0) * elapsed_s / seen
