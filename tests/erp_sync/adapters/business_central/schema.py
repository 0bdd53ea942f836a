"""The shapes of Business Central's API v2.0 (from Microsoft's own pages) and of our bridge, and what fits into them."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID
from xml.sax.saxutils import quoteattr

FILE = Path(__file__).resolve().parents[3] / "data" / "business_central" / "api_v2_schema.json"
NO_ID = "00000000-0000-0000-0000-000000000000"
DAY = re.compile(r"\d{4}-\d\d-\d\d")


class Refused(Exception):
    """What the ERP says no with."""

    def __init__(self, status: int, code: str, words: str) -> None:
        self.status, self.code, self.words = status, code, words
        super().__init__(words)


@dataclass(frozen=True)
class Field:
    """A property."""

    name: str
    type: str
    longest: int = 0
    is_read_only: bool = False

    def empty(self) -> Any:
        """Return what it holds when nobody wrote it."""
        return {
            "Edm.String": "", "Edm.Guid": NO_ID, "Edm.Boolean": False, "Edm.Int32": 0, "Edm.Decimal": Decimal(0),
            "Edm.Date": "0001-01-01",
        }.get(self.type)  # fmt: skip

    def taken(self, value: Any) -> Any:
        """Return a value as it is kept; refuse what does not fit."""
        if not self._fits(value):
            raise Refused(400, "BadRequest", f"Cannot convert the literal '{value}' to {self.type} ({self.name}).")
        if self.type == "Edm.String" and self.longest and len(value) > self.longest:
            words = f"The length of the string is {len(value)}, but it must be at most {self.longest} ({self.name})."
            raise Refused(400, "Application_StringExceededLength", words)
        return Decimal(str(value)) if self.type == "Edm.Decimal" else value

    def _fits(self, value: Any) -> bool:
        if self.type == "Edm.Boolean":
            return isinstance(value, bool)
        if self.type == "Edm.Decimal":
            return isinstance(value, int | float | Decimal) and not isinstance(value, bool)
        if self.type == "Edm.Int32":
            return isinstance(value, int) and not isinstance(value, bool)
        if not isinstance(value, str):
            return False
        if self.type == "Edm.Guid":
            return _parses(UUID, value)
        if self.type == "Edm.Date":
            return bool(DAY.fullmatch(value)) and _parses(dt.date.fromisoformat, value)
        return True

    def asked(self, literal: str) -> Any:
        """Return the value of a literal in a filter: text in quotes, all else bare."""
        is_text = literal.startswith("'")
        if is_text is not (self.type == "Edm.String"):
            raise Refused(400, "BadRequest", f"Types do not match: {self.name} and {literal}")
        if self.type == "Edm.String":
            return literal[1:-1].replace("''", "'")
        if self.type == "Edm.DateTimeOffset":
            if not literal.endswith("Z"):
                raise Refused(400, "BadRequest", f"Not a time: {literal}")
            return dt.datetime.fromisoformat(literal)
        return self.taken({"true": True, "false": False}.get(literal, literal))


@dataclass(frozen=True)
class Entity:
    """An entity set."""

    name: str
    type: str
    fields: Mapping[str, Field]
    parts: Mapping[str, str]
    actions: tuple[str, ...] = ()
    may_insert: bool = False
    may_modify: bool = False
    may_delete: bool = False

    def field(self, name: str) -> Field:
        """Return a property; refuse an unknown one."""
        if name not in self.fields:
            words = f"Could not find a property named '{name}' on type 'Microsoft.NAV.{self.type}'."
            raise Refused(400, "BadRequest_NotFound", words)
        return self.fields[name]

    def empty(self) -> dict[str, Any]:
        """Return a row that holds nothing."""
        return {name: one.empty() for name, one in self.fields.items()}

    def taken(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Return what somebody writes, without parts; refuse what is unknown, read-only or does not fit."""
        found = {}
        for name, value in body.items():
            if name in self.parts:
                continue
            field = self.field(name)
            if field.is_read_only or name == "sequence":
                raise Refused(400, "Internal_ReadOnly", f"The property '{name}' is read-only.")
            found[name] = field.taken(value)
        return found


@cache
def standard() -> dict[str, Entity]:
    """Return the entity sets of API v2.0."""
    return {name: _entity(name, one) for name, one in json.loads(FILE.read_text(encoding="utf-8")).items()}


def _entity(name: str, told: Mapping[str, Any]) -> Entity:
    fields = {
        field: Field(field, one["type"], int(one.get("maxLength") or 0), bool(one.get("readOnly")))
        for field, one in told["fields"].items()
    }
    parts = {part: one["set"] for part, one in told["parts"].items()}
    may = (told["insert"], told["modify"], told["delete"])
    return Entity(name, told["entity"], fields, parts, tuple(told["actions"]), *may)


@cache
def bridge() -> dict[str, Entity]:
    """Return the entity sets of our extension, as docs/adapters-business-central.md describes them; all read-only."""
    shapes = {
        "itemAvailability": ("itemAvailability", "id:Guid itemNumber locationCode inventory:Decimal available:Decimal"),
        "itemUnitsOfMeasure": (
            "itemUnitOfMeasure", "id:Guid itemNumber unitOfMeasureCode displayName quantityPerUnitOfMeasure:Decimal"
        ),
        "shipToAddresses": (
            "shipToAddress",
            "id:Guid customerId:Guid code name contact addressLine1 addressLine2 city postalCode country",
        ),
        "orderTracking": ("orderTracking", "id:Guid shipmentNumber carrier trackingNumber trackingUrl"),
    }  # fmt: skip
    return {name: Entity(name, kind, _fields(told), {}) for name, (kind, told) in shapes.items()}


def edmx(entities: Iterable[Entity]) -> bytes:
    """Return the metadata of an API."""
    known = list(entities)
    types = "".join(
        f"<EntityType Name={quoteattr(one.type)}>"
        + "".join(f"<Property Name={quoteattr(f.name)} Type={quoteattr(f.type)} />" for f in one.fields.values())
        + "".join(f"<NavigationProperty Name={quoteattr(part)} />" for part in one.parts)
        + "</EntityType>"
        for one in known
    )
    actions = "".join(
        f'<Action Name="{name[0].lower()}{name[1:]}" IsBound="true" />' for one in known for name in one.actions
    )
    sets = "".join(f'<EntitySet Name="{one.name}" EntityType="Microsoft.NAV.{one.type}" />' for one in known)
    return (
        '<?xml version="1.0" encoding="utf-8"?><edmx:Edmx Version="4.0" xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx">'
        f'<edmx:DataServices><Schema Namespace="Microsoft.NAV">{types}{actions}'
        f'<EntityContainer Name="NAV">{sets}</EntityContainer></Schema></edmx:DataServices></edmx:Edmx>'
    ).encode()


def _fields(told: str) -> dict[str, Field]:
    pairs = (one.partition(":") for one in told.split())
    return {name: Field(name, f"Edm.{kind or 'String'}", is_read_only=True) for name, _, kind in pairs}


def _parses(parse: Any, value: str) -> bool:
    try:
        parse(value)
    except ValueError:
        return False
    return True
