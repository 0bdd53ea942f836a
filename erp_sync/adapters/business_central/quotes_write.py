"""Quotes into Business Central: the request as a draft, the answer as its lines, the acceptance as an order.

Where a quote stands is written behind its reference: nothing (asked), -V2 (answered), -NO (declined); under the
order's reference with -NEW it is being accepted. Each step fails if somebody changed the quote since it was read.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from erp_sync import records as r
from erp_sync.adapters import odata
from erp_sync.adapters.business_central import mapping as to
from erp_sync.adapters.business_central import remarks
from erp_sync.adapters.business_central import sales as s
from erp_sync.adapters.business_central.client import BcClient, at
from erp_sync.adapters.business_central.faults import Missing
from erp_sync.adapters.business_central.orders_write import OrdersWrite
from erp_sync.adapters.business_central.quotes_read import reference_of, state_of
from erp_sync.adapters.business_central.remarks import Remark
from erp_sync.adapters.business_central.setup import SetupSource
from erp_sync.adapters.refusals import refuse_dearer
from erp_sync.errors import ErpRejected, ErpUnavailable
from erp_sync.http import Deadline

# The comment lines that an answer replaces.
OURS = (Remark.WANTED, Remark.TERMS, Remark.NOTE, Remark.DELIVERY)
Deal = tuple[str, Decimal, Decimal]


class QuotesWrite:
    """Writes quotes; one that is accepted becomes an order under another number."""

    def __init__(self, client: BcClient, setup: SetupSource, orders: OrdersWrite) -> None:
        self._client = client
        self._setup = setup
        self._orders = orders

    # -- the request -----------------------------------------------------------

    def create(self, quote: r.NewQuote, deadline: Deadline) -> r.WrittenDocument:
        """Keep a request as a draft that the ERP's staff sees, unless it is there, or was and became an order."""
        found = self.find(quote, deadline)
        if found:
            return found[0]
        lines = self._bodies(quote.lines, deadline, is_priced=False)
        lines += remarks.said(
            (Remark.REFERENCE, quote.customer_reference),
            (Remark.PERSON, quote.placed_by),
            (Remark.NOTE, quote.note),
        )
        body = {
            "externalDocumentNumber": to.reference(quote.reference),
            "customerId": str(odata.guid(quote.customer_erp_id)),
            **self._orders.place(quote.customer_erp_id, quote.ship_to_erp_id, deadline),
            s.QUOTE.part: lines,
        }
        self._client.insert(s.QUOTE.place, body, deadline)
        found = self.find(quote, deadline)
        if not found:
            raise ErpUnavailable(f"quote {quote.reference} was written and cannot be found")
        return found[0]

    def find(self, quote: r.NewQuote, deadline: Deadline) -> list[r.WrittenDocument]:
        """Return the quote that is this request, answered or not; more than one if somebody copied it."""
        rows = self._under(s.QUOTE, quote.reference, deadline)
        return [self._written(row, quote.reference) for row in rows] or self._became(quote.reference, deadline)

    # -- the answer ------------------------------------------------------------

    def answer(self, answer: r.QuoteAnswer, deadline: Deadline) -> r.WrittenDocument:
        """Make the quote's lines exactly those of the answer, and offer it.

        Raises:
            ErpRejected: the quote is declined or gone, or a price has no item.
        """
        row = self._quote(answer.quote_erp_id, answer.quote_reference, deadline)
        if self._state(row) == "declined":
            raise ErpRejected(f"Quote {row['number']} is declined: nothing can be offered on it.")
        if not _is_answered(row, answer):
            _refuse_prices_without_item(answer.lines)
            row = self._with_lines(row, answer.lines, _comments(answer), deadline)
            values = {"validUntilDate": answer.valid_until, "externalDocumentNumber": _external(answer.reference)}
            self._client.change(at(s.QUOTE.place, str(row["id"])), row, values, deadline)
            row = self._quote(str(row["number"]), "", deadline)
        return self._written(row, answer.reference)

    def find_answer(self, answer: r.QuoteAnswer, deadline: Deadline) -> list[r.WrittenDocument]:
        """Return the quote when it stands as answered."""
        row = self._quote(answer.quote_erp_id, answer.quote_reference, deadline)
        return [self._written(row, answer.reference)] if _is_answered(row, answer) else []

    # -- yes and no ------------------------------------------------------------

    def accept(self, acceptance: r.QuoteAcceptance, deadline: Deadline) -> r.WrittenOrder:
        """Make the quote the order `acceptance.reference`, at exactly the accepted prices.

        Raises:
            ErpRejected: it is closed, became another order, was changed in the ERP since, or costs more than accepted.
        """
        there = self._orders.found.all(acceptance.reference, deadline)
        if len(there) > 1 or (there and there[0].state != "draft"):
            return _numbered(there[0], acceptance)
        values: dict[str, Any] = self._orders.place(acceptance.customer_erp_id, acceptance.ship_to_erp_id, deadline)
        if acceptance.requested_on is not None:
            values["requestedDeliveryDate"] = acceptance.requested_on
        quote = None if there else self._acceptable(acceptance, deadline)
        if quote is not None:
            self._ordered(quote, acceptance, deadline)
        # What only an order has is written when it is one.
        row = self._orders.confirmed(
            self._orders.open(acceptance.reference, deadline), acceptance.reference, values, deadline
        )
        local = self._setup.get(deadline).currency
        return _numbered(s.written(row, acceptance.reference, local), acceptance)

    def decline(self, decline: r.QuoteDecline, deadline: Deadline) -> r.WrittenDocument:
        """Close the quote, with the buyer's reason.

        Raises:
            ErpRejected: it became an order.
        """
        row = self._quote(decline.quote_erp_id, decline.quote_reference, deadline)
        if to.is_new(row["externalDocumentNumber"]):
            raise ErpRejected(f"Quote {row['number']} is being accepted just now.")
        if self._state(row) != "declined":
            base = reference_of(row["externalDocumentNumber"], self._setup.options) or decline.quote_reference
            told = (base or to.line(row["number"], 20))[: to.LONGEST_EXTERNAL - len(to.NO)] + to.NO
            row = self._marked(row, told, deadline)
            for comment in remarks.comments(Remark.DECLINED, decline.reason):
                place = f"{at(s.QUOTE.place, str(row['id']))}/{s.QUOTE.part}"
                self._client.insert(place, comment, deadline)
            row = self._quote(str(row["number"]), "", deadline)
        return self._written(row, decline.reference)

    def find_decline(self, decline: r.QuoteDecline, deadline: Deadline) -> list[r.WrittenDocument]:
        """Return the quote when it is closed."""
        row = self._quote(decline.quote_erp_id, decline.quote_reference, deadline)
        return [self._written(row, decline.reference)] if self._state(row) == "declined" else []

    # -- the steps of an acceptance --------------------------------------------

    def _acceptable(self, acceptance: r.QuoteAcceptance, deadline: Deadline) -> dict[str, Any]:
        row = self._quote(acceptance.quote_erp_id, acceptance.quote_reference, deadline)
        external = to.line(row["externalDocumentNumber"], to.LONGEST_EXTERNAL)
        if self._state(row) == "declined":
            raise ErpRejected(f"Quote {row['number']} is closed already: it cannot be accepted.")
        if to.is_new(external) and external != _claim(acceptance):
            raise ErpRejected(f"Quote {row['number']} is being accepted by somebody else just now.")
        is_ours = bool(reference_of(external, self._setup.options)) or to.is_new(external)
        if not is_ours:
            offered = _deals(s.items_of(s.lines_of(row, s.QUOTE)))
            if any(_wish(line) not in offered for line in acceptance.lines if line.item_erp_id):
                raise ErpRejected(
                    f"Quote {row['number']} was changed in the meantime: look at it again before you accept it."
                )
        return row

    def _ordered(self, row: dict[str, Any], acceptance: r.QuoteAcceptance, deadline: Deadline) -> None:
        """Mark the quote as this order's (nobody else can, from then on), write what was accepted, make the order."""
        external = to.line(row["externalDocumentNumber"], to.LONGEST_EXTERNAL)
        if external != _claim(acceptance):
            row = self._marked(row, _claim(acceptance), deadline)
        told = remarks.said(
            (Remark.QUOTE, f"{row['number']} {acceptance.quote_reference}".strip()),
            (Remark.REFERENCE, acceptance.customer_reference),
            (Remark.PERSON, acceptance.placed_by),
        )
        row = self._with_lines(row, acceptance.lines, told, deadline, Remark.QUOTE, Remark.REFERENCE, Remark.PERSON)
        try:
            refuse_dearer(to.amount(row["totalAmountIncludingTax"]), acceptance.expected_total)
            total = to.amount(row["totalAmountIncludingTax"])
            self._orders.refuse_unaffordable(acceptance.customer_erp_id, deadline, further=total)
        except ErpRejected:
            base = f"{acceptance.quote_reference}-V0" if acceptance.quote_reference else ""
            self._marked(row, base if external == _claim(acceptance) else external, deadline)
            raise
        try:
            self._client.act(at(s.QUOTE.place, str(row["id"])), "makeOrder", deadline)
        except Missing as error:
            raise ErpUnavailable(f"quote {row['number']} is gone since it was marked: look the order up") from error

    def _marked(self, row: Mapping[str, Any], external: str, deadline: Deadline) -> dict[str, Any]:
        """Write what stands behind a quote's reference, and return the quote afresh."""
        place = at(s.QUOTE.place, str(row["id"]))
        self._client.change(place, row, {"externalDocumentNumber": external}, deadline)
        return self._quote(str(row["number"]), "", deadline)

    # -- lines -----------------------------------------------------------------

    def _with_lines(
        self,
        row: dict[str, Any],
        lines: Sequence[r.NewQuoteLine],
        comments: Sequence[Mapping[str, Any]],
        deadline: Deadline,
        *replaced: Remark,
    ) -> dict[str, Any]:
        """Make the item lines exactly these, with these comments behind them; return the quote afresh.

        Lines of the staff's own (freight, texts) stay. Cut in the middle, it is done again whole.
        """
        place = at(s.QUOTE.place, str(row["id"]))
        there = s.lines_of(row, s.QUOTE)
        gone = [line for remark in (*OURS, *replaced) for line in remarks.rows_of(there, remark)]
        bodies: list[Mapping[str, Any]] = []
        if _deals(s.items_of(there)) != [_wish(line) for line in lines if line.item_erp_id] or any(
            not line.item_erp_id for line in lines
        ):
            gone += s.items_of(there)
            bodies += self._bodies(lines, deadline, is_priced=True)
        for line in gone:
            self._client.remove(f"{place}/{at(s.QUOTE.part, str(line['id']))}", line, deadline)
        for body in [*bodies, *comments]:
            self._client.insert(f"{place}/{s.QUOTE.part}", body, deadline)
        return self._quote(str(row["number"]), "", deadline)

    def _bodies(self, lines: Iterable[r.NewQuoteLine], deadline: Deadline, *, is_priced: bool) -> list[dict[str, Any]]:
        known = list(lines)
        units = self._orders.units([line for line in known if line.item_erp_id], deadline)
        location = self._setup.get(deadline).location
        found: list[dict[str, Any]] = []
        for line in known:
            erp_id = line.item_erp_id.lower()
            if erp_id:
                price = line.net_price if is_priced else None
                found.append(s.item_line(erp_id, line.quantity, units[erp_id], location, price))
                found += remarks.comments(Remark.NOTE, line.note)
            else:
                found += remarks.comments(Remark.WANTED, remarks.wanted(line.quantity, line.note or line.sku))
            if line.delivery_on is not None:
                found += remarks.comments(Remark.DELIVERY, line.delivery_on.isoformat())
        return found

    # -- finding ---------------------------------------------------------------

    def _state(self, row: Mapping[str, Any]) -> str:
        return state_of(row, self._setup.options)

    def _under(self, document: s.Document, reference: str, deadline: Deadline) -> list[dict[str, Any]]:
        """Return the documents with the reference of a quote, whatever is written behind it."""
        where = f"startswith(externalDocumentNumber,{odata.literal(to.reference(reference))})"
        rows = self._client.rows(document.place, document.query(where), deadline)
        options = self._setup.options
        return [row for row in rows if reference_of(row["externalDocumentNumber"], options) == reference]

    def _became(self, reference: str, deadline: Deadline) -> list[r.WrittenDocument]:
        """Return the order that the ERP's staff made of a request: the quote is gone, its reference went along."""
        for document, field in ((s.ORDER, "number"), (s.INVOICE, "orderNumber")):
            for row in self._under(document, reference, deadline):
                number, total = to.line(row[field], 20), to.amount(row["totalAmountIncludingTax"])
                return [r.WrittenDocument("quote", number, number, reference, "accepted", total)]
        return []

    def _quote(self, number: str, reference: str, deadline: Deadline) -> dict[str, Any]:
        """Return a quote by its number, else by our reference.

        Raises:
            ErpRejected: it had a number and is gone: it became an order, or was deleted.
            ErpUnavailable: it has not reached the ERP: its own write comes first.
        """
        if number:
            row = s.by_number(self._client, s.QUOTE, number, deadline)
            if row is None:
                raise ErpRejected(f"Quote {number} is closed already: it became an order, or was deleted.")
            return row
        rows = self._under(s.QUOTE, reference, deadline)
        if not rows:
            raise ErpUnavailable("the quote has not reached the ERP yet", nothing_sent=True)
        return rows[0]

    def _written(self, row: Mapping[str, Any], reference: str) -> r.WrittenDocument:
        number = to.line(row["number"], 20)
        total = to.amount(row["totalAmountIncludingTax"])
        return r.WrittenDocument("quote", number, number, reference, self._state(row), total)


