"""Brings tables into temporary tables of the database and finds what can't be: there they are looked at as a whole."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from django.db import connection

from adoption.imports.errors import Problems
from adoption.imports.progress import Progress
from adoption.imports.reading import Row, Table
from adoption.imports.schema import BY_NAME, FILES, Column, File, Refers

MOST = 50


def stage_name(file: str) -> str:
    """Return the temporary table of a file."""
    return f"stage_{file}"


def create() -> None:
    """Create an empty temporary table for each file; they vanish with the transaction."""
    with connection.cursor() as cursor:
        for file in FILES:
            columns = ", ".join(f'"{column.name}" {column.type}' for column in file.columns)
            cursor.execute(f"DROP TABLE IF EXISTS {stage_name(file.name)}")
            cursor.execute(f"CREATE TEMP TABLE {stage_name(file.name)} (n bigint, {columns}) ON COMMIT DROP")


def fill(table: Table, problems: Problems, progress: Progress) -> int:
    """Copy a table's rows in; return how many."""
    file = BY_NAME[table.name]
    names = ", ".join(f'"{name}"' for name in file.names)
    count = 0
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY {stage_name(file.name)} (n, {names}) FROM STDIN") as copy,
    ):
        for row in _read(file, table, progress.watch(table.rows(problems), table.label, table.size), problems):
            copy.write_row(row)
            count += 1
    return count


def _read(file: File, table: Table, rows: Iterable[Row], problems: Problems) -> Iterator[list[object]]:
    """Return rows as the database takes them; those that it can't take are problems."""
    columns = file.columns
    for line, texts in rows:
        values: list[object] = [line]
        column = columns[0]
        try:
            for column, text in zip(columns, texts, strict=True):
                values.append(_value(column, text.strip()))
        except ValueError as error:
            problems.add(table.label, line, column.name, str(error))
            continue
        yield values


def _value(column: Column, text: str) -> object:
    if text:
        return column.read(text)
    if column.is_needed:
        raise ValueError("it is empty")
    return column.default


def drop_repeated(file: File, label: str, problems: Problems) -> int:
    """Keep each fact once; the same key with other values is a problem. Return how many rows were dropped."""
    stage, key = stage_name(file.name), ", ".join(f'"{name}"' for name in file.key)
    values = ", ".join(f'"{name}"' for name in file.names)
    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE TEMP TABLE twice ON COMMIT DROP AS SELECT {key} FROM {stage} GROUP BY {key} HAVING count(*) > 1"
        )
        cursor.execute(
            f"SELECT min(n), max(n) FROM {stage} JOIN twice USING ({key}) GROUP BY {key}"
            f" HAVING count(DISTINCT ROW({values})::text) > 1 ORDER BY 1 LIMIT {MOST}"
        )
        for first, again in cursor.fetchall():
            problems.add(label, again, file.key[0], f"line {first} says something else of the same {_words(file.key)}")
        same = " AND ".join(f's."{name}" = k."{name}"' for name in file.key)
        cursor.execute(
            f"DELETE FROM {stage} s USING (SELECT min(t.ctid) AS kept, {key} FROM {stage} t JOIN twice USING ({key})"
            f" GROUP BY {key}) k WHERE {same} AND s.ctid <> k.kept"
        )
        dropped = int(cursor.rowcount)
        cursor.execute("DROP TABLE twice")
    return dropped


def _words(key: tuple[str, ...]) -> str:
    return ", ".join(key)


def check(file: File, label: str, problems: Problems) -> None:
    """Find rows that refer to nothing and rows that can't be."""
    for refers in file.refers:
        _check_reference(file, label, refers, problems)
    stage = stage_name(file.name)
    with connection.cursor() as cursor:
        for never in file.never:
            condition = never.condition.format(stage=stage)
            cursor.execute(f"SELECT n FROM {stage} r WHERE {condition} ORDER BY n LIMIT {MOST}")
            for (line,) in cursor.fetchall():
                problems.add(label, line, never.column, never.reason)


def _check_reference(file: File, label: str, refers: Refers, problems: Problems) -> None:
    named = [f'r."{column}"' for column in refers.columns]
    there = " AND ".join(f't."{key}" = {name}' for key, name in zip(refers.key, named, strict=True))
    is_named = " AND ".join(f"{name}::text <> ''" for name in named)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT n, concat_ws(' ', {', '.join(named)}) FROM {stage_name(file.name)} r WHERE {is_named}"
            f" AND NOT EXISTS (SELECT 1 FROM {stage_name(refers.file)} t WHERE {there})"
            f" AND NOT EXISTS ({refers.known}) ORDER BY n LIMIT {MOST}"
        )
        for line, value in cursor.fetchall():
            problems.add(label, line, refers.columns[-1], f"{value!r} is not in {refers.file}.csv, nor known already")


def analyze() -> None:
    """Tell the planner how big the tables are."""
    with connection.cursor() as cursor:
        for file in FILES:
            cursor.execute(f"ANALYZE {stage_name(file.name)}")
