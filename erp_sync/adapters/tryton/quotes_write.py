"""Quotes into Tryton: the request as a draft sale, the answer as a quotation, the acceptance as an order."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from erp_sync import records as r
from erp_sync.adapters.refusals import refuse_dearer
from erp_sync.adapters.tryton import mapping as to
from erp_sync.adapters.tryton.quotes import Quotes
from erp_sync.adapters.tryton.quotes_read import MARK, STATES, is_shown, text_of
from erp_sync.adapters.tryton.sales import CONFIRMED, Sales, medium, order_written, saved_line
from erp_sync.adapters.tryton.setup import SetupSource
from erp_sync.errors import ErpRejected, ErpUnavailable
from erp_sync.http import Deadline


class QuotesWrite:
    """Writes quotes; an order that comes of one takes over its record."""

    def __init__(self, sales: Sales, setup: SetupSource, quotes: Quotes) -> None:
        self._sales = sales
        self._setup = setup
        self._quotes = quotes

    # -- the request -----------------------------------------------------------

    def create(self, quote: r.NewQuote, deadline: Deadline) -> r.WrittenDocument:
        """Keep a request as a draft that the ERP's staff sees, unless it is there."""
        found = self.find(quote, deadline)
        if found:
            return found[0]
        try:
            ids = self._sales.call("create", [[self._values(quote, deadline)]], deadline)
        except ErpRejected:
            # Somebody else may have created it since we looked.
            found = self.find(quote, deadline)
            if not found:
                raise
            return found[0]
        return _written(self._sales.row(ids[0], deadline), quote.reference)

    def find(self, quote: r.NewQuote, deadline: Deadline) -> list[r.WrittenDocument]:
        """Return the sales that are this request, whatever became of them."""
        return [_written(row, quote.reference) for row in self._rows(quote.reference, deadline)]

    def _values(self, quote: r.NewQuote, deadline: Deadline) -> dict[str, Any]:
        setup = self._setup.get(deadline)
        order = _as_order(quote, quote.lines, price_list=quote.price_list)
        draft = self._quotes.draft(order, deadline)
        return {
            **draft.values,
            "web_shop": setup.web_shop,
            "web_id": quote.reference,
            "description": f"{MARK}{quote.reference}",
            "marketing_medium": medium(quote.channel, setup, self._setup),
            "reference": to.line(quote.customer_reference),
            "comment": "\n".join(filter(None, [quote.note, quote.placed_by])),
            "shipping_date": quote.requested_on,
            "lines": [["create", _all_lines(quote.lines, draft.lines)]],
        }

    # -- the answer ------------------------------------------------------------

    def answer(self, answer: r.QuoteAnswer, deadline: Deadline) -> r.WrittenDocument:
        """Make the quote's lines exactly those of the answer, and offer it.

        Raises:
            ErpRejected: the quote is declined, or a price has no item.
        """
        row = self._quote(answer.quote_erp_id, answer.quote_reference, deadline)
        if row["state"] == "cancelled":
            raise ErpRejected(f"Quote {_name(row)} is declined: nothing can be offered on it.")
        if row["state"] not in CONFIRMED and not self._is_answered(row, answer, deadline):
            _refuse_prices_without_item(answer.lines)
            order = _as_order(answer, answer.lines, price_list=answer.price_list)
            terms = {**_validity(row, answer.valid_until), "comment": _comment(answer)}
            row = self._offered(row, order, answer.lines, terms, deadline)
        return _written(row, answer.reference)

    def find_answer(self, answer: r.QuoteAnswer, deadline: Deadline) -> list[r.WrittenDocument]:
        """Return the quote when it stands as answered, or went on from there."""
        row = self._quote(answer.quote_erp_id, answer.quote_reference, deadline)
        is_there = row["state"] in CONFIRMED or self._is_answered(row, answer, deadline)
        return [_written(row, answer.reference)] if is_there else []

    def _is_answered(self, row: Mapping[str, Any], answer: r.QuoteAnswer, deadline: Deadline) -> bool:
        said = (row["state"], row["quotation_expire"], row["comment"] or "")
        wanted = ("quotation", answer.valid_until, _comment(answer))
        return said == wanted and self._stands(row, answer.lines, deadline)

    # -- yes and no ------------------------------------------------------------

    def accept(self, acceptance: r.QuoteAcceptance, deadline: Deadline) -> r.WrittenOrder:
        """Make the quote the order `acceptance.reference`, at exactly the accepted prices.

        Raises:
            ErpRejected: it is closed, became another order, was changed in the ERP since, or costs more than accepted.
        """
        row = self._accepted_quote(acceptance, deadline)
        if row["web_id"] == acceptance.reference and row["state"] in {*CONFIRMED, "cancelled"}:
            return order_written(row)
        if row["state"] in {*CONFIRMED, "cancelled"}:
            raise ErpRejected(f"Quote {_name(row)} is closed already: it cannot be accepted again.")
        return self._ordered(row, acceptance, deadline)

    def decline(self, decline: r.QuoteDecline, deadline: Deadline) -> r.WrittenDocument:
        """Close the quote, with the buyer's reason.

        Raises:
            ErpRejected: it became an order.
        """
        row = self._quote(decline.quote_erp_id, decline.quote_reference, deadline)
        if row["state"] in CONFIRMED:
            raise ErpRejected(f"Quote {_name(row)} became an order already.")
        if row["state"] != "cancelled":
            if decline.reason:
                comment = "\n".join(filter(None, [row["comment"], decline.reason]))
                self._sales.update(row["id"], {"comment": comment}, deadline)
            row = self._sales.step("cancel", row, deadline)
        return _written(row, decline.reference)

    def find_decline(self, decline: r.QuoteDecline, deadline: Deadline) -> list[r.WrittenDocument]:
        """Return the quote when it is closed."""
        row = self._quote(decline.quote_erp_id, decline.quote_reference, deadline)
        return [_written(row, decline.reference)] if row["state"] == "cancelled" else []

    def _ordered(self, row: dict[str, Any], acceptance: r.QuoteAcceptance, deadline: Deadline) -> r.WrittenOrder:
        setup = self._setup.get(deadline)
        values = {
            "web_shop": setup.web_shop,
            "web_id": acceptance.reference,
            "description": f"{MARK}{acceptance.quote_reference}",
            "marketing_medium": medium(acceptance.channel, setup, self._setup),
            **_still_valid(row),
            **_told(row, acceptance),
        }
        # Our reference goes first: whatever is cut after this is carried on, not taken for somebody else's change.
        self._sales.update(row["id"], values, deadline)
        row = self._sales.row(row["id"], deadline)
        goes_there = acceptance.ship_to_erp_id in {"", str(row["shipment_address"])}
        if not (row["state"] == "quotation" and goes_there and self._stands(row, acceptance.lines, deadline)):
            order = _as_order(acceptance, acceptance.lines, price_list=str(row["price_list"] or ""))
            row = self._offered(row, order, acceptance.lines, {}, deadline)
        refuse_dearer(to.number(row["total_amount"]), acceptance.expected_total)
        return order_written(self._sales.step("confirm", row, deadline))

    def _accepted_quote(self, acceptance: r.QuoteAcceptance, deadline: Deadline) -> dict[str, Any]:
        """Return the order if there is one, else the quote; one of the ERP's own must stand as it was accepted."""
        found = self._sales.by_reference(acceptance.reference, deadline)
        if found:
            return found[0]
        row = self._quote(acceptance.quote_erp_id, acceptance.quote_reference, deadline)
        if row["web_shop"] is None and row["state"] not in {*CONFIRMED, "cancelled"}:
            self._refuse_changed(row, acceptance)
        return row

    def _refuse_changed(self, row: Mapping[str, Any], acceptance: r.QuoteAcceptance) -> None:
        offered = [_deal(one) for one in row["lines."] if one["type"] == "line"]
        wanted = [_wish(one) for one in acceptance.lines if one.item_erp_id]
        if row["state"] != "quotation" or any(wanted.count(one) > offered.count(one) for one in wanted):
            raise ErpRejected(f"Quote {_name(row)} was changed in the meantime: look at it again before you accept it.")

    # -- both ------------------------------------------------------------------

    def _offered(
        self,
        row: dict[str, Any],
        order: r.NewOrder,
        lines: Iterable[r.NewQuoteLine],
        values: Mapping[str, Any],
        deadline: Deadline,
    ) -> dict[str, Any]:
        """Write the lines exactly, and quote; a promotion that the ERP applies then is taken back."""
        draft = self._quotes.draft(order, deadline)
        if row["state"] != "draft":
            row = self._sales.step("draft", row, deadline)
        # The freight line goes too: the ERP adds it anew.
        old = [one["id"] for one in row["lines."]]
        ship_to = {"shipment_address": draft.values["shipment_address"]} if order.ship_to_erp_id else {}
        changes = [["delete", old], ["create", _all_lines(lines, draft.lines)]]
        self._sales.update(row["id"], {**values, **ship_to, "lines": changes}, deadline)
        row = self._sales.step("quote", self._sales.row(row["id"], deadline), deadline)
        return self._without_promotions(row, order, deadline)

    def _without_promotions(self, row: dict[str, Any], order: r.NewOrder, deadline: Deadline) -> dict[str, Any]:
        agreed = {one.line_no: to.price(one.net_price) for one in order.lines}
        moved = [
            one
            for one in row["lines."]
            if one["type"] == "line"
            and one["shipment_cost"] is None
            and one["sequence"] in agreed
            and to.price(one["unit_price"]) != agreed[one["sequence"]]
        ]
        for one in moved:
            price = {"unit_price": agreed[one["sequence"]], "promotion": None, "original_unit_price": None}
            self._sales.call("write", [[one["id"]], price], deadline, model="sale.line")
        return self._sales.row(row["id"], deadline) if moved else row

    def _stands(self, row: Mapping[str, Any], lines: Iterable[r.NewQuoteLine], deadline: Deadline) -> bool:
        """Say whether the quote's lines are exactly these, numbers too."""
        carriers = self._setup.get(deadline).carrier_products
        shown = [one for one in row["lines."] if is_shown(one | {"product": to.at(one, "product.id")}, carriers)]
        there = sorted((one["sequence"] or 0, *_deal(one)) for one in shown if one["type"] == "line")
        texts = sum(1 for one in shown if one["type"] == "comment")
        wanted = list(lines)
        items = sorted((one.line_no, *_wish(one)) for one in wanted if one.item_erp_id)
        return there == items and texts == len(wanted) - len(items)

    def _quote(self, erp_id: str, reference: str, deadline: Deadline) -> dict[str, Any]:
        """Return a quote by its id, else by our reference.

        Raises:
            ErpUnavailable: it has not reached the ERP: its own write comes first.
        """
        if erp_id:
            rows = self._sales.search([["id", "=", to.erp_id(erp_id)]], deadline)
        else:
            rows = self._rows(reference, deadline)
        if not rows:
            raise ErpUnavailable("the quote has not reached the ERP yet", nothing_sent=True)
        return rows[0]

    def _rows(self, reference: str, deadline: Deadline) -> list[dict[str, Any]]:
        """Return the sales of a quote's reference; when it became an order only the description tells."""
        shop = self._setup.get(deadline).web_shop
        keys = ["OR", ["web_id", "=", reference], ["description", "=", f"{MARK}{reference}"]]
        return self._sales.search([["web_shop", "=", shop], keys], deadline)


