"""What was ordered and has not come, over all orders of a customer: one statement, whatever their number.

The rules are those of docs/metrics.md (M23 and M24): goods lines of open and completed orders; due = ordered less
cancelled; missing = due less delivered, never below zero, so a surplus on one line never fills another; a line is
overdue when it misses something and its first promise is over; on time when all of it had come by then.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from decimal import Decimal
from typing import Any

from django.db import connection

LEVELS = ("line", "item", "order")
SHOWS = ("missing", "overdue", "all")
CHUNK = 500

# Only figures and keys travel through the sums; what people read is joined to the few rows that are shown.
_LINES = """
WITH line AS MATERIALIZED (
    SELECT l.id, l.erp_id, l.line_no, l.sku, o.id AS order_id, o.erp_id AS order_erp_id, o.placed_at,
           l.quantity - l.quantity_cancelled AS due,
           l.quantity_delivered AS delivered,
           greatest(0, l.quantity - l.quantity_cancelled - l.quantity_delivered) AS missing,
           coalesce(l.first_promised_on, l.promised_on) AS promise,
           l.promised_on AS expected
      FROM erp_sync_order o JOIN erp_sync_orderline l ON l.order_id = o.id
     WHERE o.customer_erp_id = %(customer)s AND o.gone_at IS NULL AND o.status IN ('open', 'completed')
       AND NOT o.is_return AND l.item_type = 'goods' AND l.quantity > l.quantity_cancelled
       {filters}
), brought AS MATERIALIZED (
    SELECT part.order_erp_id, part.order_line_erp_id, part.quantity, coalesce(d.delivered_on, d.shipped_on) AS day
      FROM erp_sync_delivery d JOIN erp_sync_deliveryline part ON part.delivery_id = d.id
     WHERE d.customer_erp_id = %(customer)s AND d.gone_at IS NULL AND d.state IN ('shipped', 'delivered')
), came AS (
    SELECT line.id, sum(brought.quantity) AS in_time
      FROM line JOIN brought
        ON brought.order_line_erp_id = line.erp_id AND brought.order_erp_id = line.order_erp_id
       AND brought.day <= line.promise
     WHERE line.promise < %(today)s
     GROUP BY line.id
), judged AS MATERIALIZED (
    SELECT line.id, line.line_no, line.sku, line.order_id, line.placed_at, due, delivered, missing, promise, expected,
           CASE WHEN promise < %(today)s THEN missing ELSE 0 END AS overdue,
           (promise < %(today)s)::int AS promised_lines,
           (promise < %(today)s AND coalesce(came.in_time, 0) >= due)::int AS on_time_lines
      FROM line LEFT JOIN came USING (id)
)
"""
_SUMS = """
    sum(due) AS ordered, sum(delivered) AS delivered, sum(missing) AS missing, sum(overdue) AS overdue,
    count(*) AS lines, count(*) FILTER (WHERE missing > 0) AS missing_lines,
    count(*) FILTER (WHERE overdue > 0) AS overdue_lines,
    coalesce(sum(promised_lines), 0) AS promised_lines, coalesce(sum(on_time_lines), 0) AS on_time_lines,
    sum(greatest(0, delivered - due)) AS over_delivered
"""
_ONE = """
    due AS ordered, delivered, missing, overdue, 1 AS lines, (missing > 0)::int AS missing_lines,
    (overdue > 0)::int AS overdue_lines, coalesce(promised_lines, 0) AS promised_lines,
    coalesce(on_time_lines, 0) AS on_time_lines, greatest(0, delivered - due) AS over_delivered
"""
_DATES = """
    min(promise) FILTER (WHERE missing > 0) AS promised_on,
    min(expected) FILTER (WHERE missing > 0) AS expected_on
"""
_ONE_DATE = """
    CASE WHEN missing > 0 THEN promise END AS promised_on, CASE WHEN missing > 0 THEN expected END AS expected_on
"""
# What a row is: the line and the order it shows, its place among its equals, its sums.
_LEVELS = {
    "line": f"SELECT id AS line_id, order_id, placed_at AS placed, line_no, sku, {_ONE_DATE}, {_ONE} FROM judged",  # noqa: S608 - constants
    "item": (
        f"SELECT max(id) AS line_id, NULL::bigint AS order_id, max(placed_at) AS placed, 0 AS line_no, sku, "  # noqa: S608 - as above
        f"{_DATES}, {_SUMS} FROM judged GROUP BY sku"
    ),
    "order": (
        f"SELECT NULL::bigint AS line_id, order_id, max(placed_at) AS placed, 0 AS line_no, '' AS sku, "  # noqa: S608 - as above
        f"{_DATES}, {_SUMS} FROM judged GROUP BY order_id"
    ),
}
_WORDS = """
    coalesce(o.number, '') AS number, coalesce(o.web_reference, '') AS web_reference,
    coalesce(o.customer_reference, '') AS customer_reference, o.placed_at, coalesce(o.channel_hint, '') AS channel_hint,
    coalesce(o.ship_to, '') AS ship_to, page.line_no, page.sku, coalesce(l.description, '') AS description,
    coalesce(l.unit, '') AS unit, page.promised_on, page.expected_on
