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
