"""Reads that every page asks: written once as SQL, and planned once by the database for each connection.

Django builds and compiles a query anew each time, for about 0.5 ms; that is more than all else such a read takes. So
the few hot ones are statements whose text never changes. All others are querysets.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any, TypeVar

import psycopg
from django.db import connection
from django.db.models import JSONField, Model, QuerySet

M = TypeVar("M", bound=Model)


class _Prepared(psycopg.Cursor[Any]):
    """A cursor whose values travel apart from the text, so that the database keeps the plan."""

    def execute(self, query: Any, params: Any = None, **_given: Any) -> _Prepared:
        return super().execute(query, params, prepare=True)


def fetch(sql: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
    """Return the rows of a statement whose text is always the same; what differs is in its values.

    JSON comes as text, as Django's own cursors give it.
    """
    connection.ensure_connection()
    wrap: Any = connection.make_debug_cursor if connection.queries_logged else connection.make_cursor
    with wrap(_Prepared(connection.connection)) as cursor:
        cursor.execute(sql, values)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def columns(model: type[Model], alias: str, names: Sequence[str] = ()) -> str:
    """Return columns of a model's table under an alias (default: all), in the order that `from_row` takes them."""
    return ", ".join(f'{alias}."{field.column}"' for field in _fields(model, tuple(names)))


def width(model: type[Model]) -> int:
    """Return how many columns a model's table has."""
    return len(model._meta.concrete_fields)


def from_row(model: type[M], values: Sequence[Any], names: Sequence[str] = ()) -> M:
    """Return the row of a model from the values of its `columns`; those left out are read when they are asked for."""
    attributes, texts = _shape(model, tuple(names))
    if texts:
        values = [json.loads(value) if place in texts and value else value for place, value in enumerate(values)]
    return model.from_db(connection.alias, attributes, values)


def put_related(parents: Iterable[Model], name: str, children: Mapping[Any, list[Any]], *, back: str) -> None:
    """Give each parent its children, as `prefetch_related(name)` does; `back` is their field that leads to it.

    They are what `parent.name.all()` says then; whoever narrows it further asks for nothing.
    """
    for parent in parents:
        own = children.get(parent.pk, [])
        for child in own:
            child._state.fields_cache[back] = parent
        found: QuerySet[Any] = copy.copy(_empty(type(parent), name))
        found._result_cache = own  # noqa: SLF001 (what Django's own prefetching fills)
        kept = parent.__dict__.setdefault("_prefetched_objects_cache", {})
        kept[name] = found


def insert(row: Model) -> None:
    """Write a new row, which has its key afterwards."""
    sql, fields = _insert_one(type(row))
    for (key,) in fetch(sql, [_for_database(field, row) for field in fields]):
        _is_stored(row, key)


def insert_all(rows: Sequence[Model]) -> None:
    """Write new rows of one model, in one statement however many; each has its key afterwards (none for none)."""
    if not rows:
        return
    sql, fields = _insert_many(type(rows[0]))
    values = [[_for_database(field, row) for row in rows] for field in fields]
    for row, (key,) in zip(rows, fetch(sql, values), strict=True):
        _is_stored(row, key)


def update(row: Model, names: Sequence[str]) -> None:
    """Write these fields of a row that is there, as `save(update_fields=…)` does."""
    sql, fields = _update_one(type(row), tuple(names))
    fetch(sql, [*(_for_database(field, row) for field in fields), row.pk])


def _for_database(field: Any, row: Model) -> Any:
    return field.get_db_prep_save(field.pre_save(row, add=row._state.adding), connection)


def _is_stored(row: Model, key: Any) -> None:
    row.pk, row._state.adding, row._state.db = key, False, connection.alias


@cache
def _insert_one(model: type[Model]) -> tuple[str, tuple[Any, ...]]:
    fields = _written(model)
    places = ", ".join("%s" for _field in fields)
    return f"{_into(model, fields)} VALUES ({places}) RETURNING id", fields


@cache
def _insert_many(model: type[Model]) -> tuple[str, tuple[Any, ...]]:
    """Return the statement that takes each column as a list, as Django's own `bulk_create` has it."""
    fields = _written(model)
    lists = ", ".join(f"%s::{field.db_type(connection)}[]" for field in fields)
    return f"{_into(model, fields)} SELECT * FROM unnest({lists}) RETURNING id", fields  # noqa: S608 (names)


@cache
def _update_one(model: type[Model], names: tuple[str, ...]) -> tuple[str, tuple[Any, ...]]:
    fields = tuple(model._meta.get_field(name) for name in names)
    changes = ", ".join(f"{field.column} = %s" for field in fields)  # type: ignore[union-attr] # plain fields
    return f"UPDATE {model._meta.db_table} SET {changes} WHERE id = %s RETURNING id", fields  # noqa: S608 (names)


def _into(model: type[Model], fields: Sequence[Any]) -> str:
    return f"INSERT INTO {model._meta.db_table} ({', '.join(field.column for field in fields)})"


@cache
def _written(model: type[Model]) -> tuple[Any, ...]:
    return tuple(field for field in _fields(model, ()) if not field.primary_key)


@cache
def _fields(model: type[Model], names: tuple[str, ...]) -> tuple[Any, ...]:
    """Return the fields in the table's order, which `from_db` counts on."""
    return tuple(field for field in model._meta.concrete_fields if not names or field.name in names)


@cache
def _shape(model: type[Model], names: tuple[str, ...]) -> tuple[list[str], frozenset[int]]:
    fields = _fields(model, names)
    texts = frozenset(place for place, field in enumerate(fields) if isinstance(field, JSONField))
    return [field.attname for field in fields], texts


@cache
def _empty(parent: type[Model], name: str) -> QuerySet[Any]:
    related: Any = parent._meta.get_field(name).related_model
    found: QuerySet[Any] = related._default_manager.none()
    return found
