"""Quotes of every channel: what was asked for in the shop, and the quotations that the ERP's staff made."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Sequence
from decimal import Decimal
from typing import Any

from erp_sync import records as r
from erp_sync.adapters.sap_b1 import documents as d
from erp_sync.adapters.sap_b1 import mapping as to
from erp_sync.adapters.sap_b1.client import B1Client
from erp_sync.adapters.sap_b1.mapping import Row
from erp_sync.adapters.sap_b1.pulls import Build, bases, changed_since
from erp_sync.adapters.sap_b1.setup import KEY, Setup, SetupSource
from erp_sync.http import Deadline

ASKED, QUOTED, ACCEPTED = "asked", "quoted", "accepted"
FIELDS = (*d.SALE, "PaymentGroupCode")
_TEXT = re.compile(r"(\d{1,12}(?:\.\d{1,6})?) x (.*)", re.DOTALL)


class QuotesRead:
    """Quotations."""

    entity = "Quotations"
    key = "DocEntry"
    is_text = False
    most = 40
    ids_from: tuple[str, ...] = ()

    def __init__(self, client: B1Client, setup: SetupSource) -> None:
        self._client = client
        self._setup = setup

    def select(self) -> list[str]:
        """Return the fields of a quote."""
        return list(FIELDS)

    def where(self) -> str:
        """Return which quotes count."""
        return d.NO_COUNTER

    def changed(self, since: dt.datetime) -> str:
        """Return the clause of those that tell a change."""
        return changed_since(since, self._setup)

    def touched(self, since: dt.datetime, deadline: Deadline) -> set[Any]:
        """Return quotes that an order was made from since."""
        return bases(self._client, "Orders", changed_since(since, self._setup), d.QUOTE, deadline)

    def ids(self, row: Row) -> list[str]:
        """Return the id of a quote."""
        return [str(row["DocEntry"])]

    def builder(self, rows: Sequence[Row], deadline: Deadline) -> Build:
        """Read which of the closed ones became orders."""
        setup = self._setup.get(deadline)
        ordered = self._ordered(rows, deadline)
        return lambda row: [_quote(row, ordered, setup)]

    def _ordered(self, rows: Sequence[Row], deadline: Deadline) -> set[int]:
        unknown = [
            row for row in rows if not d.is_open(row) and not d.is_cancelled(row) and d.state_of(row) != ACCEPTED
        ]
        if not unknown:
            return set()
        found = d.followers(self._client, ("Orders", "Invoices"), unknown, d.QUOTE, deadline)
        return {to.entry_of(line) for line in found}


def state(row: Row, ordered: Collection[int] = ()) -> str:
    """Return where a quote stands; `ordered` are those known to have become an order."""
    if d.is_cancelled(row):
        return "declined"
    if d.state_of(row) == ACCEPTED or row["DocEntry"] in ordered:
        return "accepted"
    if not d.is_open(row):
        return "declined"
    return "draft" if d.state_of(row) == ASKED else "quoted"


def text_of(quantity: Decimal, words: str) -> str:
    """Return how a line of free text is kept: what is wanted after how much of it."""
    return f"{quantity.normalize():f} x {words}"


def texts(row: Row) -> list[Row]:
    """Return the lines of free text."""
    found = [one for one in row.get("DocumentSpecialLines") or () if one.get("LineType") == d.TEXT_LINE]
    return [one for one in found if _TEXT.fullmatch(str(one.get("LineText") or ""))]


def _quote(row: Row, ordered: Collection[int], setup: Setup) -> r.QuoteRecord:
    key = to.line(row.get(KEY), 60)
    totals = d.totals(row, setup)
    terms = to.text(row.get("OpeningRemarks"), to.LONGEST_TEXT) or setup.terms.get(row.get("PaymentGroupCode") or 0, "")
    return r.QuoteRecord(
        erp_id=str(row["DocEntry"]),
        version=to.version(row, setup.zone),
        number=str(row["DocNum"]),
        reference=key if d.state_of(row) in {ASKED, QUOTED, ACCEPTED} else "",
        customer_erp_id=str(row["CardCode"]),
        state=state(row, ordered),
        currency=totals.currency,
        requested_at=to.instant(row.get("CreationDate") or row["DocDate"], row.get("DocTime"), setup.zone),
        untaxed_total=totals.untaxed,
        tax_total=totals.tax,
        total=totals.total,
        valid_until=to.day(row.get("DocDueDate")),
        customer_reference=to.line(row.get("NumAtCard"), 120),
        note=to.text(row.get("ClosingRemarks") or row.get("Comments"), to.LONGEST_TEXT),
        terms=terms,
        lines=tuple(_lines(row, setup)),
    )


def _lines(row: Row, setup: Setup) -> list[r.QuoteLineRecord]:
    lines = [_line(number, one, row, setup) for number, one in d.numbered(row)]
    taken = {one.line_no for one in lines}
    free = (number for number in range(1, 10_000) if number not in taken)
    for one, number in zip(texts(row), free, strict=False):
        found = _TEXT.fullmatch(str(one["LineText"]))
        quantity, words = (Decimal(found[1]), found[2]) if found else (Decimal(1), str(one["LineText"]))
        erp_id = f"{row['DocEntry']}-T{one['LineNum']}"
        lines.append(r.QuoteLineRecord(number, erp_id, "", "", to.line(words, 500), quantity, "", None))
    return lines


def _line(number: int, one: Row, row: Row, setup: Setup) -> r.QuoteLineRecord:
    return r.QuoteLineRecord(
        line_no=number,
        erp_id=to.line_id(row["DocEntry"], one["LineNum"]),
        sku=to.line(one.get("ItemCode"), 64),
        item_erp_id=str(one.get("ItemCode") or ""),
        description=to.line(one.get("ItemDescription"), 500),
        quantity=to.quantity(one["Quantity"]),
        unit=d.unit_name(one),
        net_price=d.net_price(one),
        amount=d.line_total(one, row, setup),
        delivery_on=to.day(one.get("ShipDate")),
        note=to.line(one.get("FreeText"), 500),
    )
