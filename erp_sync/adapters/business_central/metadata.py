"""What an API says of itself ($metadata, EDMX): entity sets, their fields and parts, bound actions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from xml.parsers import expat

from erp_sync.errors import ErpBroken


@dataclass(slots=True)
class Metadata:
    """Names by what they are.

    Attributes:
        fields: Fields and parts by entity type.
        sets: Entity type by entity set.
        actions: Bound actions.
    """

    fields: dict[str, set[str]] = field(default_factory=dict)
    sets: dict[str, str] = field(default_factory=dict)
    actions: set[str] = field(default_factory=set)
    _type: str = ""

    def of(self, entity_set: str) -> set[str]:
        """Return the fields and parts of an entity set, none when there is no such set."""
        return self.fields.get(self.sets.get(entity_set, ""), set())

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """Take the start of an element."""
        name = attributes.get("Name", "")
        if tag == "EntityType":
            self._type = name
            self.fields.setdefault(name, set())
        elif tag in {"Property", "NavigationProperty"} and self._type:
            self.fields[self._type].add(name)
        elif tag == "EntitySet":
            self.sets[name] = attributes.get("EntityType", "").rpartition(".")[2]
        elif tag in {"Action", "Function"}:
            self.actions.add(name)

    def end(self, tag: str) -> None:
        """Take the end of an element."""
        if tag == "EntityType":
            self._type = ""


def parsed(content: bytes) -> Metadata:
    """Return what the metadata says.

    Raises:
        ErpBroken: it is no XML, or declares entities of its own.
    """
    found = Metadata()
    parser = expat.ParserCreate()
    parser.StartElementHandler = lambda tag, attributes: found.start(tag.rpartition(":")[2], attributes)
    parser.EndElementHandler = lambda tag: found.end(tag.rpartition(":")[2])
    parser.StartDoctypeDeclHandler = _refuse_doctype
    try:
        parser.Parse(content, True)  # noqa: FBT003 (the whole of it)
    except expat.ExpatError as error:
        raise ErpBroken(f"the ERP's metadata is no XML: {error}") from error
    return found


def _refuse_doctype(*_given: object) -> None:
    raise ErpBroken("the ERP's metadata declares entities")
