"""Categories and items, with their texts in every language that the ERP has."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from erp_sync import records as r
from erp_sync.adapters.odoo import mapping as to
from erp_sync.adapters.odoo.client import ARCHIVED_TOO, OdooClient
from erp_sync.adapters.odoo.setup import Setup, SetupSource
from erp_sync.http import Deadline

MOST_CHANGED = 5000
Row = Mapping[str, Any]
Words = Mapping[str, Mapping[int, Row]]  # language -> id -> row


class Categories:
    """The tree of product categories."""

    tag = ""
    model = "product.category"
    most = 500

    def __init__(self, client: OdooClient, setup: SetupSource) -> None:
        self._client = client
        self._setup = setup

    def fields(self, deadline: Deadline) -> list[str]:
        """Return the fields of a category."""
        return ["name", "parent_id", "write_date"]

    def domain(self, deadline: Deadline) -> list[Any]:
        """Return which categories count: all."""
        return []

    def changed(self, since: dt.datetime, deadline: Deadline) -> list[Any]:
        """Return the clause for changed ones."""
        return [["write_date", ">=", to.stamp(since)]]

    def builder(self, rows: Sequence[Row], deadline: Deadline) -> Callable[[Row], r.CategoryRecord]:
        """Read the names in all languages."""
        setup = self._setup.get(deadline)
        words = texts(self._client, self.model, [row["id"] for row in rows], ["name"], setup, deadline)

        def build(row: Row) -> r.CategoryRecord:
            return r.CategoryRecord(
                erp_id=str(row["id"]),
                version=to.latest(row["write_date"]),
                names={code: to.line(found[row["id"]]["name"]) for code, found in words.items()},
                parent_erp_id=to.ref_text(to.ref(row["parent_id"])),
            )

        return build


@dataclass(frozen=True, slots=True)
class Book:
    """What a page of items needs besides the items.

    Attributes:
        words: Name and description of each item.
        units, attributes, values: Names of units, attributes and their values.
        lines: Attribute lines by template: (attribute, values).
        variants: (attribute, value) of each variant's own attribute values.
        packs: Further units of an item: (code, id of the unit, pieces).
        pictured: Items with a picture.
        documents: Files by template.
    """

    words: Words
    units: Words
    attributes: Words
    values: Words
    lines: Mapping[int, list[tuple[int, list[int]]]]
    variants: Mapping[int, tuple[int, int]]
    packs: Mapping[int, list[tuple[str, int, Decimal]]]
    pictured: frozenset[int]
    documents: Mapping[int, list[r.DocumentRef]]


class Items:
    """Goods and services for sale that have a number."""

    tag = ""
    model = "product.product"
    most = 500

    def __init__(self, client: OdooClient, setup: SetupSource) -> None:
        self._client = client
        self._setup = setup

    def fields(self, deadline: Deadline) -> list[str]:
        """Return the fields of an item that do not depend on the language."""
        packs = ["uom_ids"] if self._setup.get(deadline).series >= 19 else []
        return [
            "default_code",
            "barcode",
            "active",
            "sale_ok",
            "lst_price",
            "uom_id",
            "categ_id",
            "product_tmpl_id",
            "product_template_attribute_value_ids",
            "write_date",
            *packs,
        ]

    def domain(self, deadline: Deadline) -> list[Any]:
        """Return which products are items: not the services that carriers, taxes and discounts bring along."""
        setup = self._setup.get(deadline)
        for_sale = ["|", ["sale_ok", "=", True], ["type", "!=", "service"]]
        no_discount = [["id", "!=", setup.discount]] if setup.discount else []
        ours = [["company_id", "in", [setup.company, False]], *no_discount]
        return [ARCHIVED_TOO, ["default_code", "!=", False], *ours, *for_sale]

    def changed(self, since: dt.datetime, deadline: Deadline) -> list[Any]:
        """Return the clause for changed ones; a file of an item lives on its own."""
        domain = [["res_model", "=", "product.template"], ["write_date", ">=", to.stamp(since)]]
        files = self._client.rows("product.document", domain, ["res_id"], deadline=deadline, limit=MOST_CHANGED)
        templates = sorted({int(one["res_id"] or 0) for one in files})
        return [
            "|",
            "|",
            ["write_date", ">=", to.stamp(since)],
            ["product_tmpl_id.write_date", ">=", to.stamp(since)],
            ["product_tmpl_id", "in", templates],
        ]

    def builder(self, rows: Sequence[Row], deadline: Deadline) -> Callable[[Row], r.ItemRecord]:
        """Read texts, units, attributes, pictures and files of a page."""
        setup = self._setup.get(deadline)
        book = self._book(rows, setup, deadline)
        brand = self._setup.options.brand_attribute
        return lambda row: _item(row, book, setup, brand)

    def _book(self, rows: Sequence[Row], setup: Setup, deadline: Deadline) -> Book:
        ids = [row["id"] for row in rows]
        templates = sorted({to.ref(row["product_tmpl_id"]) for row in rows})
        lines = self._lines(templates, deadline)
        packs = self._packs(rows, setup, deadline)
        units = {to.ref(row["uom_id"]) for row in rows} | {one[1] for found in packs.values() for one in found}
        attributes = {attribute for found in lines.values() for attribute, _ in found}
        values = {value for found in lines.values() for _, some in found for value in some}

        def words(model: str, wanted: set[int]) -> Words:
            return texts(self._client, model, sorted(wanted - {0}), ["name"], setup, deadline)

        return Book(
            words=texts(self._client, self.model, ids, ["name", "description_sale"], setup, deadline),
            units=words("uom.uom", units),
            attributes=words("product.attribute", attributes),
            values=words("product.attribute.value", values),
            lines=lines,
            variants=self._variants(rows, deadline),
            packs=packs,
            pictured=self._pictured(ids, deadline),
            documents=self._documents(templates, deadline),
        )

    def _lines(self, templates: list[int], deadline: Deadline) -> dict[int, list[tuple[int, list[int]]]]:
        found: dict[int, list[tuple[int, list[int]]]] = defaultdict(list)
        domain = [["product_tmpl_id", "in", templates]]
        fields = ["product_tmpl_id", "attribute_id", "value_ids"]
        for one in self._client.rows("product.template.attribute.line", domain, fields, deadline=deadline):
            found[to.ref(one["product_tmpl_id"])].append((to.ref(one["attribute_id"]), list(one["value_ids"])))
        return found

    def _variants(self, rows: Sequence[Row], deadline: Deadline) -> dict[int, tuple[int, int]]:
        ids = sorted({one for row in rows for one in row["product_template_attribute_value_ids"]})
        if not ids:
            return {}
        fields = ["attribute_id", "product_attribute_value_id"]
        domain = [["id", "in", ids]]
        found = self._client.rows("product.template.attribute.value", domain, fields, deadline=deadline)
        return {one["id"]: (to.ref(one["attribute_id"]), to.ref(one["product_attribute_value_id"])) for one in found}

    def _packs(
        self, rows: Sequence[Row], setup: Setup, deadline: Deadline
    ) -> dict[int, list[tuple[str, int, Decimal]]]:
        if setup.series < 19:
            return self._packagings(rows, deadline)
        return {
            row["id"]: [
                (setup.unit_name(unit), unit, setup.base_units(unit, row["uom_id"]))
                for unit in row["uom_ids"]
                if unit != to.ref(row["uom_id"])
            ]
            for row in rows
        }

    def _packagings(self, rows: Sequence[Row], deadline: Deadline) -> dict[int, list[tuple[str, int, Decimal]]]:
        """Return the packagings of Odoo up to 18, whose names are in one language."""
        found: dict[int, list[tuple[str, int, Decimal]]] = defaultdict(list)
        domain = [["product_id", "in", [row["id"] for row in rows]], ["sales", "=", True]]
        for one in self._client.rows("product.packaging", domain, ["product_id", "name", "qty"], deadline=deadline):
            found[to.ref(one["product_id"])].append((to.line(one["name"], 20), 0, to.quantity(one["qty"])))
        return found

    def _pictured(self, ids: list[int], deadline: Deadline) -> frozenset[int]:
        """Return the items with a picture; Odoo tells its size then, not the picture itself."""
        domain = [["id", "in", ids], ARCHIVED_TOO]
        sizes = {"bin_size": True}
        rows = self._client.rows(self.model, domain, ["image_128"], deadline=deadline, context=sizes)
        return frozenset(row["id"] for row in rows if row["image_128"])

    def _documents(self, templates: list[int], deadline: Deadline) -> dict[int, list[r.DocumentRef]]:
        found: dict[int, list[r.DocumentRef]] = defaultdict(list)
        domain = [["res_model", "=", "product.template"], ["res_id", "in", templates], ["type", "=", "binary"]]
        for one in self._client.rows("product.document", domain, ["name", "res_id"], deadline=deadline):
            found[int(one["res_id"])].append(r.DocumentRef(erp_id=str(one["id"]), name=to.line(one["name"])))
        return found


def texts(
    client: OdooClient, model: str, ids: Sequence[int], fields: list[str], setup: Setup, deadline: Deadline
) -> dict[str, dict[int, Row]]:
    """Return the language-dependent fields of rows: language -> id -> row, one call a language."""
    if not ids:
        return {code: {} for code in setup.languages}
    archived = [ARCHIVED_TOO] if model in {"product.product", "uom.uom"} else []
    domain = [["id", "in", list(ids)], *archived]
    return {
        code: {
            row["id"]: row for row in client.rows(model, domain, fields, deadline=deadline, context={"lang": language})
        }
        for code, language in setup.languages.items()
    }


def _item(row: Row, book: Book, setup: Setup, brand_attribute: str) -> r.ItemRecord:
    template = to.ref(row["product_tmpl_id"])
    unit = to.ref(row["uom_id"])
    pairs = _pairs(row, book, template)
    labels = {key: _names(book.attributes, key) for key in pairs}
    keys = {key: _plainest(names) for key, names in labels.items()}
    brand = next((_plainest(_names(book.values, pairs[key])) for key in pairs if keys[key] == brand_attribute), "")
    facts = {key: name for key, name in keys.items() if name != brand_attribute}
    return r.ItemRecord(
        erp_id=str(row["id"]),
        version=to.latest(row["write_date"]),
        sku=to.line(row["default_code"], 64),
        texts={code: _text(found[row["id"]]) for code, found in book.words.items()},
        sales_unit=r.PackUnit(code=setup.unit_name(unit), names=_names(book.units, unit)),
        packs=tuple(_pack(code, number, factor, book) for code, number, factor in book.packs.get(row["id"], ())),
        category_erp_ids=tuple(filter(None, [to.ref_text(to.ref(row["categ_id"]))])),
        barcodes=tuple(filter(None, [to.line(row["barcode"], 64)])),
        brand=to.line(brand, 120),
        attributes={name: _names(book.values, pairs[key]) for key, name in facts.items()},
        attribute_labels={name: labels[key] for key, name in facts.items()},
        list_price=to.price(row["lst_price"]),
        image_url=f"/web/image/product.product/{row['id']}/image_512" if row["id"] in book.pictured else "",
        documents=tuple(book.documents.get(template, ())),
        is_active=bool(row["active"] and row["sale_ok"]),
    )


def _pairs(row: Row, book: Book, template: int) -> dict[int, int]:
    """Return the value of each attribute: the template's if it has one only, else the variant's own."""
    pairs = {attribute: values[0] for attribute, values in book.lines.get(template, ()) if len(values) == 1}
    own = [book.variants[one] for one in row["product_template_attribute_value_ids"] if one in book.variants]
    return {**pairs, **dict(own)}


def _names(words: Words, key: int) -> dict[str, str]:
    return {code: to.line(found[key]["name"], 80) for code, found in words.items() if key in found}


def _plainest(names: Mapping[str, str]) -> str:
    return names.get("en") or next(iter(names.values()), "")


def _text(row: Row) -> r.Text:
    return r.Text(name=to.line(row["name"]), description=to.text(row["description_sale"], to.LONGEST_TEXT))


def _pack(code: str, unit: int, factor: Decimal, book: Book) -> r.PackUnit:
    names = _names(book.units, unit) or {"en": code}
    return r.PackUnit(code=code, names=names, factor=to.quantity(factor))
