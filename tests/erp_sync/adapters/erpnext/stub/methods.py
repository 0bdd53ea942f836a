"""The methods of the stub that may be called from outside."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from tests.erp_sync.adapters.erpnext.stub import rules
from tests.erp_sync.adapters.erpnext.stub.pricing import number
from tests.erp_sync.adapters.erpnext.stub.refusal import Refusal, invalid
from tests.erp_sync.adapters.erpnext.stub.schema import tables

if TYPE_CHECKING:
    from tests.erp_sync.adapters.erpnext.stub.site import Site

Doc = dict[str, Any]
NOT_COPIED = frozenset(
    {"name", "creation", "modified", "modified_by", "parent", "b2b_key", "b2b_note", "b2b_cancelled"}
)


def logged_user(_site: Site) -> Any:
    """frappe.auth.get_logged_user."""
    return "shop@example.com"


def versions(_site: Site) -> Any:
    """frappe.utils.change_log.get_versions."""
    return {"frappe": {"version": "15.44.0"}, "erpnext": {"version": "15.93.0"}}


def time_zone(site: Site) -> Any:
    """frappe.client.get_time_zone."""
    return {"time_zone": site.zone.key}


def cancel(site: Site, doctype: str, name: str) -> Any:
    """frappe.client.cancel."""
    return site.cancel(doctype, name)


def has_permission(site: Site, doctype: str, docname: str, perm_type: str) -> Any:
    """frappe.client.has_permission."""
    assert docname == ""
    return {"has_permission": (doctype, perm_type) not in site.forbidden}


def getdoctype(site: Site, doctype: str) -> Any:
    """frappe.desk.form.load.getdoctype: the type, and those of its tables."""
    if (doctype, "read") in site.forbidden:
        raise Refusal(403, "PermissionError", "No permission")
    return [_meta(site, one) for one in [doctype, *tables(doctype).values()]]


def _meta(site: Site, doctype: str) -> Doc:
    fields = [
        {"fieldname": one.name, "unique": int("!" in one.flags), "read_only": int("-" in one.flags)}
        | ({"default": "1"} if one.name == "disable_rounded_total" and not site.rounds_totals else {})
        for one in site.schema[doctype].values()
    ]
    return {"doctype": "DocType", "name": doctype, "fields": fields}


def getdoc(site: Site, doctype: str, name: str) -> Any:
    """frappe.desk.form.load.getdoc."""
    return [site.get(doctype, name)]


def balance(site: Site, party_type: str, party: str, company: str, date: str) -> Any:
    """erpnext.accounts.utils.get_balance_on."""
    assert (party_type, bool(company), bool(date)) == ("Customer", True, True)
    return float(rules.owed(site, party))


def run_doc_method(
    site: Site, method: str, docs: str = "", dt: str = "", dn: str = "", args: dict[str, Any] | None = None
) -> Any:
    """run_doc_method: what invoices and quotations let be called."""
    if method == "set_missing_values":
        doc = json.loads(docs)
        if doc["doctype"] != "Sales Invoice":
            raise Refusal(403, "PermissionError", f"Function {method} is not whitelisted.")
        return [_filled(site, doc)]
    if (method, dt) == ("declare_enquiry_lost", "Quotation"):
        return [_lost(site, dn, **(args or {}))]
    raise Refusal(403, "PermissionError", f"Function {method} is not whitelisted.")


def _filled(site: Site, told: Doc) -> Doc:
    """Return an unsaved invoice with what is missing filled in; its totals stay 0."""
    doc = site.unsaved("Sales Invoice", told)
    rules.fill(site, "Sales Invoice", doc)
    return doc


def _lost(site: Site, name: str, lost_reasons_list: list[Any], competitors: list[Any], detailed_reason: str) -> Doc:
    doc = site.get("Quotation", name)
    if doc["docstatus"] != 1 or doc["status"] in {"Ordered", "Partially Ordered"} or lost_reasons_list or competitors:
        raise invalid("Cannot set as Lost as Sales Order is made.")
    site.touch("Quotation", name, status="Lost", order_lost_reason=detailed_reason)
    return site.get("Quotation", name)


def make_sales_order(site: Site, source_name: str) -> Any:
    """quotation.make_sales_order: an unsaved order."""
    quote = site.get("Quotation", source_name)
    if quote["docstatus"] != 1:
        raise invalid("Cannot map because following condition fails: docstatus=1")
    if quote["valid_till"] and quote["valid_till"] < site.today():
        raise invalid("Validity period of this quotation has ended.")
    doc = _copy(site, "Sales Order", quote) | {"customer": quote["party_name"], "transaction_date": site.today()}
    rows = [(_copy(site, "Sales Order Item", row), row) for row in quote["items"]]
    doc["items"] = [row | {"prevdoc_docname": source_name, "quotation_item": of["name"]} for row, of in rows]
    return doc | {"status": "Draft", "ignore_pricing_rule": 0, "__onload": {"load_after_mapping": True}}


def make_sales_return(site: Site, source_name: str) -> Any:
    """delivery_note.make_sales_return: an unsaved return of all that is left."""
    note = site.get("Delivery Note", source_name)
    if note["docstatus"] != 1:
        raise invalid("Cannot map because following condition fails: docstatus=1")
    doc = _copy(site, "Delivery Note", note) | {"is_return": 1, "return_against": source_name, "status": "Draft"}
    doc["items"] = [
        _copy(site, "Delivery Note Item", row)
        | {"qty": -number(row["qty"]), "stock_qty": -number(row["stock_qty"]), "dn_detail": row["name"]}
        for row in note["items"]
    ]
    return doc


def payment_entry(site: Site, dt: str, dn: str, party_amount: float) -> Any:
    """payment_entry.get_payment_entry: the amount given counts as what is left, whatever is left."""
    invoice = site.get(dt, dn)
    if invoice["docstatus"] != 1:
        raise invalid("Can only make payment against unbilled Sales Invoice")
    amount = Decimal(str(party_amount))
    row = {
        "reference_doctype": dt,
        "reference_name": dn,
        "total_amount": amount,
        "outstanding_amount": amount,
        "allocated_amount": amount,
        "idx": 1,
        "doctype": "Payment Entry Reference",
        "__islocal": 1,
    }
    return {
        "doctype": "Payment Entry",
        "__islocal": 1,
        "docstatus": 0,
        "payment_type": "Receive",
        "company": invoice["company"],
        "party_type": "Customer",
        "party": invoice["customer"],
        "posting_date": site.today(),
        "paid_from": "Debtors - WS",
        "paid_to": "Bank - WS",
        "paid_from_account_currency": "EUR",
        "paid_to_account_currency": "EUR",
        "paid_amount": amount,
        "received_amount": amount,
        "references": [row],
    }


def _copy(site: Site, doctype: str, source: Doc) -> Doc:
    """Return the fields that both types have, as an unsaved document."""
    names = set(site.schema[doctype]) - NOT_COPIED - {"items"}
    found = {name: source[name] for name in names if source.get(name) is not None}
    return {**found, "doctype": doctype, "docstatus": 0, "__islocal": 1}


METHODS: dict[str, Callable[..., Any]] = {
    "frappe.auth.get_logged_user": logged_user,
    "frappe.utils.change_log.get_versions": versions,
    "frappe.client.get_time_zone": time_zone,
    "frappe.client.cancel": cancel,
    "frappe.client.has_permission": has_permission,
    "frappe.desk.form.load.getdoctype": getdoctype,
    "frappe.desk.form.load.getdoc": getdoc,
    "erpnext.accounts.utils.get_balance_on": balance,
    "run_doc_method": run_doc_method,
    "erpnext.selling.doctype.quotation.quotation.make_sales_order": make_sales_order,
    "erpnext.stock.doctype.delivery_note.delivery_note.make_sales_return": make_sales_return,
    "erpnext.accounts.doctype.payment_entry.payment_entry.get_payment_entry": payment_entry,
}
# Their documents are not in a message.
IN_DOCS = frozenset({"run_doc_method", "frappe.desk.form.load.getdoctype", "frappe.desk.form.load.getdoc"})
FOR_GUESTS = frozenset({"frappe.client.get_time_zone"})
WRITING = frozenset({"frappe.client.cancel", "run_doc_method"})
