"""Records as an ERP would send them, with a value for everything that a test does not care about."""

import datetime as dt
from decimal import Decimal
from typing import Any

from erp_sync import records as r

NOW = dt.datetime(2026, 3, 2, 10, 0, tzinfo=dt.UTC)


def category(erp_id: str, parent: str = "", **facts: Any) -> r.CategoryRecord:
    values: dict[str, Any] = {"version": NOW, "names": {"en": erp_id}} | facts
    return r.CategoryRecord(erp_id=erp_id, parent_erp_id=parent, **values)


def item(sku: str, name: str = "", **facts: Any) -> r.ItemRecord:
    values: dict[str, Any] = {
        "erp_id": f"item-{sku}",
        "version": NOW,
        "texts": {"en": r.Text(name or sku)},
        "sales_unit": r.PackUnit("u", {"en": "Unit"}),
    } | facts
    return r.ItemRecord(sku=sku, **values)


def customer(erp_id: str, **facts: Any) -> r.CustomerRecord:
    values: dict[str, Any] = {"version": NOW, "number": f"C{erp_id}", "name": f"Company {erp_id}"}
    return r.CustomerRecord(erp_id=erp_id, **(values | facts))


def address(erp_id: str, **facts: Any) -> r.AddressRecord:
    values: dict[str, Any] = {"name": "", "street": "S", "postal_code": "1", "city": "C"} | facts
    return r.AddressRecord(erp_id=erp_id, **values)


def order_line(line_no: int, sku: str, quantity: str = "1", **facts: Any) -> r.OrderLineRecord:
    values: dict[str, Any] = {
        "erp_id": f"line-{line_no}",
        "description": sku,
        "unit": "u",
        "net_price": Decimal("2.5"),
    } | facts
    return r.OrderLineRecord(line_no=line_no, sku=sku, quantity=Decimal(quantity), **values)


def order(erp_id: str, customer_erp_id: str = "c1", **facts: Any) -> r.OrderRecord:
    values: dict[str, Any] = {
        "version": NOW,
        "number": f"SO{erp_id}",
        "status": "open",
        "placed_at": NOW,
        "currency": "EUR",
        "lines": (order_line(1, "A"), order_line(2, "B")),
    } | facts
    return r.OrderRecord(erp_id=erp_id, customer_erp_id=customer_erp_id, **values)


def delivery(erp_id: str, order_erp_id: str, **facts: Any) -> r.DeliveryRecord:
    line = r.DeliveryLineRecord(order_erp_id, "line-1", "A", Decimal(1), "u")
    values: dict[str, Any] = {
        "version": NOW,
        "number": f"D{erp_id}",
        "customer_erp_id": "c1",
        "state": "shipped",
        "lines": (line,),
    } | facts
    return r.DeliveryRecord(erp_id=erp_id, **values)


def invoice(erp_id: str, customer_erp_id: str = "c1", **facts: Any) -> r.InvoiceRecord:
    line = r.InvoiceLineRecord(1, f"il-{erp_id}", "A", "Hex bolt", Decimal(2), "u", Decimal(5), Decimal(10))
    values: dict[str, Any] = {
        "version": NOW,
        "number": f"F{erp_id}",
        "kind": "invoice",
        "state": "open",
        "invoiced_on": dt.date(2026, 2, 1),
        "due_on": dt.date(2026, 3, 1),
        "currency": "EUR",
        "untaxed_total": Decimal(10),
        "tax_total": Decimal("2.1"),
        "total": Decimal("12.1"),
        "amount_due": Decimal("12.1"),
        "lines": (line,),
    } | facts
    return r.InvoiceRecord(erp_id=erp_id, customer_erp_id=customer_erp_id, **values)
