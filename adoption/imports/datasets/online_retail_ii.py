"""Online Retail II (UCI, D. Chen, CC BY 4.0): two years of a giftware wholesaler's invoices, 1.04 million lines.

Variant "countries": off-hours by the clock of the customer's country. An order without a customer keeps the company's
clock there, for a clock belongs to an account.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property, lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

from adoption.imports.datasets.common import UnknownVariant, records, table
from adoption.imports.errors import Problems
from adoption.imports.reading import Meta, Row, Source, Table, csv_rows
from adoption.imports.schema import BY_NAME

ZONE = "Europe/London"
HOME = "United Kingdom"
META = Meta(ZONE, "GBP", HOME, "2011-12-10T00:00:00Z")
VARIANTS = ("", "countries")
FILES = ("lines_2009-12_2010-11.csv.gz", "lines_2010-12_2011-12.csv.gz")
HEADER = ["Invoice", "StockCode", "Description", "Quantity", "InvoiceDate", "Price", "CustomerID", "Country"]
SINCE = "2009-12-01"
BUYER = "buyer"
GOODS = re.compile(r"[0-9]{5}[A-Z]{0,3}|DCGS.*|SP1002|PADS")
OTHERS = {"POST": "freight", "DOT": "freight", "C2": "freight", "C3": "freight", "D": "discount"}
SERVICE = "GIFT_0001_"
COUNTED = frozenset({"goods", "service", "discount"})
CODES = {
    HOME: "GB", "EIRE": "IE", "Germany": "DE", "France": "FR", "Netherlands": "NL", "Spain": "ES", "Switzerland": "CH",
    "Belgium": "BE", "Portugal": "PT", "Australia": "AU", "Italy": "IT", "Sweden": "SE", "Norway": "NO", "Cyprus": "CY",
    "Finland": "FI", "Austria": "AT", "Denmark": "DK", "Greece": "GR", "Japan": "JP", "USA": "US", "Poland": "PL",
    "United Arab Emirates": "AE", "Israel": "IL", "Hong Kong": "HK", "Singapore": "SG", "Malta": "MT", "Canada": "CA",
    "Iceland": "IS", "RSA": "ZA", "Lithuania": "LT", "Bahrain": "BH", "Brazil": "BR", "Thailand": "TH", "Korea": "KR",
    "Lebanon": "LB", "Bermuda": "BM", "Nigeria": "NG", "Czech Republic": "CZ", "Saudi Arabia": "SA",
}  # fmt: skip


@dataclass(slots=True)
class Found:
    """An invoice as its lines tell: first minute, customer, country, and whether it is an order."""

    minute: str
    customer: str
    country: str
    is_order: bool = False


@dataclass(frozen=True)
class Wholesaler:
    """The folder. The lines are read anew for each table: nothing large is kept."""

    folder: Path
    variant: str

    def lines(self, problems: Problems | None = None) -> Iterator[tuple[str, str, str, str, str, str, str]]:
        """Return invoice, item, quantity, minute, price, customer, country of each line."""
        found = problems or Problems()
        for name in FILES:
            rows = csv_rows(self.folder / name, found)
            _line, header = next(rows, (0, []))
            if header != HEADER:
                found.add(name, 1, "", f"the columns aren't {', '.join(HEADER)}")
                found.stop_if_any()
            for _number, (invoice, code, _text, quantity, minute, price, customer, country) in rows:
                yield invoice, code.strip().upper(), quantity, minute, price, customer, country
        found.stop_if_any()

    @cached_property
    def invoices(self) -> dict[str, Found]:
        """Every invoice by its number."""
        found: dict[str, Found] = {}
        for invoice, code, quantity, minute, price, customer, country in self.lines():
            known = found.get(invoice)
            if known is None:
                known = found[invoice] = Found(minute, customer, country)
            known.minute = min(known.minute, minute)
            if not known.is_order and invoice.isdigit() and item_type(code) == "goods":
                known.is_order = is_sold(quantity, price)
        return found

    @cached_property
    def credits(self) -> dict[str, Decimal]:
        """What each credit is worth."""
        totals: dict[str, Decimal] = {}
        for invoice, code, quantity, _minute, price, _customer, _country in self.lines():
            if invoice.startswith("C") and item_type(code) in COUNTED:
                totals[invoice] = totals.get(invoice, Decimal(0)) - int(quantity) * Decimal(price)
        return totals


@lru_cache(maxsize=8192)
def item_type(code: str) -> str:
    """Return what an item is, "" for bookings that are none.

    >>> item_type("85123A"), item_type("GIFT_0001_20"), item_type("DOT"), item_type("BANK CHARGES")
    ('goods', 'service', 'freight', '')
    """
    if GOODS.fullmatch(code):
        return "goods"
    return "service" if code.startswith(SERVICE) else OTHERS.get(code, "")


def is_sold(quantity: str, price: str) -> bool:
    """Return whether a line's quantity and price are above 0."""
    return not quantity.startswith("-") and int(quantity) > 0 and float(price) > 0


@lru_cache(maxsize=65536)
def instant(minute: str) -> str:
    """Return the instant of a minute on the wall in London.

    >>> instant("2010-07-01 09:30")
    '2010-07-01T09:30:00+01:00'
    """
    return dt.datetime.fromisoformat(minute).replace(tzinfo=ZoneInfo(ZONE)).isoformat()


