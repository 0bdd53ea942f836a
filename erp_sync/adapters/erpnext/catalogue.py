"""The catalogue: item groups, and items with units, barcodes and list price."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from erp_sync import records as r
from erp_sync.adapters.erpnext import mapping as to
from erp_sync.adapters.erpnext.client import ErpNextClient, in_requests
from erp_sync.adapters.erpnext.mapping import Row
from erp_sync.adapters.erpnext.pulls import Built, When, own_names
from erp_sync.adapters.erpnext.setup import Options, Setup, SetupSource, Unit
from erp_sync.http import Deadline

ITEM_FIELDS = (
    "name",
    "item_name",
    "item_group",
    "stock_uom",
    "sales_uom",
    "disabled",
    "is_sales_item",
    "has_variants",
    "variant_of",
    "description",
    "image",
    "weight_per_unit",
    "modified",
)
PRICE_FIELDS = ("item_code", "price_list_rate", "uom", "customer", "valid_from", "valid_upto")


class Categories:
    """Item groups; the root of their tree is one of them."""

    doctype = "Item Group"
    fields: tuple[str, ...] = ("name", "item_group_name", "parent_item_group", "modified")
    most = 500
    is_whole = True

    def __init__(self, options: Options) -> None:
        self._language = options.language

    def filters(self, deadline: Deadline) -> list[Any]:
        """Return that all count."""
        return []

    def builder(self, rows: Sequence[Row], when: When, deadline: Deadline) -> Callable[[Row], Built]:
        """Return the maker of categories."""

        def build(row: Row) -> Built:
            name = to.line(row["item_group_name"] or row["name"])
            yield r.CategoryRecord(
                erp_id=str(row["name"]),
                version=when(row["modified"]),
                names={self._language: name},
                parent_erp_id=str(row["parent_item_group"] or ""),
                code=to.line(row["name"], 64),
            )

        return build

    def keys(self, rows: Sequence[Row], deadline: Deadline) -> Iterable[str]:
        """Return the names."""
        return own_names(rows)


@dataclass(frozen=True, slots=True)
class Shelf:
    """What a page of items needs besides the items, by their codes."""

    units: Mapping[str, list[Row]]
    barcodes: Mapping[str, list[Row]]
    attributes: Mapping[str, list[Row]]
    prices: Mapping[str, list[Row]]


class Items:
    """Items of every kind; templates of variants and what is not sold are there, and not active."""

    doctype = "Item"
    most = 100
    is_whole = True

    def __init__(self, client: ErpNextClient, setup: SetupSource) -> None:
        self._client = client
        self._setup = setup
        self.fields: tuple[str, ...] = tuple(dict.fromkeys((*ITEM_FIELDS, *setup.options.attributes)))

    def filters(self, deadline: Deadline) -> list[Any]:
        """Return that all count."""
        return []

    def builder(self, rows: Sequence[Row], when: When, deadline: Deadline) -> Callable[[Row], Built]:
        """Read the units, barcodes, attributes and list prices of a page."""
        setup, options = self._setup.get(deadline), self._setup.options
        shelf = self._shelf(rows, setup, deadline)

        def build(row: Row) -> Built:
            yield _item(row, shelf, setup, options, when)

        return build

    def keys(self, rows: Sequence[Row], deadline: Deadline) -> Iterable[str]:
        """Return the codes."""
        return own_names(rows)

    def _shelf(self, rows: Sequence[Row], setup: Setup, deadline: Deadline) -> Shelf:
        codes = own_names(rows)
        variants = [str(row["name"]) for row in rows if row["variant_of"]]

        def read(doctype: str, names: Sequence[str], *fields: str) -> dict[str, list[Row]]:
            return to.grouped(self._client.rows_of("Item", doctype, names, ["parent", "idx", *fields], deadline))

        return Shelf(
            units=read("UOM Conversion Detail", codes, "uom", "conversion_factor"),
            barcodes=read("Item Barcode", codes, "barcode"),
            attributes=read("Item Variant Attribute", variants, "attribute", "attribute_value"),
            prices=self._prices(codes, setup, deadline),
        )

    def _prices(self, codes: Sequence[str], setup: Setup, deadline: Deadline) -> dict[str, list[Row]]:
        """Return the list prices for everybody that are valid today."""
        rows = list_prices(self._client, codes, self._setup.options.price_list, deadline)
        today = setup.zone.day(dt.datetime.now(dt.UTC)).isoformat()
        valid = [
            row
            for row in rows
            if not row["customer"]
            and str(row["valid_from"] or "") <= today
            and (not row["valid_upto"] or str(row["valid_upto"]) >= today)
        ]
        return to.grouped(sorted(valid, key=lambda one: str(one["valid_from"] or "")), "item_code")


class ItemPrices:
    """Item prices, which do not touch their items: they tell of which items the list price changed."""

    doctype = "Item Price"
    fields: tuple[str, ...] = ("name", "item_code", "modified")
    most = 100
    is_whole = False

    def __init__(self, items: Items, client: ErpNextClient, setup: SetupSource) -> None:
        self._items = items
        self._client = client
        self._setup = setup

    def filters(self, deadline: Deadline) -> list[Any]:
        """Return which prices are list prices."""
        return [["selling", "=", 1], ["price_list", "=", self._setup.options.price_list]]

    def builder(self, rows: Sequence[Row], when: When, deadline: Deadline) -> Callable[[Row], Built]:
        """Read the items of a page, as they are."""
        codes = [str(row["item_code"]) for row in rows]
        items = self._client.rows_named("Item", "name", codes, self._items.fields, deadline)
        build = self._items.builder(items, when, deadline)
        found = {str(item["name"]): item for item in items}
        return lambda row: build(found[str(row["item_code"])]) if str(row["item_code"]) in found else ()

    def keys(self, rows: Sequence[Row], deadline: Deadline) -> Iterable[str]:
        """Return none."""
        return ()


def list_prices(
    client: ErpNextClient, codes: Sequence[str], price_list: str, deadline: Deadline
) -> list[dict[str, Any]]:
    """Return the prices of items in a price list, whatever their customer, unit and time."""
    found = []
    for some in in_requests(codes):
        filters: list[list[Any]] = [["item_code", "in", some], ["price_list", "=", price_list], ["selling", "=", 1]]
        found += client.rows("Item Price", PRICE_FIELDS, filters, deadline=deadline)
    return found


def units_of(row: Row, conversions: Sequence[Row]) -> tuple[Unit, list[Unit]]:
    """Return the unit that an item is sold in, and the others that the ERP knows for it."""
    stock = str(row["stock_uom"] or "")
    factors = {stock: Decimal(1)} | {str(one["uom"]): to.number(one["conversion_factor"]) for one in conversions}
    sold = str(row["sales_uom"] or "") or stock
    return Unit(sold, factors.get(sold) or Decimal(1)), [
        Unit(name, factor) for name, factor in factors.items() if name != sold and factor > 0
    ]


def is_sold(row: Row) -> bool:
    """Return whether an item can be put into an order."""
    return to.is_on(row["is_sales_item"]) and not to.is_on(row["disabled"]) and not to.is_on(row["has_variants"])


def _item(row: Row, shelf: Shelf, setup: Setup, options: Options, when: When) -> r.ItemRecord:
    code = str(row["name"])
    sold, others = units_of(row, shelf.units.get(code, []))
    name, words = to.line(row["item_name"]), to.plain(row["description"])
    language = options.language

    def pack(unit: Unit, factor: Decimal) -> r.PackUnit:
        return r.PackUnit(unit.name, {language: unit.name}, factor, setup.digits(unit.name))

    facts = {field: to.line(row[field]) for field in options.attributes if field != "brand"}
    facts |= {str(one["attribute"]): to.line(one["attribute_value"]) for one in shelf.attributes.get(code, [])}
    return r.ItemRecord(
        erp_id=code,
        version=when(row["modified"]),
        sku=to.line(code, 140),
        texts={language: r.Text(name, "" if words == name else words)},
        sales_unit=pack(sold, sold.factor),
        packs=tuple(pack(one, one.factor / sold.factor) for one in others),
        category_erp_ids=(str(row["item_group"]),) if row["item_group"] else (),
        barcodes=tuple(to.line(one["barcode"], 64) for one in shelf.barcodes.get(code, [])),
        brand=to.line(row.get("brand")),
        attributes={name: {language: value} for name, value in facts.items() if value},
        list_price=_list_price(row, sold, shelf.prices.get(code, [])),
        image_url=to.line(row["image"], 500) if str(row["image"] or "").startswith("/") else "",
        is_active=is_sold(row),
    )


def _list_price(row: Row, sold: Unit, prices: Sequence[Row]) -> Decimal | None:
    """Return the price of a sales unit: the one told for it, else that of the stock unit times its factor."""
    by_unit = {str(one["uom"] or row["stock_uom"]): to.number(one["price_list_rate"]) for one in prices}
    if sold.name in by_unit:
        return to.price(by_unit[sold.name])
    base = by_unit.get(str(row["stock_uom"]))
    return None if base is None else to.price(base * sold.factor)