def _as_order(
    write: r.NewQuote | r.QuoteAnswer | r.QuoteAcceptance, lines: Iterable[r.NewQuoteLine], *, price_list: str
) -> r.NewOrder:
    """Return the lines with an item as an order, for which the ERP's defaults are known."""
    items = [one for one in lines if one.item_erp_id]
    return r.NewOrder(
        reference=write.reference,
        customer_erp_id=write.customer_erp_id,
        price_list=price_list,
        currency=write.currency,
        lines=tuple(
            r.NewOrderLine(one.line_no, one.sku, one.item_erp_id, one.quantity, one.net_price, one.note)
            for one in items
        ),
        ship_to_erp_id="" if isinstance(write, r.QuoteAnswer) else write.ship_to_erp_id,
    )


def _all_lines(lines: Iterable[r.NewQuoteLine], items: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the lines to create: those with an item as the ERP prepared them, free text as comments."""
    prepared = {one["sequence"]: saved_line(one) for one in items}
    made = []
    for one in lines:
        if one.item_erp_id:
            made.append(prepared[one.line_no] | {"note": _day(one)})
        else:
            words = text_of(one.quantity, to.text(one.note, to.LONGEST_TEXT) or one.sku)
            made.append({"type": "comment", "sequence": one.line_no, "description": words, "note": _day(one)})
    return made


def _comment(answer: r.QuoteAnswer) -> str:
    return to.text("\n".join(filter(None, [answer.terms, answer.note])), to.LONGEST_TEXT)


def _day(one: r.NewQuoteLine) -> str | None:
    return f"Delivery {one.delivery_on.isoformat()}" if one.delivery_on else None


def _refuse_prices_without_item(lines: Iterable[r.NewQuoteLine]) -> None:
    bare = [str(one.line_no) for one in lines if not one.item_erp_id and one.net_price]
    if bare:
        raise ErpRejected(f"Line {', '.join(bare)} has a price but no item: choose the item that is offered.")


def _deal(one: Mapping[str, Any]) -> tuple[int, Decimal, Decimal]:
    return to.at(one, "product.id") or 0, Decimal(str(one["quantity"])), to.price(one["unit_price"]) or Decimal(0)


def _wish(one: r.NewQuoteLine) -> tuple[int, Decimal, Decimal]:
    return to.erp_id(one.item_erp_id), one.quantity, to.price(one.net_price) or Decimal(0)


def _validity(row: Mapping[str, Any], valid_until: dt.date) -> dict[str, Any]:
    """Return what makes the quotation expire at the end of that day."""
    today = dt.datetime.now(dt.UTC).date()
    begins = min(row["quotation_date"] or today, today, valid_until)
    return {"quotation_date": begins, "quotation_validity": valid_until - begins}


def _still_valid(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return what lets the ERP confirm a quote that the buyer accepted in time and that reached the ERP late."""
    today = dt.datetime.now(dt.UTC).date() + dt.timedelta(days=1)
    if row["quotation_expire"] is None or row["quotation_expire"] >= today:
        return {}
    return _validity(row, today)


def _told(row: Mapping[str, Any], acceptance: r.QuoteAcceptance) -> dict[str, Any]:
    """Return what the buyer said with his yes; what he left empty stays as it is."""
    given: dict[str, Any] = {
        "reference": to.line(acceptance.customer_reference),
        "shipping_date": acceptance.requested_on,
    }
    comment = row["comment"] or ""
    if acceptance.placed_by and acceptance.placed_by not in comment:
        given["comment"] = f"{comment}\n{acceptance.placed_by}".strip()
    return {name: value for name, value in given.items() if value}


def _name(row: Mapping[str, Any]) -> str:
    return str(row["number"] or row["web_id"] or row["id"])


def _written(row: Mapping[str, Any], reference: str) -> r.WrittenDocument:
    total = to.number(row["total_amount"])
    return r.WrittenDocument("quote", str(row["id"]), str(row["number"] or ""), reference, STATES[row["state"]], total)
