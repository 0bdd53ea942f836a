"""The company in memory: its rows, how it prices and posts, and what its staff does."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from uuid import UUID

from tests.erp_sync.adapters.business_central import schema
from tests.erp_sync.adapters.business_central.schema import Entity, Refused

CENT = Decimal("0.01")
TAX = Decimal(21)
PARTS = {"salesOrders": "salesOrderLines", "salesQuotes": "salesQuoteLines"}
HEADERS = {part: header for header, part in PARTS.items()}
TRACE = "CorrelationId:  0f1e2d3c-aaaa-bbbb-cccc-000000000000."
TICK = dt.timedelta(milliseconds=1)
Row = dict[str, Any]


class Book:
    """Rows by entity set and id. Line rows name their document in `documentId`."""

    def __init__(self) -> None:
        self.entities: dict[str, Entity] = schema.standard()
        self.bridge: dict[str, Entity] = schema.bridge()
        self.rows: dict[str, dict[str, Row]] = {name: {} for name in (*self.entities, *self.bridge)}
        # (customer number or "" = all, item number) -> [(from quantity, price)]; the best price counts, as in the ERP.
        self.prices: dict[tuple[str, str], list[tuple[Decimal, Decimal]]] = {}
        self.tags: dict[str, int] = {}
        self._count = 0
        self._last = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)

    # -- rows ------------------------------------------------------------------

    def now(self) -> dt.datetime:
        """Return the time in milliseconds, later than any time told before."""
        now = dt.datetime.now(dt.UTC)
        self._last = max(self._last + TICK, now.replace(microsecond=now.microsecond // 1000 * 1000))
        return self._last

    def put(self, entity_set: str, **values: Any) -> Row:
        """Keep a new row."""
        entity = self.entities.get(entity_set) or self.bridge[entity_set]
        self._count += 1
        row = {**entity.empty(), "id": str(UUID(int=self._count)), **values}
        unknown = set(row) - set(entity.fields)
        assert not unknown, f"{entity_set}: {unknown}"
        self.rows[entity_set][row["id"]] = row
        self.touch(row)
        return row

    def touch(self, row: Row) -> None:
        """Note that a row changed."""
        self.tags[row["id"]] = self.tags.get(row["id"], 0) + 1
        if "lastModifiedDateTime" in row:
            row["lastModifiedDateTime"] = self.now()

    def remove(self, entity_set: str, row: Row) -> None:
        """Delete a row with its lines."""
        del self.rows[entity_set][row["id"]]
        if entity_set in PARTS:
            for line in self.lines(entity_set, row):
                del self.rows[PARTS[entity_set]][line["id"]]
        if entity_set in HEADERS:
            self.summed(HEADERS[entity_set], self.rows[HEADERS[entity_set]][row["documentId"]])

    def lines(self, entity_set: str, row: Mapping[str, Any], part: str = "") -> list[Row]:
        """Return the lines of a document in their order."""
        found = self.rows[part or PARTS[entity_set]].values()
        return sorted((one for one in found if one["documentId"] == row["id"]), key=lambda one: one["sequence"])

    def find(self, entity_set: str, **values: Any) -> Row:
        """Return the row with these values."""
        for row in self.rows[entity_set].values():
            if all(row[name] == value for name, value in values.items()):
                return row
        raise Refused(404, "Internal_RecordNotFound", f"The {entity_set} {values} does not exist.")

    # -- documents -------------------------------------------------------------

    def new_document(self, entity_set: str, values: Mapping[str, Any], lines: Iterable[Mapping[str, Any]]) -> Row:
        """Make an order or a quote with its lines; all or nothing."""
        customer = self._customer(values)
        number = f"{'S-ORD' if entity_set == 'salesOrders' else 'S-QUO'}{self._count + 1:06}"
        given = {
            "number": number,
            "customerId": customer["id"],
            "customerNumber": customer["number"],
            "customerName": customer["displayName"],
            "currencyCode": customer["currencyCode"],
            "status": "Draft",
            **{name: value for name, value in values.items() if name not in {"customerId", "customerNumber"}},
        }
        given.setdefault("orderDate" if entity_set == "salesOrders" else "documentDate", self.now().date().isoformat())
        row = self.put(entity_set, **given)
        try:
            for line in lines:
                self.new_line(entity_set, row, line)
        except Refused:
            self.remove(entity_set, row)
            raise
        return row

    def new_line(self, entity_set: str, row: Row, values: Mapping[str, Any]) -> Row:
        """Add a line to an order or a quote."""
        self._refuse_released(row)
        there = self.lines(entity_set, row)
        line = {**self.entities[PARTS[entity_set]].empty(), **values, "documentId": row["id"]}
        line["sequence"] = (there[-1]["sequence"] if there else 0) + 10_000
        if line["lineType"] == "Item":
            self._fill(line, row, values)
        elif line["lineType"] != "Comment":
            raise Refused(
                400, "Application_DialogException", f"A line of the type '{line['lineType']}' needs a number."
            )
        del line["id"]
        made = self.put(PARTS[entity_set], **line)
        self.summed(entity_set, row)
        return made

    def change_line(self, entity_set: str, row: Row, line: Row, values: Mapping[str, Any]) -> None:
        """Change a line; another quantity is priced anew, unless the price is given too."""
        self._refuse_released(row)
        line.update(values)
        if line["lineType"] == "Item":
            if "quantity" in values and "unitPrice" not in values:
                line["unitPrice"] = self.price(row["customerNumber"], line["lineObjectNumber"], line["quantity"])
            self._amounts(line)
        self.touch(line)
        self.summed(entity_set, row)

    def summed(self, entity_set: str, row: Row) -> None:
        """Add up a document, whose tax is rounded once."""
        lines = self.lines(entity_set, row)
        untaxed = sum((one["netAmount"] for one in lines), Decimal(0))
        tax = (untaxed * TAX / 100).quantize(CENT, ROUND_HALF_UP)
        row.update(totalAmountExcludingTax=untaxed, totalTaxAmount=tax, totalAmountIncludingTax=untaxed + tax)
        if entity_set == "salesOrders":
            items = [one for one in lines if one["lineType"] == "Item"]
            row["fullyShipped"] = bool(items) and all(one["shippedQuantity"] == one["quantity"] for one in items)
        self.touch(row)

    def make_order(self, quote: Row) -> Row:
        """Make an order of a quote, which is gone then; texts and prices go along."""
        copied = {
            name: quote[name]
            for name in ("externalDocumentNumber", "customerId", "salesperson")
            if quote[name] not in {"", schema.NO_ID}
        }
        order = self.new_document("salesOrders", copied, ())
        for line in self.lines("salesQuotes", quote):
            shared = {name: line[name] for name in line if name in self.entities["salesOrderLines"].fields}
            made = {**self.entities["salesOrderLines"].empty(), **shared, "documentId": order["id"]}
            del made["id"]
            self.put("salesOrderLines", **made)
        self.summed("salesOrders", order)
        self.remove("salesQuotes", quote)
        return order

    def price(self, customer: str, item: str, quantity: Decimal) -> Decimal:
        """Return the best price that somebody agreed, else the item's."""
        agreed = [
            price
            for who in (customer, "")
            for start, price in self.prices.get((who, item), ())
            if start <= max(quantity, Decimal(0))
        ]
        listed: Decimal = self.find("items", number=item)["unitPrice"]
        return min([*agreed, listed])

    # -- what the staff does ---------------------------------------------------

    def order(self, reference: str) -> Row:
        """Return the order with an external document number."""
        return self.find("salesOrders", externalDocumentNumber=reference)

    def release(self, order: Row) -> None:
        """Release an order: it cannot be changed any more."""
        order["status"] = "Open"
        self.touch(order)

    def ship(self, order: Row) -> Row:
        """Ship all that is left of an order."""
        given = {
            name: order[name] for name in ("externalDocumentNumber", "customerId", "customerNumber", "currencyCode")
        }
        shipment = self.put(
            "salesShipments", number=f"S-SHP{self._count:06}", orderNumber=order["number"],
            postingDate=self.now().date().isoformat(), **given,
        )  # fmt: skip
        for line in self.lines("salesOrders", order):
            left = line["quantity"] - line["shippedQuantity"]
            names = ("sequence", "lineType", "lineObjectNumber", "description", "unitOfMeasureCode", "unitPrice")
            shared = {name: line[name] for name in names}
            self.put("salesShipmentLines", **shared, documentId=shipment["id"], quantity=left)
            line["shippedQuantity"] = line["quantity"]
            self.touch(line)
        self.summed("salesOrders", order)
        return shipment

    def bill(self, order: Row) -> Row:
        """Bill an order wholly: it is deleted, as the ERP does."""
        known = self.entities["salesInvoices"].fields
        kept = {
            name: value for name, value in order.items() if name in known and name not in {"id", "number", "status"}
        }
        today = self.now().date().isoformat()
        invoice = self.put(
            "salesInvoices",
            **{
                **kept, "number": f"PS-INV{self._count:06}", "orderNumber": order["number"], "status": "Open",
                "invoiceDate": today, "dueDate": today, "remainingAmount": order["totalAmountIncludingTax"],
            },
        )  # fmt: skip
        names = self.entities["salesInvoiceLines"].fields
        for line in self.lines("salesOrders", order):
            shared = {name: line[name] for name in line if name in names and name != "id"}
            self.put("salesInvoiceLines", **{**shared, "documentId": invoice["id"]})
        self.remove("salesOrders", order)
        return invoice

    # -- parts of it -----------------------------------------------------------

    def _customer(self, values: Mapping[str, Any]) -> Row:
        if values.get("customerId", schema.NO_ID) != schema.NO_ID:
            customer = self.find("customers", id=values["customerId"])
        else:
            customer = self.find("customers", number=values.get("customerNumber", ""))
        if customer["blocked"] not in {"_x0020_", "Invoice"}:
            words = f"You cannot create this document because customer {customer['number']} is blocked. {TRACE}"
            raise Refused(400, "Application_DialogException", words)
        return customer

    def _fill(self, line: Row, row: Row, values: Mapping[str, Any]) -> None:
        known = {"id": values["itemId"]} if "itemId" in values else {"number": values.get("lineObjectNumber", "")}
        item = self.find("items", **known)
        if item["blocked"]:
            raise Refused(
                400, "Application_DialogException", f"Blocked must be equal to 'No' in Item {item['number']}."
            )
        line.update(itemId=item["id"], lineObjectNumber=item["number"], description=item["displayName"])
        # Without a unit the ERP takes the item's sales unit, which is a box here.
        line["unitOfMeasureCode"] = values.get("unitOfMeasureCode", "BOX")
        if line["unitOfMeasureCode"] != item["baseUnitOfMeasureCode"]:
            raise Refused(
                400, "Application_DialogException", f"The unit {line['unitOfMeasureCode']} is not priced here."
            )
        if "unitPrice" not in values:
            line["unitPrice"] = self.price(row["customerNumber"], item["number"], line["quantity"])
        self._amounts(line)

    def _amounts(self, line: Row) -> None:
        share = (100 - line["discountPercent"]) / Decimal(100)
        net = (line["quantity"] * line["unitPrice"] * share).quantize(CENT, ROUND_HALF_UP)
        tax = (net * TAX / 100).quantize(CENT, ROUND_HALF_UP)
        line.update(
            amountExcludingTax=net, netAmount=net, taxPercent=TAX, netTaxAmount=tax, netAmountIncludingTax=net + tax
        )

    def _refuse_released(self, row: Row) -> None:
        if row["status"] == "Open":
            words = f"Status must be equal to 'Open' in Sales Header: No.={row['number']}. Current value is 'Released'."
            raise Refused(400, "Application_DialogException", words)
