"""What a buyer does with a quote before he accepts it: ask for one, ask for a change, say no."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts import permissions
from accounts.actors import Actor
from accounts.audit import audit
from accounts.permissions import Action
from accounts.selectors import price_context, ship_tos
from erp_sync.mirror import selectors as mirror
from erp_sync.mirror.models import Item
from erp_sync.outbox.services import queue_quote, queue_quote_decline
from erp_sync.records import NewQuote, NewQuoteLine, QuoteDecline
from shop.carts.quantities import MOST
from shop.catalogue.texts import item_name
from shop.money import formats
from shop.orders.references import new_reference
from shop.pricing.price_view import PriceView
from shop.pricing.selectors import price_lines
from shop.quotes import clock, facts, states, told
from shop.quotes.errors import QuoteMoved, QuoteRefused
from shop.quotes.models import Quote, QuoteLine, QuoteState
from shop.uploads import services as uploads

MOST_LINES = 300


@dataclass(frozen=True, slots=True)
class Asked:
    """A line that somebody wants a price for: an item by SKU, or anything in `text`; quantity in the sales unit."""

    quantity: Decimal
    sku: str = ""
    text: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class RequestData:
    """What a buyer typed. `key` is the form's: sent twice, it asks once. No price comes from him."""

    key: UUID
    lines: tuple[Asked, ...]
    note: str = ""
    customer_reference: str = ""
    ship_to_erp_id: str = ""
    requested_on: dt.date | None = None


def request_quote(*, actor: Actor, data: RequestData, files: Sequence[UploadedFile], now: dt.datetime) -> Quote:
    """Ask for a price; the ERP gets a draft right after the commit, and the reps are told.

    The ERP is not waited for: it may be down. The same key gives the quote that is there already.

    Raises:
        NotPermitted: the actor's role does not allow it.
        QuoteRefused: nothing to ask for, or too much.
        UploadRefused: a file can't be taken.
    """
    permissions.require(actor, Action.REQUEST_QUOTE)
    asked_before = Quote.objects.filter(sold_to=actor.sold_to, request_key=data.key).first()
    if asked_before is not None:
        return asked_before
    _refuse_unless_askable(actor, data, now)
    items = mirror.items_by_sku({line.sku for line in data.lines if line.sku})
    views = _known_prices(actor, data, items)
    try:
        with transaction.atomic():
            return _create(actor, data, files, items, views, now)
    except IntegrityError:
        # A twin of this request won in the meantime: its quote is the answer.
        return Quote.objects.get(sold_to=actor.sold_to, request_key=data.key)


def _refuse_unless_askable(actor: Actor, data: RequestData, now: dt.datetime) -> None:
    if not data.lines:
        raise QuoteRefused(_("Say what you need: at least one item or a line of text. Nothing was sent."))
    if len(data.lines) > MOST_LINES:
        raise QuoteRefused(
            _("A quote takes at most %(most)s lines. Nothing was sent: send the list as a file instead.")
            % {"most": MOST_LINES}
        )
    if any(not 0 < line.quantity <= MOST for line in data.lines):
        raise QuoteRefused(_("Enter a quantity above zero in every line. Nothing was sent."))
    if data.ship_to_erp_id and data.ship_to_erp_id not in {place.erp_id for place in ship_tos(actor=actor)}:
        raise QuoteRefused(_("Choose one of your delivery addresses. Nothing was sent."))
    since = now - dt.timedelta(hours=1)
    if Quote.objects.filter(requested_by=actor.user, requested_at__gt=since).count() >= settings.QUOTES_PER_HOUR:
        raise QuoteRefused(
            _("You have asked for %(most)s quotes within an hour. Nothing was sent: wait a little, or call us.")
            % {"most": settings.QUOTES_PER_HOUR}
        )


