"""What the adapter uses of the Service Layer, compared with the company's own $metadata: entities, fields, rights."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping

from erp_sync.adapters.sap_b1 import documents as d
from erp_sync.adapters.sap_b1 import prices
from erp_sync.adapters.sap_b1.client import B1Client
from erp_sync.adapters.sap_b1.customers import CREDIT_FIELDS
from erp_sync.adapters.sap_b1.setup import CHANNEL, KEY, KEY_TABLE, LINE, STATE, Options
from erp_sync.errors import ErpBroken, ErpMisconfigured, ErpRejected
from erp_sync.http import Deadline
from erp_sync.ports import Need

# Written, or read outside of the pulls; `DocumentLine` and the like are types of their own.
FIELDS: Mapping[str, tuple[str, ...]] = {
    "Orders": (*d.SALE, CHANNEL),
    "Drafts": (*d.SALE, "DocObjectCode"),
    "BusinessPartners": CREDIT_FIELDS,
    "Items": prices.FIELDS,
    "SpecialPrices": ("CardCode", "ItemCode", "SpecialPriceDataAreas"),
    "Returns": ("DocEntry", "DocumentLines"),
    "Warehouses": ("WarehouseCode", "WarehouseName"),
    "PriceLists": ("PriceListNo", "PriceListName", "IsGrossPrice"),
    "UnitOfMeasurements": ("AbsEntry", "Code", "Name"),
    "UnitOfMeasurementGroups": ("AbsEntry", "BaseUoM", "UoMGroupDefinitionCollection"),
    "SalesPersons": ("SalesEmployeeCode", "SalesEmployeeName"),
    "PaymentTermsTypes": ("GroupNumber", "PaymentTermsGroupName"),
    "Manufacturers": ("Code", "ManufacturerName"),
    "ShippingTypes": ("Code", "Name", "Website"),
}
LINE_FIELDS = (
    "LineNum",
    "ItemCode",
    "Quantity",
    "Price",
    "UnitPrice",
    "DiscountPercent",
    "LineTotal",
    "RowTotalFC",
    "LineStatus",
    "RemainingOpenQuantity",
    "BaseType",
    "BaseEntry",
    "BaseLine",
    "UoMEntry",
    "UoMCode",
    "MeasureUnit",
    "FreeText",
    "ShipDate",
    LINE,
)
TABLES = {"Orders": "ORDR", "IncomingPayments": "ORCT", "DocumentLine": "RDR1"}
SIZES = {KEY: "text of 50", CHANNEL: "text of 20", STATE: "text of 10", LINE: "whole number"}
ACTIONS = ("OrdersService_Preview", prices.PRICE, "CompanyService_GetAdminInfo")
_TYPE = re.compile(
    r'<(EntityType|ComplexType|EntitySet|ActionImport|FunctionImport|Action|Function)\s[^>]*?Name="(\w+)"'
)
_SET_TYPE = re.compile(r'<EntitySet\s[^>]*?Name="(\w+)"[^>]*?EntityType="(?:\w+\.)?(\w+)"')
_PART = re.compile(r'<(EntityType|ComplexType|Property|NavigationProperty)\s[^>]*?Name="(\w+)"')


class Described:
    """A company's metadata, as far as names go.

    Read by patterns, not by an XML parser: it comes from outside, has megabytes, and only names are wanted of it.

    Raises:
        ErpBroken: it describes no entity.
    """

    def __init__(self, content: bytes) -> None:
        text = content.decode("utf-8", "replace")
        self.sets = dict(_SET_TYPE.findall(text))
        if not self.sets:
            raise ErpBroken("$metadata: the answer describes no entity")
        self.actions = {name for kind, name in _TYPE.findall(text) if kind not in {"EntityType", "ComplexType"}}
        self.fields: dict[str, set[str]] = defaultdict(set)
        owner = ""
        for kind, name in _PART.findall(text):
            if kind in {"EntityType", "ComplexType"}:
                owner = name
            else:
                self.fields[owner].add(name)


def needs(client: B1Client, pulled: Mapping[str, Iterable[str]], options: Options, deadline: Deadline) -> list[Need]:
    """Return each entity's fields and the right to read it; `pulled` are the fields that the pulls read, by entity."""
    there = Described(client.metadata(deadline))
    wanted: dict[str, set[str]] = defaultdict(set)
    for entity, fields in [*FIELDS.items(), *pulled.items()]:
        wanted[entity] |= set(fields)
    if options.payment_account:
        wanted["IncomingPayments"] |= {"TransferAccount", "TransferSum", "TransferDate", "Remarks"}
    found = [need for entity in sorted(wanted) for need in _entity(entity, wanted[entity], there)]
    known = there.fields["DocumentLine"]
    found += [Need("field", f"DocumentLine.{name}", name in known, _cure("DocumentLine", name)) for name in LINE_FIELDS]
    found += [Need("method", name, name in there.actions, "update the Service Layer") for name in ACTIONS]
    if options.key_table:
        cure = "make the user table B2BKEY, or set key_table to false"
        found.append(Need("model", KEY_TABLE, KEY_TABLE in there.sets, cure))
    found.append(_lists(client, deadline))
    return found + [_right(client, entity, deadline) for entity in sorted(wanted) if entity in there.sets]


def _entity(entity: str, fields: Iterable[str], there: Described) -> list[Need]:
    if entity not in there.sets:
        return [Need("model", entity, is_there=False, cure="update the Service Layer")]
    known = there.fields[there.sets[entity]]
    return [
        Need("model", entity, is_there=True),
        *(Need("field", f"{entity}.{name}", name in known, _cure(entity, name)) for name in sorted(fields)),
    ]


def _lists(client: B1Client, deadline: Deadline) -> Need:
    """Say whether lines come along where they are selected, or are not selected."""
    name, cure = "$select of DocumentLines", "set ERP_OPTIONS['select_lines'] to false"
    try:
        fields = ["DocEntry", "DocumentLines"]
        found = client.page("Orders", "DocEntry", after=None, where="", select=fields, size=1, deadline=deadline)
    except (ErpMisconfigured, ErpRejected):
        return Need("method", name, is_there=False, cure=cure)
    return Need("method", name, all("DocumentLines" in row for row in found.rows), cure)


def _right(client: B1Client, entity: str, deadline: Deadline) -> Need:
    """Say whether the user may read an entity: it is tried, as the ERP tells rights to administrators only."""
    try:
        client.get(f"{entity}?%24top=1", deadline=deadline)
    except (ErpMisconfigured, ErpRejected):
        return Need("right", f"read {entity}", is_there=False, cure="give the user the authorization in the ERP")
    return Need("right", f"read {entity}", is_there=True)


def _cure(entity: str, name: str) -> str:
    if not name.startswith("U_"):
        return "update SAP Business One to 10.0"
    table = TABLES.get(entity, "ORDR")
    size = SIZES.get(name, "text")
    return f"make the user field {name.removeprefix('U_')} ({size}) in {table}: docs/adapters-sap-b1.md"
