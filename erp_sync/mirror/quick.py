"""The mirror's reads that every page of the shop asks, as prepared statements (see erp_sync.statements).

`selectors` hands them on; what a customer may see is decided there and here by the same conditions.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any

from django.db.models import Model

from erp_sync.mirror import age
from erp_sync.mirror.models import Delivery, DeliveryLine, Invoice, InvoiceLine, Item, Order, OrderLine
from erp_sync.statements import columns, fetch, from_row, put_related, width

# What only the search needs.
_HEAVY = {"names", "search", "words", "facets", "fingerprint"}
# What a row of a list needs.
LISTED = (
    "id", "erp_id", "gone_at", "sku", "texts", "brand", "sales_unit", "packs", "minimum", "multiple", "list_price",
    "image_url", "replaced_by", "is_active",
)  # fmt: skip
WORDS = ("id", "sku", "texts", "sales_unit", "packs")
ORDERED = (*WORDS, "documents")
# More than a draft in the ERP.
_IS_ORDER = "o.gone_at IS NULL AND o.status NOT IN ('draft', 'quotation')"
# Of several items with one number: the one on sale, else the latest.
_SELECT_BEST = """
SELECT DISTINCT ON (i.sku) {} FROM erp_sync_item i WHERE i.sku = ANY(%s::varchar[])
ORDER BY i.sku, i.gone_at DESC NULLS FIRST, i.is_active DESC, i.id DESC
"""


@cache
def _whole() -> tuple[str, ...]:
    return tuple(field.name for field in Item._meta.concrete_fields if field.name not in _HEAVY)


def items_by_sku(skus: Collection[str], names: tuple[str, ...] = ()) -> dict[str, Item]:
    """Return the best item of each number, with these columns (default: all but what the search needs)."""
    names = names or _whole()
    sql = _text(
        _SELECT_BEST.format("{}"),
        (Item, "i", names),
    )
    return {item.sku: item for item in (from_row(Item, row, names) for row in fetch(sql, [list(skus)]))}


_NAME = """coalesce(
    nullif(i.texts -> %s ->> 'name', ''), nullif(i.texts -> %s ->> 'name', ''), nullif(i.texts -> 'en' ->> 'name', ''),
    (SELECT t.value ->> 'name' FROM jsonb_each(i.texts) t WHERE t.value ->> 'name' <> '' LIMIT 1), '')"""


def names_by_sku(skus: Collection[str], *, language: str) -> dict[str, str]:
    """Return what the best item of each number is called in a language ("es-mx": also "es"), else in English or any."""
    values = [language, language.split("-")[0], list(skus)]
    return dict(fetch(_SELECT_BEST.format(f"i.sku, {_NAME}"), values))


def listed_items(pks: Sequence[int], *, customer_erp_id: str) -> list[Item]:
    """Return these rows in this order, each with `own_numbers`: what the customer calls it."""
    sql = _text(
        """
SELECT {}, ARRAY(
    SELECT n.number FROM erp_sync_ownpartnumber n JOIN erp_sync_customer c ON c.id = n.customer_id
    WHERE c.erp_id = %s AND n.sku = i.sku ORDER BY n.number)
FROM unnest(%s::bigint[]) WITH ORDINALITY wanted(id, place) JOIN erp_sync_item i ON i.id = wanted.id
ORDER BY wanted.place
""",
        (Item, "i", LISTED),
    )
    return [_numbered(row, LISTED) for row in fetch(sql, [customer_erp_id, list(pks)])]


def item_with_numbers(sku: str, *, customer_erp_id: str) -> Item | None:
    """Return the item on sale with this number, else the latest.

    It carries `own_numbers` (what the customer calls it) and `predecessors` (numbers of what it replaces).
    """
    sql = _text(
        """
SELECT {}, ARRAY(
    SELECT n.number FROM erp_sync_ownpartnumber n JOIN erp_sync_customer c ON c.id = n.customer_id
    WHERE c.erp_id = %s AND n.sku = i.sku ORDER BY n.number
), ARRAY(
    SELECT old.sku FROM erp_sync_item old WHERE old.replaced_by = i.sku AND old.replaced_by <> ''
    ORDER BY old.sku LIMIT 5)
