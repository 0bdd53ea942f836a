"""Parts of a page that are the same for the same values: rendered once, then kept in the process.

A row of a list, "Delivered", the links at the head: they come again on every page, and rendering them anew costs more
than everything else on it.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
import secrets
from decimal import Decimal
from functools import lru_cache
from typing import Any

from django import template
from django.template.loader import get_template
from django.utils.functional import Promise
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

register = template.Library()

MOST_KEPT = 4096
PLAIN = (str, int, float, Decimal, dt.date, dt.time, type(None))
FILL = "fill_"
# Stands where something is filled in; nobody outside this process can write it into a text.
_HOLE = f"hole-{secrets.token_hex(8)}-"
_HOLES = re.compile(rf"{_HOLE}(\w+);")


@register.simple_tag
def part(name: str, **values: Any) -> SafeString:
    """Render a template with these values and nothing else, like `include … only`.

    For parts that depend on their values and the language alone: no request, no clock, no database. Values are plain
    ones, and tuples and frozen dataclasses of them. What differs from page to page (a form's token, the age of a
    price) is given as `fill_token=…`: the template prints `{{ token }}` as it is, and it is filled in each time.

    Raises:
        TypeError: a value that can change while it stays equal (a model's row, a list).
    """
    # The type is part of the key: a string marked as safe equals the same string that has to be escaped.
    key = tuple((word, type(value), value) for word, value in values.items() if not word.startswith(FILL))
    filled = {word[len(FILL) :]: value for word, value in values.items() if word.startswith(FILL)}
    try:
        pieces = _pieces(str(name), get_language() or "", key, tuple(filled))
    except TypeError:  # what has no hash is told by its name
        _refuse_changing(name, key)
        raise
    if not filled:
        return mark_safe(pieces[0])  # noqa: S308 (a template of ours has escaped its values)
    shown = {word: conditional_escape(value) for word, value in filled.items()}
    text = "".join(shown[piece] if number % 2 else piece for number, piece in enumerate(pieces))
    return mark_safe(text)  # noqa: S308 (as above, and what was filled in is escaped)


def _refuse_changing(name: str, key: tuple[tuple[str, type, Any], ...]) -> None:
    for _word, kind, value in key:
        if not _is_plain(value):
            raise TypeError(f"{name}: {kind.__name__} can change; give its plain values")


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
def _pieces(
    name: str, _language: str, values: tuple[tuple[str, type, Any], ...], holes: tuple[str, ...]
) -> tuple[str, ...]:
    """Return the rendered text, cut at its holes: text, name of a hole, text, and so on.

    What equals kept values has been looked at when they came first, so only new values are.
    """
    _refuse_changing(name, values)
    context = {word: value for word, _kind, value in values} | {hole: f"{_HOLE}{hole};" for hole in holes}
    return tuple(_HOLES.split(get_template(name).render(context).strip()))
