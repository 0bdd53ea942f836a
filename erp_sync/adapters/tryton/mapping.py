"""From Tryton's values to ours: channel rules, units, safe texts, exact numbers."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import ROUND_FLOOR, ROUND_HALF_EVEN, Decimal
from typing import Any

from erp_sync.adapters.channels import ChannelRule, first_that_fits, rules_of
from erp_sync.adapters.values import number as number
from erp_sync.errors import ErpBroken
from erp_sync.records import Channel, PackUnit

PRICE = Decimal("0.0001")
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
LONGEST_NAME = 200
LONGEST_TEXT = 4000


# --- channels: an ordered list of (field path, value) -> channel ---

STANDARD_CHANNELS = (
    ("marketing_medium.name", "web", "shop"),
    ("marketing_medium.name", "shop", "shop"),
    ("marketing_medium.name", "phone", "phone"),
    ("marketing_medium.name", "email", "email"),
    ("marketing_medium.name", "rep", "rep"),
    ("marketing_medium.name", "edi", "edi"),
    ("marketing_medium.name", "fax", "fax"),
    ("marketing_medium.name", "counter", "counter"),
    ("web_id", "*", "shop"),
    ("create_uid.login", "edi", "edi"),
)


def channel_rules(rules: Iterable[Sequence[str]] = STANDARD_CHANNELS) -> tuple[ChannelRule, ...]:
    """Return rules from (field, value, channel) triples.

    Raises:
        ErpMisconfigured: see `rules_of`.
    """
    return rules_of(rules)


def channel_of(row: Mapping[str, Any], rules: Sequence[ChannelRule]) -> Channel:
    """Return the channel of the first rule that fits an order, else UNKNOWN."""
    return first_that_fits(rules, lambda path: "" if (value := at(row, path)) is None else str(value))


def at(row: Mapping[str, Any], path: str) -> Any:
    """Return the value at a dotted path of a Tryton row ("a.b" lies at row["a."]["b"]), or None."""
    head, _, rest = path.partition(".")
    if not rest:
        return row.get(head)
    inner = row.get(f"{head}.")
    return at(inner, rest) if isinstance(inner, Mapping) else None


# --- texts and numbers ---


def text(value: Any, longest: int = LONGEST_NAME) -> str:
    """Return an ERP text without control characters, cut to its longest length."""
    return CONTROL.sub(" ", str(value or "")).strip()[:longest]


def line(value: Any, longest: int = LONGEST_NAME) -> str:
    """Return an ERP text on one line."""
    return " ".join(text(value, longest).split())


def price(value: Any) -> Decimal | None:
    """Return a price with 4 decimals, or None."""
    return None if value is None else number(value).quantize(PRICE, rounding=ROUND_HALF_EVEN)


def amount(value: Decimal, rounding: Decimal) -> Decimal:
    """Return an amount rounded the way Tryton's currencies do (half even, by their step)."""
    steps = (value / rounding).quantize(Decimal(1), rounding=ROUND_HALF_EVEN)
    return (steps * rounding).quantize(rounding)


def moment(*values: dt.datetime | None) -> dt.datetime:
    """Return the latest of the times given.

    Raises:
        ErpBroken: there is none.
    """
    known = [value for value in values if value is not None]
    if not known:
        raise ErpBroken("a record has no time of change")
    return max(known)


def erp_id(value: str) -> int:
    """Return one of our ids as Tryton's.

    Raises:
        ErpBroken: it is not one of Tryton's.
    """
    if not value.isascii() or not value.isdigit():
        raise ErpBroken(f"not an id of this ERP: {value[:40]!r}")
    return int(value)


def known_ids(values: Iterable[str]) -> list[int]:
    """Return those ids that can be Tryton's, each once, in order."""
    return list(dict.fromkeys(int(v) for v in values if v.isascii() and v.isdigit()))


# --- units ---

UNIT_FIELDS = ("sale_uom.symbol", "sale_uom.name", "sale_uom.factor", "sale_uom.digits")
BASE_FIELDS = ("default_uom.symbol", "default_uom.factor")


def base_units(row: Mapping[str, Any]) -> Decimal:
    """Return how many of the unit of stock make one sales unit (a box of 100: 100)."""
    sale, base = at(row, "sale_uom.factor"), at(row, "default_uom.factor")
    if not sale or not base:
        raise ErpBroken("a product has no unit")
    factor = number(sale) / number(base)
    return factor.quantize(Decimal("1E-6")).normalize() if factor else Decimal(1)


def in_sales_units(quantity: Any, row: Mapping[str, Any]) -> Decimal:
    """Return a stock figure in whole sales units (to the unit's digits, rounded down)."""
    digits = int(at(row, "sale_uom.digits") or 0)
    step = Decimal(1).scaleb(-digits)
    return (number(quantity) / base_units(row)).quantize(step, rounding=ROUND_FLOOR)


def stock_unit(row: Mapping[str, Any], names: Mapping[str, str]) -> tuple[PackUnit, ...]:
    """Return the unit of stock as a part of the sales unit (of a box of 100 a piece is 0.01); () when they are one."""
    factor = base_units(row)
    if factor == 1:
        return ()
    part = (1 / factor).quantize(Decimal("1E-6")).normalize()
    return (PackUnit(code=line(at(row, "default_uom.symbol"), 20), names=dict(names), factor=part),) if part else ()


def sales_unit(row: Mapping[str, Any], names: Mapping[str, str]) -> PackUnit:
    """Return the unit that prices and quantities are in."""
    return PackUnit(
        code=line(at(row, "sale_uom.symbol"), 20),
        names=dict(names),
        factor=base_units(row),
        digits=int(at(row, "sale_uom.digits") or 0),
    )