FROM erp_sync_item i WHERE i.sku = %s
ORDER BY i.is_active DESC, i.gone_at DESC NULLS FIRST, i.id DESC LIMIT 1
""",
        (Item, "i", _whole()),
    )
    rows = fetch(sql, [customer_erp_id, sku])
    if not rows:
        return None
    item = _numbered(rows[0][:-1], _whole())
    item.predecessors = rows[0][-1]  # type: ignore[attr-defined] # told by the docstring
    return item


def _numbered(row: tuple[Any, ...], names: tuple[str, ...]) -> Item:
    item = from_row(Item, row[:-1], names)
    item.own_numbers = row[-1]  # type: ignore[attr-defined] # told by the docstrings
    return item


# --- documents ---

ORDER_HAS_TEXT = """(o.number ILIKE %s OR o.customer_reference ILIKE %s OR upper(o.web_reference) = upper(%s)
    OR o.id IN (SELECT l.order_id FROM erp_sync_orderline l WHERE l.sku ILIKE %s))"""
# Items by what they are called, in any language; the text search goes into the braces (words.Typed).
CALLED = "SELECT i.sku FROM erp_sync_item i WHERE i.names @@ ({})"
ORDER_HAS_ITEM = f"""EXISTS (SELECT 1 FROM erp_sync_orderline l WHERE l.order_id = o.id AND l.sku IN ({CALLED}))"""  # noqa: S608 (a constant)

_TO_COME = "l.quantity - l.quantity_cancelled - l.quantity_delivered > 0"
_HAS_MORE = f"""EXISTS (SELECT 1 FROM erp_sync_orderline l
    WHERE l.order_id = o.id AND l.item_type = 'goods' AND {_TO_COME})"""  # noqa: S608 (constants)
# What was shipped in part is open: the rest is waited for.
ORDER_IS = {
    "open": f"(o.step IN ('received', 'confirmed', 'picking') OR o.step = 'shipped' AND {_HAS_MORE})",
    "completed": f"(o.step = 'delivered' OR o.step = 'shipped' AND NOT {_HAS_MORE})",
    "cancelled": "o.step = 'cancelled'",
}


@dataclass(frozen=True, slots=True)
class BriefLine:
    """What a line of an order is about; quantities in its unit."""

    sku: str
    description: str
    quantity: Decimal
    to_come: Decimal
    delivered: Decimal
    promised_on: dt.date | None


@dataclass(frozen=True, slots=True)
class BriefOrder:
    """An order as overviews need it; `lines` are its goods."""

    pk: int
    number: str
    status: str
    step: str
    placed_at: dt.datetime
    requested_on: dt.date | None
    is_return: bool
    customer_reference: str
    untaxed_total: Decimal | None
    currency: str
    lines: tuple[BriefLine, ...]


_BRIEF_ORDERS = f"""
SELECT o.id, o.number, o.status, o.step, o.placed_at, o.requested_on, o.is_return, o.customer_reference,
    o.untaxed_total, o.currency, l.sku, l.description, l.quantity,
    l.quantity - l.quantity_cancelled - l.quantity_delivered, l.quantity_delivered, l.promised_on
FROM (
    (SELECT o.* FROM erp_sync_order o WHERE o.customer_erp_id = %s AND {_IS_ORDER}
        ORDER BY o.placed_at DESC, o.id DESC LIMIT %s)
    UNION
    (SELECT o.* FROM erp_sync_order o WHERE o.customer_erp_id = %s AND {_IS_ORDER} AND o.step = ANY(%s::varchar[])
        ORDER BY o.placed_at DESC, o.id DESC LIMIT %s)
) o
LEFT JOIN erp_sync_orderline l ON l.order_id = o.id AND l.item_type = 'goods' AND l.sku <> '' AND l.quantity > 0
ORDER BY o.placed_at DESC, o.id DESC, l.line_no
"""  # noqa: S608 (a constant)
# So many columns are the order's.
_OF_ORDER = 10


def brief_orders(*, customer_erp_id: str, latest: int, steps: Sequence[str], most: int) -> list[BriefOrder]:
    """Return the customer's latest orders and those that stand at these steps, latest first, in one statement."""
    rows = fetch(_BRIEF_ORDERS, [customer_erp_id, latest, customer_erp_id, list(steps), most])
    lines: dict[tuple[Any, ...], list[BriefLine]] = {}
    for row in rows:
        found = lines.setdefault(row[:_OF_ORDER], [])
        if row[_OF_ORDER] is not None:
            found.append(BriefLine(*row[_OF_ORDER:]))
    return [BriefOrder(*(*order, tuple(found))) for order, found in lines.items()]


