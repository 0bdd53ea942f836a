"""An item's words in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from erp_sync.mirror.models import Item
from erp_sync.mirror.selectors import category_tree
from shop.catalogue.labels import label_of
from shop.pricing.units import for_reader, unit_words


@dataclass(frozen=True, slots=True)
class Fact:
    """A line of the specification."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Step:
    """A category on the way from the root to an item."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class ItemWords:
    """What an item and its units (by the ERP's code) are called in the reader's language."""

    name: str
    units: Mapping[str, str]

    def unit(self, code: str) -> str:
        """Return the reader's word for a unit of the ERP, its code when the item has no such unit."""
        return self.units.get(code, code)


def item_words(item: Item) -> ItemWords:
    """Return what an item and its units are called in the reader's language."""
    units = (item.sales_unit, *item.packs)
    return ItemWords(item_name(item), {str(unit.get("code", "")): unit_words(unit) for unit in units})


def item_name(item: Item) -> str:
    """Return the item's name in the reader's language, else in English, else its number."""
    return for_reader({code: text.get("name", "") for code, text in item.texts.items()}) or item.sku


def item_description(item: Item) -> str:
    """Return the item's description in the reader's language, else in English, else ""."""
    return for_reader({code: text.get("description", "") for code, text in item.texts.items()})


def specification(item: Item) -> tuple[Fact, ...]:
    """Return the technical facts with a value, brand first."""
    facts = [Fact(label_of("brand"), item.brand)] if item.brand else []
    known = (
        (label_of(key, item.attribute_labels.get(key)), for_reader(values)) for key, values in item.attributes.items()
    )
    facts += sorted((Fact(label, value) for label, value in known if value), key=lambda f: f.label)
    if item.barcodes:
        facts.append(Fact(label_of("barcode"), ", ".join(item.barcodes)))
    return tuple(facts)


def way_to(category: str) -> tuple[Step, ...]:
    """Return a category with all above it, from the top; empty when it is unknown or a lone root."""
    tree = category_tree()
    trail = tree.trail(category)
    if trail and len(tree.roots) == 1:
        trail = trail[1:]  # a lone root holds everything: it is the catalogue itself
    return tuple(Step(node.erp_id, for_reader(node.names) or node.erp_id) for node in trail)
