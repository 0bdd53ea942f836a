"""Quotes: those that stand as such, and those that became orders (a comment line of the order names them)."""

from __future__ import annotations

import re
from collections.abc import Sequence

from erp_sync import records as r
from erp_sync.adapters import odata
from erp_sync.adapters.business_central import mapping as to
from erp_sync.adapters.business_central import remarks
from erp_sync.adapters.business_central import sales as s
from erp_sync.adapters.business_central.client import BcClient
from erp_sync.adapters.business_central.orders_read import invoices_of_gone, is_posted, latest
from erp_sync.adapters.business_central.pulls import Builder, Table
from erp_sync.adapters.business_central.remarks import Remark
from erp_sync.adapters.business_central.setup import Options, SetupSource
from erp_sync.http import Deadline

# A quote that was written to learn prices; it is deleted at once and is nobody's quote.
PRICE_CHECK = "PRICE-CHECK"
_VERSION = re.compile(r"-V\d{1,4}$")


def state_of(row: s.Row, options: Options) -> str:
    """Return where a quote stands: ours by its reference, the staff's by what they did."""
    external = to.line(row["externalDocumentNumber"], to.LONGEST_EXTERNAL)
    if external.endswith(to.NO):
        return "declined"
    if external.startswith(options.quote_prefixes):
        return "quoted" if _VERSION.search(external) or to.is_new(external) else "draft"
    is_told = to.word(row["status"]) != "Draft" or to.day(row["validUntilDate"]) is not None
    return "quoted" if is_told else "draft"


def reference_of(external: object, options: Options) -> str:
    """Return our reference of a quote without what we wrote behind it, "" when it is none of ours."""
    told = to.line(external, to.LONGEST_EXTERNAL)
    if not told.startswith(options.quote_prefixes) or to.is_new(told):  # being accepted: it is the order's by now
        return ""
    return _VERSION.sub("", told.removesuffix(to.NO))


class OpenQuotes:
    """What stands in salesQuotes."""

    table = Table(
        s.QUOTE.place, s.QUOTE.fields, s.QUOTE.part, most=200, key_fields=("id", "number", "externalDocumentNumber")
    )

    def __init__(self, setup: SetupSource) -> None:
        self._setup = setup

    def keys(self, rows: Sequence[s.Row], _deadline: Deadline) -> list[str]:
        """Return the numbers."""
        return [to.line(row["number"], 20) for row in rows if not _is_price_check(row)]

    def builder(self, _rows: Sequence[s.Row], deadline: Deadline) -> Builder:
        """Return what makes a record."""
        local = self._setup.get(deadline).currency
        return lambda row: None if _is_price_check(row) else _open(row, local, self._setup.options)


class OrderedQuotes:
    """Open orders of ours that came of a quote."""

    def __init__(self, setup: SetupSource) -> None:
        self._setup = setup
        self.table = _ours(s.ORDER, setup.options, "number")

    def keys(self, rows: Sequence[s.Row], _deadline: Deadline) -> list[str]:
        """Return the numbers of the quotes."""
        return [number for row in rows if (number := quote_of(s.lines_of(row, s.ORDER))[0])]

    def builder(self, _rows: Sequence[s.Row], deadline: Deadline) -> Builder:
        """Return what makes a record."""
        local = self._setup.get(deadline).currency
        return lambda row: _accepted(row, s.ORDER, row["orderDate"], local)


class BilledQuotes:
    """Orders of ours that came of a quote, are billed and gone."""

    def __init__(self, client: BcClient, setup: SetupSource) -> None:
        self._client = client
        self._setup = setup
        self.table = _ours(s.INVOICE, setup.options, "orderNumber", "status")

    def keys(self, rows: Sequence[s.Row], _deadline: Deadline) -> list[str]:
        """Return the numbers of the quotes; those whose order is still open are among them, once."""
        posted = [row for row in rows if is_posted(row)]
        return [number for row in posted if (number := quote_of(s.lines_of(row, s.INVOICE))[0])]

    def builder(self, rows: Sequence[s.Row], deadline: Deadline) -> Builder:
        """Read the invoices of the orders of a page, and which of these are still open."""
        local = self._setup.get(deadline).currency
        named = [row for row in rows if quote_of(s.lines_of(row, s.INVOICE))[0]]
        invoices = invoices_of_gone(self._client, named, deadline)

        def build(row: s.Row) -> r.QuoteRecord | None:
            of_order = invoices.get(to.line(row["orderNumber"], 20), [])
            is_last = bool(of_order) and latest(of_order)["id"] == row["id"]
            return _accepted(row, s.INVOICE, row["invoiceDate"], local) if is_last else None

        return build


