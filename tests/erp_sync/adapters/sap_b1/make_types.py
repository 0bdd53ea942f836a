"""Writes tests/data/sap_b1_types.json out of the published types of SAP Business One's Service Layer.

Where they come from: the package b1sl-python 0.16.0 (MIT licence, (c) 2026 Eliceo Guzman), whose classes were made
from the Service Layer's reference 1.27. Only names, types and enumerations are taken. To make the file again:

    pip download --no-deps b1sl-python==0.16.0 && unzip -d /tmp/b1sl b1sl_python-0.16.0-py3-none-any.whl
    python tests/erp_sync/adapters/sap_b1/make_types.py /tmp/b1sl
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

WANTED = frozenset(
    {
        "AdminInfo",
        "BPAddress",
        "BusinessPartner",
        "CompanyInfo",
        "ContactEmployee",
        "Document",
        "DocumentAdditionalExpense",
        "DocumentLine",
        "DocumentSpecialLine",
        "Item",
        "ItemBarCode",
        "ItemGroups",
        "ItemPrice",
        "ItemPriceParams",
        "ItemPriceReturnParams",
        "ItemUnitOfMeasurement",
        "ItemWarehouseInfo",
        "Manufacturer",
        "Payment",
        "PaymentInvoice",
        "PaymentTermsType",
        "PriceList",
        "SalesPerson",
        "ShippingType",
        "SpecialPrice",
        "SpecialPriceDataArea",
        "SpecialPriceQuantityArea",
        "UnitOfMeasurement",
        "UnitOfMeasurementGroup",
        "UoMGroupDefinition",
        "Warehouse",
    }
)
PLAIN = {"str": "s", "int": "i", "float": "n", "SapBool": "b"}
TARGET = Path(__file__).resolve().parents[3] / "data" / "sap_b1_types.json"
SOURCE = "b1sl-python 0.16.0, MIT licence, (c) 2026 Eliceo Guzman; Service Layer reference 1.27"
_CLASS = re.compile(r"^class (\w+)\(B1Model\):\n((?: {4}.*\n|\n)*)", re.MULTILINE)
_FIELD = re.compile(r" {4}\w+: (.+?) \| None = PydanticField\(None, alias='(\w+)'")
_ENUM = re.compile(r"^class (\w+)\(StrEnum\):\n((?: {4}.*\n)*)", re.MULTILINE)


def made(root: Path) -> dict[str, object]:
    """Return the types of an unpacked package."""
    folder = root / "b1sl" / "b1sl" / "models" / "_generated"
    text = "".join(
        path.read_text() for path in [folder / "complex_types.py", *sorted((folder / "entities").glob("*.py"))]
    )
    enums = {
        f"{name}Field": re.findall(r"= '(\w+)'", body)
        for name, body in _ENUM.findall((folder / "enums.py").read_text())
    }
    types: dict[str, dict[str, str]] = {}
    for name, body in _CLASS.findall(text):
        if name in WANTED and name not in types:
            fields = ((alias, short(kind, enums)) for kind, alias in _FIELD.findall(body))
            types[name] = {alias: kind for alias, kind in fields if kind}
    used = sorted({kind for fields in types.values() for kind in fields.values() if kind in enums})
    return {"source": SOURCE, "enums": {name: enums[name] for name in used}, "types": dict(sorted(types.items()))}


def short(kind: str, enums: dict[str, list[str]]) -> str:
    """Return how a type is written here: s i n b, the name of an enumeration, [Type]; "" of what is left out."""
    inner = re.fullmatch(r"list\[(\w+)\]", kind)
    if inner:
        return f"[{inner[1]}]" if inner[1] in WANTED else ""
    return PLAIN.get(kind, next((name for name in (kind, f"{kind}Field") if name in enums), ""))


if __name__ == "__main__":
    TARGET.parent.mkdir(exist_ok=True)
    TARGET.write_text(json.dumps(made(Path(sys.argv[1])), separators=(",", ":"), sort_keys=True) + "\n")
