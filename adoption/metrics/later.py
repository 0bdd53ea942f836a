"""Rows that are read when a metric first looks at them: most look at one or two kinds of facts."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from functools import cached_property
from typing import TypeVar, overload

Row = TypeVar("Row")


class Later(Sequence[Row]):
    """A sequence that is read once, when somebody first asks for any of it.

    >>> rows = Later(lambda: print("read") or [1, 2])
    >>> list(rows), len(rows)
    read
    ([1, 2], 2)
    """

    def __init__(self, read: Callable[[], Sequence[Row]]) -> None:
        """Keep how to read it."""
        self._read = read

    @cached_property
    def _rows(self) -> Sequence[Row]:
        return self._read()

    def __iter__(self) -> Iterator[Row]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)

    @overload
    def __getitem__(self, place: int) -> Row: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[Row]: ...
    def __getitem__(self, place: int | slice) -> Row | Sequence[Row]:
        return self._rows[place]


class LaterByKind(Later[Row]):
    """Rows of several kinds, each kind read by itself.

    >>> events = LaterByKind(("login", "search"), lambda kind: print("read", kind) or [kind])
    >>> events.of("login"), events.of("login"), events.of("never asked for")
    read login
    (['login'], ['login'], ())
    """

    def __init__(self, kinds: Collection[str], read: Callable[[str], Sequence[Row]]) -> None:
        """Keep how to read a kind; all of them make the sequence."""
        super().__init__(lambda: [row for kind in kinds for row in self.of(kind)])
        self.kinds, self._read_kind = kinds, read
        self._known: dict[str, Sequence[Row]] = {}

    def of(self, kind: str) -> Sequence[Row]:
        """Return the rows of a kind; none of one that nobody wanted."""
        if kind in self.kinds and kind not in self._known:
            self._known[kind] = self._read_kind(kind)
        return self._known.get(kind, ())


def kept(rows: Sequence[Row], is_kept: Callable[[Row], bool]) -> Later[Row]:
    """Return some of the rows, read no earlier than they are asked for."""
    if isinstance(rows, LaterByKind):
        return LaterByKind(rows.kinds, lambda kind: [one for one in rows.of(kind) if is_kept(one)])
    return Later(lambda: [one for one in rows if is_kept(one)])
