"""Quotes into ERPNext: a draft under our key, answered by the shop as often as it likes, submitted when accepted."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from typing import Any

from erp_sync import records as r
from erp_sync.adapters.erpnext import documents as d
from erp_sync.adapters.erpnext import mapping as to
from erp_sync.adapters.erpnext.client import Doc, ErpNextClient
from erp_sync.adapters.erpnext.faults import Missing, Stale
from erp_sync.adapters.erpnext.orders_write import OrdersWrite, compare_lines, refuse_dearer
from erp_sync.adapters.erpnext.quotes_read import ANSWER, DOCTYPE, ORDER, state_of
from erp_sync.adapters.erpnext.setup import SetupSource
from erp_sync.adapters.erpnext.totals import whole_of
from erp_sync.errors import ErpMisconfigured, ErpRejected, ErpUnavailable
from erp_sync.http import Deadline

MAKE_ORDER = "erpnext.selling.doctype.quotation.quotation.make_sales_order"
LOST = "declare_enquiry_lost"


class QuotesWrite:
    """Writes quotes and makes orders of them."""

    def __init__(self, client: ErpNextClient, setup: SetupSource, orders: OrdersWrite) -> None:
        self._client = client
        self._setup = setup
        self._orders = orders
        self._documents = d.Documents(client, DOCTYPE)

    # -- asked for -------------------------------------------------------------

    def create(self, quote: r.NewQuote, deadline: Deadline) -> r.WrittenDocument:
        """Keep the request as a draft, once.

        Raises:
            ErpRejected: the ERP refuses it.
        """
        doc = self._documents.by_key(quote.reference, deadline)
        if doc is None:
            doc = self._documents.make(quote.reference, self._request(quote, deadline), deadline)
        return self._written(doc, quote.reference)

    def find(self, quote: r.NewQuote, deadline: Deadline) -> list[r.WrittenDocument]:
        """Return the quote with this reference."""
        found = self._documents.all_by_key(quote.reference, deadline)
        return [self._written(doc, quote.reference) for doc in found]

    def _request(self, quote: r.NewQuote, deadline: Deadline) -> dict[str, Any]:
        values = {
            "quotation_to": "Customer",
            "party_name": quote.customer_erp_id,
            "company": self._setup.get(deadline).company,
            "order_type": self._setup.options.order_type,
            "shipping_address_name": quote.ship_to_erp_id,
            d.NOTE: _note(quote),
            "items": [self._row(one, is_priced=False) for one in quote.lines],
        }
        return {name: value for name, value in values.items() if value}

    def _row(self, one: r.NewQuoteLine, *, is_priced: bool) -> dict[str, Any]:
        """Return a line; free text stands on an item that is there for it."""
        row: dict[str, Any] = {"item_code": one.item_erp_id, "qty": to.sent(one.quantity)}
        if not one.item_erp_id:
            item = self._setup.options.free_text_item
            if not item:
                raise ErpRejected("ERPNext has no line without an item: name one in ERP_OPTIONS['free_text_item'].")
            words = to.line(one.note, 500) or "?"
            row |= {"item_code": item, "item_name": words[:140], "description": html.escape(words, quote=False)}
        return {**row, "rate": to.sent(one.net_price)} if is_priced else row

    # -- answered --------------------------------------------------------------

    def answer(self, answer: r.QuoteAnswer, deadline: Deadline) -> r.WrittenDocument:
        """Give the quote exactly these lines, then mark it as answered.

        Raises:
            ErpRejected: it is accepted or declined, or the ERP does not keep the prices as they are.
            ErpUnavailable: it has not reached the ERP.
        """
        doc = self._quote(answer.quote_erp_id, answer.quote_reference, deadline)
        if doc.get(ANSWER) == answer.reference:
            return self._written(doc, answer.reference)
        if d.status(doc) != d.DRAFT or state_of(doc) == "declined":
            raise ErpRejected(f"Quotation {doc['name']} is no draft any more and cannot be answered.")
        values: dict[str, Any] = {
            "items": [self._row(one, is_priced=True) for one in answer.lines],
            "ignore_pricing_rule": 1,
            "valid_till": answer.valid_until.isoformat(),
            "terms": html.escape(to.text("\n".join(filter(None, [answer.terms, answer.note])), to.LONGEST_TEXT)),
        }
        doc = self._update(doc, values, deadline)
        wanted = [(self._item(one), one.quantity, one.net_price) for one in answer.lines]
        compare_lines(doc, wanted, is_exact=True)
        doc = self._orders.taxed(self._documents, doc, deadline)
        doc = self._kept(doc, ANSWER, answer.reference, deadline)
        return self._written(doc, answer.reference)

    def find_answer(self, answer: r.QuoteAnswer, deadline: Deadline) -> list[r.WrittenDocument]:
        """Return the quote when this answer is its latest."""
        doc = self._quote(answer.quote_erp_id, answer.quote_reference, deadline)
        return [self._written(doc, answer.reference)] if doc.get(ANSWER) == answer.reference else []

    # -- accepted, declined ----------------------------------------------------

    def accept(self, acceptance: r.QuoteAcceptance, deadline: Deadline) -> r.WrittenOrder:
        """Make the quote the order of this reference, with exactly these lines and prices.

        Raises:
            ErpRejected: it was declined, or became another order, or the ERP wants more for it.
            ErpUnavailable: it has not reached the ERP.
        """
        order = self._orders.documents.by_key(acceptance.reference, deadline)
        if order is None:
            quote = self._claimed(acceptance, deadline)
            values = self._order_values(quote, acceptance, deadline)
            order = self._orders.documents.make(acceptance.reference, values, deadline)
        if d.status(order) == d.DRAFT and not d.is_let_go(order):
            order = self._orders.taxed(self._orders.documents, order, deadline)
            compare_lines(order, _deals(acceptance), is_exact=True)
            refuse_dearer(order, acceptance.expected_total)
            order = self._orders.documents.submit(order, deadline)
        return self._orders.written(order, acceptance.lines)

    def decline(self, decline: r.QuoteDecline, deadline: Deadline) -> r.WrittenDocument:
        """Decline the quote, unless it is declined: a draft is marked, a submitted one becomes ERPNext's "Lost".

        Raises:
            ErpRejected: it became an order.
            ErpUnavailable: it has not reached the ERP.
        """
        doc = self._quote(decline.quote_erp_id, decline.quote_reference, deadline)
        if state_of(doc) != "declined":
            if state_of(doc) == "accepted" or doc.get(ORDER):
                raise ErpRejected(f"Quotation {doc['name']} became an order and cannot be declined any more.")
            self._let_go(doc, to.text(decline.reason, to.LONGEST_TEXT), deadline)
            doc = self._documents.read(str(doc["name"]), deadline)
        return self._written(doc, decline.reference)

    def find_decline(self, decline: r.QuoteDecline, deadline: Deadline) -> list[r.WrittenDocument]:
        """Return the quote when it is declined."""
        doc = self._quote(decline.quote_erp_id, decline.quote_reference, deadline)
        return [self._written(doc, decline.reference)] if state_of(doc) == "declined" else []

    def _let_go(self, doc: Doc, reason: str, deadline: Deadline) -> None:
        if d.status(doc) == d.DRAFT:
            note = "\n".join(filter(None, [str(doc.get(d.NOTE) or ""), reason]))
            self._update(doc, {d.CANCELLED: 1, d.NOTE: note}, deadline)
            return
        args = {"lost_reasons_list": [], "competitors": [], "detailed_reason": reason}
        self._client.act("run_doc_method", deadline, dt=DOCTYPE, dn=str(doc["name"]), method=LOST, args=args)

    def _claimed(self, acceptance: r.QuoteAcceptance, deadline: Deadline) -> Doc:
        """Return the quote, submitted and marked with the order that it becomes: of two acceptances one wins."""
        doc = self._quote(acceptance.quote_erp_id, acceptance.quote_reference, deadline)
        if state_of(doc) == "declined":
            raise ErpRejected(f"Quotation {doc['name']} was declined.")
        other = str(doc.get(ORDER) or "")
        if (other and other != acceptance.reference) or (not other and state_of(doc) == "accepted"):
            raise ErpRejected(f"Quotation {doc['name']} became another order.")
        if other and d.status(doc) == d.SUBMITTED:
            return doc
        submits = {"docstatus": d.SUBMITTED} if d.status(doc) == d.DRAFT else {}
        return self._kept(doc, ORDER, acceptance.reference, deadline, **submits)

    def _order_values(self, quote: Doc, acceptance: r.QuoteAcceptance, deadline: Deadline) -> dict[str, Any]:
        """Return ERPNext's own order of the quote, with the accepted lines alone."""
        doc = self._client.mapped(MAKE_ORDER, deadline, source_name=str(quote["name"]))
        setup = self._setup.get(deadline)
        day = self._orders.delivery_date(acceptance.requested_on, setup)
        rows = _chosen(to.table(doc, "items"), acceptance)
        warehouse = self._setup.options.order_warehouse
        own = {"delivery_date": day} | ({"warehouse": warehouse} if warehouse else {})
        values = {
            "delivery_date": day,
            "po_no": to.line(acceptance.customer_reference, 140),
            "shipping_address_name": acceptance.ship_to_erp_id,
            "source": self._setup.options.source,
            d.NOTE: to.line(acceptance.placed_by),
        }
        # Its rows say what of the whole quote is due when; ERPNext makes them anew.
        kept = {name: value for name, value in doc.items() if name != "payment_schedule"}
        return {
            **kept,
            **{name: value for name, value in values.items() if value},
            "ignore_pricing_rule": 1,
            "items": [{**row, **own} for row in rows],
        }

    # -- both ------------------------------------------------------------------

    def _quote(self, erp_id: str, reference: str, deadline: Deadline) -> Doc:
        """Return the quote.

        Raises:
            ErpUnavailable: it has not reached the ERP: its own write comes first.
        """
        try:
            doc = self._documents.read(erp_id, deadline) if erp_id else self._documents.by_key(reference, deadline)
        except Missing:
            doc = None
        if doc is None:
            raise ErpUnavailable("the quote has not reached the ERP yet", nothing_sent=True)
        return doc

    def _update(self, doc: Doc, values: Mapping[str, Any], deadline: Deadline) -> Doc:
        """Write fields if nobody wrote since the quote was read."""
        try:
            return self._client.update(DOCTYPE, str(doc["name"]), {**values, "modified": doc["modified"]}, deadline)
        except Stale as stale:
            raise ErpUnavailable(f"quotation {doc['name']} was written by somebody else meanwhile") from stale

    def _kept(self, doc: Doc, field: str, value: str, deadline: Deadline, **more: Any) -> Doc:
        doc = self._update(doc, {field: value, **more}, deadline)
        if doc.get(field) != value:
            raise ErpMisconfigured(
                f"the ERP does not keep {field} on {DOCTYPE}: make the custom field again (docs/adapters-erpnext.md)"
            )
        return doc

    def _item(self, one: r.NewQuoteLine) -> str:
        return one.item_erp_id or self._setup.options.free_text_item

    def _written(self, doc: Doc, reference: str) -> r.WrittenDocument:
        name, total = str(doc["name"]), whole_of(doc, self._setup.options.money_digits)
        return r.WrittenDocument("quote", name, to.line(name, 64), reference, state_of(doc), total)


