"""AdventureWorks DW (Microsoft, MIT): a bicycle maker with resellers and internet sales.

Variants: "" (all amounts in USD), "fx" (amounts in the rows' currencies), "overlay" (resellers only, with channels and
enablement that were made up for practice).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from pathlib import Path

from adoption.imports.datasets.common import Record, UnknownVariant, midnight, records, table, unit
from adoption.imports.reading import Meta, Source

ZONE = "America/Los_Angeles"
CURRENCY = "USD"
SINCE = "2010-01-01"
META = Meta(ZONE, CURRENCY, "US", "2014-02-01T08:00:00Z")
VARIANTS = ("", "fx", "overlay")
SALES = (
    "ProductKey", "OrderDate", "DueDate", "ShipDate", "CurrencyKey", "SalesOrderNumber", "SalesOrderLineNumber",
    "OrderQuantity", "UnitPrice", "TotalProductCost", "SalesAmount",
)  # fmt: skip
IN_THE_SHOP = {"web_self": "web", "web_assisted": "web", "punchout": "punchout"}
REP_OF_ASSISTED = "rep"


@dataclass(frozen=True)
class Warehouse:
    """The folder, and which variant of it is read."""

    folder: Path
    variant: str

    @property
    def has_internet(self) -> bool:
        """Individuals are customers too."""
        return self.variant != "overlay"

    def rows(self, name: str, *needed: str) -> Iterator[Record]:
        """Return the rows of a file of the warehouse."""
        return records(self.folder / f"{name}.csv.gz", needed)

    @cached_property
    def currencies(self) -> dict[str, str]:
        """Currency code by key."""
        return {
            row["CurrencyKey"]: row["CurrencyAlternateKey"] for row in self.rows("DimCurrency", "CurrencyAlternateKey")
        }

    @cached_property
    def skus(self) -> dict[str, str]:
        """Item number by key."""
        return {row["ProductKey"]: row["ProductAlternateKey"] for row in self.rows("DimProduct", "ProductAlternateKey")}

    @cached_property
    def countries(self) -> dict[str, str]:
        """Country code by the key of a place."""
        return {row["GeographyKey"]: row["CountryRegionCode"] for row in self.rows("DimGeography", "CountryRegionCode")}

    @cached_property
    def channels(self) -> dict[str, str]:
        """The practice channel of an order."""
        if self.variant != "overlay":
            return {}
        rows = records(self.folder / "overlay_orders.csv", ("SalesOrderNumber", "channel"))
        return {row["SalesOrderNumber"]: row["channel"] for row in rows}

    def sales(self) -> Iterator[tuple[Record, str]]:
        """Return the lines of all sales, each with its account."""
        for row in self.rows("FactResellerSales", "ResellerKey", "EmployeeKey", *SALES):
            yield row, f"R{row['ResellerKey']}"
        if self.has_internet:
            for row in self.rows("FactInternetSales", "CustomerKey", *SALES):
                yield row, f"C{row['CustomerKey']}"

    def orders(self) -> Iterator[tuple[Record, str]]:
        """Return one line of each order."""
        seen = set()
        for row, account in self.sales():
            if row["SalesOrderNumber"] not in seen:
                seen.add(row["SalesOrderNumber"])
                yield row, account

    def currency(self, row: Record) -> str:
        """Return the currency that a row's amounts are read in."""
        return self.currencies[row["CurrencyKey"]] if self.variant == "fx" else CURRENCY


def source(folder: Path, variant: str) -> Source:
    """Return the tables of this data set.

    Raises:
        UnknownVariant: it has no such variant.
    """
    if variant not in VARIANTS:
        raise UnknownVariant(f"adventureworks_dw has the variants {', '.join(filter(None, VARIANTS))}")
    own = Warehouse(folder, variant)
    label = "FactInternetSales, FactResellerSales"
    size = sum(place.stat().st_size for place in folder.glob("Fact*Sales.csv.gz"))
    tables = (
        table("accounts", lambda: _accounts(own), label="DimReseller, DimCustomer"),
        table("users", lambda: _users(own), label="DimReseller, DimCustomer"),
        table("orders", lambda: _orders(own), label=label, size=size),
        table("order_lines", lambda: _lines(own), label=label, size=size),
        table("deliveries", lambda: _deliveries(own), label=label, size=size),
        table("invoices", lambda: _invoices(own), label=label, size=size),
        table("invoice_lines", lambda: _invoice_lines(own), label=label, size=size),
        table("plans", lambda: _plans(own), label="FactSalesQuota"),
        table("fx", lambda: _rates(own), label="FactCurrencyRate"),
    )
    return Source(f"adventureworks_dw {variant}".strip(), META, tables)


def _accounts(own: Warehouse) -> Iterator[dict[str, object]]:
    enabled = _enablement(own)
    for row in own.rows("DimReseller", "ResellerKey", "ResellerName", "GeographyKey"):
        since, strategic = enabled.get(row["ResellerKey"], ("", "0")) if enabled else (SINCE, "0")
        country = own.countries.get(row["GeographyKey"], "")
        yield _account(f"R{row['ResellerKey']}", row["ResellerName"], country, since, strategic)
    if own.has_internet:
        for row in own.rows("DimCustomer", "CustomerKey", "CustomerAlternateKey", "GeographyKey"):
            country = own.countries.get(row["GeographyKey"], "")
            yield _account(f"C{row['CustomerKey']}", row["CustomerAlternateKey"], country, SINCE, "0")


