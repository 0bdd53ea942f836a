"""Parts of a page that are the same for the same values: rendered once, then kept in the process.

A row of a list, "Delivered", the links at the head: they come again on every page, and rendering them anew costs more
than everything else on it.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
import secrets
from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Any

from django import template
from django.http import QueryDict
from django.template.loader import get_template
from django.utils.functional import Promise
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString
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
    filled = {word[len(FILL) :]: value for word, value in values.items() if word.startswith(FILL)}
    return kept(str(name), {word: value for word, value in values.items() if not word.startswith(FILL)}, filled)


@register.filter
def as_query(text: str) -> QueryDict:
    """`{% querystring asked|as_query page=2 %}`: the query of an address from its text, which parts are kept by."""
    return QueryDict(text)


def kept(name: str, values: Mapping[str, object], filled: Mapping[str, Any]) -> SafeString:
    """Return a part from Python: `values` as in `part`, `filled` what is filled in each time, by the hole's name.

    Raises:
        TypeError: as `part`.
    """
    # The type is part of the key: a string marked as safe equals the same string that has to be escaped.
    key = tuple([(word, type(value), value) for word, value in values.items()])
    try:
        pieces = _pieces(name, get_language() or "", key, tuple(filled))
    except TypeError:  # what has no hash is told by its name
        _refuse_changing(name, key)
        raise
    if not filled:
        return SafeString(pieces[0])  # a template of ours has escaped its values
    text = list(pieces)
    text[1::2] = [_escaped(filled[hole]) for hole in pieces[1::2]]
    return SafeString("".join(text))


def _escaped(value: Any) -> str:
    """Return what is filled in as HTML; most of it is already."""
    return value if type(value) is SafeString else conditional_escape(value)


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
    # Of what has a face nothing else may be shown: the rest does not count when it is looked for.
    context = {word: getattr(value, "face", value) for word, _kind, value in values}
    context |= {hole: f"{_HOLE}{hole};" for hole in holes}
    return tuple(_HOLES.split(get_template(name).render(context).strip()))
