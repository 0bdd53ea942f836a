"""From Odoo's values to ours and back: numbers, times, safe texts, many2ones, references."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal
from typing import Any

from erp_sync.adapters.channels import ChannelRule, first_that_fits, rules_of
from erp_sync.adapters.values import LONGEST_NAME as LONGEST_NAME
from erp_sync.adapters.values import LONGEST_TEXT as LONGEST_TEXT
from erp_sync.adapters.values import line as line
from erp_sync.adapters.values import needed
from erp_sync.adapters.values import number as exactly
from erp_sync.adapters.values import plain as plain
from erp_sync.adapters.values import text as text
from erp_sync.errors import ErpBroken
from erp_sync.records import Channel

PRICE = Decimal("0.0001")
HUNDRED = Decimal(100)
_REFERENCE = re.compile(r"[A-Za-z0-9-]{1,60}")


# --- numbers and times ---


def number(value: Any) -> Decimal:
    """Return a number exactly; Odoo's false is 0.

    Raises:
        ErpBroken: it is not one.
    """
    return exactly(None if value is False else value)


def price(value: Any) -> Decimal:
    """Return a price with 4 decimals; Odoo calculates with binary fractions."""
    return number(value).quantize(PRICE, rounding=ROUND_HALF_UP)


def quantity(value: Any) -> Decimal:
    """Return a quantity without the noise of binary fractions."""
    told = number(value).quantize(PRICE, rounding=ROUND_HALF_UP)
    whole = told.to_integral_value()
    return whole if whole == told else told.normalize()


def whole_units(value: Any) -> Decimal:
    """Return a stock figure that can be promised: rounded down."""
    return max(Decimal(0), quantity(value)).quantize(Decimal(1), rounding=ROUND_FLOOR)


def amount(value: Any, step: Decimal) -> Decimal:
    """Return an amount of money rounded by the currency's smallest amount, halves up as Odoo does."""
    return (number(value) / step).quantize(Decimal(1), rounding=ROUND_HALF_UP) * step


def net_price(row: Mapping[str, Any], step: Decimal) -> Decimal:
    """Return what one unit of a line costs without tax, discount taken off.

    Odoo's unit price contains a tax that is "included in price"; the subtotal never does.
    """
    unit = number(row["price_unit"]) * (HUNDRED - number(row["discount"])) / HUNDRED
    many = number(row["product_uom_qty"] if "product_uom_qty" in row else row["quantity"])
    subtotal = number(row["price_subtotal"])
    if many and abs(unit * many - subtotal) > step:
        unit = subtotal / many
    return unit.quantize(PRICE, rounding=ROUND_HALF_UP)


def instant(value: Any) -> dt.datetime:
    """Return a time of Odoo, which is UTC without a zone.

    Raises:
        ErpBroken: it is none.
    """
    try:
        return dt.datetime.fromisoformat(str(value)).replace(tzinfo=dt.UTC)
    except ValueError as error:
        raise ErpBroken(f"not a time: {str(value)[:40]!r}") from error


def day(value: Any) -> dt.date | None:
    """Return the day of a date or time of Odoo; its false is None."""
    return instant(value).date() if value else None


def needed_day(value: Any) -> dt.date:
    """Return a day that is always there.

    Raises:
        ErpBroken: it is not.
    """
    return needed(day(value))


def stamp(value: dt.datetime) -> str:
    """Return a time as Odoo wants it: whole seconds of UTC, compared with >=."""
    return value.astimezone(dt.UTC).strftime("%Y-%m-%d %H:%M:%S")


def noon(value: dt.date | None) -> str | None:
    """Return a day as a time that stays on it in every zone of Europe and America."""
    return None if value is None else f"{value.isoformat()} 12:00:00"


def latest(*values: Any) -> dt.datetime:
    """Return the latest of the times given.

    Raises:
        ErpBroken: there is none.
    """
    known = [instant(value) for value in values if value]
    if not known:
        raise ErpBroken("a record has no time of change")
    return max(known)


# --- records ---


def erp_id(value: str) -> int:
    """Return one of our ids as Odoo's.

    Raises:
        ErpBroken: it is not one of Odoo's.
    """
    if not value.isascii() or not value.isdigit():
        raise ErpBroken(f"not an id of this ERP: {value[:40]!r}")
    return int(value)


def known_ids(values: Iterable[str]) -> list[int]:
    """Return those ids that can be Odoo's, each once, in order."""
    return list(dict.fromkeys(int(v) for v in values if v.isascii() and v.isdigit()))


def ref(value: Any) -> int:
    """Return the id of a many2one, 0 when it is empty."""
    if isinstance(value, (list, tuple)):
        return int(value[0]) if value else 0
    return int(value or 0)


def ref_text(ids: int) -> str:
    """Return an id as text, "" when it is empty."""
    return str(ids) if ids else ""


def called(value: Any) -> str:
    """Return the name of a many2one."""
    return line(value[1]) if isinstance(value, (list, tuple)) and len(value) > 1 else ""


def key_of(reference: str) -> str:
    """Return a reference of ours as a part of an external id.

    Raises:
        ErpBroken: it has signs that could not be told apart.
    """
    if not _REFERENCE.fullmatch(reference):
        raise ErpBroken(f"not a reference that Odoo can keep: {reference[:60]!r}")
    return reference.replace("-", "_")


def reference_of(key: str) -> str:
    """Return the reference of a part of an external id."""
    return key.replace("_", "-")


# --- channels: an ordered list of (field, value) -> channel ---

STANDARD_CHANNELS = (
    ("medium_id", "phone", "phone"),
    ("medium_id", "email", "email"),
    ("medium_id", "edi", "edi"),
    ("medium_id", "fax", "fax"),
    ("medium_id", "rep", "rep"),
    ("medium_id", "counter", "counter"),
    ("create_uid", "edi", "edi"),
)


def channel_rules(rules: Iterable[Sequence[str]] = STANDARD_CHANNELS) -> tuple[ChannelRule, ...]:
    """Return rules from (field, value, channel) triples.

    Raises:
        ErpMisconfigured: see `rules_of`.
    """
    return rules_of(rules)


def channel_of(row: Mapping[str, Any], rules: Sequence[ChannelRule]) -> Channel:
    """Return the channel of the first rule that fits an order, else UNKNOWN."""
    return first_that_fits(rules, lambda name: _words(row.get(name)))


def _words(value: Any) -> str:
    """Return what a person reads in a field: of a link the name of what it leads to."""
    return called(value) if isinstance(value, (list, tuple)) else line(value)
