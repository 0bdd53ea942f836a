"""What was ordered and has not come, over all orders of a customer.

The rules are those of docs/metrics.md (M23 and M24): goods lines of open and completed orders; due = ordered less
cancelled; missing = due less delivered, never below zero, so a surplus on one line never fills another; a line is
overdue when it misses something and its first promise is over; on time when all of it had come by then.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from hashlib import sha256
from typing import Any

from django.core.cache import cache
from django.db import connection

from erp_sync.mirror import missing_sql

LEVELS = ("line", "item", "order")
SHOWS = ("missing", "overdue", "all")
CHUNK = 500
# How long the sums of a state of a customer's orders are kept at most; they count while the state stays.
KEPT_S = 3600


@dataclass(frozen=True, slots=True)
class MissingFilters:
    """Which lines are looked at; "" and None = all.

    Attributes:
        item: Beginning of the SKU or part of the name; `order` part of the order's number; `reference` of the PO's.
        ship_to: The ERP's id of the place.
        placed_from, placed_to: The instant from which, and before which, orders were placed.
    """

    item: str = ""
    order: str = ""
    reference: str = ""
    ship_to: str = ""
    placed_from: dt.datetime | None = None
    placed_to: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class Missing:
    """Quantities of some lines, and how many of them came on time.

    Attributes:
        ordered: Less what was cancelled.
        promised_lines: Whose promise is over; `on_time_lines` of these had come whole by then.
        over_delivered: Delivered beyond what was due, line by line.
    """

    ordered: Decimal
    delivered: Decimal
    missing: Decimal
    overdue: Decimal
    lines: int
    missing_lines: int
    overdue_lines: int
    promised_lines: int
    on_time_lines: int
    over_delivered: Decimal

    @property
    def on_time(self) -> Decimal | None:
        """Share of the promised lines that came on time; None when nothing was promised yet."""
        if not self.promised_lines:
            return None
        return (Decimal(self.on_time_lines) / self.promised_lines).quantize(Decimal("0.0001"))


@dataclass(frozen=True, slots=True)
class MissingRow:
    """A line, an item or an order of the report; what does not belong to its level is "" or None.

    Attributes:
        promised_on: The first promise for what is missing; `expected_on` what is promised now.
    """

    number: str
    web_reference: str
    customer_reference: str
    placed_at: dt.datetime | None
    channel_hint: str
    ship_to: str
    line_no: int
    sku: str
    description: str
    unit: str
    promised_on: dt.date | None
    expected_on: dt.date | None
    sums: Missing


@dataclass(frozen=True, slots=True)
class MissingReport:
    """A page of rows, how many there are on all pages, and the sums over all lines the filters let through."""

    rows: tuple[MissingRow, ...]
    total: int
    sums: Missing


def missing_goods(
    *, customer_erp_id: str, today: dt.date, filters: MissingFilters, level: str = "line", show: str = "missing",
    page: int = 1, per_page: int = 50,
) -> MissingReport:  # fmt: skip
    """Return a page of the report (3 queries at most). `today` is the company's date: promises before it are over.

    `level` is one of LEVELS (what a row is), `show` one of SHOWS; anything else raises KeyError.
    """
    sql = missing_sql.rows_sql(filters=_used(filters), level=level, show=show)
    values = _values(customer_erp_id, today, filters)
    with connection.cursor() as cursor:
        cursor.execute(sql, values | {"limit": per_page, "offset": (max(page, 1) - 1) * per_page})
        found = cursor.fetchall()
    sums = missing_sums(customer_erp_id=customer_erp_id, today=today, filters=filters)
    return MissingReport(tuple(_row(one[:-1]) for one in found), total=found[0][-1] if found else 0, sums=sums)


def missing_sums(*, customer_erp_id: str, today: dt.date, filters: MissingFilters) -> Missing:
    """Return the sums over all lines (1 query; 2 when orders or deliveries of the customer changed since the last)."""
    values = _values(customer_erp_id, today, filters)
    with connection.cursor() as cursor:
        cursor.execute(missing_sql.state_sql(), values)
        key = sha256(repr((cursor.fetchone(), values)).encode()).hexdigest()
        known = cache.get(f"missing:{key}")
        if known is None:
            cursor.execute(missing_sql.sums_sql(filters=_used(filters)), values)
            known = cursor.fetchone()
            cache.set(f"missing:{key}", known, KEPT_S)
    return _sums(known)


def missing_rows(
    *, customer_erp_id: str, today: dt.date, filters: MissingFilters, level: str = "line", show: str = "missing",
    most: int = 50_000,
) -> Iterator[MissingRow]:  # fmt: skip
    """Yield all rows of the report, at most `most`, read in chunks while they are used."""
    sql = missing_sql.rows_sql(filters=_used(filters), level=level, show=show)
    with connection.cursor() as cursor:
        cursor.execute(sql, _values(customer_erp_id, today, filters) | {"limit": most, "offset": 0})
        while chunk := cursor.fetchmany(CHUNK):
            yield from (_row(one[:-1]) for one in chunk)


def _used(filters: MissingFilters) -> list[str]:
    return [name for name, value in asdict(filters).items() if value]


def _values(customer_erp_id: str, today: dt.date, filters: MissingFilters) -> dict[str, Any]:
    return asdict(filters) | {"customer": customer_erp_id, "today": today}


def _row(values: Sequence[Any]) -> MissingRow:
    wide = len(missing_sql.WORDS)
    facts: dict[str, Any] = dict(zip(missing_sql.WORDS, values, strict=False))
    return MissingRow(**facts, sums=_sums(values[wide:]))


def _sums(values: Sequence[Any]) -> Missing:
    """Sums over no line are NULL in SQL: nothing ordered is 0 ordered."""
    facts: dict[str, Any] = {
        name: Decimal(0) if one is None else one for name, one in zip(missing_sql.SUMS, values, strict=True)
    }
    return Missing(**facts)
