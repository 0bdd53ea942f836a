"""Records as JSON and back, decimals and dates as text: for the outbox's payloads and the ERP in memory."""

from __future__ import annotations

import dataclasses
import datetime as dt
import types
import typing
from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from typing import Any


def to_json(value: Any) -> Any:
    """Return a record, or a list or dict of them, as JSON values."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: to_json(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(key): to_json(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [to_json(one) for one in value]
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, (dt.date, dt.datetime)):
        return value.isoformat()
    return value


def from_json(kind: Any, data: Any) -> Any:
    """Return JSON as `kind`: a record, tuple[X, ...], dict[str, X], X | None or a plain value.

    Raises:
        KeyError, TypeError, ValueError, ArithmeticError: the data does not fit.
    """
    origin = typing.get_origin(kind)
    if origin is None:
        return _plain(kind, data)
    arguments = typing.get_args(kind)
    if origin in {types.UnionType, typing.Union}:
        real = next(one for one in arguments if one is not type(None))
        return None if data is None else from_json(real, data)
    if origin is dict:
        return {key: from_json(arguments[1], one) for key, one in data.items()}
    if len(arguments) == 2 and arguments[1] is Ellipsis:
        return tuple(from_json(arguments[0], one) for one in data)
    return tuple(from_json(one, part) for one, part in zip(arguments, data, strict=True))


def _plain(kind: Any, data: Any) -> Any:
    if dataclasses.is_dataclass(kind):
        return _record(typing.cast("type[Any]", kind), data)
    if kind in {dt.date, dt.datetime}:
        return kind.fromisoformat(data)
    if isinstance(kind, type) and issubclass(kind, (Decimal, StrEnum)):
        return kind(data)
    return data


def _record(kind: type[Any], data: Any) -> Any:
    """Return a record; a field that the data lacks (older data) has its default."""
    optional = {field.name for field in dataclasses.fields(kind) if not _is_needed(field)}
    wanted = {name: hint for name, hint in _hints(kind).items() if name in data or name not in optional}
    return kind(**{name: from_json(hint, data[name]) for name, hint in wanted.items()})


def _is_needed(field: dataclasses.Field[Any]) -> bool:
    return field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING


def _hints(kind: type[Any]) -> dict[str, Any]:
    return typing.get_type_hints(kind)