@dataclass(frozen=True, slots=True)
class Conditions:
    """What rows must be: pieces of SQL, and the values they take, in their order."""

    texts: tuple[str, ...]
    values: list[object]


def orders(wanted: Conditions, *, page: int, per_page: int) -> tuple[list[Order], int]:
    """Return a page of orders, latest first, without lines, and how many there are on all pages."""
    where = " AND ".join((_IS_ORDER, *wanted.texts))
    sql = _text(
        f"SELECT {{}}, count(*) OVER () FROM erp_sync_order o WHERE {where}"  # noqa: S608 (pieces of our own)
        " ORDER BY o.placed_at DESC, o.id DESC LIMIT %s OFFSET %s",
        (Order, "o", ()),
    )
    start = (page - 1) * per_page
    rows = fetch(sql, [*wanted.values, per_page, start])
    if not rows:
        return [], _count(where, wanted.values) if start else 0
    return [from_row(Order, row[:-1]) for row in rows], int(rows[0][-1])


@dataclass(frozen=True, slots=True)
class ListedOrder:
    """An order as a list shows it: of its goods how many there are, the first two, and whether some are to come."""

    number: str
    web_reference: str
    placed_at: dt.datetime
    time_known: bool
    channel_hint: str
    customer_reference: str
    step: str
    total: Decimal | None
    currency: str
    line_count: int
    first_skus: list[str]
    first_texts: list[str]
    has_more: bool


def listed_orders(wanted: Conditions, *, page: int, per_page: int) -> tuple[list[ListedOrder], int]:
    """Return a page of orders, latest first, and how many there are on all pages, in one statement."""
    where = " AND ".join((_IS_ORDER, *wanted.texts))
    sql = f"""
SELECT o.number, o.web_reference, o.placed_at, o.time_known, o.channel_hint, o.customer_reference, o.step, o.total,
    o.currency, goods.n, goods.skus, goods.texts, goods.has_more, o.on_all_pages
FROM (
    SELECT o.*, count(*) OVER () AS on_all_pages FROM erp_sync_order o WHERE {where}
    ORDER BY o.placed_at DESC, o.id DESC LIMIT %s OFFSET %s
) o CROSS JOIN LATERAL (
    SELECT count(*) AS n, coalesce((array_agg(l.sku ORDER BY l.line_no))[:2], '{{}}') AS skus,
        coalesce((array_agg(l.description ORDER BY l.line_no))[:2], '{{}}') AS texts,
        coalesce(bool_or({_TO_COME}), false) AS has_more
    FROM erp_sync_orderline l WHERE l.order_id = o.id AND l.item_type = 'goods'
) goods
ORDER BY o.placed_at DESC, o.id DESC
"""  # noqa: S608 (pieces of our own)
    start = (page - 1) * per_page
    rows = fetch(sql, [*wanted.values, per_page, start])
    if not rows:
        return [], _count(where, wanted.values) if start else 0
    return [ListedOrder(*row[:-1]) for row in rows], int(rows[0][-1])


def _count(where: str, values: Sequence[object]) -> int:
    return int(fetch(f"SELECT count(*) FROM erp_sync_order o WHERE {where}", values)[0][0])  # noqa: S608 (as above)


def escaped(text: str) -> str:
    """Return a text whose signs mean themselves in LIKE."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def order(*, customer_erp_id: str, number: str) -> Order | None:
    """Return the customer's latest order with this number or reference, with its lines, in one statement.

    It carries `as_of` (to which instant the mirror of orders is complete), each line `item`: the best item of its
    number with its ORDERED, or None.
    """
    sql = _text(
        f"""
