"""Records as JSON and back, for the ERP in memory behind HTTP."""

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
        values = {name: from_json(hint, data[name]) for name, hint in _hints(typing.cast("type[Any]", kind)).items()}
        return typing.cast("type[Any]", kind)(**values)
    if kind in {dt.date, dt.datetime}:
        return kind.fromisoformat(data)
    if isinstance(kind, type) and issubclass(kind, (Decimal, StrEnum)):
        return kind(data)
    return data


def _hints(kind: type[Any]) -> dict[str, Any]:
    return typing.get_type_hints(kind)
