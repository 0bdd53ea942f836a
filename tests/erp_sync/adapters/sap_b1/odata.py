"""The part of OData that the stub understands, by the published types: whatever is not in them is refused."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

TYPES_FILE = Path(__file__).resolve().parents[3] / "data" / "sap_b1_types.json"
LONGEST_ADDRESS = 8000
# Lengths in the database, which the published types do not tell: as they are known.
LENGTHS = {
    "NumAtCard": 100,
    "Comments": 254,
    "Remarks": 254,
    "FreeText": 100,
    "CounterReference": 8,
    "TransferReference": 27,
    "CardCode": 15,
    "ItemCode": 50,
    "ShipToCode": 50,
    "Code": 50,
    "Name": 100,
}
READ_ONLY = {
    "DocEntry", "DocNum", "DocTotal", "DocTotalFc", "VatSum", "VatSumFc", "PaidToDate", "CreationDate", "UpdateDate",
    "UpdateTime", "DocTime", "DocumentStatus", "Cancelled", "CancelStatus", "Price", "LineTotal", "RowTotalFC",
    "RemainingOpenQuantity", "ItemDescription", "MeasureUnit", "UoMCode", "CardName",
}  # fmt: skip
# Of lines of a document these can be named or written, of what they pay or belong to the document.
NAMED_IN = {"PaymentInvoices": {"DocEntry"}}
_TOKEN = re.compile(r"\s*('(?:[^']|'')*'|\(|\)|,|-?\d+(?:\.\d+)?|\w+)")


class Refused(Exception):
    """The Service Layer's own no."""

    def __init__(self, status: int, code: int, words: str) -> None:
        self.status, self.code, self.words = status, code, words
        super().__init__(words)


class Types:
    """The published types, with the user fields that a company declared."""

    def __init__(self) -> None:
        told = json.loads(TYPES_FILE.read_text())
        self.enums: dict[str, list[str]] = told["enums"]
        self.types: dict[str, dict[str, str]] = {name: dict(fields) for name, fields in told["types"].items()}
        self.lengths = dict(LENGTHS)

    def declare(self, owner: str, name: str, kind: str, size: int = 0) -> None:
        """Declare a user field."""
        self.types[owner][name] = kind
        if size:
            self.lengths[name] = size

    def forget(self, name: str) -> None:
        """Take a user field away."""
        for fields in self.types.values():
            fields.pop(name, None)

    def kind(self, owner: str, name: str) -> str:
        """Return the type of a property."""
        if name not in self.types[owner]:
            raise Refused(400, -1000, f"Property '{name}' of '{owner}' is invalid")
        return self.types[owner][name]

    def check(self, owner: str, body: Any, *, free: frozenset[str] = frozenset()) -> None:
        """Refuse a body with a property that is unknown, of another type, too long or not to be written."""
        if not isinstance(body, dict):
            raise Refused(400, -1000, f"'{owner}' is no object")
        for name, value in body.items():
            kind = self.kind(owner, name)
            if name in READ_ONLY and name not in free:
                raise Refused(400, -5002, f"Property '{name}' of '{owner}' is read-only")
            if kind.startswith("["):
                for one in value:
                    self.check(kind[1:-1], one, free=frozenset({"LineNum", *NAMED_IN.get(name, ())}))
            elif value is not None:
                self._fits(owner, name, kind, value)

    def _fits(self, owner: str, name: str, kind: str, value: Any) -> None:
        is_right: Mapping[str, Callable[[Any], bool]] = {
            "s": lambda one: isinstance(one, str),
            "i": lambda one: isinstance(one, int) and not isinstance(one, bool),
            "n": lambda one: isinstance(one, (int, float)) and not isinstance(one, bool),
            "b": lambda one: one in {"tYES", "tNO"},
        }
        fits = is_right.get(kind, lambda one: one in self.enums[kind])
        if not fits(value):
            raise Refused(400, -1000, f"Value {value!r} of '{name}' of '{owner}' is invalid")
        if kind == "s" and len(value) > self.lengths.get(name, 64_000):
            raise Refused(400, -5002, f"Value too long in property '{name}' of '{owner}'")


class Filter:
    """A $filter, checked against the type that it filters."""

    def __init__(self, text: str, owner: str, types: Types) -> None:
        self._tokens = _TOKEN.findall(text)
        if "".join(self._tokens) != re.sub(r"\s+(?=(?:[^']*'[^']*')*[^']*$)", "", text):
            raise Refused(400, -1000, f"Query string error: {text[:80]}")
        self._owner, self._types, self._at = owner, types, 0
        self.fits = self._any()
        if self._at != len(self._tokens):
            raise Refused(400, -1000, f"Query string error: {text[:80]}")

    def _peek(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def _take(self, wanted: str = "") -> str:
        token = self._peek()
        if not token or (wanted and token != wanted):
            raise Refused(400, -1000, f"Query string error at {token!r}")
        self._at += 1
        return token

    def _any(self) -> Callable[[Mapping[str, Any]], bool]:
        parts = [self._all()]
        while self._peek() == "or":
            self._take()
            parts.append(self._all())
        return lambda row: any(part(row) for part in parts)

    def _all(self) -> Callable[[Mapping[str, Any]], bool]:
        parts = [self._one()]
        while self._peek() == "and":
            self._take()
            parts.append(self._one())
        return lambda row: all(part(row) for part in parts)

    def _one(self) -> Callable[[Mapping[str, Any]], bool]:
        if self._peek() == "(":
            self._take()
            inner = self._any()
            self._take(")")
            return inner
        name = self._take()
        if name == "startswith":
            return self._start()
        kind, sign = self._types.kind(self._owner, name), self._take()
        value = self._value(kind)
        compare: Mapping[str, Callable[[Any], bool]] = {
            "eq": lambda one: bool(one == value),
            "ne": lambda one: bool(one != value),
            "gt": lambda one: one is not None and one > value,
            "ge": lambda one: one is not None and one >= value,
            "lt": lambda one: one is not None and one < value,
            "le": lambda one: one is not None and one <= value,
        }
        if sign not in compare:
            raise Refused(400, -1000, f"Query string error at {sign!r}")
        test = compare[sign]
        return lambda row: test(row.get(name))

    def _start(self) -> Callable[[Mapping[str, Any]], bool]:
        self._take("(")
        name = self._take()
        if self._types.kind(self._owner, name) != "s":
            raise Refused(400, -1000, "startswith wants a text")
        self._take(",")
        value = self._value("s")
        self._take(")")
        return lambda row: str(row.get(name) or "").startswith(value)

    def _value(self, kind: str) -> Any:
        token = self._take()
        is_text = token.startswith("'")
        if is_text == (kind in {"i", "n"}) or kind.startswith("["):
            raise Refused(400, -1000, f"Query string error: {token} is of the wrong type")
        if not is_text:
            return float(token) if kind == "n" else int(token)
        value = token[1:-1].replace("''", "'")
        if kind in self._types.enums and value not in self._types.enums[kind]:
            raise Refused(400, -1000, f"{value!r} is no member of {kind}")
        return value