def quote_of(lines: Sequence[s.Row]) -> tuple[str, str]:
    """Return number and reference of the quote that an order came of, "" without."""
    number, _, reference = remarks.first(lines, Remark.QUOTE).partition(" ")
    return number[:20], reference[: to.LONGEST_EXTERNAL]


def _ours(document: s.Document, options: Options, *key_fields: str) -> Table:
    return Table(
        document.place,
        document.fields,
        document.part,
        most=200,
        where=f"startswith(externalDocumentNumber,{odata.literal(options.order_prefix)})",
        key_fields=("id", *key_fields),
        key_expand=document.part,
    )


def _is_price_check(row: s.Row) -> bool:
    return to.line(row["externalDocumentNumber"], to.LONGEST_EXTERNAL) == PRICE_CHECK


def _open(row: s.Row, local: str, options: Options) -> r.QuoteRecord:
    lines = s.lines_of(row, s.QUOTE)
    state = state_of(row, options)
    return r.QuoteRecord(
        erp_id=to.line(row["number"], 20),
        version=to.instant(row["lastModifiedDateTime"]),
        number=to.line(row["number"], 20),
        reference=reference_of(row["externalDocumentNumber"], options),
        customer_erp_id=to.ref(row["customerId"]),
        state=state,
        currency=s.currency_of(row, local),
        requested_at=to.noon(to.needed_day(row["documentDate"])),
        untaxed_total=to.amount(row["totalAmountExcludingTax"]),
        tax_total=to.amount(row["totalTaxAmount"]),
        total=to.amount(row["totalAmountIncludingTax"]),
        valid_until=to.day(row["validUntilDate"]),
        customer_reference=remarks.first(lines, Remark.REFERENCE),
        note=remarks.first(lines, Remark.NOTE),
        terms=remarks.first(lines, Remark.TERMS),
        lines=tuple(_lines(lines, is_priced=state != "draft")),
    )


def _accepted(row: s.Row, document: s.Document, day: object, local: str) -> r.QuoteRecord | None:
    lines = s.lines_of(row, document)
    number, reference = quote_of(lines)
    if not number or to.is_new(row["externalDocumentNumber"]):
        return None
    return r.QuoteRecord(
        erp_id=number,
        version=to.instant(row["lastModifiedDateTime"]),
        number=number,
        reference=reference,
        customer_erp_id=to.ref(row["customerId"]),
        state="accepted",
        currency=s.currency_of(row, local),
        requested_at=to.noon(to.needed_day(day)),
        untaxed_total=to.amount(row["totalAmountExcludingTax"]),
        tax_total=to.amount(row["totalTaxAmount"]),
        total=to.amount(row["totalAmountIncludingTax"]),
        customer_reference=remarks.first(lines, Remark.REFERENCE),
        lines=tuple(_lines(lines, is_priced=True)),
        forgotten=("requested_at", "valid_until", "note", "terms"),
    )


def _lines(lines: Sequence[s.Row], *, is_priced: bool) -> list[r.QuoteLineRecord]:
    """Return the items, and what was wished in free text, in their order."""
    found: list[r.QuoteLineRecord] = []
    for place, one in enumerate(lines):
        if to.word(one["lineType"]) == s.ITEM:
            found.append(_item(len(found) + 1, one, is_priced=is_priced))
        elif remarks.rows_of([one], Remark.WANTED):
            quantity, words = remarks.wish(remarks.first(lines[place:], Remark.WANTED))
            found.append(r.QuoteLineRecord(len(found) + 1, to.ref(one["id"]), "", "", words, quantity, "", None))
    return found


def _item(count: int, one: s.Row, *, is_priced: bool) -> r.QuoteLineRecord:
    return r.QuoteLineRecord(
        line_no=count,
        erp_id=to.ref(one["id"]),
        sku=to.line(one["lineObjectNumber"], 20),
        item_erp_id=to.ref(one["itemId"]),
        description=to.line(one["description"], 100),
        quantity=to.quantity(one["quantity"]),
        unit=to.line(one["unitOfMeasureCode"], 10),
        net_price=to.net_price(one) if is_priced else None,
        amount=to.amount(one["netAmount"]) if is_priced else None,
    )
