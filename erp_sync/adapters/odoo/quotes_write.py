"""Quotes into Odoo: the request as a draft, the answer as a sent quotation, the acceptance as an order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from erp_sync import records as r
from erp_sync.adapters.odoo import mapping as to
from erp_sync.adapters.odoo import sales as s
from erp_sync.adapters.odoo.orders_write import OrdersWrite
from erp_sync.adapters.odoo.quotes_read import MARK, STATES, is_wish, remark_of, text_of
from erp_sync.adapters.refusals import refuse_dearer
from erp_sync.errors import ErpRejected, ErpUnavailable
from erp_sync.http import Deadline

OPEN = {"draft", "sent"}
ORDERED = {"sale", "done"}
Deal = tuple[int, int, Decimal, Decimal]


class QuotesWrite:
    """Writes quotes; an order that comes of one takes over its record."""

    def __init__(self, sales: s.Sales, orders: OrdersWrite) -> None:
        self._sales = sales
        self._orders = orders

    # -- the request -----------------------------------------------------------

    def create(self, quote: r.NewQuote, deadline: Deadline) -> r.WrittenDocument:
        """Keep a request as a draft that the ERP's staff sees, unless it is there; free text comes right after it."""
        row = self._sales.by_key(s.QUOTE, quote.reference, deadline)
        name = s.QUOTE + to.key_of(quote.reference)
        if row is None:
            row = self._made(name, quote, deadline)
        if row["state"] == "draft" and _missing(row, quote):
            self._sales.put_texts(row["id"], _texts(name, quote), deadline)
            row = self._sales.row(row["id"], deadline)
        return self._written(row, quote.reference, deadline)

    def find(self, quote: r.NewQuote, deadline: Deadline) -> list[r.WrittenDocument]:
        """Return the sale that is this request, whatever became of it; "partial" while its texts are missing."""
        row = self._sales.by_key(s.QUOTE, quote.reference, deadline)
        if row is None:
            return []
        is_partial = row["state"] == "draft" and _missing(row, quote)
        return [self._written(row, quote.reference, deadline, state="partial" if is_partial else "")]

    def _made(self, name: str, quote: r.NewQuote, deadline: Deadline) -> dict[str, Any]:
        setup = self._sales.setup.get(deadline)
        self._sales.refuse_foreign_place(quote.customer_erp_id, quote.ship_to_erp_id, deadline)
        columns = s.header(name, _as_order(quote), setup, origin=MARK + quote.reference)
        lines = [s.line_columns(name, _order_line(one)) for one in quote.lines if one.item_erp_id]
        rows = s.joined(columns, lines) if lines else [columns]
        return self._sales.make(s.QUOTE, rows, quote.reference, deadline)

    # -- the answer ------------------------------------------------------------

    def answer(self, answer: r.QuoteAnswer, deadline: Deadline) -> r.WrittenDocument:
        """Make the quote's lines exactly those of the answer, and offer it.

        Raises:
            ErpRejected: the quote is declined, or a price has no item.
        """
        row = self._quote(answer.quote_erp_id, answer.quote_reference, deadline)
        if row["state"] == "cancel":
            raise ErpRejected(f"Quote {row['name']} is declined: nothing can be offered on it.")
        if row["state"] in OPEN and not self._is_answered(row, answer, deadline):
            _refuse_prices_without_item(answer.lines)
            values = {
                "validity_date": answer.valid_until.isoformat(),
                "order_line": _commands(row, self._deals(row, deadline), answer.lines, _comment(answer)),
            }
            self._sales.update(row["id"], values, deadline)
            if row["state"] == "draft":
                row = self._sales.step("action_quotation_sent", row, deadline)
            row = self._sales.row(row["id"], deadline)
        return self._written(row, answer.reference, deadline)

    def find_answer(self, answer: r.QuoteAnswer, deadline: Deadline) -> list[r.WrittenDocument]:
        """Return the quote when it stands as answered, or went on from there."""
        row = self._quote(answer.quote_erp_id, answer.quote_reference, deadline)
        is_there = row["state"] in ORDERED or self._is_answered(row, answer, deadline)
        return [self._written(row, answer.reference, deadline)] if is_there else []

    def _is_answered(self, row: Mapping[str, Any], answer: r.QuoteAnswer, deadline: Deadline) -> bool:
        said = (row["state"], to.day(row["validity_date"]), remark_of(row["lines"]))
        return said == ("sent", answer.valid_until, _comment(answer)) and self._stands(row, answer.lines, deadline)

    # -- yes and no ------------------------------------------------------------

    def accept(self, acceptance: r.QuoteAcceptance, deadline: Deadline) -> r.WrittenOrder:
        """Make the quote the order `acceptance.reference`, at exactly the accepted prices.

        Raises:
            ErpRejected: it is closed, became another order, was changed in the ERP since, or costs more than accepted.
        """
        setup = self._sales.setup.get(deadline)
        row = self._sales.by_key(s.ORDER, acceptance.reference, deadline)
        if row is None:
            row = self._quote(acceptance.quote_erp_id, acceptance.quote_reference, deadline)
            if row["state"] not in OPEN:
                raise ErpRejected(f"Quote {row['name']} is closed already: it cannot be accepted again.")
            if not str(row["origin"] or "").startswith(MARK):
                self._refuse_changed(row, acceptance, deadline)
        if row["state"] in OPEN:
            row = self._ordered(row, acceptance, deadline)
        return s.order_written(row, acceptance.reference, setup)

    def decline(self, decline: r.QuoteDecline, deadline: Deadline) -> r.WrittenDocument:
        """Close the quote, with the buyer's reason.

        Raises:
            ErpRejected: it became an order.
        """
        row = self._quote(decline.quote_erp_id, decline.quote_reference, deadline)
        if row["state"] in ORDERED:
            raise ErpRejected(f"Quote {row['name']} became an order already.")
        if row["state"] != "cancel":
            row = self._sales.step("action_cancel", row, deadline, {"disable_cancel_warning": True})
            if decline.reason:
                words = to.text(decline.reason, to.LONGEST_TEXT)
                self._sales.client.call("sale.order", "message_post", ids=[row["id"]], body=words, deadline=deadline)
        return self._written(row, decline.reference, deadline)

    def find_decline(self, decline: r.QuoteDecline, deadline: Deadline) -> list[r.WrittenDocument]:
        """Return the quote when it is closed."""
        row = self._quote(decline.quote_erp_id, decline.quote_reference, deadline)
        return [self._written(row, decline.reference, deadline)] if row["state"] == "cancel" else []

    def _ordered(self, row: dict[str, Any], acceptance: r.QuoteAcceptance, deadline: Deadline) -> dict[str, Any]:
        """Write what was accepted, mark the quote as this order, confirm it."""
        self._sales.refuse_foreign_place(acceptance.customer_erp_id, acceptance.ship_to_erp_id, deadline)
        values = _told(acceptance)
        if not self._stands(row, acceptance.lines, deadline):
            deals = self._deals(row, deadline)
            values["order_line"] = _commands(row, deals, acceptance.lines, remark_of(row["lines"]))
        if values:
            self._sales.update(row["id"], values, deadline)
            row = self._sales.row(row["id"], deadline)
        setup = self._sales.setup.get(deadline)
        total = to.amount(row["amount_total"], setup.step(acceptance.currency))
        refuse_dearer(total, acceptance.expected_total)
        if self._sales.setup.options.heed_credit_warning:
            self._orders.refuse_over_limit(row["id"], deadline)
        words = " ".join(filter(None, ["Accepted in the web shop:", acceptance.reference, acceptance.placed_by]))
        row = self._sales.claim(row, acceptance.reference, to.line(words, 300), deadline)
        if row["state"] in OPEN:
            self._sales.step("action_confirm", row, deadline)
        found = self._sales.by_key(s.ORDER, acceptance.reference, deadline)
        if found is None:
            raise ErpRejected(f"Quote {row['name']} was accepted by somebody else just now.")
        return found

    def _refuse_changed(self, row: Mapping[str, Any], acceptance: r.QuoteAcceptance, deadline: Deadline) -> None:
        """Refuse a quotation of the ERP's staff that does not offer any more what was accepted."""
        offered = [one[1:] for one in self._deals(row, deadline)]
        wanted = [_wish(one)[1:] for one in acceptance.lines if one.item_erp_id]
        if row["state"] != "sent" or any(wanted.count(one) > offered.count(one) for one in wanted):
            raise ErpRejected(
                f"Quote {row['name']} was changed in the meantime: look at it again before you accept it."
            )

    # -- both ------------------------------------------------------------------

    def _stands(self, row: Mapping[str, Any], lines: Iterable[r.NewQuoteLine], deadline: Deadline) -> bool:
        """Say whether the quote's lines are exactly these, numbers too."""
        wanted = list(lines)
        items = sorted(_wish(one) for one in wanted if one.item_erp_id)
        texts = [one for one in row["lines"] if one["display_type"] == "line_note" and is_wish(one)]
        return sorted(self._deals(row, deadline)) == items and len(texts) == len(wanted) - len(items)

    def _deals(self, row: Mapping[str, Any], deadline: Deadline) -> list[Deal]:
        setup = self._sales.setup.get(deadline)
        step = setup.step(setup.currencies[to.ref(row["currency_id"])])
        return [
            (
                one["sequence"] // s.LINE_STEP,
                to.ref(one["product_id"]),
                to.quantity(one["product_uom_qty"]),
                to.net_price(one, step),
            )
            for one in s.own_lines(row)
        ]

    def _quote(self, erp_id: str, reference: str, deadline: Deadline) -> dict[str, Any]:
        """Return a quote by its id, else by our reference.

        Raises:
            ErpUnavailable: it has not reached the ERP: its own write comes first.
        """
        if erp_id:
            row = self._sales.by_id(to.erp_id(erp_id), deadline)
        else:
            row = self._sales.by_key(s.QUOTE, reference, deadline)
        if row is None:
            raise ErpUnavailable("the quote has not reached the ERP yet", nothing_sent=True)
        return row

    def _written(
        self, row: Mapping[str, Any], reference: str, deadline: Deadline, *, state: str = ""
    ) -> r.WrittenDocument:
        setup = self._sales.setup.get(deadline)
        total = to.amount(row["amount_total"], setup.step(setup.currencies[to.ref(row["currency_id"])]))
        number = to.line(row["name"], 64)
        return r.WrittenDocument("quote", str(row["id"]), number, reference, state or STATES[row["state"]], total)


