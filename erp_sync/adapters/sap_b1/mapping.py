"""From the Service Layer's values to ours and back: numbers, days and times, flags, safe texts, keys, channels."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal
from typing import Any
from zoneinfo import ZoneInfo

from erp_sync.adapters.channels import ChannelRule, first_that_fits, rules_of
from erp_sync.adapters.values import day as day
from erp_sync.adapters.values import needed_day as needed_day
from erp_sync.adapters.values import number as number
from erp_sync.adapters.values import price as price
from erp_sync.errors import ErpBroken
from erp_sync.records import Channel

Row = Mapping[str, Any]
PRICE = Decimal("0.0001")
CENT = Decimal("0.01")
HUNDRED = Decimal(100)
LONGEST_NAME = 200
LONGEST_TEXT = 4000
BEGIN = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_REFERENCE = re.compile(r"[A-Za-z0-9._-]{1,45}")


# --- texts ---


def text(value: Any, longest: int = LONGEST_NAME) -> str:
    """Return an ERP text without control characters, cut to its longest length."""
    return _CONTROL.sub(" ", "" if value is None else str(value)).strip()[:longest]


def line(value: Any, longest: int = LONGEST_NAME) -> str:
    """Return an ERP text on one line."""
    return " ".join(text(value, longest * 2).split())[:longest]


def key_of(reference: str) -> str:
    """Return a reference of ours as it is kept in U_B2BKey.

    Raises:
        ErpBroken: it does not fit, or has other signs than letters, figures, dots and hyphens.
    """
    if not _REFERENCE.fullmatch(reference):
        raise ErpBroken(f"not a reference that SAP Business One can keep: {reference[:60]!r}")
    return reference


# --- numbers ---


def quantity(value: Any) -> Decimal:
    """Return a quantity without trailing zeros."""
    told = number(value).quantize(PRICE, rounding=ROUND_HALF_UP)
    whole = told.to_integral_value()
    return whole if whole == told else told.normalize()


def whole_units(value: Decimal) -> Decimal:
    """Return a stock figure that can be promised: rounded down, not below 0."""
    return max(Decimal(0), value).quantize(Decimal(1), rounding=ROUND_FLOOR)


def amount(value: Any) -> Decimal:
    """Return an amount of money with 2 decimals."""
    return number(value).quantize(CENT, rounding=ROUND_HALF_UP)


def whole(value: Any) -> int:
    """Return a number of a row or a document.

    Raises:
        ErpBroken: it is none.
    """
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise ErpBroken(f"not a whole number: {str(value)[:40]!r}")


def figure(value: Decimal) -> float:
    """Return a decimal as JSON carries it; the Service Layer knows doubles only."""
    return float(value)


# --- flags and times ---


def flag(value: Any) -> bool:
    """Return tYES as true; tNO, Y/N fields and null otherwise.

    Raises:
        ErpBroken: it is neither.
    """
    if value in {"tYES", "tNO", None}:
        return bool(value == "tYES")
    raise ErpBroken(f"neither tYES nor tNO: {str(value)[:40]!r}")


def instant(on: Any, at: Any, zone: ZoneInfo) -> dt.datetime:
    """Return a date and a time of the server's own zone, aware UTC; a time that is missing is midnight."""
    told = str(at or "")[:8]
    try:
        clock = dt.time.fromisoformat(told) if told else dt.time()
    except ValueError as error:
        raise ErpBroken(f"not a time: {told!r}") from error
    return dt.datetime.combine(needed_day(on), clock, tzinfo=zone).astimezone(dt.UTC)


def version(row: Row, zone: ZoneInfo) -> dt.datetime:
    """Return when a row last changed; what was never changed has the day of its making only."""
    if row.get("UpdateDate"):
        return instant(row["UpdateDate"], row.get("UpdateTime"), zone)
    made_on = row.get("CreationDate") or row.get("CreateDate")
    return instant(made_on, row.get("DocTime") or row.get("CreateTime"), zone) if made_on else BEGIN


def is_within(row: Row, start: str, end: str, today: dt.date) -> bool:
    """Say whether today lies between two days of a row, either of which may be missing."""
    first, last = day(row.get(start)), day(row.get(end))
    return (first is None or first <= today) and (last is None or today <= last)


def is_active(row: Row, today: dt.date) -> bool:
    """Say whether an item or partner is active today: Valid and Frozen, each with its days."""
    if flag(row.get("Frozen")) and is_within(row, "FrozenFrom", "FrozenTo", today):
        return False
    return not flag(row.get("Valid")) or is_within(row, "ValidFrom", "ValidTo", today)


# --- ids that name two things ---


def line_id(entry: Any, number: Any) -> str:
    """Return the id of a document's line."""
    return f"{whole(entry)}-{whole(number)}"


def entry_of(erp_id: str, tag: str = "") -> int:
    """Return the DocEntry of an id; 0 when it is none, which no document has."""
    rest = erp_id.removeprefix(tag).partition("-")[0]
    return int(rest) if erp_id.startswith(tag) and rest.isascii() and rest.isdigit() else 0


def line_of(erp_id: str) -> int:
    """Return the LineNum of a line's id; -1 when it is none."""
    rest = erp_id.partition("-")[2]
    return int(rest) if rest.isascii() and rest.isdigit() else -1


def address_id(card_code: str, kind: str, name: str) -> str:
    """Return the id of an address: partner, S(hip) or B(ill), name."""
    return f"{card_code}/{kind}/{name}"


# --- channels: an ordered list of (field, value) -> channel ---

STANDARD_CHANNELS = tuple(("U_Channel", one.value, one.value) for one in Channel if one is not Channel.UNKNOWN)


def channel_rules(rules: Iterable[Sequence[str]] = STANDARD_CHANNELS) -> tuple[ChannelRule, ...]:
    """Return rules from (field, value, channel) triples.

    Raises:
        ErpMisconfigured: see `rules_of`.
    """
    return rules_of(rules)


def channel_of(row: Row, rules: Sequence[ChannelRule]) -> Channel:
    """Return the channel of the first rule that fits an order, else UNKNOWN."""
    return first_that_fits(rules, lambda name: line(row.get(name)))
