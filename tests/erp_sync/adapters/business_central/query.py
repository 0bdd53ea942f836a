"""The part of OData that Business Central understands: all else is refused, as the service does."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from tests.erp_sync.adapters.business_central.schema import Entity, Refused

Row = Mapping[str, Any]
Test = Callable[[Row], bool]
_TOKEN = re.compile(r"\s*('(?:[^']|'')*'|startswith\(|[(),]|[^\s(),']+)")
_COMPARED: Mapping[str, Callable[[Any, Any], bool]] = {
    "eq": lambda a, b: a == b,
    "ne": lambda a, b: a != b,
    "ge": lambda a, b: a >= b,
    "gt": lambda a, b: a > b,
    "le": lambda a, b: a <= b,
    "lt": lambda a, b: a < b,
}


@dataclass
class Asked:
    """What a query asks for."""

    test: Test = lambda _row: True
    select: Sequence[str] = ()
    order: str = ""
    expand: Mapping[str, Sequence[str]] = field(default_factory=dict)
    skip_token: str = ""


def read(query: str, entity: Entity) -> Asked:
    """Return what is asked; refuse options and properties that are unknown."""
    asked = Asked()
    for name, value in parse_qsl(query, keep_blank_values=True, strict_parsing=bool(query)):
        if name == "$filter":
            asked.test = _Filter(value, entity).test()
        elif name == "$select":
            asked.select = [entity.field(one).name for one in value.split(",")]
        elif name == "$orderby":
            asked.order = entity.field(value).name
        elif name == "$expand":
            asked.expand = _expanded(value, entity)
        elif name == "$skiptoken":
            asked.skip_token = value
        else:
            raise Refused(501, "BadRequest", f"The query option '{name}' is not supported.")
    return asked


def _expanded(value: str, entity: Entity) -> dict[str, Sequence[str]]:
    found = re.fullmatch(r"(\w+)(?:\(\$select=([\w,]+)\))?", value)
    if not found or found[1] not in entity.parts:
        raise Refused(400, "BadRequest_NotFound", f"Could not find a property named '{value}' on {entity.type}.")
    return {found[1]: found[2].split(",") if found[2] else ()}


class _Filter:
    """`a eq 'x' and (b eq 1 or b eq 2) and startswith(c,'y')`."""

    def __init__(self, text: str, entity: Entity) -> None:
        self._entity = entity
        self._tokens = _TOKEN.findall(text)
        if "".join(self._tokens).replace(" ", "") != text.replace(" ", "") and "'" not in text:
            raise Refused(400, "BadRequest", f"Syntax error in the filter: {text}")
        self._at = 0

    def test(self) -> Test:
        """Return the whole filter."""
        tests = [self._term()]
        while self._at < len(self._tokens):
            self._expect("and")
            tests.append(self._term())
        return lambda row: all(one(row) for one in tests)

    def _term(self) -> Test:
        if self._peek() != "(":
            return self._clause()[1]
        self._expect("(")
        names, tests = zip(*self._alternatives(), strict=True)
        self._expect(")")
        if len(set(names)) > 1:
            words = "The 'OR' operator is not supported on distinct fields on an OData filter."
            raise Refused(400, "BadRequest", words)
        return lambda row: any(one(row) for one in tests)

    def _alternatives(self) -> list[tuple[str, Test]]:
        found = [self._clause()]
        while self._peek() == "or":
            self._expect("or")
            found.append(self._clause())
        return found

    def _clause(self) -> tuple[str, Test]:
        if self._peek() == "startswith(":
            self._next()
            name = self._next()
            self._expect(",")
            start = self._entity.field(name).asked(self._next())
            self._expect(")")
            return name, lambda row: str(row[name]).startswith(start)
        name, word = self._next(), self._next()
        known = self._entity.field(name)
        if word not in _COMPARED:
            raise Refused(501, "BadRequest", f"The operator '{word}' is not supported.")
        value, compare = known.asked(self._next()), _COMPARED[word]
        return name, lambda row: compare(row[name], value)

    def _peek(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def _next(self) -> str:
        token = self._peek()
        self._at += 1
        return token

    def _expect(self, token: str) -> None:
        if self._next() != token:
            raise Refused(400, "BadRequest", f"Syntax error in the filter: '{token}' expected.")
