"""Quotes of every channel: what was asked for in the shop, and the quotations that the ERP's staff made."""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from erp_sync import records as r
from erp_sync.adapters.tryton import mapping as to
from erp_sync.adapters.tryton.catalogue import ALWAYS
from erp_sync.adapters.tryton.client import TrytonClient
from erp_sync.adapters.tryton.setup import Setup, SetupSource
from erp_sync.http import Deadline

# The description of a sale that was a quote of the shop; an order takes over `web_id`, this stays.
MARK = "Web quote "
STATES = {
    "draft": "draft",
    "quotation": "quoted",
    "confirmed": "accepted",
    "processing": "accepted",
    "done": "accepted",
    "cancelled": "declined",
}
LINE_FIELDS = (
    "sale",
    "type",
    "sequence",
    "product",
    "description",
    "note",
    "quantity",
    "unit",
    "unit_price",
    "shipment_cost",
    "last_modified_at",
)
_DAY = re.compile(r"\b(\d{4}-\d{2}-\d{2})\b")
_TEXT = re.compile(r"(\d+(?:\.\d+)?) x (.*)", re.DOTALL)
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Book:
    """What the lines of a page point to, by their ids."""

    lines: Mapping[int, list[Row]]
    products: Mapping[int, Row]
    units: Mapping[int, Row]


class QuotesRead:
    """Sales that are or were quotes: quotations not yet ordered, and whatever was asked for in the shop.

    A quotation that the ERP's staff made leaves this list when it is confirmed: `OrderRecord.quote_erp_id` tells then.
    """

    tag = ""
    model = "sale.sale"
    most = 200

    def __init__(self, client: TrytonClient, setup: SetupSource) -> None:
        self._client = client
        self._setup = setup

    def fields(self) -> list[str]:
        """Return the fields of a quote."""
        return [
            "number",
            "party",
            "state",
            "create_date",
            "currency",
            "web_shop",
            "web_id",
            "description",
            "reference",
            "comment",
            "untaxed_amount",
            "tax_amount",
            "total_amount",
            "quotation_expire",
            "payment_term.name",
            "last_modified_at",
        ]

    def domain(self, deadline: Deadline) -> list[Any]:
        """Return which sales are quotes; an order of the shop that waits for its confirmation is none."""
        setup = self._setup.get(deadline)
        return [
            ["company", "=", setup.company],
            [
                "OR",
                ["description", "like", f"{MARK}%"],
                [["state", "=", "quotation"], ["OR", ["web_shop", "=", None], ["web_shop", "!=", setup.web_shop]]],
            ],
        ]

    def changed(self, since: dt.datetime, deadline: Deadline) -> list[Any]:
        """Return the clause for changed ones."""
        return ["OR", ["last_modified_at", ">=", since], ["lines.last_modified_at", ">=", since]]

    def builder(self, rows: Sequence[Row], deadline: Deadline) -> Callable[[Row], r.QuoteRecord]:
        """Read the lines of a page, their products and units."""
        setup = self._setup.get(deadline)
        book = self._book(rows, deadline)
        codes = {number: code for code, number in setup.currencies.items()}

        def build(row: Row) -> r.QuoteRecord:
            lines = [one for one in book.lines[row["id"]] if is_shown(one, setup.carrier_products)]
            return r.QuoteRecord(
                erp_id=str(row["id"]),
                version=to.moment(*(part["last_modified_at"] for part in [row, *book.lines[row["id"]]])),
                number=to.line(row["number"], 64),
                reference=reference_of(row),
                customer_erp_id=str(row["party"]),
                state=STATES[row["state"]],
                currency=codes[row["currency"]],
                requested_at=row["create_date"],
                untaxed_total=to.number(row["untaxed_amount"]),
                tax_total=to.number(row["tax_amount"]),
                total=to.number(row["total_amount"]),
                valid_until=row["quotation_expire"],
                customer_reference=to.line(row["reference"], 120),
                note=to.text(row["comment"], to.LONGEST_TEXT),
                terms=to.line(to.at(row, "payment_term.name"), 200),
                lines=tuple(_line(one, number, book, setup) for number, one in _numbered(lines)),
            )

        return build

    def _book(self, rows: Sequence[Row], deadline: Deadline) -> Book:
        ids = [row["id"] for row in rows]
        found = self._client.rows("sale.line", [["sale", "in", ids]], LINE_FIELDS, deadline=deadline)
        lines: dict[int, list[Row]] = defaultdict(list)
        for one in found:
            lines[one["sale"]].append(one)
        products = sorted({one["product"] for one in found if one["product"]})
        fields = ["code", "name", "list_price_used", "default_uom"]
        known = self._client.rows("product.product", [["id", "in", products], ALWAYS], fields, deadline=deadline)
        units = self._client.rows("product.uom", [ALWAYS], ["symbol", "factor"], deadline=deadline)
        return Book(lines, {one["id"]: one for one in known}, {one["id"]: one for one in units})