def _deals(acceptance: r.QuoteAcceptance) -> list[tuple[str, Any, Any]]:
    return [(one.item_erp_id, one.quantity, one.net_price) for one in acceptance.lines]


def _chosen(rows: Sequence[Mapping[str, Any]], acceptance: r.QuoteAcceptance) -> list[dict[str, Any]]:
    """Return the row of the quote for each accepted line, with its quantity and price.

    Raises:
        ErpRejected: the quote has no such line (any more).
    """
    left = list(rows)
    found = []
    for one in acceptance.lines:
        fitting = [row for row in left if row.get("item_code") == one.item_erp_id]
        exact = [row for row in fitting if to.price(row.get("rate")) == to.price(one.net_price)]
        if not exact:
            raise ErpRejected(f"The quotation was changed: it has no {one.sku or one.note} at {one.net_price:f}.")
        left.remove(exact[0])
        found.append({**exact[0], "qty": to.sent(one.quantity), "rate": to.sent(one.net_price)})
    return found


def _note(quote: r.NewQuote) -> str:
    """Return what the buyer wrote, for the ERP's staff."""
    beside = [f"{one.line_no}: {one.note}" for one in quote.lines if one.note and one.item_erp_id]
    wishes = [f"{one.line_no}: {one.delivery_on.isoformat()}" for one in quote.lines if one.delivery_on]
    day = quote.requested_on.isoformat() if quote.requested_on else ""
    parts = [quote.note, *beside, *wishes, day, to.line(quote.customer_reference), quote.placed_by]
    return to.text("\n".join(filter(None, parts)), to.LONGEST_TEXT)
