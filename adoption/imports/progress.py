"""Tells how far an import is: rows, rows a second, time left."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import TypeVar

T = TypeVar("T")
EVERY_S = 2.0
EVERY_ROWS = 5_000


@dataclass(slots=True)
class Progress:
    """Counts rows against what was expected.

    Attributes:
        say: Takes a line for people.
        weight: The weight of everything that is to be read.
    """

    say: Callable[[str], None]
    weight: int = 0
    rows: int = 0
    done: int = 0
    _started: float = field(default_factory=time.monotonic)
    _told: float = 0.0

    def watch(self, rows: Iterable[T], label: str, size: int) -> Iterator[T]:
        """Return the rows; tell now and then how far it is."""
        begun = self.rows
        for row in rows:
            self.rows += 1
            if self.rows % EVERY_ROWS == 0:
                self._tell(label, self.rows - begun)
            yield row
        self.done += size

    def step(self, text: str) -> None:
        """Tell what is done now."""
        self.say(f"{self._elapsed():5.0f} s  {text}")

    def _elapsed(self) -> float:
        return time.monotonic() - self._started

    def _tell(self, label: str, count: int) -> None:
        now = time.monotonic()
        if now - self._told < EVERY_S:
            return
        self._told = now
        spent = self._elapsed()
        pace = self.rows / spent if spent else 0
        left = f", about {spent / self.done * (self.weight - self.done):.0f} s to read" if self.done else ""
        self.say(f"{spent:5.0f} s  {label}: {count:,} rows, {pace:,.0f} rows a second{left}")