def reference_of(row: Row) -> str:
    """Return the shop's key of a quote, "" when it was made in the ERP."""
    text = str(row["description"] or "")
    return to.line(text.removeprefix(MARK), 40) if text.startswith(MARK) else ""


def is_shown(one: Row, carrier_products: Collection[int]) -> bool:
    """Say whether a line is of the quote itself: an item or free text, not the freight that the ERP adds."""
    is_freight = one["shipment_cost"] is not None or one["product"] in carrier_products
    return one["type"] in {"line", "comment"} and not is_freight


def _numbered(lines: list[Row]) -> list[tuple[int, Row]]:
    """Return the lines in order, each with its own number where all have one, else counted."""
    lines.sort(key=lambda one: (one["sequence"] is None, one["sequence"] or 0, one["id"]))
    numbers = [one["sequence"] for one in lines]
    if None in numbers or len(set(numbers)) < len(numbers):
        numbers = list(range(1, len(lines) + 1))
    return list(zip(numbers, lines, strict=True))


def _line(one: Row, number: int, book: Book, setup: Setup) -> r.QuoteLineRecord:
    day = _DAY.search(str(one["note"] or ""))
    if one["type"] == "comment":
        return _text_line(one, number, day)
    product = book.products.get(one["product"], {})
    unit = book.units.get(one["unit"], {})
    base = book.units.get(product.get("default_uom") or 0)
    factor = to.number(unit["factor"]) / to.number(base["factor"]) if unit and base else Decimal(1)
    quantity, net_price = to.number(one["quantity"]), to.price(one["unit_price"])
    list_price = product.get("list_price_used")
    return r.QuoteLineRecord(
        line_no=number,
        erp_id=str(one["id"]),
        sku=to.line(product.get("code"), 64),
        item_erp_id=str(one["product"] or ""),
        description=to.line(product.get("name") or one["description"], 500),
        quantity=quantity,
        unit=to.line(unit.get("symbol"), 40),
        net_price=net_price,
        list_price=None if list_price is None else to.price(list_price * factor),
        amount=to.amount(quantity * (net_price or Decimal(0)), setup.rounding[setup.currency_code]),
        delivery_on=dt.date.fromisoformat(day[1]) if day else None,
        note=to.line(one["description"], 500) if product else "",
    )


def text_of(quantity: Decimal, words: str) -> str:
    """Return how a line of free text is kept in the ERP: what is wanted after how much of it."""
    return f"{quantity.normalize():f} x {words}"


def _text_line(one: Row, number: int, day: re.Match[str] | None) -> r.QuoteLineRecord:
    words = str(one["description"] or "")
    found = _TEXT.fullmatch(words)
    return r.QuoteLineRecord(
        line_no=number,
        erp_id=str(one["id"]),
        sku="",
        item_erp_id="",
        description=to.line(found[2] if found else words, 500),
        quantity=Decimal(found[1]) if found else Decimal(1),
        unit="",
        net_price=None,
        delivery_on=dt.date.fromisoformat(day[1]) if day else None,
    )
