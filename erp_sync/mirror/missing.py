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

_LINES = """
WITH line AS MATERIALIZED (
    SELECT l.id, l.erp_id, l.line_no, l.sku, l.description, l.unit,
           o.id AS order_id, o.erp_id AS order_erp_id, o.number, o.web_reference, o.customer_reference, o.placed_at,
           o.channel_hint, o.ship_to,
           l.quantity - l.quantity_cancelled AS due,
           l.quantity_delivered AS delivered,
           greatest(0, l.quantity - l.quantity_cancelled - l.quantity_delivered) AS missing,
           coalesce(l.first_promised_on, l.promised_on) AS promise,
           l.promised_on AS expected
      FROM erp_sync_order o JOIN erp_sync_orderline l ON l.order_id = o.id
     WHERE o.customer_erp_id = %(customer)s AND o.gone_at IS NULL AND o.status IN ('open', 'completed')
       AND NOT o.is_return AND l.item_type = 'goods' AND l.quantity > l.quantity_cancelled
       {filters}
), came AS (
    SELECT line.id, sum(part.quantity) AS in_time
      FROM line
      JOIN erp_sync_deliveryline part ON part.order_line_erp_id = line.erp_id AND part.order_erp_id = line.order_erp_id
      JOIN erp_sync_delivery d ON d.id = part.delivery_id
     WHERE line.promise < %(today)s AND d.customer_erp_id = %(customer)s AND d.gone_at IS NULL
       AND d.state IN ('shipped', 'delivered') AND coalesce(d.delivered_on, d.shipped_on) <= line.promise
     GROUP BY line.id
), judged AS MATERIALIZED (
    SELECT line.*,
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
_DATES = """
    min(promise) FILTER (WHERE missing > 0) AS promised_on,
    min(expected) FILTER (WHERE missing > 0) AS expected_on
"""
_ORDER = "order_id, number, web_reference, customer_reference, placed_at, channel_hint, ship_to"
_NO_ORDER = (
    "0 AS order_id, '' AS number, '' AS web_reference, '' AS customer_reference, NULL::timestamptz AS placed_at, "
    "'' AS channel_hint, '' AS ship_to"
)
# What a row is: its own columns, and what they are grouped by.
_LEVELS = {
    "line": (f"{_ORDER}, line_no, sku, description, unit", f"id, {_ORDER}, line_no, sku, description, unit"),
    "item": (f"{_NO_ORDER}, 0 AS line_no, sku, max(description) AS description, max(unit) AS unit", "sku"),
    "order": (f"{_ORDER}, 0 AS line_no, '' AS sku, '' AS description, '' AS unit", _ORDER),
}
_SHOWN = {"missing": "missing > 0", "overdue": "overdue > 0", "all": "TRUE"}
_SORTED = (
    "(overdue > 0) DESC, promised_on NULLS LAST, (missing > 0) DESC, placed_at DESC NULLS LAST, number, line_no, sku"
)
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


def missing_goods(
    *, customer_erp_id: str, today: dt.date, filters: MissingFilters, level: str = "line", show: str = "missing",
    page: int = 1, per_page: int = 50,
) -> MissingReport:  # fmt: skip
    """Return a page of the report (1 query). `today` is the company's date: promises before it are over.

    `level` is one of LEVELS (what a row is), `show` one of SHOWS; anything else raises KeyError.
    """
    columns = ", ".join(f"shown.{name}" for name in (*_ROW, *_SUM))
    sums = ", ".join(f"total.{name}" for name in _SUM)
    sql = (
        f"{_grouped(filters, level, show)}, total AS (SELECT {_SUMS} FROM judged)"  # noqa: S608 - constants of this file
        f" SELECT {sums}, shown.on_all_pages, {columns} FROM total"
        f" LEFT JOIN (SELECT * FROM shown ORDER BY {_SORTED} LIMIT %(limit)s OFFSET %(offset)s) shown ON TRUE"
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
    columns = ", ".join(f"shown.{name}" for name in (*_ROW, *_SUM))
    sql = f"{_grouped(filters, level, show)} SELECT {columns} FROM shown ORDER BY {_SORTED} LIMIT %(limit)s"  # noqa: S608 - as above
    with connection.cursor() as cursor:
        cursor.execute(sql, _values(customer_erp_id, today, filters) | {"limit": most})
        while chunk := cursor.fetchmany(CHUNK):
            yield from (_row(one) for one in chunk)


def _grouped(filters: MissingFilters, level: str, show: str) -> str:
    own, keys = _LEVELS[level]
    chosen = [text for name, text in _FILTERS.items() if getattr(filters, name)]
    conditions = "".join(f" AND {text}" for text in chosen)
    return (
        f"{_LINES.format(filters=conditions)}, shown AS ("  # noqa: S608 - every piece is a constant of this file
        f"SELECT grouped.*, count(*) OVER () AS on_all_pages FROM"
        f" (SELECT {own}, {_DATES}, {_SUMS} FROM judged GROUP BY {keys}) grouped WHERE {_SHOWN[show]})"
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
