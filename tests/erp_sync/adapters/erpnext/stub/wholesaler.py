"""A small wholesaler in the stub, with every kind of price and document."""

from __future__ import annotations

import datetime as dt
from typing import Any

from tests.erp_sync.adapters.erpnext.stub.site import Site

COMPANY, WAREHOUSE, SECOND = "Wholesale SA", "Stores - WS", "North - WS"
TEMPLATE, ACCOUNT = "VAT 21 - WS", "VAT 21 - WS"
FREE_TEXT = "FREE-TEXT"
# code, name, group, sales unit, price of a piece
ITEMS = (
    ("TOR-0440", "Bolt 4x40", "Bolts", None, 8.93),
    ("TUE-0004", "Nut M4", "Bolts", "Box", 0.35),
    ("CAB-0025", "Cable 2.5 mm", "Cables", None, 1.2345),
    ("AMO-0115", "Grinder 115 mm", "Machines", None, 89.9),
    ("GUA-0009", "Glove", "Safety", None, 2.75),
    ("LAM-0001", "Lamp", "Safety", None, 14.05),
)
CUSTOMERS = (
    ("Acme", "Trade", None, 0),
    ("Beta", "Retail", None, 0),
    ("Contract SL", "Trade", "Contract", 0),
    ("Small SA", "Retail", None, 500),
)


def wholesaler(site: Site | None = None) -> Site:
    """Return a site with the wholesaler's data."""
    site = site or Site()
    _company(site)
    _items(site)
    _customers(site)
    _prices(site)
    _documents(site)
    return site


def _put(site: Site, doctype: str, name: str = "", /, **values: Any) -> dict[str, Any]:
    return site.insert(doctype, {**({"name": name} if name else {}), **values}, is_staff=True)


def _company(site: Site) -> None:
    _put(site, "Currency", "EUR", smallest_currency_fraction_value=0.01, enabled=1)
    _put(site, "System Settings", "System Settings", number_format="#.###,##", rounding_method="Banker's Rounding")
    _put(site, "Company", COMPANY, default_currency="EUR")
    for name in (WAREHOUSE, SECOND):
        _put(site, "Warehouse", name, company=COMPANY)
    for unit in ("Nos", "Box", "Meter"):
        _put(site, "UOM", unit, must_be_whole_number=int(unit != "Meter"))
    for name in ("Standard Selling", "Contract"):
        _put(site, "Price List", name, currency="EUR", selling=1)
    _put(site, "Customer Group", "Trade", default_price_list=None)
    _put(site, "Customer Group", "Retail", default_price_list=None)
    tax = {"charge_type": "On Net Total", "account_head": ACCOUNT, "rate": 21.0, "description": "VAT"}
    _put(site, "Sales Taxes and Charges Template", TEMPLATE, title="VAT 21", taxes=[tax])
    site.tax_template = TEMPLATE


def _items(site: Site) -> None:
    _put(site, "Item Group", item_group_name="All Item Groups")
    for group in ("Bolts", "Cables", "Machines", "Safety"):
        _put(site, "Item Group", item_group_name=group, parent_item_group="All Item Groups")
    for code, name, group, unit, _ in ITEMS:
        uoms = [{"uom": "Nos", "conversion_factor": 1.0}, {"uom": "Box", "conversion_factor": 12.0}]
        item = {"item_code": code, "item_name": name, "item_group": group, "stock_uom": "Nos", "sales_uom": unit}
        barcodes = [{"barcode": f"84000000{code[-4:]}{code[0]}"}]
        words = f"<div><p>{name}</p><p>Made of <b>steel</b> &amp; sold here</p></div>"
        _put(site, "Item", **item, description=words, is_sales_item=1, is_stock_item=1, uoms=uoms, barcodes=barcodes)
        for warehouse, pieces in ((WAREHOUSE, 5000.0), (SECOND, 1000.0)):
            bin_of = {"item_code": code, "warehouse": warehouse, "actual_qty": pieces, "reserved_qty": 100.0}
            _put(site, "Bin", **bin_of)
    free = {"item_code": FREE_TEXT, "item_name": "Free text", "item_group": "Safety", "stock_uom": "Nos"}
    _put(site, "Item", **free, description="Free text", is_sales_item=1)
    # The taxes of one item are lower than the others'.
    site.item_taxes["GUA-0009"] = {ACCOUNT: 10.0}


def _customers(site: Site) -> None:
    _put(site, "Country", "Spain", code="es")
    for name, group, price_list, limit in CUSTOMERS:
        limits = [{"company": COMPANY, "credit_limit": float(limit)}] if limit else []
        customer = {"customer_name": name, "customer_group": group, "default_price_list": price_list}
        _put(site, "Customer", **customer, credit_limits=limits, sales_team=[{"sales_person": "Laura Gil"}])
        links = [{"link_doctype": "Customer", "link_name": name}]
        for title, kind in ((name, "Billing"), (f"{name} yard", "Shipping")):
            place = {"address_title": title, "address_type": kind, "address_line1": "C/ Mayor 1", "city": "Madrid"}
            _put(site, "Address", **place, pincode="28001", country="Spain", links=links)
        contact = _put(site, "Contact", f"Ana-{name}", first_name="Ana", links=links)
        site.touch("Contact", contact["name"], email_id="ana@example.com", phone="+34 600 000 000")


