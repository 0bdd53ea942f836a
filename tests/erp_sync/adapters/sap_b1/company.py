"""A company of SAP Business One in memory: what its business logic does, as strict as it may be.

New rows have the day of their making only; a delivery does not change its order, nor a payment its invoice.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from zoneinfo import ZoneInfo

from tests.erp_sync.adapters.sap_b1.odata import Refused, Types

Row = dict[str, Any]
ZONE = "America/Guatemala"  # six hours behind, and without a summer time
TAX = Decimal("0.21")
# Entity set -> (type, key).
SETS = {
    "BusinessPartners": ("BusinessPartner", "CardCode"),
    "CreditNotes": ("Document", "DocEntry"),
    "DeliveryNotes": ("Document", "DocEntry"),
    "Drafts": ("Document", "DocEntry"),
    "IncomingPayments": ("Payment", "DocEntry"),
    "Invoices": ("Document", "DocEntry"),
    "ItemGroups": ("ItemGroups", "Number"),
    "Items": ("Item", "ItemCode"),
    "Manufacturers": ("Manufacturer", "Code"),
    "Orders": ("Document", "DocEntry"),
    "PaymentTermsTypes": ("PaymentTermsType", "GroupNumber"),
    "PriceLists": ("PriceList", "PriceListNo"),
    "Quotations": ("Document", "DocEntry"),
    "ReturnRequest": ("Document", "DocEntry"),
    "Returns": ("Document", "DocEntry"),
    "SalesPersons": ("SalesPerson", "SalesEmployeeCode"),
    "ShippingTypes": ("ShippingType", "Code"),
    "SpecialPrices": ("SpecialPrice", "ItemCode"),
    "UnitOfMeasurementGroups": ("UnitOfMeasurementGroup", "AbsEntry"),
    "UnitOfMeasurements": ("UnitOfMeasurement", "AbsEntry"),
    "Warehouses": ("Warehouse", "WarehouseCode"),
}
WRITABLE = {"Orders", "Quotations", "ReturnRequest", "IncomingPayments", "U_B2BKEY"}
KINDS = {
    "Quotations": 23,
    "Orders": 17,
    "DeliveryNotes": 15,
    "Invoices": 13,
    "CreditNotes": 14,
    "ReturnRequest": 234000031,
}
OBJECTS = {"Orders": "oOrders", "Quotations": "oQuotations", "ReturnRequest": "oReturnRequest"}
BASES = {
    "Orders": {23},
    "ReturnRequest": {15, 13},
    "DeliveryNotes": {17},
    "Invoices": {17, 15},
    "CreditNotes": {13},
    "Quotations": set(),
}


def cents(value: Decimal) -> float:
    """Return an amount as the ERP rounds it."""
    return float(value.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP))


def exact(value: Any) -> Decimal:
    """Return a number of a row exactly."""
    return Decimal(str(value or 0))


@dataclass
class Company:
    """All rows by entity set, in the order of their making."""

    types: Types = field(default_factory=Types)
    tables: dict[str, list[Row]] = field(default_factory=lambda: {name: [] for name in SETS})
    sets: dict[str, tuple[str, str]] = field(default_factory=lambda: dict(SETS))
    approve_above: Decimal | None = None
    branch: int = 0  # the only one that may be posted for; 0 = the company has no branches
    entry: int = 100

    # -- what everything stands on ---------------------------------------------

    def now(self) -> dt.datetime:
        """Return the time of the server's own zone."""
        return dt.datetime.now(ZoneInfo(ZONE))

    def find(self, name: str, key: Any) -> Row:
        """Return a row."""
        column = self.sets[name][1]
        for row in self.tables[name]:
            if row[column] == key:
                return row
        raise Refused(404, -2028, "No matching records found (ODBC -2028)")

    def touch(self, row: Row) -> None:
        """Note that a row was changed."""
        now = self.now()
        row["UpdateDate"], row["UpdateTime"] = now.date().isoformat(), now.strftime("%H:%M:%S")
        row["_version"] = row.get("_version", 1) + 1

    def _stamp(self, row: Row) -> Row:
        now = self.now()
        self.entry += 1
        made = {"DocEntry": self.entry, "DocNum": self.entry + 9000, "_version": 1}
        day = {"CreationDate": now.date().isoformat(), "DocTime": now.strftime("%H:%M:%S")}
        return row | made | day

    # -- prices ----------------------------------------------------------------

    def price(self, params: Mapping[str, Any]) -> Row:
        """Answer CompanyService_GetItemPrice: the list's price, or the special one of the partner or the list."""
        self.types.check("ItemPriceParams", dict(params))
        partner, item = self.find("BusinessPartners", params["CardCode"]), self.find("Items", params["ItemCode"])
        factor = self.factor(item, params.get("UoMEntry"))
        many = exact(params.get("InventoryQuantity")) or exact(params.get("UoMQuantity") or 1) * factor
        number = partner["PriceListNum"]
        base = next((one for one in item["ItemPrices"] if one["PriceList"] == number), None)
        price = exact(base["Price"]) * factor if base else Decimal(0)
        discount, currency = Decimal(0), base["Currency"] if base else ""
        for owner in (params["CardCode"], f"*{number}"):
            found = [
                one
                for one in self.tables["SpecialPrices"]
                if (one["CardCode"], one["ItemCode"]) == (owner, item["ItemCode"])
            ]
            if not found:
                continue
            areas = found[0]["SpecialPriceDataAreas"][0]["SpecialPriceQuantityAreas"]
            steps = [one for one in areas if exact(one["Quantity"]) <= many]
            if steps:
                discount = exact(max(steps, key=lambda one: exact(one["Quantity"]))["Discountin"])
            break
        return {"Price": float(price), "Currency": currency, "Discount": float(discount)}

    def factor(self, item: Row, unit: int | None) -> Decimal:
        """Return how many stock units make one of a unit."""
        group = item.get("UoMGroupEntry", -1)
        if group == -1 or unit in {None, -1}:
            return exact(item.get("SalesItemsPerUnit") or 1) if unit is not None else Decimal(1)
        for one in self.find("UnitOfMeasurementGroups", group)["UoMGroupDefinitionCollection"]:
            if one["AlternateUoM"] == unit:
                return exact(one["BaseQuantity"]) / exact(one["AlternateQuantity"])
        raise Refused(400, -10, "Unit of measurement is not in the item's group")

    # -- documents -------------------------------------------------------------

    def calculated(self, name: str, body: Row) -> Row:
        """Return a document as it would be: its lines priced, its totals summed up."""
        self.types.check("Document", body)
        partner = self.find("BusinessPartners", body.get("CardCode"))
        if body.get("BPL_IDAssignedToInvoice", 0) != self.branch:
            raise Refused(400, -10, "Specify an active branch")
        if partner.get("Frozen") == "tYES":
            raise Refused(400, -10, f"Customer {partner['CardCode']} is inactive")
        if not body.get("DocDueDate") or not body.get("DocumentLines"):
            raise Refused(400, -10, "Enter due date and lines")
        if body.get("DocCurrency") not in {None, "EUR"}:
            raise Refused(400, -10, "Currency is not the partner's")
        names = {one["AddressName"] for one in partner["BPAddresses"] if one["AddressType"] == "bo_ShipTo"}
        if body.get("ShipToCode") and body["ShipToCode"] not in names:
            raise Refused(400, -10, "Ship-to address does not exist")
        lines = [self._line(name, number, dict(one), partner) for number, one in enumerate(body["DocumentLines"])]
        untaxed = sum((exact(one["LineTotal"]) for one in lines), Decimal(0))
        tax = sum((exact(cents(exact(one["LineTotal"]) * TAX)) for one in lines), Decimal(0))
        return {
            "NumAtCard": None, "Comments": None, "ShipToCode": partner.get("ShipToDefault"),
            "DocDate": self.now().date().isoformat(), **body,
            "DocCurrency": "EUR", "DocumentStatus": "bost_Open", "Cancelled": "tNO", "CancelStatus": "csNo",
            "UpdateDate": None, "UpdateTime": None, "VatSum": cents(tax), "DocTotal": cents(untaxed + tax),
            "VatSumFc": 0.0, "DocTotalFc": 0.0, "PaidToDate": 0.0, "PaidToDateFC": 0.0, "DocumentLines": lines,
            "DocumentSpecialLines": [
                {**one, "LineNum": number} for number, one in enumerate(body.get("DocumentSpecialLines") or ())
            ],
        }  # fmt: skip

    def _line(self, name: str, number: int, one: Row, partner: Row) -> Row:
        base = self._base(name, one)
        if base:
            one = {"ItemCode": base["ItemCode"], "UoMEntry": base["UoMEntry"], "UnitPrice": base["UnitPrice"], **one}
        item = self.find("Items", one.get("ItemCode"))
        if item["SalesItem"] != "tYES" or item.get("Frozen") == "tYES":
            raise Refused(400, -10, f"Item {item['ItemCode']} is inactive")
        many = exact(one.get("Quantity") or 1)
        entry = one.get("UoMEntry") or -1
        if one.get("UnitPrice") is None:
            asked = {"CardCode": partner["CardCode"], "ItemCode": item["ItemCode"]}
            said = self.price(
                asked
                | ({"UoMEntry": entry, "UoMQuantity": float(many)} if entry > 0 else {"InventoryQuantity": float(many)})
            )
            one |= {"UnitPrice": said["Price"], "DiscountPercent": said["Discount"]}
        price = exact(one["UnitPrice"]) * (100 - exact(one.get("DiscountPercent"))) / 100
        unit = self.find("UnitOfMeasurements", entry)["Code"] if entry > 0 else "Manual"
        return {
            "ShipDate": None, "FreeText": None, "BaseType": -1, "BaseEntry": None, "BaseLine": None, **one,
            "LineNum": number, "ItemDescription": item["ItemName"], "Quantity": float(many), "Price": float(price),
            "LineTotal": cents(price * many), "RowTotalFC": 0.0, "LineStatus": one.get("LineStatus", "bost_Open"),
            "RemainingOpenQuantity": float(many), "UoMEntry": entry, "UoMCode": unit,
            "MeasureUnit": item.get("SalesUnit"), "DiscountPercent": float(one.get("DiscountPercent") or 0),
        }  # fmt: skip

    def _base(self, name: str, one: Row) -> Row | None:
        """Return the line that one is made from; it must be open, and have as much."""
        kind = one.get("BaseType", -1)
        if kind == -1:
            return None
        if kind not in BASES[name]:
            raise Refused(400, -10, f"{name} cannot be made from documents of kind {kind}")
        entity = next(entity for entity, number in KINDS.items() if number == kind)
        row = self.find(entity, one["BaseEntry"])
        line: Row | None = next((line for line in row["DocumentLines"] if line["LineNum"] == one["BaseLine"]), None)
        if line is None or row["Cancelled"] == "tYES" or (kind != 13 and line["LineStatus"] != "bost_Open"):
            raise Refused(400, -10, "One of the base documents has already been closed")
        if name == "ReturnRequest" and exact(one["Quantity"]) > exact(line["Quantity"]):
            raise Refused(400, -10, "Quantity is larger than the base quantity")
        return line

    def make(self, name: str, body: Row) -> Row | None:
        """Post a document; None = it waits for an approval, as a draft."""
        row = self.calculated(name, body)
        if name == "Orders":
            self._refuse_over_limit(row)
            if self.approve_above is not None and exact(row["DocTotal"]) > self.approve_above:
                self.tables["Drafts"].append(self._stamp(row | {"DocObjectCode": OBJECTS[name]}))
                return None
        row = self._stamp(row)
        self.tables[name].append(row)
        for one in row["DocumentLines"]:
            if one["BaseType"] != -1 and name != "ReturnRequest":
                self._follow(one)
        if name == "Orders":
            self._commit(row, 1)
        return row

    def _refuse_over_limit(self, row: Row) -> None:
        partner = self.find("BusinessPartners", row["CardCode"])
        used = sum(
            exact(partner[f]) for f in ("CurrentAccountBalance", "OpenDeliveryNotesBalance", "OpenOrdersBalance")
        )
        if partner["MaxCommitment"] and used + exact(row["DocTotal"]) > exact(partner["MaxCommitment"]):
            raise Refused(400, -10, "Customer deviates from the commitment limit by this document")

    def _follow(self, one: Row) -> None:
        """Take off the base what went on to a further document; the base itself tells no change."""
        entity = next(entity for entity, number in KINDS.items() if number == one["BaseType"])
        row = self.find(entity, one["BaseEntry"])
        line = next(line for line in row["DocumentLines"] if line["LineNum"] == one["BaseLine"])
        line["RemainingOpenQuantity"] = max(0.0, line["RemainingOpenQuantity"] - one["Quantity"])
        if not line["RemainingOpenQuantity"]:
            line["LineStatus"] = "bost_Close"
        if all(line["LineStatus"] == "bost_Close" for line in row["DocumentLines"]):
            row["DocumentStatus"] = "bost_Close"

    def _commit(self, row: Row, sign: int) -> None:
        partner = self.find("BusinessPartners", row["CardCode"])
        partner["OpenOrdersBalance"] = float(exact(partner["OpenOrdersBalance"]) + sign * exact(row["DocTotal"]))

    def change(self, name: str, key: Any, body: Row, *, replace: bool) -> None:
        """Change a document: header fields, lines by their number; with `replace` the lines are the document's."""
        row = self.find(name, key)
        self.types.check("Document", body)
        if row["DocumentStatus"] != "bost_Open":
            raise Refused(400, -10, "Document is closed")
        if replace and "DocumentLines" in body:
            whole = {field: row.get(field) for field in ("CardCode", "DocDueDate", "ShipToCode")}
            new = self.calculated(name, {**whole, **body})
            kept = ("DocumentLines", "DocumentSpecialLines", "DocTotal", "VatSum")
            row |= {**body, **{field: new[field] for field in kept}}
        else:
            for one in body.pop("DocumentLines", []):
                line = next((line for line in row["DocumentLines"] if line["LineNum"] == one.get("LineNum")), None)
                if line is None:
                    raise Refused(400, -10, "A line without its number would be added")
                line |= one
                if one.get("LineStatus") == "bost_Close":
                    line["RemainingOpenQuantity"] = 0.0
            row |= body
        if all(line["LineStatus"] == "bost_Close" for line in row["DocumentLines"]):
            row["DocumentStatus"] = "bost_Close"
        self.touch(row)

    def press(self, name: str, key: Any, action: str) -> None:
        """Cancel or close a document, or cancel a payment."""
        row = self.find(name, key)
        if name == "IncomingPayments" and action == "Cancel":
            self._pay(row, -1)
            row["Cancelled"] = "tYES"
            return
        if action not in {"Cancel", "Close"} or row["DocumentStatus"] != "bost_Open":
            raise Refused(400, -5006, "The requested action is not supported for this document")
        if action == "Cancel" and any(one["RemainingOpenQuantity"] != one["Quantity"] for one in row["DocumentLines"]):
            raise Refused(400, -10, "Document was copied to a further one")
        if action == "Cancel":
            row |= {"Cancelled": "tYES", "CancelStatus": "csYes"}
            if name == "Orders":
                self._commit(row, -1)
        row["DocumentStatus"] = "bost_Close"
        for one in row["DocumentLines"]:
            one |= {"LineStatus": "bost_Close", "RemainingOpenQuantity": 0.0}
        self.touch(row)

    # -- payments --------------------------------------------------------------

    def receive(self, body: Row) -> Row:
        """Post a payment."""
        self.types.check("Payment", body)
        if body.get("BPLID", 0) != self.branch:
            raise Refused(400, -10, "Specify an active branch")
        self.find("BusinessPartners", body.get("CardCode"))
        applied = sum((exact(one["SumApplied"]) for one in body["PaymentInvoices"]), Decimal(0))
        if body.get("TransferAccount") != "_SYS00000000107" or exact(body.get("TransferSum")) != applied:
            raise Refused(400, -10, "Account is missing, or the sum is not that of the invoices")
        self._pay(body, 1)
        invoices = [{**one, "LineNum": number} for number, one in enumerate(body["PaymentInvoices"])]
        row = self._stamp(
            {"CashSum": 0.0, "DocCurrency": "EUR", "Cancelled": "tNO", **body, "PaymentInvoices": invoices}
        )
        self.tables["IncomingPayments"].append(row)
        return row

    def _pay(self, body: Row, sign: int) -> None:
        for one in body["PaymentInvoices"]:
            row = self.find("Invoices", one["DocEntry"])
            paid = exact(row["PaidToDate"]) + sign * exact(one["SumApplied"])
            if row["CardCode"] != body["CardCode"] or not 0 <= paid <= exact(row["DocTotal"]):
                raise Refused(400, -10, "Invoice is closed, or not of this partner")
            row["PaidToDate"] = float(paid)
            row["DocumentStatus"] = "bost_Close" if paid == exact(row["DocTotal"]) else "bost_Open"

    # -- what only the staff does ----------------------------------------------

    def follow_up(self, name: str, source: str, entry: int, share: Decimal = Decimal(1)) -> Row:
        """Make a further document of all open lines of one: a delivery, an invoice."""
        base = self.find(source, entry)
        lines = [
            {
                "BaseType": KINDS[source],
                "BaseEntry": entry,
                "BaseLine": one["LineNum"],
                "Quantity": one["RemainingOpenQuantity"] * float(share),
            }
            for one in base["DocumentLines"]
            if one["LineStatus"] == "bost_Open"
        ]
        today = self.now().date().isoformat()
        made = self.make(
            name, {"CardCode": base["CardCode"], "DocDate": today, "DocDueDate": today, "DocumentLines": lines}
        )
        assert made is not None
        return made
