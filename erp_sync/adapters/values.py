"""What several ERPs write alike: texts that nobody vouches for, numbers, days. Each mapping.py has the rest."""

from __future__ import annotations

import datetime as dt
import email.utils
import html
import re
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from erp_sync.errors import ErpBroken

PRICE = Decimal("0.0001")
LONGEST_NAME = 200
LONGEST_TEXT = 4000
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_TAG = re.compile(r"<[^>]{0,2000}>")
_BREAK = re.compile(r"<\s*(?:br|/p|/div|/li|/h[1-6])\b[^>]{0,200}>", re.IGNORECASE)


def text(value: Any, longest: int = LONGEST_NAME) -> str:
    """Return an ERP text without control characters, cut to its longest length; null and false are ""."""
    return _CONTROL.sub(" ", str(value or "")).strip()[:longest]


def line(value: Any, longest: int = LONGEST_NAME) -> str:
    """Return an ERP text on one line."""
    return " ".join(text(value, longest * 2).split())[:longest]


def plain(value: Any, longest: int = LONGEST_TEXT) -> str:
    """Return the words of an HTML field."""
    words = _TAG.sub("", _BREAK.sub("\n", str(value or "")[: longest * 4]))
    return text(html.unescape(words), longest)


def number(value: Any) -> Decimal:
    """Return a number exactly; null is 0.

    Raises:
        ErpBroken: it is not one.
    """
    if value is None:
        return Decimal(0)
    if isinstance(value, (int, Decimal)) and not isinstance(value, bool):
        return Decimal(value)
    raise ErpBroken(f"not a number: {str(value)[:40]!r}")


def price(value: Any) -> Decimal:
    """Return a price with 4 decimals; ERPs calculate with binary fractions."""
    return number(value).quantize(PRICE, rounding=ROUND_HALF_UP)


def server_time(told: str) -> dt.datetime:
    """Return the time of a Date header, aware UTC: the clock of the ERP's server, to the second.

    Raises:
        ErpBroken: it is none.
    """
    try:
        return email.utils.parsedate_to_datetime(told).astimezone(dt.UTC)
    except ValueError as error:
        raise ErpBroken(f"the ERP's server tells no time: {told[:40]!r}") from error


def day(value: Any) -> dt.date | None:
    """Return the day of a date, with a time behind it or without; None when it is empty.

    Raises:
        ErpBroken: it is none.
    """
    if not value:
        return None
    try:
        return dt.date.fromisoformat(str(value)[:10])
    except ValueError as error:
        raise ErpBroken(f"not a day: {str(value)[:40]!r}") from error


def needed_day(value: Any) -> dt.date:
    """Return a day that is always there.

    Raises:
        ErpBroken: it is not.
    """
    return needed(day(value))


def needed(found: dt.date | None) -> dt.date:
    """Return a day that an adapter read its own way and that is always there.

    Raises:
        ErpBroken: it is not.
    """
    if found is None:
        raise ErpBroken("a record has no day")
    return found
