"""Categories and items, with their further units where our bridge tells them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from erp_sync import records as r
from erp_sync.adapters.business_central import mapping as to
from erp_sync.adapters.business_central.bridge import Bridge
from erp_sync.adapters.business_central.pulls import Builder, Table, erp_ids
from erp_sync.adapters.business_central.setup import SetupSource
from erp_sync.errors import ErpBroken
from erp_sync.http import Deadline

CATEGORY_FIELDS = ("id", "code", "displayName", "lastModifiedDateTime")
ITEM_FIELDS = (
    "id", "number", "displayName", "displayName2", "type", "itemCategoryId", "blocked", "gtin", "unitPrice",
    "priceIncludesTax", "baseUnitOfMeasureCode", "lastModifiedDateTime",
)  # fmt: skip
Row = Mapping[str, Any]


class Categories:
    """Item categories; the API does not tell which one is above which."""

    table = Table("itemCategories", CATEGORY_FIELDS)

    def __init__(self, setup: SetupSource) -> None:
        self._language = setup.options.text_language

    def keys(self, rows: Sequence[Row], _deadline: Deadline) -> list[str]:
        """Return the ids."""
        return erp_ids(rows)

    def builder(self, _rows: Sequence[Row], _deadline: Deadline) -> Builder:
        """Return what makes a record."""
        return lambda row: r.CategoryRecord(
            erp_id=to.ref(row["id"]),
            version=to.instant(row["lastModifiedDateTime"]),
            names={self._language: to.line(row["displayName"]) or to.line(row["code"])},
            code=to.line(row["code"], 64),
        )


class Items:
    """What the company sells: goods, services, and what is not kept in stock."""

    def __init__(self, setup: SetupSource, bridge: Bridge | None) -> None:
        self._setup = setup
        self._bridge = bridge
        self.table = Table("items", ITEM_FIELDS, "documentAttachments" if setup.options.item_documents else "")

    def keys(self, rows: Sequence[Row], _deadline: Deadline) -> list[str]:
        """Return the ids."""
        return erp_ids(rows)

    def builder(self, rows: Sequence[Row], deadline: Deadline) -> Builder:
        """Read the units of a page and return what makes a record."""
        packs: defaultdict[str, list[r.PackUnit]] = defaultdict(list)
        if self._bridge is not None:
            for one in self._bridge.units([to.line(row["number"], 20) for row in rows], deadline):
                packs[to.line(one["itemNumber"], 20)].append(_pack(one))
        return lambda row: self._item(row, packs)

    def _item(self, row: Row, packs: Mapping[str, Sequence[r.PackUnit]]) -> r.ItemRecord:
        sku, unit = to.line(row["number"], 20), to.line(row["baseUnitOfMeasureCode"], 10)
        if not sku or not unit:
            raise ErpBroken("an item without a number or a base unit")
        further = {one.code: one for one in packs.get(sku, ()) if one.code != unit}
        return r.ItemRecord(
            erp_id=to.ref(row["id"]),
            version=to.instant(row["lastModifiedDateTime"]),
            sku=sku,
            texts={self._setup.options.text_language: r.Text(_name(row))},
            sales_unit=r.PackUnit(unit, {self._setup.options.text_language: unit}),
            packs=tuple(sorted(further.values(), key=lambda one: one.factor)),
            category_erp_ids=tuple(filter(None, [to.ref(row["itemCategoryId"])])),
            barcodes=tuple(filter(None, [to.line(row["gtin"], 14)])),
            list_price=list_price(row),
            documents=_documents(row),
            is_active=not row["blocked"],
        )


def list_price(row: Row) -> Decimal | None:
    """Return an item's unit price, None where it is unknown without tax."""
    told = to.price(row["unitPrice"])
    return None if row["priceIncludesTax"] or not told else told


def _name(row: Row) -> str:
    return " ".join(filter(None, [to.line(row["displayName"], 100), to.line(row["displayName2"], 50)]))


def _pack(row: Row) -> r.PackUnit:
    factor = to.number(row["quantityPerUnitOfMeasure"])
    if factor <= 0:
        raise ErpBroken(f"a unit of item {row['itemNumber']} holds {factor}")
    code = to.line(row["unitOfMeasureCode"], 10)
    return r.PackUnit(code, {"en": to.line(row["displayName"], 50) or code}, to.quantity(factor))


def _documents(row: Row) -> tuple[r.DocumentRef, ...]:
    return tuple(
        r.DocumentRef(to.ref(one["id"]), to.line(one["fileName"]) or "document")
        for one in row.get("documentAttachments", ())
    )
