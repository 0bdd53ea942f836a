"""What a file is: its columns, its key, and which record a row is part of."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What a cell may hold."""

    ID = "id"
    TEXT = "text"
    NUMBER = "number"
    FLAG = "flag"
    DATE = "date"
    INSTANT = "instant"
    CHOICE = "choice"


@dataclass(frozen=True, slots=True)
class Column:
    """A column; `choices` for Kind.CHOICE."""

    name: str
    kind: Kind
    words: str
    is_required: bool = False
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Layout:
    """A file.

    Attributes:
        name: Without ".csv".
        words: What it holds.
        columns: All that are known.
        group: Columns that name what a row belongs to: a file of changes brings each group whole.
        line: Further columns that tell the rows of a group apart.
        record: Mirrored kind that a group is, or is a part of; "" for none.
        is_main: A record is there when this file has it; the other files of the kind only add to it.
        other: (kind, column): a record of another kind that changes with a row.
        either: Columns of which a row may fill one only.
        texts: Columns that may come once more for each language, as `name_es`.
    """

    name: str
    words: str
    columns: tuple[Column, ...]
    group: tuple[str, ...]
    line: tuple[str, ...] = ()
    record: str = ""
    is_main: bool = False
    other: tuple[str, str] = ("", "")
    either: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()

    @property
    def file(self) -> str:
        """Return the name of the file."""
        return f"{self.name}.csv"
