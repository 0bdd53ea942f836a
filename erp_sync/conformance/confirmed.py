"""Prices that the company's own staff confirmed: a CSV of customer, item, quantity and price."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path

COLUMNS = ("customer", "item", "quantity", "price")


class UnreadablePrices(Exception):
    """The file cannot be read; the text says which line and what it should hold."""


@dataclass(frozen=True, slots=True)
class Confirmed:
    """What a customer (by number) pays for one sales unit of an item (by SKU) when he orders so many."""

    customer: str
    sku: str
    quantity: Decimal
    price: Decimal


def read(path: Path) -> list[Confirmed]:
    """Return the prices of a CSV in UTF-8 with the header customer,item,quantity,price (comma or semicolon).

    Raises:
        UnreadablePrices: it has another header, or a line without two numbers; numbers have a decimal point.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UnreadablePrices(f"{path} cannot be read: {error}") from error
    first = text.partition("\n")[0]
    rows = csv.DictReader(text.splitlines(), delimiter=";" if ";" in first else ",", skipinitialspace=True)
    if [name.strip().lower() for name in rows.fieldnames or ()] != list(COLUMNS):
        raise UnreadablePrices(f"{path} must begin with the line {','.join(COLUMNS)}")
    rows.fieldnames = COLUMNS
    return [_line(row, f"{path}, line {number}") for number, row in enumerate(rows, 2)]


def _line(row: dict[str | None, str | None], where: str) -> Confirmed:
    if None in row:
        raise UnreadablePrices(f"{where}: more than four columns; numbers have a decimal point")
    try:
        quantity, price = Decimal(row["quantity"] or ""), Decimal(row["price"] or "")
    except (InvalidOperation, KeyError) as error:
        raise UnreadablePrices(f"{where}: quantity and price must be numbers with a decimal point") from error
    if not (quantity > 0 and price >= 0 and quantity.is_finite() and price.is_finite()):
        raise UnreadablePrices(f"{where}: quantity must be above 0 and price not below it")
    return Confirmed((row["customer"] or "").strip(), (row["item"] or "").strip(), quantity, price)
