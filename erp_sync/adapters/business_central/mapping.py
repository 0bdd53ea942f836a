"""From Business Central's values to ours and back: numbers, times, safe texts, ids, references."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from erp_sync.adapters.channels import ChannelRule, first_that_fits, rules_of
from erp_sync.adapters.values import line as line
from erp_sync.adapters.values import needed
from erp_sync.adapters.values import number as number
from erp_sync.adapters.values import price as price
from erp_sync.adapters.values import text as text
from erp_sync.errors import ErpBroken, ErpMisconfigured
from erp_sync.records import Channel

PRICE = Decimal("0.0001")
CENT = Decimal("0.01")
HUNDRED = Decimal(100)
NO_DAY = "0001-01-01"
NO_ID = "00000000-0000-0000-0000-000000000000"
# What was there before the ERP kept times of change carries the year 1.
EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
LONGEST_EXTERNAL = 35
# Behind the reference of an order that was written but not yet compared with what the buyer accepted.
NEW = "-NEW"
NO = "-NO"
_ENCODED = re.compile(r"_x([0-9a-fA-F]{4})_")
_REFERENCE = re.compile(r"[A-Za-z0-9-]{1,31}")


# --- texts ---


def word(value: Any) -> str:
    """Return a word of an enumeration: the ERP writes "In Review" as In_x0020_Review."""
    return line(_ENCODED.sub(lambda found: chr(int(found[1], 16)), str(value or "")), 40)


# --- numbers and times ---


def quantity(value: Any) -> Decimal:
    """Return a quantity without idle zeros."""
    told = number(value)
    whole = told.to_integral_value()
    return whole if whole == told else told.normalize()


def amount(value: Any) -> Decimal:
    """Return an amount of money with two decimals, more where the currency has more."""
    told = number(value)
    rounded = told.quantize(CENT, rounding=ROUND_HALF_UP)
    return rounded if rounded == told else told


def net_price(row: Mapping[str, Any]) -> Decimal:
    """Return what one unit of a line costs without tax, discount taken off.

    The unit price contains the tax where the document's prices include it; the amount never does.
    """
    unit = number(row["unitPrice"]) * (HUNDRED - number(row["discountPercent"])) / HUNDRED
    many, told = number(row["quantity"]), number(row["amountExcludingTax"])
    if many and abs(unit * many - told) > CENT:
        unit = told / many
    return price(unit)


def instant(value: Any) -> dt.datetime:
    """Return a time, aware UTC; the year 1 means "never changed since the ERP keeps it".

    Raises:
        ErpBroken: it is none, or has no zone.
    """
    try:
        told = dt.datetime.fromisoformat(str(value))
    except ValueError as error:
        raise ErpBroken(f"not a time: {str(value)[:40]!r}") from error
    if told.tzinfo is None:
        raise ErpBroken(f"a time without a zone: {str(value)[:40]!r}")
    return EPOCH if told.year < EPOCH.year else told.astimezone(dt.UTC)


def day(value: Any) -> dt.date | None:
    """Return a day; the ERP's empty one is None.

    Raises:
        ErpBroken: it is none.
    """
    if not value or str(value) == NO_DAY:
        return None
    try:
        return dt.date.fromisoformat(str(value))
    except ValueError as error:
        raise ErpBroken(f"not a day: {str(value)[:40]!r}") from error


def needed_day(value: Any) -> dt.date:
    """Return a day that is always there.

    Raises:
        ErpBroken: it is not.
    """
    return needed(day(value))


def noon(value: dt.date) -> dt.datetime:
    """Return a day as a time, for what the ERP keeps by the day: noon of UTC is that day from Hawaii to Sydney."""
    return dt.datetime.combine(value, dt.time(12), tzinfo=dt.UTC)


def ref(value: Any) -> str:
    """Return the id of another record, "" when it is empty."""
    told = line(value, 40).lower()
    return "" if told == NO_ID else told


# --- references: all that a sales document has for us is its external document number ---


def reference(value: str) -> str:
    """Return a reference of ours, which leaves room for the mark of a new order.

    Raises:
        ErpBroken: it is too long, or has signs that a filter could read otherwise.
    """
    if not _REFERENCE.fullmatch(value):
        raise ErpBroken(f"not a reference that Business Central can keep: {value[:60]!r}")
    return value


def order_reference(external: Any, prefix: str) -> str:
    """Return our reference of an order, "" when the shop did not send it."""
    told = line(external, LONGEST_EXTERNAL).removesuffix(NEW)
    return told if told.startswith(prefix) else ""


def is_new(external: Any) -> bool:
    """Say whether an order was written and not yet compared."""
    return line(external, LONGEST_EXTERNAL).endswith(NEW)


# --- channels: an ordered list of (field, value) -> channel ---

CHANNEL_FIELDS = frozenset(
    {"externalDocumentNumber", "salesperson", "shortcutDimension1Code", "shortcutDimension2Code"}
)
STANDARD_CHANNELS = (
    ("externalDocumentNumber", "EDI-*", "edi"),
    ("salesperson", "*", "rep"),
)


def channel_rules(rules: Iterable[Sequence[str]] = STANDARD_CHANNELS) -> tuple[ChannelRule, ...]:
    """Return rules from (field, value, channel) triples.

    Raises:
        ErpMisconfigured: see `rules_of`; or a field is not read of every order.
    """
    found = rules_of(rules)
    unknown = {one.field for one in found} - CHANNEL_FIELDS
    if unknown:
        raise ErpMisconfigured(f"ERP_OPTIONS['channels']: {', '.join(sorted(unknown))} is no field of every order")
    return found


def channel_of(row: Mapping[str, Any], rules: Sequence[ChannelRule]) -> Channel:
    """Return the channel of the first rule that fits an order, else UNKNOWN."""
    return first_that_fits(rules, lambda name: line(row.get(name)))
