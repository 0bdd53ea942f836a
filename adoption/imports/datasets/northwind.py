"""Northwind (Microsoft, MIT): a food wholesaler whose reps take every order."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

from adoption.imports.datasets.common import Record, UnknownVariant, midnight, records, table
from adoption.imports.reading import Meta, Source

ZONE = "UTC"
META = Meta(ZONE, "USD", "US", "1998-05-07T00:00:00Z")
COUNTRIES = {
    "Argentina": "AR", "Austria": "AT", "Belgium": "BE", "Brazil": "BR", "Canada": "CA", "Denmark": "DK",
    "Finland": "FI", "France": "FR", "Germany": "DE", "Ireland": "IE", "Italy": "IT", "Mexico": "MX", "Norway": "NO",
    "Poland": "PL", "Portugal": "PT", "Spain": "ES", "Sweden": "SE", "Switzerland": "CH", "UK": "GB", "USA": "US",
    "Venezuela": "VE",
}  # fmt: skip


def source(folder: Path, variant: str) -> Source:
    """Return the tables of this data set.

    Raises:
        UnknownVariant: it has none at all.
    """
    if variant:
        raise UnknownVariant("northwind has no variants")
    tables = (
        table("accounts", lambda: _accounts(folder), label="Customers"),
        table("users", lambda: _users(folder), label="Employees"),
        table("orders", lambda: _orders(folder), label="Orders"),
        table("order_lines", lambda: _lines(folder), label="OrderDetails"),
        table("deliveries", lambda: _deliveries(folder), label="OrderDetails"),
    )
    return Source("northwind", META, tables)


def _read(folder: Path, name: str, *needed: str) -> Iterator[Record]:
    return records(folder / f"{name}.csv.gz", needed)


def _all_orders(folder: Path) -> Iterator[Record]:
    return _read(folder, "Orders", "OrderID", "CustomerID", "EmployeeID", "OrderDate", "RequiredDate", "ShippedDate")


def _details(folder: Path) -> Iterator[tuple[Record, Record, int]]:
    """Return the lines, each with its order and its number in it."""
    orders = {row["OrderID"]: row for row in _all_orders(folder)}
    numbers: dict[str, int] = {}
    for row in _read(folder, "OrderDetails", "OrderID", "ProductID", "UnitPrice", "Quantity", "Discount"):
        numbers[row["OrderID"]] = numbers.get(row["OrderID"], 0) + 1
        yield row, orders[row["OrderID"]], numbers[row["OrderID"]]


def _accounts(folder: Path) -> Iterator[dict[str, object]]:
    reps = {row["CustomerID"]: row["EmployeeID"] for row in _all_orders(folder)}
    for row in _read(folder, "Customers", "CustomerID", "CompanyName", "Country"):
        key = row["CustomerID"]
        yield {
            "account_id": key, "name": row["CompanyName"], "country": COUNTRIES.get(row["Country"], ""),
            "currency": "USD", "rep_user_id": f"employee {reps[key]}" if key in reps else "",
        }  # fmt: skip


def _users(folder: Path) -> Iterator[dict[str, object]]:
    for row in _read(folder, "Employees", "EmployeeID"):
        yield {"user_id": f"employee {row['EmployeeID']}", "role": "rep"}


def _orders(folder: Path) -> Iterator[dict[str, object]]:
    for row in _all_orders(folder):
        yield {
            "order_id": row["OrderID"], "account_id": row["CustomerID"], "entry": "erp", "erp_source": "rep",
            "placed_at": midnight(row["OrderDate"], ZONE), "time_known": 0, "currency": "USD",
            "status": "completed" if row["ShippedDate"] else "open",
        }  # fmt: skip


def _lines(folder: Path) -> Iterator[dict[str, object]]:
    for row, order, number in _details(folder):
        yield {
            "order_id": row["OrderID"], "line_no": number, "sku": row["ProductID"], "item_type": "goods",
            "qty_ordered": row["Quantity"], "list_price": row["UnitPrice"],
            "net_price": Decimal(row["UnitPrice"]) * (1 - Decimal(row["Discount"])),
            "promised_date": order["RequiredDate"],
        }  # fmt: skip


def _deliveries(folder: Path) -> Iterator[dict[str, object]]:
    for row, order, number in _details(folder):
        if order["ShippedDate"]:
            yield {
                "delivery_id": row["OrderID"], "order_id": row["OrderID"], "line_no": number, "qty": row["Quantity"],
                "shipped_date": order["ShippedDate"],
            }  # fmt: skip
