"""Quotes into SAP Business One: the request as a quotation that says so, its answer, its acceptance as an order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from erp_sync import records as r
from erp_sync.adapters.refusals import refuse_dearer
from erp_sync.adapters.sap_b1 import documents as d
from erp_sync.adapters.sap_b1 import mapping as to
from erp_sync.adapters.sap_b1.batch import Ask
from erp_sync.adapters.sap_b1.mapping import Row
from erp_sync.adapters.sap_b1.orders_write import OrdersWrite
from erp_sync.adapters.sap_b1.quotes_read import ACCEPTED, ASKED, QUOTED, state, text_of, texts
from erp_sync.adapters.sap_b1.setup import LINE, STATE
from erp_sync.errors import ErpRejected, ErpUnavailable
from erp_sync.http import Deadline

Deal = tuple[int, str, Decimal, Decimal]


class QuotesWrite:
    """Writes quotes; U_B2BState tells what is asked, quoted and accepted."""

    def __init__(self, sales: d.Sales, orders: OrdersWrite) -> None:
        self._sales = sales
        self._orders = orders

    # -- the request -----------------------------------------------------------

    def create(self, quote: r.NewQuote, deadline: Deadline) -> r.WrittenDocument:
        """Keep a request as a quotation that is only asked for, unless it is there.

        Raises:
            ErpRejected: it is free text alone: the ERP keeps no document without an item.
            ErpUnavailable: it is not to be seen yet, or waits for an approval.
        """
        found = self.find(quote, deadline)
        if found:
            return found[0]
        items = [one for one in quote.lines if one.item_erp_id]
        if not items:
            raise ErpRejected("SAP Business One keeps no quotation without an item: enter this request there by hand.")
        body = self._orders.body(_as_order(quote), deadline)
        body |= {STATE: ASKED, "DocumentSpecialLines": _special(quote.lines)}
        try:
            self._sales.make("Quotations", body, quote.reference, deadline)
        except ErpRejected:
            if not self.find(quote, deadline):
                raise
        found = self.find(quote, deadline)
        if not found:
            raise ErpUnavailable("the quote was posted and is not to be seen yet")
        return found[0]

    def find(self, quote: r.NewQuote, deadline: Deadline) -> list[r.WrittenDocument]:
        """Return the quotations under this reference; one that waits for an approval is not there yet."""
        rows = self._sales.by_key("Quotations", quote.reference, deadline)
        return [self._written(row, quote.reference, deadline) for row in rows if not row.get("is_draft")]

    # -- the answer ------------------------------------------------------------

    def answer(self, answer: r.QuoteAnswer, deadline: Deadline) -> r.WrittenDocument:
        """Make the quote's lines exactly those of the answer, in one PATCH as it was read.

        Raises:
            ErpRejected: the quote is closed, or a price has no item.
        """
        row, etag = self._quote(answer.quote_erp_id, answer.quote_reference, deadline)
        if state(row) == "declined":
            raise ErpRejected(f"Quote {row['DocNum']} is closed: nothing can be offered on it.")
        if d.is_open(row) and not _is_answered(row, answer):
            if any(one.net_price and not one.item_erp_id for one in answer.lines):
                raise ErpRejected("A price needs an item of the ERP: choose one for each line that has a price.")
            order = _as_order(answer)
            body = self._orders.body(order, deadline)
            values = {
                STATE: QUOTED,
                "DocDueDate": answer.valid_until.isoformat(),
                "OpeningRemarks": answer.terms,
                "ClosingRemarks": answer.note,
                "DocumentLines": _with_days(body["DocumentLines"], answer.lines),
                "DocumentSpecialLines": _special(answer.lines),
            }
            self._sales.client.change(_path(row), values, etag=etag, deadline=deadline, replace_lines=True)
            row, etag = self._quote(str(row["DocEntry"]), "", deadline)
        return self._written(row, answer.reference, deadline)

    def find_answer(self, answer: r.QuoteAnswer, deadline: Deadline) -> list[r.WrittenDocument]:
        """Return the quote when it stands as answered, or went on from there."""
        row, _etag = self._quote(answer.quote_erp_id, answer.quote_reference, deadline)
        is_there = state(row) == "accepted" or _is_answered(row, answer)
        return [self._written(row, answer.reference, deadline)] if is_there else []

    # -- yes and no ------------------------------------------------------------

    def accept(self, acceptance: r.QuoteAcceptance, deadline: Deadline) -> r.WrittenOrder:
        """Make an order from the quote and mark it, in one changeset, at exactly the accepted prices.

        Raises:
            ErpRejected: it is closed, became another order, was changed in the ERP since, or costs more than accepted.
        """
        found = self._orders.find(acceptance.reference, deadline)
        if found:
            return found[0]
        row, etag = self._quote(acceptance.quote_erp_id, acceptance.quote_reference, deadline)
        if state(row) != "quoted":
            raise ErpRejected(f"Quote {row['DocNum']} is not open: it cannot be accepted.")
        bases = _bases(row, acceptance)
        body = self._orders.body(_as_order(acceptance), deadline)
        refuse_dearer(self._orders.preview(body, deadline).total, acceptance.expected_total)
        for line, base in zip(body["DocumentLines"], bases, strict=True):
            line |= {"BaseType": d.QUOTE, "BaseEntry": row["DocEntry"], "BaseLine": base["LineNum"]}
            del line["ItemCode"]
        # Whoever comes second finds the quote changed: its ETag is another one then.
        mark = Ask("PATCH", _path(row), {STATE: ACCEPTED}, {"If-Match": etag})
        rest = [] if _takes_all(row, acceptance) else [Ask("POST", f"{_path(row)}/Close")]
        return self._orders.post(body, acceptance.reference, deadline, before=[mark], after=rest)

    def decline(self, decline: r.QuoteDecline, deadline: Deadline) -> r.WrittenDocument:
        """Cancel the quote, with the buyer's reason.

        Raises:
            ErpRejected: it became an order.
        """
        row, etag = self._quote(decline.quote_erp_id, decline.quote_reference, deadline)
        if state(row) == "accepted":
            raise ErpRejected(f"Quote {row['DocNum']} became an order already.")
        if d.is_open(row):
            self._sales.let_go("Quotations", row, etag, decline.reason, deadline)
            row, etag = self._quote(str(row["DocEntry"]), "", deadline)
        return self._written(row, decline.reference, deadline)

    def find_decline(self, decline: r.QuoteDecline, deadline: Deadline) -> list[r.WrittenDocument]:
        """Return the quote when it is closed."""
        row, _etag = self._quote(decline.quote_erp_id, decline.quote_reference, deadline)
        return [self._written(row, decline.reference, deadline)] if state(row) == "declined" else []

    # -- both ------------------------------------------------------------------

    def _quote(self, erp_id: str, reference: str, deadline: Deadline) -> tuple[dict[str, Any], str]:
        """Return a quote by its id, else by our reference, whole and with its ETag.

        Raises:
            ErpUnavailable: it has not reached the ERP: its own write comes first.
        """
        entry = to.entry_of(erp_id)
        if not erp_id:
            rows = self._sales.by_key("Quotations", reference, deadline)
            entry = 0 if not rows or rows[0].get("is_draft") else rows[0]["DocEntry"]
        found = self._sales.client.one("Quotations", entry, deadline) if entry else None
        if found is None:
            raise ErpUnavailable("the quote has not reached the ERP yet", nothing_sent=True)
        return found

    def _written(self, row: Row, reference: str, deadline: Deadline) -> r.WrittenDocument:
        total = d.money(row, "DocTotal", self._sales.setup.get(deadline))
        return r.WrittenDocument("quote", str(row["DocEntry"]), str(row["DocNum"]), reference, state(row), total)


def _path(row: Row) -> str:
    return f"Quotations({to.whole(row['DocEntry'])})"


def _as_order(quote: r.NewQuote | r.QuoteAnswer | r.QuoteAcceptance) -> r.NewOrder:
    """Return the lines of a quote that have an item as an order, whose body the ERP takes for both."""
    told = None if isinstance(quote, r.QuoteAnswer) else quote
    return r.NewOrder(
        reference=quote.reference,
        customer_erp_id=quote.customer_erp_id,
        price_list="",
        currency=quote.currency,
        lines=tuple(
            r.NewOrderLine(one.line_no, one.sku, one.item_erp_id, one.quantity, one.net_price, one.note)
            for one in quote.lines
            if one.item_erp_id
        ),
        ship_to_erp_id=told.ship_to_erp_id if told else "",
        customer_reference=told.customer_reference if told else "",
        requested_on=told.requested_on if told else None,
        note=quote.note if isinstance(quote, r.NewQuote) else "",
        placed_by=told.placed_by if told else "",
    )


def _with_days(lines: Sequence[dict[str, Any]], wanted: Sequence[r.NewQuoteLine]) -> list[dict[str, Any]]:
    days = {one.line_no: one.delivery_on for one in wanted}
    return [
        {**line, "ShipDate": on.isoformat()} if (on := days.get(line[LINE])) is not None else line for line in lines
    ]


def _special(lines: Sequence[r.NewQuoteLine]) -> list[dict[str, Any]]:
    """Return lines of free text, behind the last line with an item."""
    after = len([one for one in lines if one.item_erp_id]) - 1
    words = [
        text_of(one.quantity, to.text(one.note, to.LONGEST_TEXT) or one.sku) for one in lines if not one.item_erp_id
    ]
    return [{"AfterLineNumber": after, "LineType": d.TEXT_LINE, "LineText": one} for one in words]


def _deals(row: Row) -> list[Deal]:
    return [
        (number, str(one["ItemCode"]), to.quantity(one["Quantity"]), d.net_price(one))
        for number, one in d.numbered(row)
    ]


def _wish(one: r.NewQuoteLine) -> Deal:
    return (one.line_no, one.item_erp_id, to.quantity(one.quantity), to.price(one.net_price))


def _is_answered(row: Row, answer: r.QuoteAnswer) -> bool:
    said = (
        d.state_of(row),
        to.day(row.get("DocDueDate")),
        row.get("OpeningRemarks") or "",
        row.get("ClosingRemarks") or "",
    )
    wanted = sorted(_wish(one) for one in answer.lines if one.item_erp_id)
    words = Counter(one["LineText"] for one in _special(answer.lines))
    return (
        said == (QUOTED, answer.valid_until, answer.terms, answer.note)
        and sorted(_deals(row)) == wanted
        and Counter(one["LineText"] for one in texts(row)) == words
    )


def _bases(row: Row, acceptance: r.QuoteAcceptance) -> list[Row]:
    """Return the line of the quote that each accepted one comes from.

    Raises:
        ErpRejected: the quote does not offer it any more.
    """
    left = list(zip(_deals(row), d.own_lines(row), strict=True))
    found = []
    for one in (one for one in acceptance.lines if one.item_erp_id):
        same = next((pair for pair in left if pair[0][1:] == _wish(one)[1:]), None)
        if same is None:
            raise ErpRejected(
                f"Quote {row['DocNum']} was changed in the meantime: look at it again before you accept it."
            )
        left.remove(same)
        found.append(same[1])
    return found


def _takes_all(row: Row, acceptance: r.QuoteAcceptance) -> bool:
    return len([one for one in acceptance.lines if one.item_erp_id]) == len(d.own_lines(row))