def _as_order(quote: r.NewQuote) -> r.NewOrder:
    return r.NewOrder(
        reference=quote.reference,
        customer_erp_id=quote.customer_erp_id,
        price_list=quote.price_list,
        currency=quote.currency,
        lines=(),
        ship_to_erp_id=quote.ship_to_erp_id,
        customer_reference=quote.customer_reference,
        requested_on=quote.requested_on,
    )


def _order_line(one: r.NewQuoteLine) -> r.NewOrderLine:
    return r.NewOrderLine(one.line_no, one.sku, one.item_erp_id, one.quantity, one.net_price)


def _words(one: r.NewQuoteLine) -> str:
    """Return a line of free text as it is kept."""
    return text_of(one.quantity, to.text(one.note, to.LONGEST_TEXT) or one.sku)


def _beside(one: r.NewQuoteLine) -> str:
    """Return what stands beside a line: its promised day, and what was noted on an item."""
    promised = f"Delivery {one.delivery_on.isoformat()}" if one.delivery_on else ""
    note = to.text(one.note, to.LONGEST_TEXT) if one.item_erp_id else ""
    return "\n".join(filter(None, [note, promised]))


def _texts(name: str, quote: r.NewQuote) -> list[s.Text]:
    texts = [
        (f"{name}_l{one.line_no}", one.line_no * s.LINE_STEP, _words(one)) for one in quote.lines if not one.item_erp_id
    ]
    notes = [(f"{name}_n{one.line_no}", one.line_no * s.LINE_STEP + 1, _beside(one)) for one in quote.lines]
    remark = to.text("\n".join(filter(None, [quote.note, quote.placed_by])), to.LONGEST_TEXT)
    return [one for one in [*texts, *notes, (f"{name}_note", s.REMARK, remark)] if one[2]]


