"""What a column of the mirror can hold, and the refusal of what it can't."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from functools import cache, partial
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models

Values = dict[str, Any]


class Unfit(ValueError):
    """A record that the mirror cannot hold; the text says which field and why."""


def checked(model: type[models.Model], values: Values) -> Values:
    """Return the values, each as its column holds it.

    Raises:
        Unfit: a text is too long, a number is none or too big, a needed value is missing.
    """
    fits = _fits(model)
    return {name: fits[name](value) for name, value in values.items()}


@cache
def _fits(model: type[models.Model]) -> dict[str, Callable[[Any], Any]]:
    """Return the check of each column, chosen once for each table: a pull checks millions of values."""
    return {field.name: partial(_fit, _check_of(field), field) for field in model._meta.concrete_fields}


def _fit(check: Callable[[Any, Any], Any] | None, field: Any, value: Any) -> Any:
    if value is None:
        if not field.null:
            raise Unfit(f"{field.name} is missing")
        return None
    return value if check is None else check(field, value)


def _check_of(field: Any) -> Callable[[Any, Any], Any] | None:
    if isinstance(field, ArrayField):
        return _fit_texts
    if isinstance(field, models.CharField):
        return _fit_char
    if isinstance(field, models.DecimalField):
        return _fit_number
    if isinstance(field, models.JSONField):
        return _without_nul
    return _fit_instant if isinstance(field, models.DateTimeField) else None


def _fit_instant(field: Any, value: Any) -> dt.datetime:
    if not isinstance(value, dt.datetime) or value.tzinfo is None:
        raise Unfit(f"{field.name} is not an instant with a time zone: {value!r}")
    return value


def _fit_texts(field: Any, value: Any) -> list[str]:
    return [_fit_text(field, item, field.base_field.max_length) for item in value]


def _fit_char(field: Any, value: Any) -> str:
    return _fit_text(field, value, field.max_length)


def _fit_text(field: Any, value: Any, limit: int | None) -> str:
    if not isinstance(value, str):
        raise Unfit(f"{field.name} is not text: {str(value)[:80]!r}")
    if "\x00" in value:
        raise Unfit(f"{field.name} holds a NUL character")
    if limit is not None and len(value) > limit:
        raise Unfit(f"{field.name} has {len(value)} characters, {limit} fit: {value[:80]!r}…")
    return value


def _fit_number(field: Any, value: Any) -> Decimal:
    if not isinstance(value, Decimal) or not value.is_finite():
        raise Unfit(f"{field.name} is not a number: {str(value)[:80]!r}")
    if abs(value) >= Decimal(10) ** (field.max_digits - field.decimal_places):
        raise Unfit(f"{field.name} is too big: {value}")
    return value.quantize(Decimal(1).scaleb(-field.decimal_places), rounding=ROUND_HALF_UP)


def _without_nul(field: Any, value: Any) -> Any:
    if "\\u0000" in json.dumps(value):
        raise Unfit(f"{field.name} holds a NUL character")
    return value


def cut(text: str, limit: int) -> str:
    """Return prose cut to the limit; numbers and keys are never cut but refused (`checked`)."""
    return text if len(text) <= limit else text[: limit - 1] + "…"
