"""Puts a data file into the tables: only what differs counts as changed, what a whole file lacks is gone."""

from __future__ import annotations

import datetime as dt
import json
import sqlite3
from dataclasses import dataclass, field

from erp_sync.adapters.files.layout import Layout
from erp_sync.adapters.files.reading import Row, Table

MOST_TOLD = 100
LONGEST_KEY = 64

_BEGIN = """
CREATE TEMP TABLE IF NOT EXISTS came (
    grp TEXT NOT NULL, line TEXT NOT NULL, other TEXT NOT NULL, data TEXT, PRIMARY KEY (grp, line)
) WITHOUT ROWID;
CREATE TEMP TABLE IF NOT EXISTS touched (
    kind TEXT NOT NULL, erp_id TEXT NOT NULL, PRIMARY KEY (kind, erp_id)
) WITHOUT ROWID;
"""
# A row whose data is NULL came and cannot be read: what we had of it stays.
_CHANGED = """
SELECT c.grp, c.other, coalesce(r.other, '') FROM came c
LEFT JOIN row r ON r.file = ?1 AND r.grp = c.grp AND r.line = c.line
WHERE c.data IS NOT NULL AND (r.data IS NULL OR r.data <> c.data)
"""
_GONE = """
SELECT r.grp, r.line, r.other FROM row r WHERE r.file = ?1
AND NOT EXISTS (SELECT 1 FROM came c WHERE c.grp = r.grp AND c.line = r.line)
"""
_MENDED = "INSERT OR IGNORE INTO touched (kind, erp_id) SELECT kind, erp_id FROM broken WHERE file = ? AND is_held"
_IN_GROUPS = " AND EXISTS (SELECT 1 FROM came c WHERE c.grp = r.grp)"
_UPSERT = """
INSERT INTO row (file, grp, line, other, data) SELECT ?1, grp, line, other, data FROM came WHERE data IS NOT NULL
ON CONFLICT (file, grp, line) DO UPDATE SET other = excluded.other, data = excluded.data WHERE row.data <> excluded.data
"""


@dataclass(slots=True)
class Told:
    """What the ERP reads about a data file."""

    rows: int = 0
    changed: int = 0
    gone: int = 0
    ignored_columns: list[str] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)


def begin(connection: sqlite3.Connection) -> None:
    """Make room for what comes."""
    for statement in _BEGIN.strip().split(";\n"):
        connection.execute(statement)
    connection.execute("DELETE FROM touched")


def put(connection: sqlite3.Connection, table: Table) -> Told:
    """Put a file into the tables, inside of the caller's transaction.

    Raises:
        Refused: it cannot be read.
    """
    layout, told = table.part.layout, Told()
    connection.execute("DELETE FROM came")
    if table.part.is_full:
        connection.execute(_MENDED, [layout.name])
        connection.execute("DELETE FROM broken WHERE file = ?", [layout.name])
    for row in table.rows():
        told.rows += 1
        reason = _come(connection, layout, row)
        if reason and len(told.unreadable) < MOST_TOLD:
            told.unreadable.append(reason)
    told.ignored_columns = table.ignored
    _compare(connection, layout, told, is_full=table.part.is_full)
    return told


def stamp(connection: sqlite3.Connection, taken_at: dt.datetime) -> None:
    """Give everything that changed the time at which it can be seen."""
    at = taken_at.isoformat()
    connection.execute(
        "INSERT INTO record (kind, erp_id, changed_at) SELECT kind, erp_id, ? FROM touched WHERE true"
        " ON CONFLICT (kind, erp_id) DO UPDATE SET changed_at = excluded.changed_at",
        [at],
    )
    connection.execute("UPDATE broken SET changed_at = ? WHERE changed_at = ''", [at])


def _come(connection: sqlite3.Connection, layout: Layout, row: Row) -> str:
    """Note a row; return why it cannot be read, "" when it can."""
    reason = row.reason
    if row.group:
        data = None if reason else json.dumps(row.values, ensure_ascii=False, separators=(",", ":"))
        statement = "INSERT OR IGNORE INTO came (grp, line, other, data) VALUES (?, ?, ?, ?)"
        added = connection.execute(statement, [row.group, row.line, row.other, data])
        if not added.rowcount and not reason:
            reason = f"{layout.file}, line {row.number}, it is there twice: the first one counts"
            _note_broken(connection, layout, row, reason, is_held=False)
            return reason
    if reason:
        _note_broken(connection, layout, row, reason, is_held=bool(layout.record and row.group))
    elif layout.record:
        _mend(connection, layout, row.group)
    return reason


def _mend(connection: sqlite3.Connection, layout: Layout, group: str) -> None:
    """What could not be read before and is right again is told anew, even when it is as it was."""
    statement = "DELETE FROM broken WHERE kind = ? AND erp_id = ? AND file = ? AND changed_at <> ''"
    if connection.execute(statement, [layout.record, group, layout.name]).rowcount:
        connection.execute("INSERT OR IGNORE INTO touched (kind, erp_id) VALUES (?, ?)", [layout.record, group])


def _note_broken(connection: sqlite3.Connection, layout: Layout, row: Row, reason: str, *, is_held: bool) -> None:
    """Note a row that cannot be read; where a record is known by it, the record stays as it was."""
    erp_id = row.group if is_held else f"{layout.file}:{row.number}"
    connection.execute(
        "INSERT INTO broken (file, kind, erp_id, is_held, changed_at, reason, raw) VALUES (?, ?, ?, ?, '', ?, ?)",
        [layout.name, layout.record or "items", erp_id[:LONGEST_KEY], is_held, reason, row.raw],
    )


def _compare(connection: sqlite3.Connection, layout: Layout, told: Told, *, is_full: bool) -> None:
    """Note what differs, then make the rows those that came."""
    changed = connection.execute(_CHANGED, [layout.name]).fetchall()
    gone = connection.execute(_GONE + ("" if is_full else _IN_GROUPS), [layout.name]).fetchall()
    told.changed, told.gone = len(changed), len(gone)
    touched = {(layout.record, group) for group, *_others in changed} if layout.record else set()
    if layout.record:
        touched |= {(layout.record, group) for group, _line, _other in gone}
    if layout.other[0]:
        others = {other for _group, *both in changed for other in both} | {other for *_key, other in gone}
        touched |= {(layout.other[0], other) for other in others if other}
    connection.executemany("INSERT OR IGNORE INTO touched (kind, erp_id) VALUES (?, ?)", touched)
    connection.executemany(
        "DELETE FROM row WHERE file = ? AND grp = ? AND line = ?", ((layout.name, one[0], one[1]) for one in gone)
    )
    connection.execute(_UPSERT, [layout.name])