def _claim(acceptance: r.QuoteAcceptance) -> str:
    return to.reference(acceptance.reference) + to.NEW


def _external(reference: str) -> str:
    """Return the reference of an answer, which has its version behind it.

    Raises:
        ErpRejected: it is too long for the ERP's field.
    """
    if len(reference) > to.LONGEST_EXTERNAL:
        raise ErpRejected(f"The reference {reference} is too long for the ERP.")
    return reference


def _comments(answer: r.QuoteAnswer) -> Sequence[Mapping[str, Any]]:
    return remarks.said((Remark.TERMS, answer.terms), (Remark.NOTE, answer.note))


def _is_answered(row: Mapping[str, Any], answer: r.QuoteAnswer) -> bool:
    is_marked = to.line(row["externalDocumentNumber"], to.LONGEST_EXTERNAL) == answer.reference
    offered = _deals(s.items_of(s.lines_of(row, s.QUOTE)))
    wanted = [_wish(line) for line in answer.lines if line.item_erp_id]
    return is_marked and to.day(row["validUntilDate"]) == answer.valid_until and offered == wanted


def _deals(items: Iterable[s.Row]) -> list[Deal]:
    return [(to.ref(line["itemId"]), to.quantity(line["quantity"]), to.net_price(line)) for line in items]


def _wish(line: r.NewQuoteLine) -> Deal:
    return line.item_erp_id.lower(), to.quantity(line.quantity), to.price(line.net_price)


def _refuse_prices_without_item(lines: Iterable[r.NewQuoteLine]) -> None:
    bare = [str(line.line_no) for line in lines if not line.item_erp_id and line.net_price]
    if bare:
        raise ErpRejected(f"Line {', '.join(bare)} has a price but no item: choose the item that is offered.")


def _numbered(order: r.WrittenOrder, acceptance: r.QuoteAcceptance) -> r.WrittenOrder:
    """Return the order with the line numbers of the acceptance, where it has as many lines."""
    numbers = [line.line_no for line in acceptance.lines if line.item_erp_id]
    if len(numbers) != len(order.lines):
        return order
    lines = tuple((number, many, price) for number, (_, many, price) in zip(numbers, order.lines, strict=True))
    return r.WrittenOrder(order.erp_id, order.number, order.reference, order.state, order.totals, lines, order.message)
