"""Quotations of customers, asked for in the shop or made by the ERP's staff."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from erp_sync import records as r
from erp_sync.adapters.erpnext import documents as d
from erp_sync.adapters.erpnext import mapping as to
from erp_sync.adapters.erpnext.client import ErpNextClient
from erp_sync.adapters.erpnext.mapping import Row
from erp_sync.adapters.erpnext.pulls import Built, When, own_names
from erp_sync.adapters.erpnext.setup import Options, SetupSource
from erp_sync.adapters.erpnext.totals import whole_of
from erp_sync.http import Deadline

DOCTYPE, LINE = "Quotation", "Quotation Item"
# The latest answer that the shop gave, and the order that was made of the quote.
ANSWER, ORDER = "b2b_answer", "b2b_order"
FIELDS = (
    "name",
    "party_name",
    "docstatus",
    "status",
    "valid_till",
    "creation",
    "modified",
    "currency",
    "net_total",
    "total_taxes_and_charges",
    "grand_total",
    "rounded_total",
    "terms",
    d.KEY,
    d.NOTE,
    d.CANCELLED,
    ANSWER,
    ORDER,
)
LINE_FIELDS = (
    "parent",
    "name",
    "idx",
    "item_code",
    "item_name",
    "description",
    "qty",
    "uom",
    "rate",
    "price_list_rate",
    "net_amount",
)
ORDERED = frozenset({"Ordered", "Partially Ordered"})


class QuotesRead:
    """Quotations that were made for customers."""

    doctype = DOCTYPE
    fields: tuple[str, ...] = FIELDS
    most = 100
    is_whole = True

    def __init__(self, client: ErpNextClient, setup: SetupSource) -> None:
        self._client = client
        self._setup = setup

    def filters(self, deadline: Deadline) -> list[Any]:
        """Return which quotations are of customers: those for leads are none of the shop's."""
        return [["company", "=", self._setup.get(deadline).company], ["quotation_to", "=", "Customer"]]

    def builder(self, rows: Sequence[Row], when: When, deadline: Deadline) -> Callable[[Row], Built]:
        """Read the lines of a page."""
        lines = to.grouped(self._client.rows_of(DOCTYPE, LINE, own_names(rows), LINE_FIELDS, deadline))
        options = self._setup.options

        def build(row: Row) -> Built:
            yield _quote(row, lines.get(str(row["name"]), []), when, options)

        return build

    def keys(self, rows: Sequence[Row], deadline: Deadline) -> Iterable[str]:
        """Return the numbers."""
        return own_names(rows)


def state_of(row: Mapping[str, Any]) -> str:
    """Return where a quote stands.

    The shop's answer leaves it a draft, as a submitted one could not be answered again; it is submitted with its
    acceptance. What the staff submits is quoted, too.
    """
    if d.is_let_go(row) or row["status"] == "Lost":
        return "declined"
    if row["status"] in ORDERED:
        return "accepted"
    return "quoted" if d.status(row) == d.SUBMITTED or row.get(ANSWER) else "draft"


def _quote(row: Row, lines: Sequence[Row], when: When, options: Options) -> r.QuoteRecord:
    state = state_of(row)
    return r.QuoteRecord(
        erp_id=str(row["name"]),
        version=when(row["modified"]),
        number=to.line(row["name"], 64),
        reference=str(row[d.KEY] or ""),
        customer_erp_id=str(row["party_name"]),
        state=state,
        currency=to.line(row["currency"], 3),
        requested_at=when(row["creation"]),
        untaxed_total=to.amount(row["net_total"], options.money_digits),
        tax_total=to.amount(row["total_taxes_and_charges"], options.money_digits),
        total=whole_of(row, options.money_digits),
        valid_until=to.day(row["valid_till"]),
        note=to.text(row[d.NOTE], to.LONGEST_TEXT),
        terms=to.plain(row["terms"]),
        lines=tuple(_line(one, state, options) for one in lines),
    )


def _line(one: Row, state: str, options: Options) -> r.QuoteLineRecord:
    is_text = bool(options.free_text_item) and one["item_code"] == options.free_text_item
    code = "" if is_text else to.line(one["item_code"], 140)
    listed = to.price(one["price_list_rate"])
    return r.QuoteLineRecord(
        line_no=int(one["idx"]),
        erp_id=str(one["name"]),
        sku=code,
        item_erp_id=code,
        description=to.line(to.plain(one["description"]) if is_text else one["item_name"], 500),
        quantity=to.quantity(one["qty"]),
        unit=to.line(one["uom"], 40),
        # What ERPNext fills into a request is no offer yet.
        net_price=None if state == "draft" else to.price(one["rate"]),
        list_price=listed if listed > 0 else None,
        amount=to.amount(one["net_amount"], options.money_digits),
    )
