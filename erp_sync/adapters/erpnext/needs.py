"""What the adapter uses of ERPNext, compared with its own metadata: document types, fields, custom fields, rights."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from erp_sync.adapters.erpnext import (
    catalogue,
    customers,
    deliveries,
    invoices,
    orders_read,
    payments,
    prices,
    quotes_read,
    returns,
    steps,
)
from erp_sync.adapters.erpnext import documents as d
from erp_sync.adapters.erpnext.client import ErpNextClient
from erp_sync.adapters.erpnext.mapping import is_on
from erp_sync.adapters.erpnext.pulls import Source
from erp_sync.adapters.erpnext.setup import COIN, Options
from erp_sync.errors import ErpMisconfigured, ErpRejected
from erp_sync.http import Deadline
from erp_sync.ports import Need

# Every document has these; they are not among the fields of its type.
STANDARD = frozenset({"name", "owner", "creation", "modified", "docstatus", "idx", "parent"})
# Read outside of the pulls, or written: by document type, its tables too.
FIELDS: Mapping[str, tuple[str, ...]] = {
    "Item": (*prices.ITEM_FIELDS, "uoms", "barcodes", "attributes"),
    "UOM Conversion Detail": ("uom", "conversion_factor"),
    "Item Barcode": ("barcode",),
    "Item Variant Attribute": ("attribute", "attribute_value"),
    "Item Price": (*catalogue.PRICE_FIELDS, "selling", "price_list"),
    "Pricing Rule": (*steps.FIELDS, "disable", "selling"),
    "Pricing Rule Item Code": ("item_code",),
    "Bin": prices.BIN_FIELDS,
    "Customer": ("credit_limits", "sales_team"),
    "Customer Credit Limit": ("company", "credit_limit", "bypass_credit_limit_check"),
    "Sales Team": ("sales_person",),
    "Customer Group": ("default_price_list", "credit_limits"),
    "Address": (*customers.ADDRESS_FIELDS, "links"),
    "Contact": (*customers.CONTACT_FIELDS, "links"),
    "Dynamic Link": ("link_doctype", "link_name"),
    "Company": ("default_currency", "credit_limit"),
    "Country": ("code",),
    "Currency": (COIN, "enabled"),
    "Warehouse": ("company", "is_group", "disabled"),
    "UOM": ("must_be_whole_number",),
    "Sales Order": (d.NOTE, "company", "items", "taxes", "taxes_and_charges", "base_grand_total"),
    "Sales Order Item": (*orders_read.LINE_FIELDS, "item_tax_rate", "warehouse"),
    "Quotation": ("company", "quotation_to", "items", "ignore_pricing_rule"),
    "Quotation Item": quotes_read.LINE_FIELDS,
    "Delivery Note": ("company", "is_return", "items"),
    "Delivery Note Item": (*returns.LINE_FIELDS, *deliveries.LINE_FIELDS, "conversion_factor"),
    "Sales Invoice": ("company", "items"),
    "Sales Invoice Item": (*invoices.LINE_FIELDS, "discount_percentage", "discount_amount"),
    "Payment Entry": ("company", "party_type", "references", "reference_no", "reference_date", "paid_to"),
    "Payment Entry Reference": payments.LINE_FIELDS,
    "Sales Taxes and Charges Template": ("taxes",),
    "Sales Taxes and Charges": ("charge_type", "account_head", "rate", "tax_amount", "row_id"),
}
RIGHTS: Mapping[str, tuple[str, ...]] = {
    "Item": ("read",),
    "Item Group": ("read",),
    "Item Price": ("read",),
    "Pricing Rule": ("read",),
    "Bin": ("read",),
    "Customer": ("read",),
    "Customer Group": ("read",),
    "Address": ("read",),
    "Contact": ("read",),
    "Company": ("read",),
    "Country": ("read",),
    "Currency": ("read",),
    "Warehouse": ("read",),
    "UOM": ("read",),
    "Sales Order": ("read", "create", "write", "submit", "cancel", "delete"),
    "Quotation": ("read", "create", "write", "submit", "delete"),
    "Delivery Note": ("read", "create", "write", "delete"),
    "Sales Invoice": ("read", "create", "write"),
    "Payment Entry": ("read", "create", "write", "submit", "cancel", "delete"),
    "Sales Taxes and Charges Template": ("read",),
}
ROLES = {
    "Delivery Note": "Stock User",
    "Bin": "Stock User",
    "Warehouse": "Stock User",
    "Payment Entry": "Accounts User",
}
OURS = frozenset({d.KEY, d.NOTE, d.CANCELLED, quotes_read.ANSWER, quotes_read.ORDER})
MAKE_FIELD = "make the custom field (docs/adapters-erpnext.md)"
SETTINGS = "System Settings"
# Digits of amounts where no precision is set; 2 in all others.
NUMBER_FORMATS = {"#,###.###": 3, "#.###": 0, "#,###": 0}
Meta = Mapping[str, Mapping[str, Mapping[str, Any]]]


def needs(client: ErpNextClient, sources: Iterable[Source], options: Options, deadline: Deadline) -> list[Need]:
    """Return each document type, field and right that is used, and whether it is there; and how the site rounds."""
    wanted: dict[str, set[str]] = {}
    for doctype, fields in [*FIELDS.items(), *((one.doctype, one.fields) for one in sources)]:
        wanted.setdefault(doctype, set()).update(set(fields) - STANDARD)
    known = _metadata(client, deadline)
    found: list[Need] = []
    for doctype in sorted(wanted):
        found.append(Need("model", doctype, doctype in known, "install ERPNext's modules Selling, Stock and Accounts"))
        if doctype in known:
            found += [_field(doctype, name, known[doctype].get(name)) for name in sorted(wanted[doctype])]
    return [*found, *_rights(client, deadline), *_rounding(client, options, deadline)]


def _field(doctype: str, name: str, field: Mapping[str, Any] | None) -> Need:
    if name == d.KEY:
        is_unique = field is not None and is_on(field.get("unique"))
        return Need("field", f"{doctype}.{name} (unique)", is_unique, f"{MAKE_FIELD}, unique and not copied")
    return Need("field", f"{doctype}.{name}", field is not None, MAKE_FIELD if name in OURS else "")


def _metadata(client: ErpNextClient, deadline: Deadline) -> Meta:
    """Return the fields of each type that the user may see; the types of its tables come with it."""
    known: dict[str, dict[str, Mapping[str, Any]]] = {}
    for doctype in RIGHTS:
        try:
            types = client.types(doctype, deadline)
        except (ErpRejected, ErpMisconfigured):
            continue
        for meta in types:
            known[str(meta["name"])] = {str(one["fieldname"]): one for one in meta["fields"]}
    return known


def _rights(client: ErpNextClient, deadline: Deadline) -> list[Need]:
    return [
        Need(
            "right",
            f"{right} {doctype}",
            _may(client, doctype, right, deadline),
            f"give the user the role {ROLES.get(doctype, 'Sales User')}",
        )
        for doctype, rights in RIGHTS.items()
        for right in rights
    ]


def _rounding(client: ErpNextClient, options: Options, deadline: Deadline) -> list[Need]:
    """Return how the site rounds beside the options; nothing where the user may not read it, as is usual."""
    try:
        site = client.read(SETTINGS, SETTINGS, deadline)
    except (ErpRejected, ErpMisconfigured):
        return []
    digits = int(site.get("currency_precision") or 0) or NUMBER_FORMATS.get(str(site.get("number_format")), 2)
    halves = "even" if site.get("rounding_method") == "Banker's Rounding" else "up"
    return [
        Need("field", f"{SETTINGS}: {name} {told!r}", told == there, f"set {name} to {there!r} in ERP_OPTIONS")
        for name, told, there in (("money_digits", options.money_digits, digits), ("halves", options.halves, halves))
    ]


def _may(client: ErpNextClient, doctype: str, right: str, deadline: Deadline) -> bool:
    told = client.call("frappe.client.has_permission", deadline, doctype=doctype, docname="", perm_type=right)
    return bool(told.get("has_permission")) if isinstance(told, dict) else False