def _missing(row: Mapping[str, Any], quote: r.NewQuote) -> bool:
    """Say whether texts of a request did not arrive."""
    there = {one["sequence"] for one in row["lines"] if one["display_type"] == "line_note"}
    return not {sequence for _, sequence, _ in _texts("", quote)} <= there


def _commands(
    row: Mapping[str, Any], deals: Sequence[Deal], lines: Sequence[r.NewQuoteLine], remark: str
) -> list[list[Any]]:
    """Return what makes the lines of a sale exactly these, in one write.

    A line that is wanted as it stands is kept with all that the staff put into it; freight that they added stays.
    """
    standing = dict(zip((one["id"] for one in s.own_lines(row)), deals, strict=True))
    kept: list[list[Any]] = []
    made: list[dict[str, Any]] = []
    for one in lines:
        same = (
            next((line for line, deal in standing.items() if deal[1:] == _wish(one)[1:]), 0) if one.item_erp_id else 0
        )
        if same:
            del standing[same]
            kept.append([1, same, {"sequence": one.line_no * s.LINE_STEP}])
        else:
            made.append(s.values_of(one) if one.item_erp_id else _note(one.line_no * s.LINE_STEP, _words(one)))
        if _beside(one):
            made.append(_note(one.line_no * s.LINE_STEP + 1, _beside(one)))
    if remark:
        made.append(_note(s.REMARK, remark))
    stays = {one[1] for one in kept} | {one["id"] for one in row["lines"] if one["is_delivery"]}
    gone = [[2, one["id"], 0] for one in row["lines"] if one["id"] not in stays]
    return [*gone, *kept, *([0, 0, values] for values in made)]


def _note(sequence: int, words: str) -> dict[str, Any]:
    return {"display_type": "line_note", "sequence": sequence, "name": words}


def _comment(answer: r.QuoteAnswer) -> str:
    return to.text("\n".join(filter(None, [answer.terms, answer.note])), to.LONGEST_TEXT)


def _refuse_prices_without_item(lines: Iterable[r.NewQuoteLine]) -> None:
    bare = [str(one.line_no) for one in lines if not one.item_erp_id and one.net_price]
    if bare:
        raise ErpRejected(f"Line {', '.join(bare)} has a price but no item: choose the item that is offered.")


def _wish(one: r.NewQuoteLine) -> Deal:
    return one.line_no, to.erp_id(one.item_erp_id), one.quantity, to.price(one.net_price)


def _told(acceptance: r.QuoteAcceptance) -> dict[str, Any]:
    """Return what the buyer said with his yes; what he left empty stays as it is."""
    given: dict[str, Any] = {
        "client_order_ref": to.line(acceptance.customer_reference),
        "commitment_date": to.noon(acceptance.requested_on),
        "partner_shipping_id": to.erp_id(acceptance.ship_to_erp_id) if acceptance.ship_to_erp_id else 0,
    }
    return {name: value for name, value in given.items() if value}
