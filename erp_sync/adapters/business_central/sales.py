"""What orders, quotes, invoices and shipments share: their fields, lines and totals, and how ours are told apart.

An order is known by its number: it is deleted once it is wholly billed, and lives on in its invoices and shipments,
which carry the number (and the line numbers). So `erp_id` of an order is its number, of a line number/line number.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from erp_sync import records as r
from erp_sync.adapters import odata
from erp_sync.adapters.business_central import mapping as to
from erp_sync.adapters.business_central.client import BcClient, Query
from erp_sync.errors import ErpBroken, ErpRejected
from erp_sync.http import Deadline

Row = Mapping[str, Any]
STEP = 10_000
ITEM = "Item"
GONE = "The ERP changed the lines of order {}."


@dataclass(frozen=True, slots=True)
class Document:
    """A kind of sales document: its entity set, its lines, and the fields that are read of both."""

    place: str
    part: str
    fields: tuple[str, ...]
    line_fields: tuple[str, ...]

    def query(self, where: str) -> Query:
        """Return the question for documents with their lines."""
        return Query(self.fields, where, self.part)


_PRICED = (
    "id", "sequence", "lineType", "itemId", "lineObjectNumber", "description", "unitOfMeasureCode", "quantity",
    "unitPrice", "discountPercent", "amountExcludingTax", "netAmount",
)  # fmt: skip
_TOTALS = ("totalAmountExcludingTax", "totalTaxAmount", "totalAmountIncludingTax")
_SOLD = ("id", "number", "externalDocumentNumber", "customerId", "currencyCode", "salesperson", "lastModifiedDateTime")
_CHANNELS = ("shortcutDimension1Code", "shortcutDimension2Code")
_SHIP_TO = ("shipToName", "shipToAddressLine1", "shipToPostCode", "shipToCity", "shipToCountry")
ORDER = Document(
    "salesOrders",
    "salesOrderLines",
    (*_SOLD, *_CHANNELS, *_TOTALS, *_SHIP_TO, "orderDate", "requestedDeliveryDate", "status", "fullyShipped"),
    (*_PRICED, "shippedQuantity", "invoicedQuantity", "shipmentDate", "netAmountIncludingTax"),
)
QUOTE = Document(
    "salesQuotes",
    "salesQuoteLines",
    (*_SOLD, *_TOTALS, "documentDate", "validUntilDate", "status"),
    (*_PRICED, "netAmountIncludingTax"),
)
INVOICE = Document(
    "salesInvoices",
    "salesInvoiceLines",
    (
        *_SOLD, *_CHANNELS, *_TOTALS, *_SHIP_TO, "orderNumber", "invoiceDate", "dueDate", "status", "remainingAmount",
        "customerPurchaseOrderReference",
    ),
    (*_PRICED, "shipmentDate"),
)  # fmt: skip
CREDIT = Document(
    "salesCreditMemos",
    "salesCreditMemoLines",
    (*_SOLD, *_TOTALS, "creditMemoDate", "dueDate", "status", "invoiceNumber"),
    _PRICED,
)
SHIPMENT = Document(
    "salesShipments",
    "salesShipmentLines",
    (
        "id", "number", "externalDocumentNumber", "customerId", "currencyCode", "orderNumber", "postingDate",
        "lastModifiedDateTime",
    ),
    ("id", "sequence", "lineType", "lineObjectNumber", "quantity", "unitOfMeasureCode", "unitPrice",
     "discountPercent", "description"),
)  # fmt: skip
# An invoice that is not posted is no invoice yet.
UNPOSTED = {"Draft", "In Review"}


def lines_of(row: Row, document: Document) -> list[Row]:
    """Return the lines of a document in their order.

    Raises:
        ErpBroken: it came without them.
    """
    lines = row.get(document.part)
    if not isinstance(lines, list):
        raise ErpBroken(f"{document.place} came without {document.part}")
    return sorted(lines, key=lambda one: int(one["sequence"]))


def items_of(lines: Iterable[Row]) -> list[Row]:
    """Return the lines that sell an item."""
    return [one for one in lines if to.word(one["lineType"]) == ITEM]


def is_cancelled(lines: Iterable[Row]) -> bool:
    """Say whether nothing of an order is ordered any more: the API has no other word for it."""
    many = [to.number(one["quantity"]) for one in items_of(lines)]
    return bool(many) and not any(many)


def totals_of(row: Row, lines: Iterable[Row], local: str) -> r.Totals:
    """Return what a document costs; what is no item (freight, charges) is told apart."""
    told = list(lines)
    items = items_of(told)
    # Of a comment there is no amount.
    other = sum((to.number(one["netAmount"]) for one in told if one not in items), Decimal(0))
    return r.Totals(
        currency=currency_of(row, local),
        untaxed=to.amount(row["totalAmountExcludingTax"]),
        tax=to.amount(row["totalTaxAmount"]),
        total=to.amount(row["totalAmountIncludingTax"]),
        freight=to.amount(other),
        line_amounts=tuple(to.amount(one["netAmount"]) for one in items),
    )


def currency_of(row: Row, local: str) -> str:
    """Return the currency of a document."""
    return to.line(row["currencyCode"], 10) or local


def order_state(row: Row, lines: Iterable[Row]) -> str:
    """Return where an order of ours stands: cancelled, draft (written, not compared), confirmed."""
    if is_cancelled(lines):
        return "cancelled"
    return "draft" if to.is_new(row["externalDocumentNumber"]) else "confirmed"


def written(row: Row, reference: str, local: str, numbers: Sequence[int] = ()) -> r.WrittenOrder:
    """Return an open order; its lines are counted, or numbered as given where there are as many."""
    lines = lines_of(row, ORDER)
    items = items_of(lines)
    counted = numbers if len(numbers) == len(items) else range(1, len(items) + 1)
    number = to.line(row["number"], 20)
    return r.WrittenOrder(
        erp_id=number,
        number=number,
        reference=reference,
        state=order_state(row, lines),
        totals=totals_of(row, lines, local),
        lines=tuple(
            (n, to.quantity(one["quantity"]), to.net_price(one)) for n, one in zip(counted, items, strict=True)
        ),
    )


def item_line(sku_id: str, quantity: Decimal, unit: str, location: str, net_price: Decimal | None) -> dict[str, Any]:
    """Return an item line as the ERP takes it; without a price the ERP finds its own."""
    told: dict[str, Any] = {
        "lineType": ITEM,
        "itemId": sku_id,
        "quantity": quantity,
        "unitOfMeasureCode": unit,
        "locationId": location,
    }
    if net_price is not None:
        told |= {"unitPrice": net_price, "discountPercent": Decimal(0)}
    return {name: value for name, value in told.items() if value != ""}


def line_key(order_number: str, line: Row) -> str:
    """Return the id of an order line, the same on the order, its shipments and its invoices."""
    return f"{order_number}/{int(line['sequence'])}" if order_number else ""


def by_number(client: BcClient, document: Document, number: str, deadline: Deadline) -> dict[str, Any] | None:
    """Return a document with its lines by its number, None when there is none (any more)."""
    rows = client.rows(document.place, document.query(f"number eq {odata.literal(number)}"), deadline)
    if len(rows) > 1:
        raise ErpRejected(f"The ERP has number {number} twice.")
    return rows[0] if rows else None


def ship_to(row: Row) -> str:
    """Return where a document is delivered to, on one line."""
    parts = [to.line(row[name], 100) for name in ("shipToName", "shipToAddressLine1")]
    place = " ".join(filter(None, [to.line(row["shipToPostCode"], 20), to.line(row["shipToCity"], 30)]))
    return ", ".join(filter(None, [*parts, place]))


def item_type(line: Row) -> str:
    """Return what a line sells: goods, service, freight or discount."""
    if to.word(line["lineType"]) == "Charge":
        return "freight"
    if to.number(line["amountExcludingTax"]) < 0 < to.number(line["quantity"]):
        return "discount"
    return "goods" if to.word(line["lineType"]) == ITEM else "service"
