"""Item groups and items."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from erp_sync import records as r
from erp_sync.adapters.sap_b1 import mapping as to
from erp_sync.adapters.sap_b1.mapping import Row
from erp_sync.adapters.sap_b1.pulls import Build, changed_since
from erp_sync.adapters.sap_b1.setup import MANUAL, Setup, SetupSource
from erp_sync.http import Deadline

SALES_UNIT = "iutSales"
# What tells the unit in which an item is sold.
UNIT_FIELDS = ("UoMGroupEntry", "DefaultSalesUoMEntry", "SalesUnit", "InventoryUOM", "SalesItemsPerUnit")
STATE_FIELDS = ("SalesItem", "Valid", "ValidFrom", "ValidTo", "Frozen", "FrozenFrom", "FrozenTo")
ITEM_FIELDS = (
    "ItemCode",
    "ItemName",
    "ForeignName",
    "User_Text",
    "ItemsGroupCode",
    "Manufacturer",
    "BarCode",
    "ItemBarCodeCollection",
    "ItemPrices",
    "PricingUnit",
    "SalesPackagingUnit",
    "SalesQtyPerPackUnit",
    "ItemUnitOfMeasurementCollection",
    "CreateDate",
    "CreateTime",
    "UpdateDate",
    "UpdateTime",
    *UNIT_FIELDS,
    *STATE_FIELDS,
)


@dataclass(frozen=True, slots=True)
class Unit:
    """The unit in which an item is sold: `entry` in its unit group, and how many stock units make one of it."""

    entry: int
    code: str
    name: str
    factor: Decimal

    @property
    def is_plain(self) -> bool:
        """Whether it is the unit of stock too."""
        return self.factor == 1


def unit_of(row: Row, setup: Setup) -> Unit:
    """Return the unit in which an item is sold."""
    group, entry = row.get("UoMGroupEntry"), row.get("DefaultSalesUoMEntry")
    factors = setup.unit_groups.get(group, {}) if group is not None and group != MANUAL else {}
    if entry is not None and entry in factors:
        code, name = setup.units.get(entry, (str(entry), ""))
        return Unit(entry, code, name or code, factors[entry])
    code = to.line(row.get("SalesUnit"), 100) or to.line(row.get("InventoryUOM"), 100) or "1"
    return Unit(MANUAL, code, code, to.number(row.get("SalesItemsPerUnit")) or Decimal(1))


def is_sold(row: Row, today: dt.date) -> bool:
    """Say whether an item is for sale today."""
    return to.flag(row.get("SalesItem")) and to.is_active(row, today)


class Groups:
    """Item groups; the ERP keeps neither a tree nor times of change."""

    entity = "ItemGroups"
    key = "Number"
    is_text = False
    most = 500
    ids_from: tuple[str, ...] = ()

    def __init__(self, setup: SetupSource) -> None:
        self._setup = setup

    def select(self) -> list[str]:
        """Return the fields of a group."""
        return ["Number", "GroupName"]

    def where(self) -> str:
        """Return which count: all."""
        return ""

    def changed(self, since: dt.datetime) -> str:
        """Return the clause of those that tell a change: none does, so all are read."""
        return ""

    def touched(self, since: dt.datetime, deadline: Deadline) -> set[Any]:
        """Return what changed otherwise: nothing."""
        return set()

    def ids(self, row: Row) -> list[str]:
        """Return the id of a group."""
        return [str(row["Number"])]

    def builder(self, rows: Sequence[Row], deadline: Deadline) -> Build:
        """Return what makes a record."""
        language = self._setup.options.language

        def build(row: Row) -> list[Any]:
            names = {language: to.line(row["GroupName"])}
            return [r.CategoryRecord(erp_id=str(row["Number"]), version=to.BEGIN, names=names)]

        return build


class Items:
    """Items that are or were for sale."""

    entity = "Items"
    key = "ItemCode"
    is_text = True
    most = 100
    ids_from: tuple[str, ...] = ()

    def __init__(self, setup: SetupSource) -> None:
        self._setup = setup

    def select(self) -> list[str]:
        """Return the fields of an item."""
        return list(ITEM_FIELDS)

    def where(self) -> str:
        """Return which count: whatever is sold."""
        return "SalesItem eq 'tYES'"

    def changed(self, since: dt.datetime) -> str:
        """Return the clause of those that tell a change."""
        return changed_since(since, self._setup, made_on="CreateDate")

    def touched(self, since: dt.datetime, deadline: Deadline) -> set[Any]:
        """Return what changed otherwise: nothing."""
        return set()

    def ids(self, row: Row) -> list[str]:
        """Return the id of an item."""
        return [str(row["ItemCode"])]

    def builder(self, rows: Sequence[Row], deadline: Deadline) -> Build:
        """Return what makes a record."""
        setup = self._setup.get(deadline)
        return lambda row: [self._item(row, setup)]

    def _item(self, row: Row, setup: Setup) -> r.ItemRecord:
        unit, options = unit_of(row, setup), self._setup.options
        return r.ItemRecord(
            erp_id=str(row["ItemCode"]),
            version=to.version(row, setup.zone),
            sku=to.line(row["ItemCode"], 64),
            texts=_texts(row, options.language, options.foreign_language),
            sales_unit=r.PackUnit(code=unit.code, names={options.language: unit.name}),
            packs=tuple(_packs(row, unit, setup, options.language)),
            category_erp_ids=(str(row["ItemsGroupCode"]),) if row.get("ItemsGroupCode") else (),
            barcodes=_barcodes(row),
            brand=setup.brands.get(row.get("Manufacturer") or MANUAL, ""),
            list_price=_list_price(row, unit, setup, options.list_price_list),
            is_active=is_sold(row, setup.today()),
        )


def _texts(row: Row, language: str, foreign: str) -> dict[str, r.Text]:
    name, description = to.line(row["ItemName"]), to.text(row.get("User_Text"), to.LONGEST_TEXT)
    texts = {language: r.Text(name, description)}
    other = to.line(row.get("ForeignName"))
    return texts | ({foreign: r.Text(other, description)} if foreign and other else {})


def _packs(row: Row, unit: Unit, setup: Setup, language: str) -> list[r.PackUnit]:
    """Return the other units in which it is sold, counted in its sales unit."""
    if unit.entry == MANUAL:
        code, many = to.line(row.get("SalesPackagingUnit"), 100), to.quantity(row.get("SalesQtyPerPackUnit"))
        return [r.PackUnit(code, {language: code}, many)] if code and many > 1 and code != unit.code else []
    factors = setup.unit_groups[row["UoMGroupEntry"]]
    units = row.get("ItemUnitOfMeasurementCollection") or ()
    sold = {one["UoMEntry"] for one in units if one.get("UoMType") == SALES_UNIT} - {unit.entry}
    named = {entry: setup.units.get(entry, (str(entry), "")) for entry in sorted(sold) if entry in factors}
    return [
        r.PackUnit(code, {language: name or code}, to.quantity(factors[entry] / unit.factor))
        for entry, (code, name) in named.items()
        if code != unit.code
    ]


def _barcodes(row: Row) -> tuple[str, ...]:
    found = [row.get("BarCode"), *(one.get("Barcode") for one in row.get("ItemBarCodeCollection") or ())]
    return tuple(dict.fromkeys(to.line(one, 64) for one in found if one))


def _list_price(row: Row, unit: Unit, setup: Setup, number: int) -> Decimal | None:
    """Return the price of one in the list of list prices; None where its unit, currency or tax is another."""
    known = setup.price_lists.get(str(number))
    found = next((one for one in row.get("ItemPrices") or () if one["PriceList"] == number), None)
    if found is None or known is None or known.is_gross or not found["Price"]:
        return None
    if setup.iso(found.get("Currency")) != setup.currency or (unit.entry == MANUAL and not unit.is_plain):
        return None
    per = setup.unit_groups.get(row.get("UoMGroupEntry") or MANUAL, {}).get(
        row.get("PricingUnit") or MANUAL, Decimal(1)
    )
    return to.price(to.number(found["Price"]) * unit.factor / per)