SELECT {{}}, {{}}, {{}}, (SELECT s.last_success_at FROM erp_sync_syncstate s WHERE s.kind = 'orders') FROM (
    SELECT * FROM erp_sync_order o WHERE o.customer_erp_id = %s AND {_IS_ORDER}
        AND (o.number = %s OR o.web_reference = %s) ORDER BY o.placed_at DESC LIMIT 1
) o LEFT JOIN erp_sync_orderline l ON l.order_id = o.id
LEFT JOIN LATERAL (
    SELECT * FROM erp_sync_item i WHERE i.sku = l.sku AND i.sku <> ''
    ORDER BY i.gone_at DESC NULLS FIRST, i.is_active DESC, i.id DESC LIMIT 1
) i ON true
ORDER BY l.line_no
""",  # noqa: S608 (a constant)
        (Order, "o", ()),
        (OrderLine, "l", ()),
        (Item, "i", ORDERED),
    )
    rows = fetch(sql, [customer_erp_id, number, number])
    if not rows:
        return None
    split = width(Order)
    found = from_row(Order, rows[0][:split])
    found.as_of = age.as_told("orders", rows[0][-1])  # type: ignore[attr-defined] # told by the docstring
    lines = [_line_with_item(row[split:-1]) for row in rows if row[split] is not None]
    put_related([found], "lines", {found.pk: lines}, back="order")
    return found


def _line_with_item(row: Sequence[Any]) -> OrderLine:
    split = width(OrderLine)
    line = from_row(OrderLine, row[:split])
    item = from_row(Item, row[split:], ORDERED) if row[split] is not None else None
    line.item = item  # type: ignore[attr-defined] # told by the docstring of `order`
    return line


def put_order_lines(orders: Sequence[Order]) -> None:
    """Give orders their lines, in one statement (none for none)."""
    if orders:
        sql = _text(
            "SELECT {} FROM erp_sync_orderline l WHERE l.order_id = ANY(%s::bigint[]) ORDER BY l.line_no",
            (OrderLine, "l", ()),
        )
        lines = [from_row(OrderLine, row) for row in fetch(sql, [[order.pk for order in orders]])]
        put_related(orders, "lines", _by(lines, "order_id"), back="order")


def deliveries_of_order(*, customer_erp_id: str, order_erp_id: str) -> list[Delivery]:
    """Return the customer's deliveries that bring something of this order, with all their lines, in one statement."""
    sql = _text(
        """
SELECT {}, {} FROM erp_sync_delivery d JOIN erp_sync_deliveryline l ON l.delivery_id = d.id
WHERE d.customer_erp_id = %s AND d.gone_at IS NULL
    AND d.id IN (SELECT own.delivery_id FROM erp_sync_deliveryline own WHERE own.order_erp_id = %s)
ORDER BY d.shipped_on, d.planned_on, d.id, l.id
""",
        (Delivery, "d", ()),
        (DeliveryLine, "l", ()),
    )
    split = width(Delivery)
    found: dict[int, Delivery] = {}
    lines = []
    for row in fetch(sql, [customer_erp_id, order_erp_id]):
        if row[0] not in found:
            found[row[0]] = from_row(Delivery, row[:split])
        lines.append(from_row(DeliveryLine, row[split:]))
    put_related(found.values(), "lines", _by(lines, "delivery_id"), back="delivery")
    return list(found.values())


def invoice_lines_of_order(*, customer_erp_id: str, order_erp_id: str) -> list[InvoiceLine]:
    """Return the lines of the customer's invoices that bill something of this order, each with its invoice."""
    sql = _text(
        """
SELECT {}, {} FROM erp_sync_invoiceline l JOIN erp_sync_invoice n ON n.id = l.invoice_id
WHERE l.order_erp_id = %s AND n.customer_erp_id = %s AND n.gone_at IS NULL AND n.state <> 'cancelled'
ORDER BY n.invoiced_on, l.invoice_id, l.line_no
""",
        (InvoiceLine, "l", ()),
        (Invoice, "n", ()),
    )
    split = width(InvoiceLine)
    invoices: dict[int, Invoice] = {}
    lines = []
    for row in fetch(sql, [order_erp_id, customer_erp_id]):
        line = from_row(InvoiceLine, row[:split])
        if line.invoice_id not in invoices:
            invoices[line.invoice_id] = from_row(Invoice, row[split:])
        line.invoice = invoices[line.invoice_id]
        lines.append(line)
    return lines


def open_invoices(*, customer_erp_id: str) -> list[Invoice]:
    """Return the customer's invoices and credit notes with something left to pay, longest due first."""
    sql = _text(
        "SELECT {} FROM erp_sync_invoice n WHERE n.customer_erp_id = %s AND n.gone_at IS NULL AND n.state = 'open'"
        " AND n.amount_due > 0 ORDER BY n.due_on, n.invoiced_on, n.id",
        (Invoice, "n", ()),
    )
    return [from_row(Invoice, row) for row in fetch(sql, [customer_erp_id])]


def _by(rows: Sequence[Any], name: str) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = {}
    for row in rows:
        found.setdefault(getattr(row, name), []).append(row)
    return found


@cache
def _text(sql: str, *tables: tuple[type[Model], str, tuple[str, ...]]) -> str:
    """Return a statement with the columns of its tables filled in."""
    return sql.format(*(columns(model, alias, names) for model, alias, names in tables))