def _prices(site: Site) -> None:
    for code, _, _, _, price in ITEMS:
        common = {"item_code": code, "uom": "Nos", "selling": 1}
        _put(site, "Item Price", **common, price_list="Standard Selling", price_list_rate=price)
        _put(site, "Item Price", **common, price_list="Contract", price_list_rate=round(price * 0.8, 4))
    for code, least, percent in (
        ("TOR-0440", 10, 5),
        ("TOR-0440", 100, 12),
        ("TUE-0004", 120, 8),
        ("TUE-0004", 1200, 20),
    ):
        most = {10: 99.0, 120: 1199.0}.get(least, 0.0)
        _rule(site, f"{code} from {least}", percent, items=[{"item_code": code}], min_qty=float(least), max_qty=most)
    _rule(
        site, "Trade cables", 10, item_groups=[{"item_group": "Cables"}], apply_on="Item Group", **_for_group("Trade")
    )


def _for_group(name: str) -> dict[str, str]:
    return {"applicable_for": "Customer Group", "customer_group": name}


def _rule(site: Site, title: str, percent: int, apply_on: str = "Item Code", **values: Any) -> None:
    discount = {"discount_percentage": float(percent), "selling": 1, "priority": "1"}
    _put(site, "Pricing Rule", title, title=title, apply_on=apply_on, **discount, **values)


def _documents(site: Site) -> None:
    for customer in ("Acme", "Beta", "Acme", "Beta"):
        invoice(site, deliver(site, order(site, customer)))
    order(site, "Beta", code="LAM-0001")
    quote = {"quotation_to": "Customer", "party_name": "Acme", "company": COMPANY, "order_type": "Sales"}
    made = _put(site, "Quotation", **quote, items=[{"item_code": "LAM-0001", "qty": 3}])
    site.update("Quotation", made["name"], {"docstatus": 1}, is_staff=True)
    credit_note(site, next(iter(site.docs["Sales Invoice"])))


def order(site: Site, customer: str, *, code: str = "AMO-0115", quantity: int = 2) -> str:
    """Let the staff take an order by phone; return its number."""
    values = {"customer": customer, "company": COMPANY, "order_type": "Sales", "delivery_date": _in(site, days=7)}
    made = _put(site, "Sales Order", **values, items=[{"item_code": code, "qty": quantity}])
    site.update("Sales Order", made["name"], {"docstatus": 1}, is_staff=True)
    return str(made["name"])


def _in(site: Site, *, days: int) -> str:
    """Return the day in some days."""
    return (dt.date.fromisoformat(site.today()) + dt.timedelta(days=days)).isoformat()


def deliver(site: Site, order_name: str) -> str:
    """Let the staff deliver an order; return the order's number."""
    sold = site.get("Sales Order", order_name)
    rows = [
        {
            "item_code": row["item_code"],
            "qty": float(row["qty"]),
            "uom": row["uom"],
            "conversion_factor": float(row["conversion_factor"]),
            "rate": float(row["rate"]),
            "against_sales_order": order_name,
            "so_detail": row["name"],
        }
        for row in sold["items"]
    ]
    made = _put(site, "Delivery Note", customer=sold["customer"], company=COMPANY, items=rows, lr_no="TRK-1")
    site.update("Delivery Note", made["name"], {"docstatus": 1}, is_staff=True)
    return order_name


def invoice(site: Site, order_name: str) -> str:
    """Let the staff bill an order; return the invoice's number."""
    sold = site.get("Sales Order", order_name)
    rows = [
        {
            "item_code": row["item_code"],
            "qty": float(row["qty"]),
            "rate": float(row["rate"]),
            "sales_order": order_name,
            "so_detail": row["name"],
        }
        for row in sold["items"]
    ]
    due = {"due_date": _in(site, days=30)}
    made = _put(site, "Sales Invoice", customer=sold["customer"], company=COMPANY, items=rows, **due)
    site.update("Sales Invoice", made["name"], {"docstatus": 1}, is_staff=True)
    return str(made["name"])


def credit_note(site: Site, invoice_name: str) -> str:
    """Let the staff write a credit note for one of an invoice's first line; return its number."""
    billed = site.get("Sales Invoice", invoice_name)
    first = billed["items"][0]
    rows = [{"item_code": first["item_code"], "qty": -1, "rate": float(first["rate"])}]
    note = {"is_return": 1, "return_against": invoice_name, "ignore_pricing_rule": 1}
    made = _put(site, "Sales Invoice", customer=billed["customer"], company=COMPANY, items=rows, **note)
    site.update("Sales Invoice", made["name"], {"docstatus": 1}, is_staff=True)
    return str(made["name"])
