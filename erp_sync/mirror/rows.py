"""From a record of the ERP to the values of a mirror row."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from django.db import models

from erp_sync import records as r
from erp_sync.mirror import models as m
from erp_sync.mirror.fitting import Unfit, Values, checked, cut
from erp_sync.wire import to_json

# Goes into every fingerprint: raise it when a row is filled in another way, and a full pull writes
# every row again.
SHAPE = 3
NAME_LIMIT = 500
_NO_VERSION = dt.datetime(1, 1, 1, tzinfo=dt.UTC)
TEXT_LIMIT = 20_000


@dataclass(frozen=True, slots=True)
class Part:
    """Rows that belong to a mirrored row and are replaced with it.

    Attributes:
        owner: Name of the foreign key to the mirrored row.
        key: Field by which a part of one owner keeps its identity, "" when it has none and is written anew.
        first: A field that keeps the first value it had, for parts of one owner with the same erp_id.
    """

    model: type[models.Model]
    owner: str
    values: Callable[[Any], list[Values]]
    key: str = ""
    first: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """Where the records of one kind go.

    Attributes:
        over: States of rows that stay although the ERP no longer lists them (a quotation that became an order).
    """

    model: type[m.MirrorRow]
    record: type
    values: Callable[[Any], Values]
    parts: tuple[Part, ...] = ()
    over: tuple[str, ...] = ()


def fingerprint(record: Any) -> str:
    """Return a digest of all that the ERP sent but the version: equal means that there is nothing to write."""
    plain = replace(record, version=_NO_VERSION)
    return hashlib.blake2b(f"{SHAPE}{plain!r}".encode(), digest_size=16).hexdigest()


def _copied(record: Any, names: Iterable[str]) -> Values:
    return {name: getattr(record, name) for name in names}


# --- catalogue ---


def _category(record: r.CategoryRecord) -> Values:
    names = {language: cut(name, NAME_LIMIT) for language, name in record.names.items()}
    return {"names": names, "code": record.code, "parent_erp_id": record.parent_erp_id}


_ITEM = (
    "sku",
    "brand",
    "attributes",
    "attribute_labels",
    "minimum",
    "multiple",
    "list_price",
    "image_url",
    "replaced_by",
    "is_active",
)


def _item(record: r.ItemRecord) -> Values:
    texts = {
        language: {
            "name": cut(text.name, NAME_LIMIT),
            "description": cut(text.description, TEXT_LIMIT),
        }
        for language, text in record.texts.items()
    }
    if not record.sku.strip():
        raise Unfit("sku is empty")
    return _copied(record, _ITEM) | {
        "texts": texts,
        "sales_unit": _unit(record.sales_unit),
        "packs": [_unit(pack) for pack in record.packs],
        "documents": [to_json(document) for document in record.documents],
        "barcodes": list(record.barcodes),
        "own_category_ids": list(record.category_erp_ids),
    }


def _unit(unit: r.PackUnit) -> Values:
    """Return a unit as JSON; the factor is text, so that it stays exact."""
    return {
        "code": unit.code,
        "names": unit.names,
        "factor": str(unit.factor),
        "digits": unit.digits,
    }


# --- customers ---

_CUSTOMER = (
    "number",
    "name",
    "tax_number",
    "price_list",
    "payment_term",
    "currency",
    "rep_name",
    "is_active",
)
_ADDRESS = (
    "erp_id",
    "name",
    "street",
    "postal_code",
    "city",
    "country",
    "is_delivery",
    "is_invoice",
)


def _customer(record: r.CustomerRecord) -> Values:
    return _copied(record, _CUSTOMER)


def _addresses(record: r.CustomerRecord) -> list[Values]:
    return [_copied(address, _ADDRESS) for address in record.addresses]


def _contacts(record: r.CustomerRecord) -> list[Values]:
    return [_copied(contact, ("kind", "value", "name")) for contact in record.contacts]


def _own_part_numbers(record: r.CustomerRecord) -> list[Values]:
    return [{"number": number, "sku": sku} for sku, number in dict.fromkeys(record.own_part_numbers)]


# --- documents ---

_ORDER = (
    "number",
    "customer_erp_id",
    "status",
    "step",
    "placed_at",
    "time_known",
    "currency",
    "web_reference",
    "customer_reference",
    "untaxed_total",
    "tax_total",
    "total",
    "requested_on",
    "is_return",
    "ship_to_erp_id",
    "placed_by",
    "quote_erp_id",
)
_PRICED_LINE = (
    "line_no",
    "erp_id",
    "sku",
    "item_type",
    "quantity",
    "unit",
    "net_price",
    "list_price",
    "unit_cost",
)
_ORDER_LINE = (*_PRICED_LINE, "quantity_delivered", "quantity_cancelled", "promised_on", "amount")
_INVOICE_LINE = (*_PRICED_LINE, "amount", "order_erp_id", "order_line_erp_id")
_DELIVERY = (
    "number",
    "customer_erp_id",
    "state",
    "planned_on",
    "shipped_on",
    "delivered_on",
    "carrier",
    "tracking_number",
    "tracking_url",
)
_DELIVERY_LINE = ("order_erp_id", "order_line_erp_id", "sku", "quantity", "unit")
_INVOICE = (
    "number",
    "customer_erp_id",
    "kind",
    "state",
    "invoiced_on",
    "due_on",
    "paid_on",
    "currency",
    "untaxed_total",
    "tax_total",
    "total",
    "amount_due",
    "discount_until",
    "discount_amount",
)
_PAYMENT = (
    "customer_erp_id",
    "invoice_erp_id",
    "paid_on",
    "amount",
    "currency",
    "via",
    "state",
    "reference",
)
_RETURN = (
    "number",
    "customer_erp_id",
    "state",
    "order_erp_id",
    "order_line_erp_id",
    "sku",
    "quantity",
    "requested_on",
    "reference",
    "credit_number",
)
_QUOTE = (
    "number",
    "reference",
    "customer_erp_id",
    "state",
    "currency",
    "requested_at",
    "untaxed_total",
    "tax_total",
    "total",
    "valid_until",
    "customer_reference",
)
_QUOTE_LINE = (
    "line_no",
    "erp_id",
    "sku",
    "item_erp_id",
    "quantity",
    "unit",
    "net_price",
    "list_price",
    "amount",
    "delivery_on",
)


def _order(record: r.OrderRecord) -> Values:
    return _copied(record, _ORDER) | {
        "channel_hint": record.channel_hint.value,
        "ship_to": cut(record.ship_to, 500),
        "allowed": list(record.allowed),
    }


def _order_lines(record: r.OrderRecord) -> list[Values]:
    return [
        _copied(line, _ORDER_LINE) | {"description": cut(line.description, 500), "first_promised_on": line.promised_on}
        for line in record.lines
    ]


def _delivery(record: r.DeliveryRecord) -> Values:
    return _copied(record, _DELIVERY)


def _delivery_lines(record: r.DeliveryRecord) -> list[Values]:
    return [_copied(line, _DELIVERY_LINE) for line in record.lines]


def _invoice(record: r.InvoiceRecord) -> Values:
    lists = {
        "order_numbers": list(record.order_numbers),
        "customer_references": list(record.customer_references),
    }
    return _copied(record, _INVOICE) | lists


def _invoice_lines(record: r.InvoiceRecord) -> list[Values]:
    return [_invoice_line(line) | {"description": cut(line.description, 500)} for line in record.lines]


def _invoice_line(line: r.InvoiceLineRecord) -> Values:
    """A discount is all discount (M20): without it nothing would have been charged, whether the ERP says so or not."""
    values = _copied(line, _INVOICE_LINE)
    return values | {"list_price": Decimal(0)} if line.item_type == "discount" and line.list_price is None else values


def _payment(record: r.PaymentRecord) -> Values:
    return _copied(record, _PAYMENT)


def _return(record: r.ReturnRecord) -> Values:
    return _copied(record, _RETURN) | {"reason": cut(record.reason, 500)}


def _quote(record: r.QuoteRecord) -> Values:
    return _copied(record, _QUOTE) | {"note": cut(record.note, TEXT_LIMIT), "terms": cut(record.terms, TEXT_LIMIT)}


def _quote_lines(record: r.QuoteRecord) -> list[Values]:
    return [
        _copied(line, _QUOTE_LINE) | {"description": cut(line.description, 500), "note": cut(line.note, 500)}
        for line in record.lines
    ]


# In the order of ports.MIRRORED: categories before the items that stand in them.
TABLES: dict[str, Table] = {
    "categories": Table(m.Category, r.CategoryRecord, _category),
    "items": Table(m.Item, r.ItemRecord, _item),
    "customers": Table(
        m.Customer,
        r.CustomerRecord,
        _customer,
        (
            Part(m.Address, "customer", _addresses, key="erp_id"),
            Part(m.Contact, "customer", _contacts),
            Part(m.OwnPartNumber, "customer", _own_part_numbers),
        ),
    ),
    "orders": Table(
        m.Order,
        r.OrderRecord,
        _order,
        (Part(m.OrderLine, "order", _order_lines, first="first_promised_on"),),
    ),
    "deliveries": Table(
        m.Delivery,
        r.DeliveryRecord,
        _delivery,
        (Part(m.DeliveryLine, "delivery", _delivery_lines),),
    ),
    "invoices": Table(m.Invoice, r.InvoiceRecord, _invoice, (Part(m.InvoiceLine, "invoice", _invoice_lines),)),
    "payments": Table(m.Payment, r.PaymentRecord, _payment),
    "returns": Table(m.Return, r.ReturnRecord, _return),
    "quotes": Table(
        m.Quote,
        r.QuoteRecord,
        _quote,
        (Part(m.QuoteLine, "quote", _quote_lines),),
        over=("accepted", "declined"),
    ),
}


def refusal_of(kind: str, record: Any) -> str:
    """Return why the mirror can't hold a record, "" when it can."""
    table = TABLES[kind]
    try:
        checked(table.model, table.values(record))
        for part in table.parts:
            for one in part.values(record):
                checked(part.model, one)
    except Unfit as error:
        return str(error)
    return ""
