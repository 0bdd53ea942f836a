"""What ERPNext does when a document is validated, submitted or cancelled."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from tests.erp_sync.adapters.erpnext.stub import pricing
from tests.erp_sync.adapters.erpnext.stub.pricing import number, rounded
from tests.erp_sync.adapters.erpnext.stub.refusal import invalid

if TYPE_CHECKING:
    from tests.erp_sync.adapters.erpnext.stub.site import Site

Doc = dict[str, Any]
SELLING = ("Sales Order", "Quotation", "Delivery Note", "Sales Invoice")


def validate(site: Site, doctype: str, doc: Doc) -> None:
    """Fill in and check a draft."""
    if doctype in SELLING:
        fill(site, doctype, doc)
        for row in doc["items"]:
            if not row["rate"] and not doc.get("is_return"):
                row["rate"] = pricing.discounted(site, row)
            row["rate"] = rounded(number(row["rate"]), site.rate_digits)
        calculate(site, doc)
    if doctype in CHECKS:
        CHECKS[doctype](site, doc)


def fill(site: Site, doctype: str, doc: Doc) -> None:
    """Put in what the customer and the items say; of taxes the template's name alone."""
    customer = site.docs["Customer"].get(pricing.party_of(doc))
    if customer is None:
        raise invalid(f"Customer {pricing.party_of(doc)} not found", "DoesNotExistError")
    if customer["disabled"]:
        raise invalid(f"Customer <strong>{customer['name']}</strong> is disabled.")
    group = site.docs["Customer Group"][customer["customer_group"]]
    listed = customer["default_price_list"] or group["default_price_list"] or "Standard Selling"
    given = {
        "customer_name": customer["customer_name"],
        "customer_group": customer["customer_group"],
        "territory": customer["territory"],
        "currency": customer["default_currency"] or "EUR",
        "selling_price_list": listed,
        "transaction_date": site.today(),
        "posting_date": site.today(),
        "taxes_and_charges": site.tax_template,
        "status": "Draft",
    }
    for name, value in given.items():
        if name in site.schema[doctype] and not doc.get(name):
            doc[name] = value
    _check_places(site, doc)
    for row in doc["items"]:
        if doctype != "Delivery Note":
            _fill_row(site, doc, row)


def _fill_row(site: Site, doc: Doc, row: Doc) -> None:
    rate = row.get("rate")
    pricing.fill_row(site, doc, row)
    pricing.apply_rules(site, doc, row)
    if rate and not row["pricing_rules"]:
        row["rate"] = rate
    if "delivery_date" in row and not row["delivery_date"]:
        row["delivery_date"] = doc.get("delivery_date")


def _check_places(site: Site, doc: Doc) -> None:
    for name in ("shipping_address_name", "customer_address"):
        if place := doc.get(name):
            links = site.get("Address", place)["links"]
            if pricing.party_of(doc) not in {one["link_name"] for one in links}:
                raise invalid(f"Shipping Address does not belong to the {pricing.party_of(doc)}")
    if doc.get("shipping_address_name"):
        there = site.get("Address", doc["shipping_address_name"])
        doc["shipping_address"] = f"{there['address_line1']}<br>\n{there['city']}<br>\n{there['country']}<br>\n"


def calculate(site: Site, doc: Doc) -> None:
    """Sum up: a line's amount is rounded, a tax row once, and the total to the smallest coin."""
    for row in doc["items"]:
        row["amount"] = row["net_amount"] = rounded(number(row["qty"]) * number(row["rate"]), 2)
    doc["net_total"] = doc["base_net_total"] = sum((row["net_amount"] for row in doc["items"]), Decimal(0))
    doc["total_qty"] = sum((number(row["qty"]) for row in doc["items"]), Decimal(0))
    tax = Decimal(0)
    for one in doc["taxes"]:
        own = [(row["net_amount"], _own_rate(row, one)) for row in doc["items"]]
        tax += rounded(sum((amount * rate / 100 for amount, rate in own), Decimal(0)), 2)
    doc["total_taxes_and_charges"] = tax
    doc["grand_total"] = doc["base_grand_total"] = doc["net_total"] + tax
    coin = number(site.get("Currency", doc["currency"])["smallest_currency_fraction_value"])
    doc["rounded_total"] = (
        Decimal(0) if doc["disable_rounded_total"] or not site.rounds_totals else _to_coin(doc["grand_total"], coin)
    )