def _known_prices(actor: Actor, data: RequestData, items: Mapping[str, Item]) -> dict[str, PriceView]:
    """Return what is known of the prices without waiting for the ERP, by SKU."""
    asks = {line.sku: line.quantity for line in data.lines if line.sku in items}
    return price_lines(actor=actor, asks=list(asks.items()), wait=False, items=items)


def _create(
    actor: Actor,
    data: RequestData,
    files: Sequence[UploadedFile],
    items: Mapping[str, Item],
    views: Mapping[str, PriceView],
    now: dt.datetime,
) -> Quote:
    context = price_context(sold_to=actor.sold_to)
    quote = Quote.objects.create(
        reference=new_reference(now),
        sold_to=actor.sold_to,
        requested_by=actor.user,
        assisted=actor.assisted,
        channel=actor.channel,
        session_id=actor.session_id,
        request_key=data.key,
        note=data.note[:2_000],
        customer_reference=data.customer_reference[:120],
        ship_to_erp_id=data.ship_to_erp_id,
        requested_on=data.requested_on,
        currency=context.currency,
        price_list=context.price_list,
        requested_at=now,
        answer_by_at=clock.answer_by(now),
    )
    lines = [
        _line(quote, number, line, items.get(line.sku), views.get(line.sku))
        for number, line in enumerate(data.lines, start=1)
    ]
    QuoteLine.objects.bulk_create(lines)
    if files:
        quote.files.set(uploads.keep(actor=actor, files=files, now=now))
    states.note(quote=quote, before="", now=now, by=str(actor.user))
    _hand_to_erp(actor, quote, lines, now)
    facts.requested(quote=quote, line_count=len(lines))
    told.asked(quote=quote, now=now)
    if actor.is_assisted:
        audit(actor=actor, action="quote.request", object_type="quote", object_id=quote.reference, detail={}, now=now)
    return quote


def _line(quote: Quote, number: int, line: Asked, item: Item | None, view: PriceView | None) -> QuoteLine:
    """An item that nobody knows (any more) is asked for in words: the rep may know a substitute."""
    offer = view.answer.offer if view and view.answer else None
    list_price = offer.list_price if offer and offer.list_price is not None else (item.list_price if item else None)
    return QuoteLine(
        quote=quote,
        line_no=number,
        sku=item.sku if item else "",
        item_erp_id=item.erp_id if item else "",
        name=(item_name(item) if item else "")[:300],
        text=line.text[:500] if item else (line.text or line.sku)[:500],
        quantity=line.quantity,
        unit=str(item.sales_unit.get("code", ""))[:40] if item else "",
        note=line.note[:200],
        seen_price=view.net_price if view else None,
        list_price=list_price,
    )


def _hand_to_erp(actor: Actor, quote: Quote, lines: Sequence[QuoteLine], now: dt.datetime) -> None:
    queue_quote(
        quote=NewQuote(
            reference=quote.reference,
            customer_erp_id=actor.sold_to.erp_id,
            price_list=quote.price_list,
            currency=quote.currency,
            lines=tuple(
                NewQuoteLine(
                    line_no=line.line_no,
                    sku=line.sku,
                    item_erp_id=line.item_erp_id,
                    quantity=line.quantity,
                    net_price=line.seen_price or line.list_price or Decimal(0),
                    note=line.note if line.sku else f"{line.text} {line.note}".strip(),
                )
                for line in lines
            ),
            note=quote.note,
            customer_reference=quote.customer_reference,
            ship_to_erp_id=quote.ship_to_erp_id,
            requested_on=quote.requested_on,
            channel=quote.channel,
            placed_by=str(actor.user),
        ),
        now=now,
    )


