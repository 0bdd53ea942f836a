"""Categories and items of the files as records."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from erp_sync import records as r
from erp_sync.adapters.files.canon import LAYOUTS
from erp_sync.adapters.files.store import Values
from erp_sync.errors import ErpBroken

_KNOWN = {column.name for one in LAYOUTS.values() for column in one.columns}


def category(values: Values, version: dt.datetime, language: str) -> r.CategoryRecord:
    """Return a category."""
    return r.CategoryRecord(
        erp_id=values["category_id"],
        version=version,
        names=in_languages(values, "name", language),
        parent_erp_id=values.get("parent_id", ""),
        code=values.get("code", ""),
    )


def item(values: Values, version: dt.datetime, language: str) -> r.ItemRecord:
    """Return an item.

    Raises:
        ErpBroken: its packs cannot be read, or a quantity is none.
    """
    names, descriptions = in_languages(values, "name", language), in_languages(values, "description", language)
    attributes = dict(_pairs(values.get("attributes", ""), "attributes"))
    minimum, multiple = number(values, "minimum"), number(values, "multiple")
    if multiple is not None and multiple <= 0:
        raise ErpBroken(f"column multiple: {multiple} is no step")
    return r.ItemRecord(
        erp_id=values["sku"],
        version=version,
        sku=values["sku"],
        texts={code: r.Text(name, descriptions.get(code, "")) for code, name in names.items()},
        sales_unit=r.PackUnit(
            values["unit"],
            in_languages(values, "unit_name", language) or {language: values["unit"]},
            digits=int(number(values, "unit_digits") or 0),
        ),
        packs=_packs(values, language),
        category_erp_ids=(values["category_id"],) if "category_id" in values else (),
        barcodes=(values["barcode"],) if "barcode" in values else (),
        brand=values.get("brand", ""),
        attributes={name: {language: value} for name, value in attributes.items()},
        minimum=minimum,
        multiple=multiple,
        list_price=number(values, "list_price"),
        replaced_by=values.get("replaced_by", ""),
        is_active=values.get("is_active") != "0",
    )


def in_languages(values: Values, name: str, language: str) -> dict[str, str]:
    """Return a text by language: the column without one is in the language of the files."""
    found = {language: values[name]} if name in values else {}
    for column, text in values.items():
        code = column.removeprefix(f"{name}_")
        if code != column and column not in _KNOWN:
            found[code.replace("_", "-")] = text
    return found


def number(values: Values, name: str) -> Decimal | None:
    """Return a number, None where the cell was empty."""
    return Decimal(values[name]) if name in values else None


def factor_of(values: Values, unit: str) -> Decimal | None:
    """Return how many sales units of an item one of `unit` is; None when it has no such unit."""
    if unit in {"", values["unit"]}:
        return Decimal(1)
    try:
        return next((one.factor for one in _packs(values, "") if one.code == unit), None)
    except ErpBroken:
        return None


def _packs(values: Values, language: str) -> tuple[r.PackUnit, ...]:
    packs = []
    for code, text in _pairs(values.get("packs", ""), "packs"):
        try:
            factor = Decimal(text)
        except ArithmeticError as error:
            raise ErpBroken(f"column packs: {text[:40]!r} is no number like 12.5") from error
        if not (factor.is_finite() and factor > 0) or code == values["unit"]:
            raise ErpBroken(f"column packs: {code}={text[:40]} cannot be a pack of {values['unit']}")
        packs.append(r.PackUnit(code, {language: code}, factor))
    return tuple(packs)


def _pairs(text: str, column: str) -> list[tuple[str, str]]:
    """Return the pairs of "material=Steel;thread=M8"."""
    found = []
    for part in (one.strip() for one in text.split(";")):
        if not part:
            continue
        name, sign, value = part.partition("=")
        if not (sign and name.strip() and value.strip()):
            raise ErpBroken(f"column {column}: {part[:40]!r} is no pair like name=value")
        found.append((name.strip(), value.strip()))
    return found
