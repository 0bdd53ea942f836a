"""Each mapping on a handful of rows in the data set's own shape."""

from __future__ import annotations

import datetime as dt
import gzip
from decimal import Decimal
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from adoption import facts
from adoption.metrics.facts import Book, Period
from adoption.metrics.finance import finance
from adoption.metrics.hours import off_hours

pytestmark = pytest.mark.django_db
NORTHWIND = {
    "Customers": "CustomerID,CompanyName,Country\nALFKI,Alfreds,Germany\nVINET,Vins,France\n",
    "Employees": "EmployeeID,LastName\n5,Buchanan\n",
    "Orders": (
        "OrderID,CustomerID,EmployeeID,OrderDate,RequiredDate,ShippedDate\n"
        "10248,VINET,5,1996-07-04,1996-08-01,1996-07-16\n11077,VINET,5,1998-05-06,1998-06-03,\n"
    ),
    "OrderDetails": (
        "OrderID,ProductID,UnitPrice,Quantity,Discount\n10248,11,14,12,0\n10248,42,9.8,10,0.05\n11077,2,19,24,0.2\n"
    ),
}
SALES = (
    "ProductKey,OrderDate,DueDate,ShipDate,{who},CurrencyKey,SalesOrderNumber,SalesOrderLineNumber,OrderQuantity,"
    "UnitPrice,TotalProductCost,SalesAmount\n"
)
ADVENTURE = {
    "DimCurrency": "CurrencyKey,CurrencyAlternateKey\n19,CAD\n100,USD\n",
    "DimProduct": "ProductKey,ProductAlternateKey\n1,BK-1\n",
    "DimGeography": "GeographyKey,CountryRegionCode\n1,CA\n",
    "DimReseller": "ResellerKey,ResellerName,GeographyKey\n1,A Bike Store,1\n2,Rides,1\n",
    "DimCustomer": "CustomerKey,CustomerAlternateKey,GeographyKey\n7,AW7,1\n",
    "FactResellerSales": SALES.format(who="ResellerKey,EmployeeKey")
    + "1,2013-03-01,2013-03-13,2013-03-08,1,285,19,SO1,1,3,10.0,21.0,29.0\n"
    + "1,2013-03-02,2013-03-14,2013-03-09,2,285,100,SO2,1,1,10.0,7.0,10.0\n",
    "FactInternetSales": SALES.format(who="CustomerKey")
    + "1,2013-03-01,2013-03-13,2013-03-08,7,100,SO3,1,1,10.0,7.0,10.0\n",
    "FactSalesQuota": ("CalendarYear,CalendarQuarter,SalesAmountQuota\n2013,1,100.0\n2013,1,50.0\n2013,2,70.0\n"),
    "FactCurrencyRate": "CurrencyKey,Date,AverageRate\n19,2013-02-01,0.9\n19,2013-03-02,0.5\n",
}
LINES = "Invoice,StockCode,Description,Quantity,InvoiceDate,Price,CustomerID,Country\n"
RETAIL = {
    "lines_2009-12_2010-11": LINES
    + "489434,85048,BALL,12,2009-12-01 07:45,6.95,13085,United Kingdom\n"
    + "489434,85048,BALL,12,2009-12-01 07:46,6.95,13085,United Kingdom\n"
    + "489434,POST,POSTAGE,1,2009-12-01 07:45,18.00,13085,United Kingdom\n"
    + "489434,bank charges,BANK,1,2009-12-01 07:45,15.00,13085,United Kingdom\n"
    + "489435,M,MANUAL,1,2009-12-01 10:00,5.00,13085,United Kingdom\n"
    + "489436, 79323p,LIGHT,-5,2009-12-01 10:00,0,,United Kingdom\n"
    + "A506401,B,BAD DEBT,1,2010-04-29 13:36,-53594.36,,United Kingdom\n",
    "lines_2010-12_2011-12": LINES
    + "536365, 79323p ,LIGHT,2,2010-12-01 12:00,2.50,,Germany\n"
    + "536365,GIFT_0001_20,VOUCHER,1,2010-12-01 12:00,20.00,,Germany\n"
    + "C536379,D,DISCOUNT,-1,2010-12-02 09:41,27.50,13085,United Kingdom\n"
    + "C536379,85048,BALL,3,2010-12-02 09:41,1.00,13085,United Kingdom\n"
    + "C536379,POST,POSTAGE,-1,2010-12-02 09:41,9.00,13085,United Kingdom\n",
}


