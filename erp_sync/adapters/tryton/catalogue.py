"""Categories and items, with their texts in every language that the ERP has."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from erp_sync import records as r
from erp_sync.adapters.tryton import mapping as to
from erp_sync.adapters.tryton.client import TrytonClient
from erp_sync.adapters.tryton.setup import SetupSource
from erp_sync.http import Deadline

ALWAYS = ["active", "in", [True, False]]
Row = Mapping[str, Any]


class Categories:
    """The tree that buyers browse; categories for accounting are none of it."""

    tag = ""
    model = "product.category"
    most = 500

    def __init__(self, client: TrytonClient, setup: SetupSource) -> None:
        self._client = client
        self._setup = setup

    def fields(self) -> list[str]:
        """Return the fields of a category."""
        return ["name", "code", "parent", "last_modified_at"]

    def domain(self, deadline: Deadline) -> list[Any]:
        """Return which categories count."""
        return [["accounting", "=", False]]

    def changed(self, since: dt.datetime, deadline: Deadline) -> list[Any]:
        """Return the clause for changed ones."""
        return ["last_modified_at", ">=", since]

    def builder(self, rows: Sequence[Row], deadline: Deadline) -> Callable[[Row], r.CategoryRecord]:
        """Read the names in all languages."""
        names = _texts(self._client, self.model, rows, ["name"], self._setup.get(deadline).languages, deadline)

        def build(row: Row) -> r.CategoryRecord:
            return r.CategoryRecord(
                erp_id=str(row["id"]),
                version=to.moment(row["last_modified_at"]),
                names={code: to.line(one["name"]) for code, one in names[row["id"]].items()},
                parent_erp_id=str(row["parent"] or ""),
                code=to.line(row["code"], 64),
            )

        return build


@dataclass(frozen=True, slots=True)
class Attribute:
    """A technical attribute: its label, and the labels of its choices, in one language."""

    label: str
    choices: Mapping[str, str]

    def words(self, value: Any) -> str:
        """Return a value as a buyer reads it."""
        if isinstance(value, bool):
            return "✓" if value else "✗"
        if isinstance(value, (list, tuple)):
            return ", ".join(self.words(one) for one in value)
        return to.line(self.choices.get(str(value), value))


class Items:
    """Goods and services for sale; services that carry freight or a discount are not items."""

    tag = ""
    model = "product.product"
    most = 500

    def __init__(self, client: TrytonClient, setup: SetupSource) -> None:
        self._client = client
        self._setup = setup

    def fields(self) -> list[str]:
        """Return the fields of an item that do not depend on the language."""
        return [
            "code",
            "active",
            "salable",
            "list_price_used",
            "image_url",
            "attributes",
            "identifiers.code",
            "template.categories",
            "template.sale_quantity_minimal",
            "template.sale_quantity_rounding",
            "last_modified_at",
            "template.last_modified_at",
            *to.UNIT_FIELDS,
            *to.BASE_FIELDS,
        ]

    def domain(self, deadline: Deadline) -> list[Any]:
        """Return which products are items."""
        services = self._setup.get(deadline).services
        return [ALWAYS, ["code", "!=", None], ["id", "not in", list(services)]]

    def changed(self, since: dt.datetime, deadline: Deadline) -> list[Any]:
        """Return the clause for changed ones: names, prices, pictures live on other records."""
        documents = self._client.rows(
            "ir.attachment",
            [["last_modified_at", ">=", since], ["resource", "like", "product.template,%"]],
            ["resource"],
            deadline=deadline,
            limit=2000,
        )
        return [
            "OR",
            ["last_modified_at", ">=", since],
            ["template.last_modified_at", ">=", since],
            ["template.images.last_modified_at", ">=", since],
            ["identifiers.last_modified_at", ">=", since],
            ["template", "in", sorted({int(d["resource"].split(",")[1]) for d in documents})],
        ]

    def builder(self, rows: Sequence[Row], deadline: Deadline) -> Callable[[Row], r.ItemRecord]:
        """Read texts, attributes and documents of a page."""
        languages = self._setup.get(deadline).languages
        options = self._setup.options
        fields = ["template.name", "description", "sale_uom.name", "default_uom.name"]
        texts = _texts(self._client, self.model, rows, fields, languages, deadline)
        attributes = {code: self._attributes(code, deadline) for code in languages}
        documents = self._documents(rows, deadline)

        def build(row: Row) -> r.ItemRecord:
            mine = texts[row["id"]]
            values = dict(row["attributes"] or {})
            successor = to.line(values.pop(options.successor_attribute, ""), 64)
            brand = to.line(values.pop(options.brand_attribute, ""), 120)
            known = {name: v for name, v in values.items() if v not in (None, "")}
            list_price = row["list_price_used"]
            return r.ItemRecord(
                erp_id=str(row["id"]),
                version=_item_version(row),
                sku=to.line(row["code"], 64),
                texts={code: _text(one) for code, one in mine.items()},
                sales_unit=to.sales_unit(row, {c: to.line(to.at(one, "sale_uom.name"), 60) for c, one in mine.items()}),
                packs=to.stock_unit(row, {c: to.line(to.at(one, "default_uom.name"), 60) for c, one in mine.items()}),
                category_erp_ids=tuple(str(c) for c in to.at(row, "template.categories") or ()),
                barcodes=tuple(to.line(i["code"], 64) for i in row["identifiers."] if i["code"]),
                brand=brand,
                attributes=_attribute_words(known, attributes),
                attribute_labels=_attribute_labels(known, attributes),
                minimum=_optional(to.at(row, "template.sale_quantity_minimal")),
                multiple=_optional(to.at(row, "template.sale_quantity_rounding")),
                list_price=None if list_price is None else to.price(list_price * to.base_units(row)),
                image_url=str(row["image_url"] or "")[:500],
                documents=tuple(documents[int(to.at(row, "template.id") or 0)]),
                replaced_by=successor,
                is_active=bool(row["active"] and row["salable"]),
            )

        return build

    def _attributes(self, language: str, deadline: Deadline) -> dict[str, Attribute]:
        rows = self._client.rows(
            "product.attribute",
            [],
            ["name", "string", "selection"],
            deadline=deadline,
            context={"language": language},
        )
        return {row["name"]: Attribute(to.line(row["string"], 80), _choices(row["selection"])) for row in rows}

    def _documents(self, rows: Sequence[Row], deadline: Deadline) -> defaultdict[int, list[r.DocumentRef]]:
        templates = sorted({int(to.at(row, "template.id") or 0) for row in rows})
        found = self._client.rows(
            "ir.attachment",
            [
                ["resource", "in", [f"product.template,{one}" for one in templates]],
                ["type", "=", "data"],
            ],
            ["name", "description", "resource", "create_date", "data"],
            deadline=deadline,
            context={"ir.attachment.data": "size"},
        )
        documents: defaultdict[int, list[r.DocumentRef]] = defaultdict(list)
        for row in found:
            documents[int(row["resource"].split(",")[1])].append(_document(row))
        return documents


def _document(row: Row) -> r.DocumentRef:
    """Return an attachment; its description says "safety sheet, es, version, date", the last two where it is kept."""
    words = [part.strip() for part in to.line(row["description"]).split(",")]
    kind, language, version, day = [*words, "", "", "", ""][:4]
    return r.DocumentRef(
        erp_id=str(row["id"]),
        name=to.line(row["name"]),
        kind=next((known for known in ("safety", "data") if known in kind.lower()), "document"),
        language=language[:5],
        version=version[:20],
        dated_on=_day(day) or row["create_date"].date(),
        size=row["data"] if isinstance(row["data"], int) else None,
    )


def _day(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None


def _texts(
    client: TrytonClient,
    model: str,
    rows: Sequence[Row],
    fields: Sequence[str],
    languages: Sequence[str],
    deadline: Deadline,
) -> dict[int, dict[str, Row]]:
    """Return the language-dependent fields of rows: id -> language -> row."""
    texts: dict[int, dict[str, Row]] = defaultdict(dict)
    ids = [row["id"] for row in rows]
    for language in languages if ids else ():
        found = client.call(f"model.{model}.read", ids, fields, deadline=deadline, context={"language": language})
        for one in found:
            texts[one["id"]][language] = one
    return texts


def _text(row: Row) -> r.Text:
    return r.Text(
        name=to.line(to.at(row, "template.name")),
        description=to.text(row["description"], to.LONGEST_TEXT),
    )


def _item_version(row: Row) -> dt.datetime:
    return to.moment(row["last_modified_at"], to.at(row, "template.last_modified_at"))


def _optional(value: Any) -> Any:
    return None if not value else to.number(value)


def _choices(selection: str | None) -> dict[str, str]:
    pairs = [one.partition(":") for one in (selection or "").splitlines()]
    return {key.strip(): label.strip() for key, _, label in pairs if key.strip()}


def _attribute_words(
    values: Mapping[str, Any], attributes: Mapping[str, Mapping[str, Attribute]]
) -> dict[str, dict[str, str]]:
    return {
        name: {language: known[name].words(value) for language, known in attributes.items() if name in known}
        for name, value in values.items()
    }


def _attribute_labels(
    values: Mapping[str, Any], attributes: Mapping[str, Mapping[str, Attribute]]
) -> dict[str, dict[str, str]]:
    return {name: {code: known[name].label for code, known in attributes.items() if name in known} for name in values}
