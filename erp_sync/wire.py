"""Records as JSON and back, decimals and dates as text: for the outbox's payloads and the ERP in memory.

How a kind is read is worked out once for each kind, not for each value: an order crosses this door several times.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import types
import typing
from collections.abc import Callable, Mapping
from decimal import Decimal
from enum import StrEnum
from functools import cache
from typing import Any

Reader = Callable[[Any], Any]


def to_json(value: Any) -> Any:
    """Return a record, or a list or dict of them, as JSON values."""
    kind = type(value)
    if kind in _PLAIN:
        return value
    if kind is Decimal:
        return str(value)
    if dataclasses.is_dataclass(kind):
        return {name: to_json(getattr(value, name)) for name in _names(kind)}
    if isinstance(value, Mapping):
        return {str(key): to_json(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [to_json(one) for one in value]
    return value.isoformat() if isinstance(value, dt.date) else value


def from_json(kind: Any, data: Any) -> Any:
    """Return JSON as `kind`: a record, tuple[X, ...], dict[str, X], X | None or a plain value.

    Raises:
        KeyError, TypeError, ValueError, ArithmeticError: the data does not fit.
    """
    return _reader(kind)(data)


_PLAIN = frozenset({str, int, bool, type(None)})


@cache
def _names(kind: type) -> tuple[str, ...]:
    return tuple(field.name for field in dataclasses.fields(kind))


@cache
def _reader(kind: Any) -> Reader:
    """Return what makes a `kind` of its JSON."""
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin is None:
        return _plain(kind)
    if origin in {types.UnionType, typing.Union}:
        real = _reader(next(one for one in arguments if one is not type(None)))
        return lambda data: None if data is None else real(data)
    if origin is dict:
        value = _reader(arguments[1])
        return lambda data: {key: value(one) for key, one in data.items()}
    if len(arguments) == 2 and arguments[1] is Ellipsis:
        each = _reader(arguments[0])
        return lambda data: tuple(map(each, data))
    places = tuple(map(_reader, arguments))
    return lambda data: tuple(read(part) for read, part in zip(places, data, strict=True))


def _plain(kind: Any) -> Reader:
    if dataclasses.is_dataclass(kind):
        return _record(typing.cast("type[Any]", kind))
    if kind in {dt.date, dt.datetime}:
        return typing.cast("Reader", kind.fromisoformat)
    if isinstance(kind, type) and issubclass(kind, (Decimal, StrEnum)):
        return kind
    return lambda data: data


def _record(kind: type[Any]) -> Reader:
    """Return what reads a record; a field that the data lacks (older data) has its default."""
    hints = typing.get_type_hints(kind)
    fields = [(one.name, _reader(hints[one.name]), _is_needed(one)) for one in dataclasses.fields(kind)]

    def read(data: Any) -> Any:
        return kind(**{name: of(data[name]) for name, of, is_needed in fields if is_needed or name in data})

    return read


def _is_needed(field: dataclasses.Field[Any]) -> bool:
    return field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
