"""Many rows into a table of the mirror in one statement: they travel as one text of JSON.

Django's bulk_create makes a placeholder of each value, which takes longer than all else that a pull does here.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from typing import Any

from django.db import models

from erp_sync.statements import fetch

Values = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Filled:
    """Columns that the database works out while it writes, from the rows that came.

    Attributes:
        tables: What goes before the INSERT, as tables of a WITH; the rows that came are the table `given`.
        join: What is joined to `given i`.
        columns: Column -> its SQL.
    """

    tables: str = ""
    join: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)

    def __hash__(self) -> int:
        """Be told apart by the text."""
        return hash((self.tables, self.join))


NOTHING, NO_COLUMNS = Filled(), frozenset[str]()


def upsert(
    model: type[models.Model],
    rows: Sequence[Values],
    *,
    key: str,
    kept: frozenset[str] = NO_COLUMNS,
    filled: Filled = NOTHING,
) -> list[tuple[Any, ...]]:
    """Write the rows, over those with the same `key`; return of each its id and key.

    Args:
        model: Whose table.
        rows: Column -> value; a column that is left out has the model's default. One row for each key.
        key: A unique column, or several with commas between.
        kept: Columns that stay as they are in a row that is there.
        filled: Columns that the database works out.

    Raises:
        DataError, IntegrityError: the database refuses one of them; none is written.
    """
    return fetch(_upserting(model, key, kept, filled), [_as_json(model, rows)]) if rows else []


def add(model: type[models.Model], rows: Sequence[Values]) -> None:
    """Write new rows.

    Raises:
        DataError, IntegrityError: the database refuses one of them; none is written.
    """
    if rows:
        fetch(_adding(model), [_as_json(model, rows)])


def _as_json(model: type[models.Model], rows: Iterable[Values]) -> str:
    defaults = _defaults(model)
    return json.dumps([defaults | row for row in rows], default=_plain, check_circular=False)


def _plain(value: object) -> str:
    """Return what JSON has no word for as the text that PostgreSQL reads it from."""
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, dt.date):
        return value.isoformat()
    raise TypeError(f"{value!r} is nothing that a column of the mirror holds")


@cache
def _defaults(model: type[models.Model]) -> Values:
    return {str(one.column): one.get_default() for one in model._meta.concrete_fields if not one.primary_key}


@cache
def _upserting(model: type[models.Model], key: str, kept: frozenset[str], filled: Filled) -> str:
    plain = [name for name in _defaults(model) if name not in filled.columns]
    written = [name for name in [*plain, *filled.columns] if name not in key.split(", ") and name not in kept]
    changed = ", ".join(f"{name} = excluded.{name}" for name in written)
    return (
        f"{_given(model)}{filled.tables} {_into(model, plain, filled)} {filled.join} "
        f"ON CONFLICT ({key}) DO UPDATE SET {changed} RETURNING id, {key}"
    )


@cache
def _adding(model: type[models.Model]) -> str:
    return f"{_given(model)} {_into(model, list(_defaults(model)), NOTHING)} RETURNING id"


def _given(model: type[models.Model]) -> str:
    table = model._meta.db_table
    return f"WITH given AS MATERIALIZED (SELECT * FROM json_populate_recordset(NULL::{table}, %s::json))"  # noqa: S608


def _into(model: type[models.Model], plain: Sequence[str], filled: Filled) -> str:
    names = ", ".join([*plain, *filled.columns])
    values = ", ".join([*(f"i.{name}" for name in plain), *filled.columns.values()])
    return f"INSERT INTO {model._meta.db_table} ({names}) SELECT {values} FROM given i"  # noqa: S608 (names of columns)
