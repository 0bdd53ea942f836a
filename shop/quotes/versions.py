"""Writing a version down: the one place where an answer comes into being, whoever gave it."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from accounts.models import User
from erp_sync import gateway
from erp_sync.outbox.services import queue_quote_answer
from erp_sync.records import NewQuoteLine, QuoteAnswer
from shop.quotes import clock, facts, states, told
from shop.quotes.models import Quote, QuoteState, QuoteVersion, QuoteVersionLine, Source
from shop.quotes.services import erp_reference


@dataclass(frozen=True, slots=True)
class Offered:
    """A line of an answer; quantity in the sales unit, price untaxed per sales unit."""

    line_no: int
    sku: str
    item_erp_id: str
    name: str
    quantity: Decimal
    net_price: Decimal
    asked_line_no: int | None = None
    unit: str = ""
    list_price: Decimal | None = None
    delivery_on: dt.date | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer. `made_by` is the person of ours who gave it, None when nobody did."""

    lines: tuple[Offered, ...]
    valid_until: dt.date
    terms: str = ""
    note: str = ""
    source: str = Source.REP
    made_by: User | None = None

    def content_hash(self, currency: str) -> str:
        """Return what an acceptance is bound to: every line, price and term."""
        lines = [
            [one.line_no, one.sku, one.item_erp_id, _plain(one.quantity), _plain(one.net_price), str(one.delivery_on)]
            for one in self.lines
        ]
        return hashlib.sha256(json.dumps([lines, self.terms, currency]).encode()).hexdigest()


def offers_hash(lines: Iterable[tuple[str, Decimal, Decimal]]) -> str:
    """Return one text for what is offered at which price, whatever the order of the lines (sku, quantity, price)."""
    return json.dumps(sorted([sku, _plain(quantity), _plain(price)] for sku, quantity, price in lines))


def _plain(number: Decimal) -> str:
    return format(number.normalize(), "f")


def write_version(*, quote: Quote, answer: Answer, now: dt.datetime) -> QuoteVersion:
    """Make the answer the quote's next version and tell everybody. The quote is locked by the caller."""
    version = QuoteVersion.objects.create(
        quote=quote,
        number=quote.current_version + 1,
        source=answer.source,
        made_by=answer.made_by,
        made_at=now,
        valid_until=answer.valid_until,
        terms=answer.terms[:500],
        note=answer.note[:2_000],
        currency=quote.currency,
        untaxed_total=sum((gateway.line_amount(one.net_price, one.quantity) for one in answer.lines), Decimal(0)),
        content_hash=answer.content_hash(quote.currency),
        erp_state="written" if answer.source == Source.ERP else "queued",
    )
    QuoteVersionLine.objects.bulk_create(_row(version, one) for one in answer.lines)
    _note_response(quote, answer, now)
    quote.current_version, quote.valid_until = version.number, answer.valid_until
    quote.save(
        update_fields=["current_version", "valid_until", "answer_by_at", "first_response_at", "response_minutes"]
    )
    by = str(answer.made_by or version.get_source_display())
    states.move(quote=quote, to=QuoteState.ANSWERED, now=now, by=by, message=f"V{version.number}")
    if answer.source != Source.ERP:
        queue_answer(quote=quote, answer=answer, reference=f"{quote.reference}-V{version.number}", now=now)
    facts.answered(quote=quote, version=version)
    told.answered(quote=quote, version=version, now=now)
    return version


def _row(version: QuoteVersion, one: Offered) -> QuoteVersionLine:
    return QuoteVersionLine(
        version=version,
        line_no=one.line_no,
        asked_line_no=one.asked_line_no,
        sku=one.sku,
        item_erp_id=one.item_erp_id,
        name=one.name[:300],
        quantity=one.quantity,
        unit=one.unit[:40],
        list_price=one.list_price,
        net_price=one.net_price,
        amount=gateway.line_amount(one.net_price, one.quantity),
        delivery_on=one.delivery_on,
        note=one.note[:200],
    )


def _note_response(quote: Quote, answer: Answer, now: dt.datetime) -> None:
    """A person's answer stops the clock; an automatic one leaves it running."""
    if answer.source == Source.AUTOMATIC:
        return
    quote.answer_by_at = None
    if quote.first_response_at is None:
        quote.first_response_at = now
        # What began in the ERP was not asked for here: it says nothing about how fast we answer.
        if quote.requested_by_id is not None:
            quote.response_minutes = clock.business_minutes(quote.requested_at, now)


def queue_answer(*, quote: Quote, answer: Answer, reference: str, now: dt.datetime) -> None:
    """Let the ERP's quotation become exactly this answer."""
    queue_quote_answer(
        answer=QuoteAnswer(
            reference=reference,
            quote_reference=erp_reference(quote),
            quote_erp_id=quote.erp_id,
            customer_erp_id=quote.sold_to.erp_id,
            price_list=quote.price_list,
            currency=quote.currency,
            lines=tuple(
                NewQuoteLine(
                    line_no=one.line_no,
                    sku=one.sku,
                    item_erp_id=one.item_erp_id,
                    quantity=one.quantity,
                    net_price=one.net_price,
                    note=one.note,
                    delivery_on=one.delivery_on,
                )
                for one in answer.lines
            ),
            valid_until=answer.valid_until,
            terms=answer.terms,
            note=answer.note,
        ),
        now=now,
    )
