"""From ERPNext's values to ours and back: numbers, safe texts, channels."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal
from typing import Any

from erp_sync.adapters.channels import ChannelRule, first_that_fits, rules_of
from erp_sync.adapters.values import LONGEST_NAME as LONGEST_NAME
from erp_sync.adapters.values import LONGEST_TEXT as LONGEST_TEXT
from erp_sync.adapters.values import day as day
from erp_sync.adapters.values import line as line
from erp_sync.adapters.values import needed_day as needed_day
from erp_sync.adapters.values import number as exactly
from erp_sync.adapters.values import plain as plain
from erp_sync.adapters.values import text as text
from erp_sync.errors import ErpBroken
from erp_sync.records import Channel

PRICE = Decimal("0.0001")
HUNDRED = Decimal(100)
ZERO = Decimal(0)
Row = Mapping[str, Any]


# --- texts ---


def sentence(value: Any, longest: int = 500) -> str:
    """Return the words of an HTML message on one line."""
    return line(plain(value, longest * 2), longest)


# --- numbers and days ---


def number(value: Any) -> Decimal:
    """Return a number exactly; null and "" are 0.

    Raises:
        ErpBroken: it is not one.
    """
    return exactly(None if value == "" else value)


def price(value: Any) -> Decimal:
    """Return a price with 4 decimals; ERPNext calculates with binary fractions."""
    return number(value).quantize(PRICE, rounding=ROUND_HALF_UP)


def quantity(value: Any) -> Decimal:
    """Return a quantity without the noise of binary fractions."""
    told = number(value).quantize(PRICE, rounding=ROUND_HALF_UP)
    whole = told.to_integral_value()
    return whole if whole == told else told.normalize()


def whole_units(value: Decimal) -> Decimal:
    """Return a stock figure that can be promised: rounded down, never below 0."""
    return max(ZERO, quantity(value)).quantize(Decimal(1), rounding=ROUND_FLOOR)


def at_least(value: Decimal) -> Decimal:
    """Return the first whole quantity that is not below this one."""
    return quantity(value).quantize(Decimal(1), rounding=ROUND_CEILING)


def amount(value: Any, digits: int = 2) -> Decimal:
    """Return an amount of money as ERPNext rounded it, without the noise of binary fractions."""
    return number(value).quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP)


def sent(value: Decimal) -> int | float:
    """Return a number as it goes out."""
    return int(value) if value == value.to_integral_value() else float(value)


def is_on(value: Any) -> bool:
    """Return whether a check field is ticked."""
    return value not in (None, 0, "", "0")


# --- rows ---


def grouped(rows: Iterable[Row], name: str = "parent") -> dict[str, list[Row]]:
    """Return rows by the value of a field, those of a table in their order."""
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(str(row[name]), []).append(row)
    for rows_of_one in groups.values():
        rows_of_one.sort(key=lambda one: int(one.get("idx") or 0))
    return groups


def table(doc: Row, name: str) -> list[dict[str, Any]]:
    """Return the rows of a document's table, in their order.

    Raises:
        ErpBroken: the document has no such table.
    """
    rows = doc.get(name)
    if not isinstance(rows, list) or not all(isinstance(one, dict) for one in rows):
        raise ErpBroken(f"{doc.get('doctype') or 'the document'} has no table {name}")
    return sorted(rows, key=lambda one: int(one.get("idx") or 0))


# --- channels: an ordered list of (field, value) -> channel ---

STANDARD_CHANNELS = (
    ("source", "phone", "phone"),
    ("source", "email", "email"),
    ("source", "edi", "edi"),
    ("source", "fax", "fax"),
    ("source", "rep", "rep"),
    ("source", "counter", "counter"),
)


def channel_rules(rules: Iterable[Sequence[str]] = STANDARD_CHANNELS) -> tuple[ChannelRule, ...]:
    """Return rules from (field, value, channel) triples.

    Raises:
        ErpMisconfigured: see `rules_of`.
    """
    return rules_of(rules)


def channel_of(row: Row, rules: Sequence[ChannelRule]) -> Channel:
    """Return the channel of the first rule that fits an order, else UNKNOWN."""
    return first_that_fits(rules, lambda name: line(row.get(name)))
