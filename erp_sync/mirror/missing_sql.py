"""The statements of the missing-goods report, made of constants: nothing that anybody typed is part of them.

What takes long over many orders is to say which lines came on time, as every line is held against its deliveries. A
page asks that for its own rows only; the sums over all lines ask it for all, and are kept (`missing_sums`).
"""

from __future__ import annotations

from collections.abc import Collection

SUMS = (
    "ordered", "delivered", "missing", "overdue", "lines", "missing_lines", "overdue_lines", "promised_lines",
    "on_time_lines", "over_delivered",
)  # fmt: skip
WORDS = (
    "number", "web_reference", "customer_reference", "placed_at", "channel_hint", "ship_to", "line_no", "sku",
    "description", "unit", "promised_on", "expected_on",
)  # fmt: skip

# A line with what is due of it, and what a delivery brought of a line. NOT MATERIALIZED: each reader takes the columns
# it needs, and copying tens of thousands of rows costs more than finding them twice.
_LINES = """
WITH line AS NOT MATERIALIZED (
    SELECT l.id, l.erp_id, l.line_no, l.sku, o.id AS order_id, o.erp_id AS order_erp_id, o.placed_at,
           l.quantity - l.quantity_cancelled AS due,
           l.quantity_delivered AS delivered,
           greatest(0, l.quantity - l.quantity_cancelled - l.quantity_delivered) AS missing,
           coalesce(l.first_promised_on, l.promised_on) AS promise,
           coalesce(coalesce(l.first_promised_on, l.promised_on) < %(today)s, FALSE) AS is_over,
           l.promised_on AS expected
      FROM erp_sync_order o JOIN erp_sync_orderline l ON l.order_id = o.id
     WHERE o.customer_erp_id = %(customer)s AND o.gone_at IS NULL AND o.status IN ('open', 'completed')
       AND NOT o.is_return AND l.item_type = 'goods' AND l.quantity > l.quantity_cancelled
       {filters}
), brought AS NOT MATERIALIZED (
    SELECT part.order_erp_id, part.order_line_erp_id, part.quantity, coalesce(d.delivered_on, d.shipped_on) AS day
      FROM erp_sync_delivery d JOIN erp_sync_deliveryline part ON part.delivery_id = d.id
     WHERE d.customer_erp_id = %(customer)s AND d.gone_at IS NULL AND d.state IN ('shipped', 'delivered')
)
"""
# The lines, of which all had come by the first promise. OFFSET 0 keeps the parts apart: seen as one join, the database
# takes them for a few rows and visits each delivery by itself.
_PUNCTUAL = """
    SELECT due.id, due.row_key FROM
        (SELECT line.*, {key} AS row_key FROM line WHERE is_over {only} OFFSET 0) due
        JOIN ({brought}) brought
          ON brought.order_line_erp_id = due.erp_id AND brought.order_erp_id = due.order_erp_id
         AND brought.day <= due.promise
     GROUP BY due.id, due.row_key, due.due HAVING sum(brought.quantity) >= due.due
"""
_OVER_ALL = """
    sum(due) AS ordered, sum(delivered) AS delivered, sum(missing) AS missing,
    coalesce(sum(missing) FILTER (WHERE is_over), 0) AS overdue, count(*) AS lines,
    count(*) FILTER (WHERE missing > 0) AS missing_lines,
    count(*) FILTER (WHERE missing > 0 AND is_over) AS overdue_lines,
    count(*) FILTER (WHERE is_over) AS promised_lines, sum(greatest(0, delivered - due)) AS over_delivered
"""
_DATES = """
    min(promise) FILTER (WHERE missing > 0) AS promised_on, min(expected) FILTER (WHERE missing > 0) AS expected_on
"""
_ONE = """
    due AS ordered, delivered, missing, CASE WHEN is_over THEN missing ELSE 0 END AS overdue, 1 AS lines,
    (missing > 0)::int AS missing_lines, (missing > 0 AND is_over)::int AS overdue_lines,
    is_over::int AS promised_lines, greatest(0, delivered - due) AS over_delivered,
    CASE WHEN missing > 0 THEN promise END AS promised_on, CASE WHEN missing > 0 THEN expected END AS expected_on
"""
# What a row is: what makes it one, the line and the order it shows, its place among its equals, its sums.
_KEYS = {"line": "id", "item": "sku", "order": "order_id"}
_ROWS = {
    "line": f"SELECT id AS row_key, id AS line_id, order_id, placed_at AS placed, line_no, sku, {_ONE} FROM line",  # noqa: S608 - constants
    "item": (
        f"SELECT sku AS row_key, max(id) AS line_id, NULL::bigint AS order_id, max(placed_at) AS placed, 0 AS line_no,"  # noqa: S608 - as above
        f" sku, {_DATES}, {_OVER_ALL} FROM (SELECT * FROM line OFFSET 0) line GROUP BY sku"
    ),
    "order": (
        f"SELECT order_id AS row_key, NULL::bigint AS line_id, order_id, max(placed_at) AS placed, 0 AS line_no,"  # noqa: S608 - as above
        f" '' AS sku, {_DATES}, {_OVER_ALL} FROM (SELECT * FROM line OFFSET 0) line GROUP BY order_id"
    ),
}
_SHOWN = {"missing": "missing > 0", "overdue": "overdue > 0", "all": "TRUE"}
_SORTED = "(overdue > 0) DESC, promised_on NULLS LAST, (missing > 0) DESC, placed DESC, order_id DESC, line_no, sku"
_FOUND = """
    coalesce(o.number, '') AS number, coalesce(o.web_reference, '') AS web_reference,
    coalesce(o.customer_reference, '') AS customer_reference, o.placed_at, coalesce(o.channel_hint, '') AS channel_hint,
    coalesce(o.ship_to, '') AS ship_to, page.line_no, page.sku, coalesce(l.description, '') AS description,
    coalesce(l.unit, '') AS unit, page.promised_on, page.expected_on
"""
_FILTERS = {
    "item": "(strpos(upper(l.sku), upper(%(item)s)) = 1 OR strpos(lower(l.description), lower(%(item)s)) > 0)",
    "order": "(strpos(lower(o.number), lower(%(order)s)) > 0 OR lower(o.web_reference) = lower(%(order)s))",
    "reference": "strpos(lower(o.customer_reference), lower(%(reference)s)) > 0",
    "ship_to": "o.ship_to_erp_id = %(ship_to)s",
    "placed_from": "o.placed_at >= %(placed_from)s",
    "placed_to": "o.placed_at < %(placed_to)s",
}
# Every write of an order or a delivery stamps it, and what goes away is marked: so as long as these figures stay, the
# sums do.
STATE = """
    SELECT count(*), count(gone_at), sum(extract(epoch FROM synced_at)) FROM {table}
     WHERE customer_erp_id = %(customer)s
"""


