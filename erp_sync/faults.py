"""Breaking the line to the ERP on purpose, at one request of the caller: for the conformance questions and tests."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextvars import ContextVar
from dataclasses import dataclass
from enum import StrEnum


class LineFault(StrEnum):
    """What happens to the request."""

    REFUSED = "refused"  # no byte leaves
    LOST = "lost"  # the ERP does it, the answer never comes
    ERROR = "error"  # the ERP does it and answers HTTP status 500
    GARBAGE = "garbage"  # the ERP does it and answers nonsense


@dataclass(slots=True)
class BrokenLine:
    """A line that breaks at its `step`-th request; `struck` says whether there were so many."""

    fault: LineFault
    step: int
    seen: int = 0
    struck: bool = False

    def strikes(self) -> bool:
        """Count a request; say whether it is the one."""
        self.seen += 1
        is_it = self.seen == self.step
        self.struck = self.struck or is_it
        return is_it


_line: ContextVar[BrokenLine | None] = ContextVar("erp_broken_line", default=None)


@contextlib.contextmanager
def broken_line(fault: LineFault, *, step: int = 1) -> Iterator[BrokenLine]:
    """Break the `step`-th request that this thread sends in the block; other threads are not touched."""
    line = BrokenLine(fault, step)
    token = _line.set(line)
    try:
        yield line
    finally:
        _line.reset(token)


def next_fault() -> LineFault | None:
    """Return what happens to the request that is about to be sent."""
    line = _line.get()
    return line.fault if line is not None and line.strikes() else None