def unpack(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        with gzip.open(folder / f"{name}.csv.gz", "wt", encoding="utf-8") as file:
            file.write(text)
    return folder


def load(name: str, folder: Path, variant: str = "") -> Book:
    call_command("import_dataset", name, str(folder), variant=variant, stdout=StringIO(), stderr=StringIO())
    own = facts.company()
    assert own.as_of is not None
    return facts.book(as_of=own.as_of)


def values(book: Book) -> dict[str, tuple[str, str, Decimal | None]]:
    return {order.key: (order.account_id, order.channel, order.value) for order in book.orders}


def test_northwind(tmp_path: Path) -> None:
    book = load("northwind", unpack(tmp_path, NORTHWIND))
    assert values(book) == {
        "10248": ("VINET", "rep", Decimal("261.10")),
        "11077": ("VINET", "rep", Decimal("364.8")),
    }
    assert [row.status for row in book.rows] == ["completed", "open"]
    assert {one.done_on for one in book.deliveries} == {dt.date(1996, 7, 16)}
    assert book.today == dt.date(1998, 5, 7)
    assert book.accounts["ALFKI"].country == "DE"
    assert not any(order.time_known for order in book.orders)


def test_adventureworks_counts_all_in_dollars(tmp_path: Path) -> None:
    book = load("adventureworks_dw", unpack(tmp_path, ADVENTURE))
    found = values(book)
    assert found["SO3"] == ("C7", "web_self", Decimal(10))
    assert found["SO1"][:2] == ("R1", "rep")
    assert abs((found["SO1"][2] or Decimal(0)) - 29) < Decimal("0.00000001")
    assert book.orders[0].placed_on == dt.date(2013, 3, 1)
    assert abs(finance(book, Period(dt.date(2013, 3, 8), dt.date(2013, 3, 8))).sales.net - 39) < Decimal("0.0000001")
    assert [(one.year, one.scope, one.amount) for one in book.plans] == [(2013, "rep Q1", 150), (2013, "rep Q2", 70)]


def test_adventureworks_with_the_rates_of_the_day(tmp_path: Path) -> None:
    book = load("adventureworks_dw", unpack(tmp_path, ADVENTURE), "fx")
    assert abs((values(book)["SO1"][2] or Decimal(0)) - Decimal("26.1")) < Decimal("0.00000001")


def test_adventureworks_with_practice_channels(tmp_path: Path) -> None:
    folder = unpack(tmp_path, ADVENTURE)
    (folder / "overlay_accounts.csv").write_text("ResellerKey,online_enabled_from,strategic\n1,2010-01-01,1\n2,,0\n")
    (folder / "overlay_orders.csv").write_text("SalesOrderNumber,channel\nSO1,web_self\nSO2,web_assisted\n")
    book = load("adventureworks_dw", folder, "overlay")
    assert {key: row[1] for key, row in values(book).items()} == {"SO1": "web_self", "SO2": "web_assisted"}
    assert book.eligible(Period(dt.date(2013, 1, 1), dt.date(2013, 12, 31))) == {"R1"}
    assert book.accounts["R1"].is_strategic


def test_online_retail(tmp_path: Path) -> None:
    folder = unpack(tmp_path, RETAIL)
    (folder / "holidays.csv").write_text("country,date\nUnited Kingdom,2010-12-01\nGermany,2010-12-25\n")
    book = load("online_retail_ii", folder)
    assert values(book) == {
        "489434": ("13085", "web_self", Decimal("166.80")),
        "536365": ("", "web_self", Decimal(25)),
    }
    assert [order.units for order in book.orders] == [24, 2]
    assert book.orders_by_account.keys() == {"13085"}
    credit = finance(book, Period(dt.date(2010, 12, 2), dt.date(2010, 12, 2)))
    assert credit.sales.returns == Decimal("24.50")
    hours = off_hours(book, Period(dt.date(2009, 12, 1), dt.date(2011, 12, 9)))
    assert {name: len(keys) for name, keys in hours.classes.items() if keys} == {"before_open": 1, "holiday": 1}


def test_a_missing_file_a_missing_column_and_an_unknown_variant_are_named(tmp_path: Path) -> None:
    folder = unpack(tmp_path, NORTHWIND | {"Orders": "OrderID\n1\n"})
    with pytest.raises(CommandError, match=r"Orders\.csv\.gz, line 1, column CustomerID: the column is missing"):
        load("northwind", folder)
    (folder / "Orders.csv.gz").unlink()
    with pytest.raises(CommandError, match=r"Orders\.csv\.gz: it is missing"):
        load("northwind", folder)
    with pytest.raises(CommandError, match="northwind has no variants"):
        load("northwind", folder, "fx")
    with pytest.raises(CommandError, match="has the variants fx, overlay"):
        load("adventureworks_dw", folder, "plain")
    assert facts.company().as_of is None
