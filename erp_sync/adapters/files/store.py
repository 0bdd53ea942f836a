"""What was taken, in tables of SQLite: a copy of the batches that answers in milliseconds and can be made again."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import os
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from erp_sync.adapters.files.canon import MAIN
from erp_sync.errors import ErpBroken, ErpUnavailable

BUSY_S = 5.0
VARIABLES = 500
ARRAY = 5_000

_TABLES = """
CREATE TABLE IF NOT EXISTS row (
    file TEXT NOT NULL, grp TEXT NOT NULL, line TEXT NOT NULL, other TEXT NOT NULL, data TEXT NOT NULL,
    PRIMARY KEY (file, grp, line)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS row_other ON row (file, other) WHERE other <> '';
CREATE TABLE IF NOT EXISTS record (
    kind TEXT NOT NULL, erp_id TEXT NOT NULL, changed_at TEXT NOT NULL, PRIMARY KEY (kind, erp_id)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS record_changed ON record (kind, changed_at, erp_id);
CREATE TABLE IF NOT EXISTS broken (
    file TEXT NOT NULL, kind TEXT NOT NULL, erp_id TEXT NOT NULL, is_held INT NOT NULL, changed_at TEXT NOT NULL,
    reason TEXT NOT NULL, raw TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS broken_record ON broken (kind, erp_id);
CREATE TABLE IF NOT EXISTS batch (
    sequence INT PRIMARY KEY, digest TEXT NOT NULL, exported_at TEXT NOT NULL, taken_at TEXT NOT NULL,
    told TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS freshness (file TEXT PRIMARY KEY, exported_at TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS trouble (folder TEXT PRIMARY KEY, sentence TEXT NOT NULL) WITHOUT ROWID;
"""
Values = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Taken:
    """The batch that was taken last; `told` is the answer that the ERP gets about it."""

    sequence: int
    digest: str
    exported_at: dt.datetime
    taken_at: dt.datetime
    told: str


class Store:
    """The tables. Every thread has a connection of its own; readers never wait for the one who takes a batch."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._local = threading.local()

    def read(self, statement: str, given: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Return the rows of a question.

        Raises:
            ErpUnavailable: nothing was taken yet, or the disk does not answer.
            ErpBroken: the tables are damaged.
        """
        with told():
            return self.connection(make=False).execute(statement, given).fetchall()

    @contextlib.contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Change the tables, all or nothing.

        Raises:
            ErpUnavailable: the disk does not answer, or is full.
            ErpBroken: the tables are damaged.
        """
        with told():
            connection = self.connection(make=True)
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise

    def connection(self, *, make: bool) -> sqlite3.Connection:
        """Return this thread's connection to the file that is there now; with `make` it is made where it is missing."""
        try:
            found = self._path.stat()
            key: tuple[int, ...] = (os.getpid(), found.st_dev, found.st_ino)
        except OSError as error:
            if not make:
                raise ErpUnavailable(f"no batch was taken yet: {self._path} is not there", nothing_sent=True) from error
            key = ()
        if getattr(self._local, "key", None) != key or not key:
            self._local.connection = self._open()
            found = self._path.stat()
            self._local.key = (os.getpid(), found.st_dev, found.st_ino)
        return self._local.connection  # type: ignore[no-any-return]  # a thread's own attribute

    def _open(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, timeout=BUSY_S, isolation_level=None)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.executescript(_TABLES)
        return connection

    # -- reading ---------------------------------------------------------------

    def rows(self, file: str, groups: Sequence[str]) -> dict[str, list[Values]]:
        """Return the rows of a file by their group, in the order of their lines."""
        return self._grouped("grp", file, groups)

    def rows_of_other(self, file: str, keys: Sequence[str]) -> dict[str, list[Values]]:
        """Return the rows of a file by the record of another kind that they change."""
        return self._grouped("other", file, keys)

    def _grouped(self, column: str, file: str, keys: Sequence[str]) -> dict[str, list[Values]]:
        found: dict[str, list[Values]] = {}
        for some in _slices(list(dict.fromkeys(keys)), VARIABLES):
            marks = ",".join("?" * len(some))
            statement = (
                f"SELECT {column}, data FROM row WHERE file = ? AND {column} IN ({marks}) ORDER BY {column}, line"  # noqa: S608 (our names)
            )
            for key, data in self.read(statement, [file, *some]):
                found.setdefault(key, []).append(json.loads(data))
        return found

    def page(self, kind: str, *, since: dt.datetime | None, after: str, limit: int) -> list[tuple[str, dt.datetime]]:
        """Return ids and times of the records changed at or after `since`, of `since` those after `after`."""
        at = _text(since)
        found = self.read(_PAGE, [kind, at, at, after, MAIN[kind].name, limit])
        return [(erp_id, dt.datetime.fromisoformat(changed_at)) for erp_id, changed_at in found]

    def count(self, kind: str, since: dt.datetime | None) -> int:
        """Return how many records changed at or after `since`."""
        return int(self.read(_COUNT, [kind, _text(since), MAIN[kind].name])[0][0])

    def keys(self, kind: str) -> Iterator[str]:
        """Yield the id of every record of a kind that is there; one that cannot be read at the moment is there, too."""
        last = ""
        statement = "SELECT DISTINCT grp FROM row WHERE file = ? AND grp > ? ORDER BY grp LIMIT ?"
        while found := self.read(statement, [MAIN[kind].name, last, ARRAY]):
            yield from (one[0] for one in found)
            last = found[-1][0]

    def broken(self, kind: str, since: dt.datetime | None) -> list[tuple[str, str, str]]:
        """Return id, reason and text of what cannot be read."""
        statement = (
            "SELECT erp_id, reason, raw FROM broken WHERE kind = ? AND changed_at >= ? ORDER BY erp_id LIMIT 500"
        )
        return self.read(statement, [kind, _text(since)])

    def last(self) -> Taken | None:
        """Return the batch that was taken last; None when none was."""
        return self._taken("ORDER BY sequence DESC LIMIT 1")

    def taken(self, sequence: int) -> Taken | None:
        """Return the batch of a number, None when it was not taken."""
        return self._taken("WHERE sequence = ?", sequence)

    def _taken(self, which: str, *given: int) -> Taken | None:
        columns = "sequence, digest, exported_at, taken_at, told"
        found = self.read(f"SELECT {columns} FROM batch {which}", given)  # noqa: S608 (our own words)
        if not found:
            return None
        sequence, digest, exported_at, taken_at, told_ = found[0]
        return Taken(
            sequence, digest, dt.datetime.fromisoformat(exported_at), dt.datetime.fromisoformat(taken_at), told_
        )

    def freshness(self) -> dict[str, dt.datetime]:
        """Return when each file was exported last, by its name without ".csv"."""
        found = self.read("SELECT file, exported_at FROM freshness")
        return {file: dt.datetime.fromisoformat(at) for file, at in found}

    def trouble(self) -> dict[str, str]:
        """Return why batches are not taken, by their folder."""
        return dict(self.read("SELECT folder, sentence FROM trouble ORDER BY folder"))


# A record without its main row is none; one of which a part cannot be read stays as the shop knows it.
_IS_THERE = (
    "EXISTS (SELECT 1 FROM row m WHERE m.file = ? AND m.grp = r.erp_id)"
    " AND NOT EXISTS (SELECT 1 FROM broken b WHERE b.kind = r.kind AND b.erp_id = r.erp_id AND b.is_held)"
)
_PAGE = f"""
SELECT erp_id, changed_at FROM record r WHERE kind = ? AND (changed_at > ? OR (changed_at = ? AND erp_id > ?))
AND {_IS_THERE} ORDER BY changed_at, erp_id LIMIT ?
"""  # noqa: S608 (our own words)
_COUNT = f"SELECT count(*) FROM record r WHERE kind = ? AND changed_at >= ? AND {_IS_THERE}"  # noqa: S608 (the same)


def _text(since: dt.datetime | None) -> str:
    return since.astimezone(dt.UTC).isoformat() if since else ""


@contextlib.contextmanager
def told() -> Iterator[None]:
    """Tell what SQLite says in our words."""
    try:
        yield
    except sqlite3.OperationalError as error:
        raise ErpUnavailable(f"the tables of the folder do not answer: {error}", nothing_sent=True) from error
    except sqlite3.DatabaseError as error:
        raise ErpBroken(
            f"the tables of the folder are damaged ({error}): stop the workers, delete the folder state, start them "
            "again; it is made again from done"
        ) from error


def _slices(keys: Iterable[str], size: int) -> Iterator[list[str]]:
    rest = iter(keys)
    while some := list(islice(rest, size)):
        yield some