def source(folder: Path, variant: str) -> Source:
    """Return the tables of this data set.

    Raises:
        UnknownVariant: it has no such variant.
    """
    if variant not in VARIANTS:
        raise UnknownVariant(f"online_retail_ii has the variants {', '.join(filter(None, VARIANTS))}")
    own = Wholesaler(folder, variant)
    size = sum((folder / name).stat().st_size for name in FILES if (folder / name).is_file())
    tables = (
        table("accounts", lambda: _accounts(own), label="lines", size=size),
        table("users", lambda: iter([{"user_id": BUYER, "role": "buyer"}]), label="lines"),
        table("orders", lambda: _orders(own), label="lines", size=size),
        _large("order_lines", lambda problems: _order_lines(own, problems), size),
        table("invoices", lambda: _invoices(own), label="lines", size=size),
        _large("invoice_lines", lambda problems: _credit_lines(own, problems), size),
        table("calendars", lambda: _hours(own), label="opening hours"),
        table("holidays", lambda: _holidays(own), label="holidays.csv"),
    )
    return Source(f"online_retail_ii {variant}".strip(), META, tables)


def _large(name: str, rows: Callable[[Problems], Iterator[list[str]]], size: int) -> Table:
    """Return a table whose rows come in the schema's order already."""

    def numbered(problems: Problems) -> Iterator[Row]:
        yield from enumerate(rows(problems), start=1)

    return Table(name, f"lines ({name})", numbered, size)


def _accounts(own: Wholesaler) -> Iterator[dict[str, object]]:
    zones = _zones(own)
    countries: dict[str, str] = {}
    for found in own.invoices.values():
        if found.customer:
            countries.setdefault(found.customer, found.country)
    for customer, country in countries.items():
        away = country in zones and country != HOME
        yield {
            "account_id": customer, "name": customer, "country": CODES.get(country, ""), "currency": "GBP",
            "online_enabled_from": SINCE, "timezone": zones.get(country, ""), "calendar": country if away else HOME,
        }  # fmt: skip


def _zones(own: Wholesaler) -> dict[str, str]:
    """Return the clocks by country; none when everybody goes by the company's."""
    if own.variant != "countries":
        return {}
    rows = records(own.folder / "country_timezones.csv", ("country", "timezone"))
    return {row["country"]: row["timezone"] for row in rows}


def _orders(own: Wholesaler) -> Iterator[dict[str, object]]:
    for number, found in own.invoices.items():
        if found.is_order:
            yield {
                "order_id": number, "account_id": found.customer, "entry": "shop", "via": "web", "submitted_by": BUYER,
                "placed_at": instant(found.minute), "time_known": 1, "status": "completed", "currency": "GBP",
            }  # fmt: skip


def _order_lines(own: Wholesaler, problems: Problems) -> Iterator[list[str]]:
    """Return the lines of orders; equal lines stay apart, for the same item can be entered twice."""
    place = {name: index for index, name in enumerate(BY_NAME["order_lines"].names)}
    numbers: dict[str, int] = {}
    empty = [""] * len(place)
    for invoice, code, quantity, _minute, price, _customer, _country in own.lines(problems):
        kind = item_type(code)
        if not kind or not own.invoices[invoice].is_order or not is_sold(quantity, price):
            continue
        numbers[invoice] = number = numbers.get(invoice, 0) + 1
        row = empty.copy()
        row[place["order_id"]], row[place["line_no"]], row[place["sku"]] = invoice, str(number), code
        row[place["item_type"]], row[place["qty_ordered"]] = kind, quantity
        row[place["list_price"]] = row[place["net_price"]] = price
        yield row


def _invoices(own: Wholesaler) -> Iterator[dict[str, object]]:
    for number, total in own.credits.items():
        found = own.invoices[number]
        yield {
            "invoice_id": number, "kind": "credit", "account_id": found.customer, "invoice_date": found.minute[:10],
            "currency": "GBP", "total": total,
        }  # fmt: skip


def _credit_lines(own: Wholesaler, problems: Problems) -> Iterator[list[str]]:
    place = {name: index for index, name in enumerate(BY_NAME["invoice_lines"].names)}
    numbers: dict[str, int] = {}
    for invoice, code, quantity, _minute, price, _customer, _country in own.lines(problems):
        kind = item_type(code)
        if not invoice.startswith("C") or kind not in COUNTED:
            continue
        numbers[invoice] = number = numbers.get(invoice, 0) + 1
        row = [""] * len(place)
        row[place["invoice_id"]], row[place["line_no"]], row[place["item_type"]] = invoice, str(number), kind
        # A credit's quantities are positive; the one line that takes a credit back has a negative price instead.
        row[place["qty"]] = quantity.removeprefix("-")
        row[place["net_price"]] = row[place["list_price"]] = price if quantity.startswith("-") else f"-{price}"
        yield row


def _hours(own: Wholesaler) -> Iterator[dict[str, object]]:
    for calendar in {HOME, *_zones(own)}:
        for weekday in range(1, 6):
            yield {"calendar": calendar, "weekday": weekday, "open": "09:00", "close": "18:00"}


def _holidays(own: Wholesaler) -> Iterator[dict[str, object]]:
    calendars = {HOME, *_zones(own)}
    for row in records(own.folder / "holidays.csv", ("country", "date")):
        if row["country"] in calendars:
            yield {"calendar": row["country"], "date": row["date"]}