def _to_coin(total: Decimal, coin: Decimal) -> Decimal:
    """Return what frappe.utils.round_based_on_smallest_currency_fraction makes of a total."""
    if not coin:
        return rounded(total, 0)
    over = total % coin
    return total + coin - over if over > coin / 2 else total - over


def payable(doc: Doc) -> Decimal:
    """Return what a document comes to."""
    return number(doc["rounded_total"] or doc["grand_total"])


def _own_rate(row: Doc, tax: Doc) -> Decimal:
    return number(json.loads(row["item_tax_rate"] or "{}").get(tax["account_head"], tax["rate"]))


# --- orders, quotes ---


def _check_order(site: Site, doc: Doc) -> None:
    if not doc["delivery_date"]:
        raise invalid("Please enter Delivery Date")
    if doc["delivery_date"] < doc["transaction_date"]:
        raise invalid("Expected Delivery Date should be after Sales Order Date")
    for other in site.docs["Sales Order"].values():
        is_same = other["po_no"] and other["po_no"] == doc["po_no"] and other["customer"] == doc["customer"]
        if is_same and other["docstatus"] < 2 and other["name"] != doc["name"] and not site.allows_same_po:
            raise invalid(
                f"Sales Order <strong>{other['name']}</strong> already exists against Customer's Purchase Order "
                f'<strong>{doc["po_no"]}</strong>. See <a href="http://erp/app/selling-settings">Selling Settings</a>'
            )


def _check_quote(_site: Site, doc: Doc) -> None:
    if doc["valid_till"] and doc["valid_till"] < doc["transaction_date"]:
        raise invalid("Valid till date cannot be before transaction date")


def _submit_order(site: Site, doc: Doc) -> None:
    limits = site.get("Customer", doc["customer"])["credit_limits"]
    limit = sum((number(one["credit_limit"]) for one in limits), Decimal(0))
    used = owed(site, doc["customer"]) + not_billed(site, doc["customer"]) + doc["grand_total"]
    if limit and used > limit:
        raise invalid(
            f"Credit limit has been crossed for customer {doc['customer']} ({used}/{limit})<br><br>"
            "Please contact any of the following users: <ul><li>Test User (test@example.com)</li></ul>"
        )
    doc["status"] = "To Deliver and Bill"
    for name in {row["prevdoc_docname"] for row in doc["items"]} - {None}:
        quote = site.get("Quotation", name)
        is_whole = len(quote["items"]) == len(doc["items"])
        site.touch("Quotation", name, status="Ordered" if is_whole else "Partially Ordered")


def _submit_quote(_site: Site, doc: Doc) -> None:
    doc["status"] = "Open"


def _cancel_order(site: Site, doc: Doc) -> None:
    if doc["per_delivered"] or doc["per_billed"]:
        raise invalid(
            f"Cannot delete or cancel because Sales Order <strong>{doc['name']}</strong> is linked with others",
            "LinkExistsError",
        )


# --- deliveries, returns ---


def _check_delivery(site: Site, doc: Doc) -> None:
    for row in doc["items"] if doc["is_return"] else ():
        source = site.get("Delivery Note", doc["return_against"])
        sold = next(one for one in source["items"] if one["so_detail"] == row["so_detail"])
        if row["qty"] > 0 or -row["qty"] > sold["qty"]:
            raise invalid(f"Cannot return more than {sold['qty']} for Item {row['item_code']}", "StockOverReturnError")


def _submit_delivery(site: Site, doc: Doc) -> None:
    doc["status"] = "To Bill"
    if doc["is_return"]:
        return
    for name in {row["against_sales_order"] for row in doc["items"]}:
        order = site.get("Sales Order", name)
        for row in doc["items"]:
            line = next(one for one in order["items"] if one["name"] == row["so_detail"])
            line["delivered_qty"] = number(line["delivered_qty"]) + number(row["qty"])
        whole = sum((number(one["qty"]) for one in order["items"]), Decimal(0))
        done = sum((number(one["delivered_qty"]) for one in order["items"]), Decimal(0))
        site.touch("Sales Order", name, per_delivered=rounded(done / whole * 100, 6), status="To Bill")


