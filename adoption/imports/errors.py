"""What can be wrong with files; the texts are meant to be read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

MOST_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to mend: where, and why. `line` 0 = the file as a whole."""

    file: str
    line: int
    column: str
    reason: str

    def __str__(self) -> str:
        place = [self.file, f"line {self.line}" if self.line else "", f"column {self.column}" if self.column else ""]
        return f"{', '.join(part for part in place if part)}: {self.reason}"


class BadFiles(Exception):
    """The files can't be imported; nothing was."""

    def __init__(self, problems: Sequence[Problem], total: int = 0) -> None:
        """Take the problems to show, and how many there are in all."""
        self.problems = tuple(problems)
        self.total = max(total, len(self.problems))
        super().__init__(str(self))

    def __str__(self) -> str:
        shown = [str(one) for one in self.problems[:MOST_SHOWN]]
        more = [f"and {self.total - len(shown)} more"] if self.total > len(shown) else []
        return "\n".join([*shown, *more])


class Problems:
    """Collects what is wrong, up to a number, so that a person mends several things at once."""

    def __init__(self) -> None:
        """Begin with none."""
        self.found: list[Problem] = []
        self.total = 0

    def add(self, file: str, line: int, column: str, reason: str) -> None:
        """Note a problem."""
        self.total += 1
        if len(self.found) < MOST_SHOWN:
            self.found.append(Problem(file, line, column, reason))

    def stop_if_any(self) -> None:
        """Give up when something is wrong.

        Raises:
            BadFiles: there is at least one problem.
        """
        if self.total:
            raise BadFiles(self.found, self.total)
