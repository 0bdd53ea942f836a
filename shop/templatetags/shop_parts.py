"""Parts of a page that are the same for the same values: rendered once, then kept in the process.

A row of a list, "Delivered", the links at the head: they come again on every page, and rendering them anew costs more
than everything else on it.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Hashable
from decimal import Decimal
from functools import lru_cache

from django import template
from django.template.loader import get_template
from django.utils.functional import Promise
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

register = template.Library()

MOST_KEPT = 4096
PLAIN = (str, int, float, Decimal, dt.date, dt.time, type(None))


@register.simple_tag
def part(name: str, **values: Hashable) -> SafeString:
    """Render a template with these values and nothing else, like `include … only`.

    For parts that depend on their values and the language alone: no request, no clock, no database. Values are plain
    ones, and tuples and frozen dataclasses of them.

    Raises:
        TypeError: a value that can change while it stays equal (a model's row, a list).
    """
    for value in values.values():
        if not _is_plain(value):
            raise TypeError(f"{name}: {type(value).__name__} can change; give its plain values")
    # The type is part of the key: a string marked as safe equals the same string that has to be escaped.
    key = tuple((word, type(value), value) for word, value in values.items())
    return _rendered(str(name), get_language() or "", key)


def _is_plain(value: object) -> bool:
    if isinstance(value, PLAIN):
        return True
    if isinstance(value, tuple):
        return all(map(_is_plain, value))
    if isinstance(value, Promise) or not dataclasses.is_dataclass(value) or isinstance(value, type):
        return False
    return all(_is_plain(getattr(value, name)) for name in _fields(type(value)))


@lru_cache(maxsize=256)
def _fields(kind: type) -> tuple[str, ...]:
    return tuple(field.name for field in dataclasses.fields(kind))


@lru_cache(maxsize=MOST_KEPT)
def _rendered(name: str, _language: str, values: tuple[tuple[str, type, Hashable], ...]) -> SafeString:
    text = get_template(name).render({key: value for key, _, value in values})
    return mark_safe(text.strip())  # noqa: S308 (a template of ours has escaped its values)