# --- invoices, payments ---


def _submit_invoice(site: Site, doc: Doc) -> None:
    doc["outstanding_amount"], doc["status"] = payable(doc), "Return" if doc["is_return"] else "Unpaid"
    doc["due_date"] = doc["due_date"] or site.today()
    for name in {row["sales_order"] for row in doc["items"]} - {None}:
        site.touch("Sales Order", name, per_billed=Decimal(100))


def _check_payment(site: Site, doc: Doc) -> None:
    whole = Decimal(0)
    for row in doc["references"]:
        invoice = site.get("Sales Invoice", row["reference_name"])
        row["outstanding_amount"], row["total_amount"] = invoice["outstanding_amount"], payable(invoice)
        if invoice["customer"] != doc["party"]:
            raise invalid(f"Sales Invoice {invoice['name']} does not belong to {doc['party']}")
        if number(row["allocated_amount"]) > invoice["outstanding_amount"]:
            raise invalid(f"Row #{row.get('idx')}: Allocated Amount cannot be greater than outstanding amount.")
        whole += number(row["allocated_amount"])
    if whole > number(doc["paid_amount"]):
        raise invalid("Total Allocated Amount is more than the paid amount")
    doc["total_allocated_amount"], doc["unallocated_amount"] = whole, number(doc["paid_amount"]) - whole
    if doc["paid_to"] == "Bank - WS" and not (doc["reference_no"] and doc["reference_date"]):
        raise invalid("Reference No and Reference Date is mandatory for Bank transaction")


def _pay(site: Site, doc: Doc, sign: int) -> None:
    for row in doc["references"]:
        invoice = site.get("Sales Invoice", row["reference_name"])
        left = invoice["outstanding_amount"] - sign * number(row["allocated_amount"])
        status = "Paid" if not left else "Unpaid" if left == payable(invoice) else "Partly Paid"
        site.touch("Sales Invoice", invoice["name"], outstanding_amount=left, status=status)


def owed(site: Site, customer: str) -> Decimal:
    """Return what a customer owes."""
    mine = [one for one in site.docs["Sales Invoice"].values() if one["customer"] == customer and one["docstatus"] == 1]
    return sum((number(one["outstanding_amount"]) for one in mine), Decimal(0))


def not_billed(site: Site, customer: str) -> Decimal:
    """Return what of his orders is not billed."""
    mine = [one for one in site.docs["Sales Order"].values() if one["customer"] == customer and one["docstatus"] == 1]
    return sum((one["grand_total"] * (100 - number(one["per_billed"])) / 100 for one in mine), Decimal(0))


Rule = Callable[["Site", Doc], None]
CHECKS: dict[str, Rule] = {
    "Sales Order": _check_order,
    "Quotation": _check_quote,
    "Delivery Note": _check_delivery,
    "Payment Entry": _check_payment,
}
ON_SUBMIT: dict[str, Rule] = {
    "Sales Order": _submit_order,
    "Quotation": _submit_quote,
    "Delivery Note": _submit_delivery,
    "Sales Invoice": _submit_invoice,
    "Payment Entry": lambda site, doc: _pay(site, doc, 1),
}
ON_CANCEL: dict[str, Rule] = {"Sales Order": _cancel_order, "Payment Entry": lambda site, doc: _pay(site, doc, -1)}


def submit(site: Site, doctype: str, doc: Doc) -> None:
    """Do what follows from a submission."""
    if doctype not in ON_SUBMIT:
        raise invalid(f"{doctype} cannot be submitted")
    ON_SUBMIT[doctype](site, doc)


def cancel(site: Site, doctype: str, doc: Doc) -> None:
    """Do what follows from a cancellation."""
    if doctype in ON_CANCEL:
        ON_CANCEL[doctype](site, doc)
