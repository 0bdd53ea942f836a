"""Quotes of every channel: what was asked for in the shop, and the quotations that the ERP's staff sent."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from erp_sync import records as r
from erp_sync.adapters.odoo import mapping as to
from erp_sync.adapters.odoo import sales as s
from erp_sync.adapters.odoo.client import ARCHIVED_TOO, OdooClient
from erp_sync.adapters.odoo.orders_read import by_id, grouped
from erp_sync.adapters.odoo.setup import Setup, SetupSource
from erp_sync.http import Deadline

# The source document of a sale that was asked for in the shop, and of an order of the shop.
MARK = "Web quote "
ORDER_MARK = "WEB-"
STATES = {"draft": "draft", "sent": "quoted", "sale": "accepted", "done": "accepted", "cancel": "declined"}
FIELDS = (
    "name",
    "state",
    "partner_id",
    "create_date",
    "currency_id",
    "origin",
    "client_order_ref",
    "amount_untaxed",
    "amount_tax",
    "amount_total",
    "validity_date",
    "payment_term_id",
    "write_date",
)
_DAY = re.compile(r"\b(\d{4}-\d{2}-\d{2})\b")
_TEXT = re.compile(r"(\d{1,12}(?:\.\d{1,6})?) x (.*)", re.DOTALL)
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Book:
    """What a page of quotes needs besides the quotes, by ids."""

    lines: Mapping[int, list[Row]]
    products: Mapping[int, Row]
    customers: Mapping[int, Row]
    keys: Mapping[int, str]


class QuotesRead:
    """Sales that are or were quotes: quotations that were sent, and whatever was asked for in the shop.

    A quotation that the ERP's staff made leaves this list when it is confirmed: `OrderRecord.quote_erp_id` tells then.
    """

    tag = ""
    model = "sale.order"
    most = 200

    def __init__(self, client: OdooClient, setup: SetupSource) -> None:
        self._client = client
        self._setup = setup

    def fields(self, deadline: Deadline) -> list[str]:
        """Return the fields of a quote."""
        return list(FIELDS)

    def domain(self, deadline: Deadline) -> list[Any]:
        """Return which sales are quotes; an order of the shop that waits for its confirmation is none."""
        is_ours = ["origin", "=like", f"{MARK}%"]
        is_no_order = ["|", ["origin", "=", False], "!", ["origin", "=like", f"{ORDER_MARK}%"]]
        company = self._setup.get(deadline).company
        return [["company_id", "=", company], "|", is_ours, "&", ["state", "=", "sent"], *is_no_order]

    def changed(self, since: dt.datetime, deadline: Deadline) -> list[Any]:
        """Return the clause for changed ones."""
        told = to.stamp(since)
        return ["|", ["write_date", ">=", told], ["order_line.write_date", ">=", told]]

    def builder(self, rows: Sequence[Row], deadline: Deadline) -> Callable[[Row], r.QuoteRecord]:
        """Read the lines of a page, their products and customers."""
        setup = self._setup.get(deadline)
        book = self._book(rows, setup, deadline)
        return lambda row: _quote(row, book, setup)

    def _book(self, rows: Sequence[Row], setup: Setup, deadline: Deadline) -> Book:
        def read(model: str, domain: list[Any], fields: Sequence[str]) -> list[dict[str, Any]]:
            return self._client.rows(model, domain, fields, deadline=deadline)

        ids = [row["id"] for row in rows]
        fields = (*s.LINE_FIELDS, "order_id", "write_date", setup.names.line_unit)
        lines = read("sale.order.line", [["order_id", "in", ids]], fields)
        products = sorted({to.ref(one["product_id"]) for one in lines} - {0})
        partners = sorted({to.ref(row["partner_id"]) for row in rows})
        shown = ("default_code", "name", "lst_price", "uom_id")
        return Book(
            lines=grouped(lines, "order_id"),
            products=by_id(read("product.product", [["id", "in", products], ARCHIVED_TOO], shown)),
            customers=by_id(read("res.partner", [["id", "in", partners], ARCHIVED_TOO], ["commercial_partner_id"])),
            keys=self._client.external_ids(self.model, ids, deadline),
        )


def _quote(row: Row, book: Book, setup: Setup) -> r.QuoteRecord:
    lines = sorted(book.lines[row["id"]], key=lambda one: (one["sequence"], one["id"]))
    shown = [one for one in lines if is_shown(one)]
    key = book.keys.get(row["id"], "")
    currency = setup.currencies[to.ref(row["currency_id"])]
    step = setup.step(currency)
    return r.QuoteRecord(
        erp_id=str(row["id"]),
        version=to.latest(*(part["write_date"] for part in [row, *lines])),
        number=to.line(row["name"], 64),
        reference=to.reference_of(key.removeprefix(s.QUOTE)) if key.startswith(s.QUOTE) else "",
        customer_erp_id=str(to.ref(book.customers[to.ref(row["partner_id"])]["commercial_partner_id"])),
        state=STATES[row["state"]],
        currency=currency,
        requested_at=to.instant(row["create_date"]),
        untaxed_total=to.amount(row["amount_untaxed"], step),
        tax_total=to.amount(row["amount_tax"], step),
        total=to.amount(row["amount_total"], step),
        valid_until=to.day(row["validity_date"]),
        customer_reference=to.line(row["client_order_ref"], 120),
        note=remark_of(lines),
        terms=to.called(row["payment_term_id"]),
        lines=tuple(_line(one, number, lines, book, setup, step) for number, one in s.numbered(shown)),
    )


def is_shown(one: Row) -> bool:
    """Say whether a line is of the quote itself: an item or free text, not freight and not what somebody noted."""
    if one["display_type"]:
        return one["display_type"] == "line_note" and is_wish(one)
    return bool(one["product_id"]) and not one["is_delivery"] and not one["is_downpayment"]


def is_wish(one: Row) -> bool:
    """Say whether a line of text is something wanted: it begins with how much of it."""
    return one["sequence"] < s.REMARK and _TEXT.fullmatch(str(one["name"] or "")) is not None


def text_of(quantity: Decimal, words: str) -> str:
    """Return how a line of free text is kept in the ERP: what is wanted after how much of it."""
    return f"{quantity.normalize():f} x {words}"


def remark_of(lines: Sequence[Row]) -> str:
    """Return what stands at the end of a quote."""
    found = [str(one["name"] or "") for one in lines if one["display_type"] and one["sequence"] == s.REMARK]
    return to.text("\n".join(found), to.LONGEST_TEXT)


def _line(one: Row, number: int, lines: Sequence[Row], book: Book, setup: Setup, step: Decimal) -> r.QuoteLineRecord:
    beside = [
        str(other["name"]) for other in lines if other["display_type"] and other["sequence"] == one["sequence"] + 1
    ]
    note = "\n".join(beside)
    promised = _DAY.search(note)
    delivery_on = dt.date.fromisoformat(promised[1]) if promised else None
    if one["display_type"]:
        found = _TEXT.fullmatch(str(one["name"] or ""))
        quantity, words = (Decimal(found[1]), found[2]) if found else (Decimal(1), str(one["name"]))
        words = to.line(words, 500)
        return r.QuoteLineRecord(number, str(one["id"]), "", "", words, quantity, "", None, delivery_on=delivery_on)
    product = book.products.get(to.ref(one["product_id"]), {})
    unit = one[setup.names.line_unit]
    list_price = to.number(product.get("lst_price")) * setup.base_units(unit, product.get("uom_id"))
    return r.QuoteLineRecord(
        line_no=number,
        erp_id=str(one["id"]),
        sku=to.line(product.get("default_code"), 64),
        item_erp_id=to.ref_text(to.ref(one["product_id"])),
        description=to.line(product.get("name") or one["name"], 500),
        quantity=to.quantity(one["product_uom_qty"]),
        unit=setup.unit_name(unit),
        net_price=to.net_price(one, step),
        list_price=to.price(list_price),
        amount=to.amount(one["price_subtotal"], step),
        delivery_on=delivery_on,
        note=to.line(note, 500),
    )
