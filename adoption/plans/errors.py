"""What can be wrong with a file that a manager sends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.functional import Promise


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to mend. `line` 0 = the file as a whole; `column` "" = the row as a whole."""

    line: int
    column: str
    reason: str | Promise


class BadFile(Exception):
    """The file can't be taken over; nothing of it was."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        """Take what is wrong, in the order of the lines."""
        self.problems = tuple(problems)
        super().__init__(f"{len(self.problems)} problems")
