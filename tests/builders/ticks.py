"""A monotonic clock that goes on when a test says so: a busy machine must not decide what is over."""

from __future__ import annotations

import pytest


class Ticks:
    """Stands in place of the module `time` where only `monotonic` is asked."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        """Return the seconds since some moment."""
        return self.now

    def go_on(self, seconds: float) -> None:
        """Let so much time pass."""
        self.now += seconds

    @classmethod
    def instead_of(cls, module: str, monkeypatch: pytest.MonkeyPatch) -> Ticks:
        """Let a module see this clock until the test ends; return it."""
        ticks = cls()
        monkeypatch.setattr(f"{module}.time", ticks)
        return ticks