def ask_for_change(*, actor: Actor, quote: Quote, now: dt.datetime) -> Quote:
    """Send an answered quote back to the rep; a new clock starts. What should change stands in the conversation.

    Raises:
        NotPermitted: the actor's role does not allow it.
        QuoteMoved: it was decided in the meantime, or waits for an answer already.
    """
    permissions.require(actor, Action.REQUEST_QUOTE)
    with transaction.atomic():
        quote = states.locked(quote)
        if quote.state in states.WAITING_FOR_US:
            return quote
        if quote.state != QuoteState.ANSWERED:
            raise QuoteMoved(decided_sentence(quote))
        states.move(quote=quote, to=QuoteState.CHANGE_ASKED, now=now, by=str(actor.user))
        quote.answer_by_at, quote.escalated_at = clock.answer_by(now), None
        quote.save(update_fields=["answer_by_at", "escalated_at"])
        told.asked(quote=quote, now=now, round_no=quote.current_version)
    return quote


def decline_quote(*, actor: Actor, quote: Quote, reason: str, now: dt.datetime) -> Quote:
    """Say no to an answer, or take back a request that has none yet; the ERP and the reps hear the reason.

    Raises:
        NotPermitted: the actor's role does not allow it.
        QuoteMoved: it was decided in the meantime.
    """
    permissions.require(actor, Action.ACCEPT_QUOTE)
    with transaction.atomic():
        quote = states.locked(quote)
        if quote.state in (QuoteState.DECLINED, QuoteState.WITHDRAWN):
            return quote
        to = QuoteState.DECLINED if quote.current_version else QuoteState.WITHDRAWN
        quote.decline_reason = " ".join(reason.split())[:500]
        if not states.move(quote=quote, to=to, now=now, by=str(actor.user), message=quote.decline_reason):
            raise QuoteMoved(decided_sentence(quote))
        decide(quote=quote, by=actor, now=now)
        quote.save(update_fields=["decline_reason"])
        queue_quote_decline(
            decline=QuoteDecline(
                reference=f"{quote.reference}-D",
                quote_reference=erp_reference(quote),
                quote_erp_id=quote.erp_id,
                reason=quote.decline_reason,
            ),
            now=now,
        )
        told.declined(quote=quote, now=now)
        facts.decided(quote=quote, now=now)
    return quote


def decide(*, quote: Quote, by: Actor | None, now: dt.datetime) -> None:
    """Note who decided and when; nobody waits for an answer any more."""
    quote.decided_at, quote.decided_by, quote.answer_by_at = now, by.user if by else None, None
    quote.save(update_fields=["decided_at", "decided_by", "answer_by_at"])


def erp_reference(quote: Quote) -> str:
    """Return the reference by which the ERP knows the quote; "" for one that began there."""
    return quote.reference if quote.origin == "shop" else ""


def decided_sentence(quote: Quote) -> str:
    """Say how a quote was decided, and what to do now."""
    known = {
        "who": str(quote.decided_by or _("somebody")),
        "when": formats.datetime_short(quote.decided_at),
        "day": formats.date_short(quote.valid_until),
        "order": (quote.order.erp_number or quote.order.reference) if quote.order else quote.erp_number,
    }
    sentences = {
        QuoteState.REQUESTED: _("This quote has no answer yet. Nothing was changed; we will tell you when it has."),
        QuoteState.ANSWERED: _("This quote is open again. Nothing was changed; look at it and decide."),
        QuoteState.CHANGE_ASKED: _("A change of this quote was asked for. Nothing was changed; wait for our answer."),
        QuoteState.ACCEPTED: _(
            "%(who)s accepted this quote on %(when)s; it is order %(order)s. Nothing was ordered twice."
        ),
        QuoteState.DECLINED: _(
            "%(who)s declined this quote on %(when)s. Nothing was changed; ask for a new one if you still need it."
        ),
        QuoteState.EXPIRED: _(
            "This quote held until %(day)s. Nothing was ordered; write below and your sales rep can extend it."
        ),
        QuoteState.WITHDRAWN: _("This quote was withdrawn on %(when)s. Nothing was changed; ask for a new one."),
    }
    return sentences[QuoteState(quote.state)] % known
