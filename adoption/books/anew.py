"""Makes tables anew beside those in use: pages read the old ones until the new ones take their place, all at once.

A table without indexes is filled several times as fast, and an index of a full table is built in one go. Whatever goes
wrong before the end leaves the old tables as they were.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from django.db import connection
from django.db.backends.utils import CursorWrapper

# Statements name no schema; so, while this one is looked at first, all of them speak of the copies in it.
BESIDE = "adoption_anew"
MEMORY = "256MB"
_COPIED = "INCLUDING CONSTRAINTS INCLUDING DEFAULTS INCLUDING IDENTITY INCLUDING STORAGE"
_INDEXES = """
SELECT t.relname, k.conname, pg_get_constraintdef(k.oid), pg_get_indexdef(i.indexrelid)
  FROM pg_index i
  JOIN pg_class t ON t.oid = i.indrelid JOIN pg_namespace n ON n.oid = t.relnamespace
  LEFT JOIN pg_constraint k ON k.conindid = i.indexrelid AND k.contype IN ('p', 'u')
 WHERE n.nspname = %(home)s AND t.relname = ANY (%(tables)s) ORDER BY t.relname, i.indexrelid"""


@contextmanager
def beside(cursor: CursorWrapper, tables: Sequence[str]) -> Iterator[Beside]:
    """Give empty copies of the tables, under their own names, to the statements within; they take their place then.

    Inside a transaction, with no other writer of these tables.
    """
    cursor.execute("SELECT current_schema(), current_setting('search_path')")
    home, path = cursor.fetchone()
    found = Beside(cursor, str(home), tuple(tables))
    cursor.execute(f"CREATE SCHEMA {BESIDE}")
    for table in tables:
        cursor.execute(f"CREATE TABLE {BESIDE}.{table} (LIKE {home}.{table} {_COPIED})")
    _look_at(cursor, f"{BESIDE}, {path}")
    yield found
    _look_at(cursor, path)
    found.take_their_place()


def _look_at(cursor: CursorWrapper, path: str) -> None:
    cursor.execute("SELECT set_config('search_path', %s, true)", [path])


class Beside:
    """Copies of tables."""

    def __init__(self, cursor: CursorWrapper, home: str, tables: tuple[str, ...]) -> None:
        """Remember whose copies they are; `home` is where the tables in use are."""
        self.cursor, self.home, self.tables = cursor, home, tables

    def keep(self, table: str, column: str, values: Sequence[object]) -> None:
        """Take over the rows of a table in use that have one of these values."""
        kept = [name for name in self._columns(table) if name != "id"]
        listed = ", ".join(kept)
        self.cursor.execute(
            f"INSERT INTO {table} ({listed}) SELECT {listed} FROM {self.home}.{table} WHERE {column} = ANY (%s)",
            [list(values)],
        )

    def _columns(self, table: str) -> list[str]:
        self.cursor.execute(f"SELECT * FROM {self.home}.{table} LIMIT 0")
        return [str(column[0]) for column in self.cursor.description]

    def index(self, tables: Sequence[str]) -> None:
        """Give some copies, when they are full, the keys and indexes of the tables in use, by the same names."""
        self.cursor.execute(f"SET LOCAL maintenance_work_mem = '{MEMORY}'")
        self.cursor.execute(_INDEXES, {"home": self.home, "tables": list(tables)})
        for table, name, key, index in self.cursor.fetchall():
            made = index.replace(f" ON {self.home}.", f" ON {BESIDE}.", 1)
            self.cursor.execute(f'ALTER TABLE {BESIDE}.{table} ADD CONSTRAINT "{name}" {key}' if name else made)
        for table in tables:
            self.cursor.execute(f"ANALYZE {BESIDE}.{table}")

    def take_their_place(self) -> None:
        """Drop the tables in use and put the copies where they were."""
        listed = ", ".join(f"{self.home}.{table}" for table in self.tables)
        self.cursor.execute(f"DROP TABLE {listed}")
        for table in self.tables:
            self.cursor.execute(f"ALTER TABLE {BESIDE}.{table} SET SCHEMA {self.home}")
        self.cursor.execute(f"DROP SCHEMA {BESIDE}")


def settle(tables: Sequence[str]) -> None:
    """Mark the rows of new tables as seen by all, so that an index alone can tell them; not inside a transaction."""
    if connection.in_atomic_block:
        return
    with connection.cursor() as cursor:
        cursor.execute(f"VACUUM {', '.join(tables)}")