"""
_JOINED = """
    LEFT JOIN erp_sync_order o ON o.id = page.order_id LEFT JOIN erp_sync_orderline l ON l.id = page.line_id
"""
_SHOWN = {"missing": "missing > 0", "overdue": "overdue > 0", "all": "TRUE"}
_SORTED = "(overdue > 0) DESC, promised_on NULLS LAST, (missing > 0) DESC, placed DESC, order_id DESC, line_no, sku"
_FILTERS = {
    "item": "(strpos(upper(l.sku), upper(%(item)s)) = 1 OR strpos(lower(l.description), lower(%(item)s)) > 0)",
    "order": "(strpos(lower(o.number), lower(%(order)s)) > 0 OR lower(o.web_reference) = lower(%(order)s))",
    "reference": "strpos(lower(o.customer_reference), lower(%(reference)s)) > 0",
    "ship_to": "o.ship_to_erp_id = %(ship_to)s",
    "placed_from": "o.placed_at >= %(placed_from)s",
    "placed_to": "o.placed_at < %(placed_to)s",
}


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


_ROW = tuple(one.name for one in fields(MissingRow) if one.name != "sums")
_SUM = tuple(one.name for one in fields(Missing))
_PAGE_SUMS = ", ".join(f"page.{name}" for name in _SUM)


def missing_goods(
    *, customer_erp_id: str, today: dt.date, filters: MissingFilters, level: str = "line", show: str = "missing",
    page: int = 1, per_page: int = 50,
) -> MissingReport:  # fmt: skip
    """Return a page of the report (1 query). `today` is the company's date: promises before it are over.

    `level` is one of LEVELS (what a row is), `show` one of SHOWS; anything else raises KeyError.
    """
    sums = ", ".join(f"total.{name}" for name in _SUM)
    sql = (
        f"{_shown(filters, level, show)}, total AS (SELECT {_SUMS} FROM judged)"  # noqa: S608 - constants of this file
        f" SELECT {sums}, page.on_all_pages, {_WORDS}, {_PAGE_SUMS} FROM total"
        f" LEFT JOIN (SELECT *, row_number() OVER (ORDER BY {_SORTED}) AS place FROM shown"
        f" ORDER BY {_SORTED} LIMIT %(limit)s OFFSET %(offset)s) page ON TRUE {_JOINED} ORDER BY page.place"
    )
    values = _values(customer_erp_id, today, filters)
    with connection.cursor() as cursor:
        cursor.execute(sql, values | {"limit": per_page, "offset": (max(page, 1) - 1) * per_page})
        found = cursor.fetchall()
    wide = len(_SUM)
    rows = tuple(_row(one[wide + 1 :]) for one in found if one[wide] is not None)
    return MissingReport(rows=rows, total=found[0][wide] or 0, sums=_sums(found[0][:wide]))


def missing_rows(
    *, customer_erp_id: str, today: dt.date, filters: MissingFilters, level: str = "line", show: str = "missing",
    most: int = 50_000,
) -> Iterator[MissingRow]:  # fmt: skip
    """Yield all rows of the report, at most `most`, read in chunks while they are used."""
    sql = (
        f"{_shown(filters, level, show)} SELECT {_WORDS}, {_PAGE_SUMS} FROM"  # noqa: S608 - as above
        f" (SELECT *, row_number() OVER (ORDER BY {_SORTED}) AS place FROM shown"
        f" ORDER BY {_SORTED} LIMIT %(limit)s) page {_JOINED} ORDER BY page.place"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, _values(customer_erp_id, today, filters) | {"limit": most})
        while chunk := cursor.fetchmany(CHUNK):
            yield from (_row(one) for one in chunk)


def _shown(filters: MissingFilters, level: str, show: str) -> str:
    chosen = [text for name, text in _FILTERS.items() if getattr(filters, name)]
    conditions = "".join(f" AND {text}" for text in chosen)
    return (
        f"{_LINES.format(filters=conditions)}, shown AS MATERIALIZED ("  # noqa: S608 - every piece is a constant of this file
        f"SELECT one.*, count(*) OVER () AS on_all_pages FROM ({_LEVELS[level]}) one WHERE {_SHOWN[show]})"
    )


def _values(customer_erp_id: str, today: dt.date, filters: MissingFilters) -> dict[str, Any]:
    return asdict(filters) | {"customer": customer_erp_id, "today": today}


def _row(values: Sequence[Any]) -> MissingRow:
    facts: dict[str, Any] = dict(zip(_ROW, values, strict=False))
    return MissingRow(**facts, sums=_sums(values[len(_ROW) :]))


def _sums(values: Sequence[Any]) -> Missing:
    """Sums over no line are NULL in SQL: nothing ordered is 0 ordered."""
    facts: dict[str, Any] = {name: Decimal(0) if one is None else one for name, one in zip(_SUM, values, strict=True)}
    return Missing(**facts)