def rows_sql(*, filters: Collection[str], level: str, show: str) -> str:
    """Return the statement of a page's rows: WORDS, SUMS, and how many rows are on all pages.

    `filters` names those that are used; it takes %(customer)s, %(today)s, %(limit)s, %(offset)s and theirs.
    """
    key = _KEYS[level]
    only = f"AND {key} IN (SELECT row_key FROM page)"  # noqa: S608 - a constant of this file
    punctual = _PUNCTUAL.format(key=key, only=only, brought="SELECT * FROM brought")
    return (
        f"{_lines(filters)}, page AS MATERIALIZED ("  # noqa: S608 - every piece is a constant of this file
        f"SELECT cut.*, row_number() OVER (ORDER BY {_SORTED}) AS place FROM ("
        f"SELECT one.*, count(*) OVER () AS on_all_pages FROM ({_ROWS[level]}) one WHERE {_SHOWN[show]}"
        f" ORDER BY {_SORTED} LIMIT %(limit)s OFFSET %(offset)s) cut"
        f"), punctual AS (SELECT row_key, count(*) AS on_time_lines FROM ({punctual}) one GROUP BY row_key)"
        f" SELECT {_FOUND}, {', '.join(map(_of_page, SUMS))}, page.on_all_pages"
        f" FROM page LEFT JOIN punctual USING (row_key)"
        f" LEFT JOIN erp_sync_order o ON o.id = page.order_id LEFT JOIN erp_sync_orderline l ON l.id = page.line_id"
        f" ORDER BY page.place"
    )


def _of_page(name: str) -> str:
    return "coalesce(punctual.on_time_lines, 0)" if name == "on_time_lines" else f"page.{name}"


def sums_sql(*, filters: Collection[str]) -> str:
    """Return the statement of the SUMS over all lines; parameters as in `rows_sql`."""
    punctual = _PUNCTUAL.format(key="NULL", only="", brought="SELECT * FROM brought OFFSET 0")
    return (
        f"{_lines(filters)}, punctual AS MATERIALIZED ({punctual})"  # noqa: S608 - as above
        f" SELECT {', '.join(SUMS)} FROM (SELECT {_OVER_ALL}, count(punctual.id) AS on_time_lines"
        f" FROM line LEFT JOIN punctual ON punctual.id = line.id) one"
    )


def state_sql() -> str:
    """Return the statement of figures that change whenever a company's orders or deliveries do."""
    orders, deliveries = (STATE.format(table=table) for table in ("erp_sync_order", "erp_sync_delivery"))
    return f"SELECT * FROM ({orders}) orders, ({deliveries}) deliveries"  # noqa: S608 - as above


def _lines(filters: Collection[str]) -> str:
    return _LINES.format(filters="".join(f" AND {text}" for name, text in _FILTERS.items() if name in filters))