def _account(key: str, name: str, country: str, since: str, strategic: str) -> dict[str, object]:
    return {
        "account_id": key, "name": name, "country": country, "timezone": ZONE, "currency": CURRENCY,
        "strategic": strategic, "online_enabled_from": since,
    }  # fmt: skip


def _enablement(own: Warehouse) -> dict[str, tuple[str, str]]:
    if own.variant != "overlay":
        return {}
    rows = records(own.folder / "overlay_accounts.csv", ("ResellerKey", "online_enabled_from", "strategic"))
    return {row["ResellerKey"]: (row["online_enabled_from"], row["strategic"]) for row in rows}


def _users(own: Warehouse) -> Iterator[dict[str, object]]:
    yield {"user_id": REP_OF_ASSISTED, "role": "rep"}
    for account in _accounts(own):
        yield {"user_id": f"buyer of {account['account_id']}", "account_id": account["account_id"], "role": "buyer"}


def _orders(own: Warehouse) -> Iterator[dict[str, object]]:
    for row, account in own.orders():
        number = row["SalesOrderNumber"]
        channel = own.channels.get(number, "rep") if account.startswith("R") else "web_self"
        yield {
            "order_id": number, "account_id": account, "placed_at": midnight(row["OrderDate"], ZONE),
            "time_known": 0, "status": "completed", "currency": own.currency(row), **_entry(channel, account),
        }  # fmt: skip


def _entry(channel: str, account: str) -> dict[str, object]:
    """Return how an order of this channel came in."""
    if channel not in IN_THE_SHOP:
        return {"entry": "erp", "erp_source": channel}
    who = {"submitted_by": f"buyer of {account}"}
    if channel == "web_assisted":
        who["impersonator_id"] = REP_OF_ASSISTED
    return {"entry": "shop", "via": IN_THE_SHOP[channel], **who}


def _priced(row: Record) -> dict[str, object]:
    quantity = row["OrderQuantity"]
    return {
        "item_type": "goods", "list_price": row["UnitPrice"], "net_price": unit(row["SalesAmount"], quantity),
        "unit_cost": unit(row["TotalProductCost"], quantity),
    }  # fmt: skip


def _lines(own: Warehouse) -> Iterator[dict[str, object]]:
    for row, _account_id in own.sales():
        yield {
            "order_id": row["SalesOrderNumber"], "line_no": row["SalesOrderLineNumber"],
            "sku": own.skus.get(row["ProductKey"], ""), "qty_ordered": row["OrderQuantity"],
            "promised_date": row["DueDate"], **_priced(row),
        }  # fmt: skip


def _deliveries(own: Warehouse) -> Iterator[dict[str, object]]:
    for row, _account_id in own.sales():
        yield {
            "delivery_id": f"{row['SalesOrderNumber']}/{row['ShipDate']}", "order_id": row["SalesOrderNumber"],
            "line_no": row["SalesOrderLineNumber"], "qty": row["OrderQuantity"], "shipped_date": row["ShipDate"],
        }  # fmt: skip


def _invoices(own: Warehouse) -> Iterator[dict[str, object]]:
    totals: dict[str, Decimal] = {}
    for row, _account_id in own.sales():
        number = row["SalesOrderNumber"]
        totals[number] = totals.get(number, Decimal(0)) + Decimal(row["SalesAmount"])
    for row, account in own.orders():
        number = row["SalesOrderNumber"]
        yield {
            "invoice_id": f"I{number}", "kind": "invoice", "order_id": number, "account_id": account,
            "invoice_date": row["ShipDate"], "currency": own.currency(row), "total": totals[number],
        }  # fmt: skip


def _invoice_lines(own: Warehouse) -> Iterator[dict[str, object]]:
    for row, _account_id in own.sales():
        number, line = row["SalesOrderNumber"], row["SalesOrderLineNumber"]
        yield {
            "invoice_id": f"I{number}", "line_no": line, "order_id": number, "order_line_no": line,
            "qty": row["OrderQuantity"], **_priced(row),
        }  # fmt: skip


def _plans(own: Warehouse) -> Iterator[dict[str, object]]:
    """Return the quotas by quarter: the plan of what reps sell, by the order's date."""
    sums: dict[tuple[str, str], Decimal] = {}
    for row in own.rows("FactSalesQuota", "CalendarYear", "CalendarQuarter", "SalesAmountQuota"):
        quarter = row["CalendarYear"], row["CalendarQuarter"]
        sums[quarter] = sums.get(quarter, Decimal(0)) + Decimal(row["SalesAmountQuota"])
    for (year, number), amount in sorted(sums.items()):
        yield {"year": year, "metric": "order_value", "scope": f"rep Q{number}", "amount": amount}


def _rates(own: Warehouse) -> Iterator[dict[str, object]]:
    if own.variant != "fx":
        return
    for row in own.rows("FactCurrencyRate", "CurrencyKey", "Date", "AverageRate"):
        yield {"currency": own.currencies[row["CurrencyKey"]], "date": row["Date"], "rate": row["AverageRate"]}
