"""How one of us answers: line by line within the guard rails, for longer, or by itself after hours."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.errors import CompanyNotInErp
from accounts.models import SoldTo, User
from accounts.selectors import company_day, covers, price_context
from erp_sync import gateway
from erp_sync.mirror import selectors as mirror
from erp_sync.mirror.models import Item
from erp_sync.records import Ask
from shop.carts.quantities import rule_of
from shop.catalogue.texts import item_name
from shop.money import formats
from shop.quotes import clock, facts, rails, states
from shop.quotes.errors import AnswerRefused, QuoteMoved, QuoteRefused
from shop.quotes.models import Quote, QuoteLine, QuoteState, QuoteVersion, QuoteVersionLine, Source
from shop.quotes.services import decided_sentence
from shop.quotes.versions import Answer, Offered, queue_answer, write_version

MOST_LINES = 400
LONGEST = dt.timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Drafted:
    """A line as the rep wrote it; `row` names its place in the form, `asked_line_no` the line it answers."""

    row: str
    sku: str
    quantity: Decimal
    net_price: Decimal
    asked_line_no: int | None = None
    delivery_on: dt.date | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """An answer as the rep wrote it. `base_version` is the version that he had before him."""

    lines: tuple[Drafted, ...]
    valid_until: dt.date
    base_version: int
    terms: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Ground:
    """What an answer stands on: the items it names and what is known of their prices."""

    items: Mapping[str, Item]
    known: Mapping[str, rails.Known]
    rails: rails.Rails


def ground_for(*, quote: Quote, asks: Mapping[str, Decimal], rep: User | None, live: bool = False) -> Ground:
    """Return items, prices and rails for these SKUs: three queries and at most one ERP call.

    With `live` only what the ERP answers now counts, not what it answered before.
    """
    items = mirror.items_by_sku(set(asks))
    questions = [Ask(sku=sku, erp_id=item.erp_id, quantity=asks[sku]) for sku, item in items.items() if item.is_active]
    offers = gateway.offers(price_context(sold_to=quote.sold_to), questions, live=live) if questions else {}
    if live:
        offers = {sku: one for sku, one in offers.items() if one.stamp.source == gateway.LIVE}
    costs = rails.costs_of(set(items), currency=quote.currency)
    known = {sku: _known(item, offers.get(sku), costs.get(sku), quote.currency) for sku, item in items.items()}
    return Ground(items=items, known=known, rails=rails.rails_for(sold_to=quote.sold_to, rep=rep))


def _known(item: Item, stamped: gateway.StampedOffer | None, cost: Decimal | None, currency: str) -> rails.Known:
    offer = stamped.offer if stamped and stamped.offer.currency == currency else None
    in_company_money = item.list_price if currency == settings.COMPANY_CURRENCY else None
    list_price = offer.list_price if offer and offer.list_price is not None else in_company_money
    return rails.Known(list_price=list_price, customer_price=offer.net_price if offer else None, cost=cost)


def send_answer(*, rep: User, quote: Quote, draft: Draft, now: dt.datetime) -> QuoteVersion:
    """Send the rep's answer as the next version.

    Raises:
        AnswerRefused: a line can't be offered like that; `rows` says which and why. Nothing was sent.
        QuoteMoved: the buyer decided, or a colleague answered, while he was writing. Nothing was sent.
    """
    _refuse_unless_sendable(draft, now)
    asks = {line.sku: line.quantity for line in draft.lines}
    ground = ground_for(quote=quote, asks=asks, rep=rep)
    wrong = {line.row: sentence for line in draft.lines if (sentence := _fault(line, ground, quote.currency))}
    if wrong:
        raise AnswerRefused(_("Nothing was sent: some lines must be put right first."), wrong)
    answer = Answer(
        lines=_offered(draft.lines, ground),
        valid_until=draft.valid_until,
        terms=draft.terms,
        note=draft.note,
        source=Source.REP,
        made_by=rep,
    )
    with transaction.atomic():
        quote = states.locked(quote)
        _refuse_if_overtaken(quote, draft.base_version)
        return write_version(quote=quote, answer=answer, now=now)


def _refuse_unless_sendable(draft: Draft, now: dt.datetime) -> None:
    if not draft.lines:
        raise AnswerRefused(_("Nothing was sent: offer at least one line, or write the buyer a message."), {})
    if len(draft.lines) > MOST_LINES:
        raise AnswerRefused(_("Nothing was sent: an answer takes at most %(most)s lines.") % {"most": MOST_LINES}, {})
    check_last_day(draft.valid_until, now)


def check_last_day(day: dt.date, now: dt.datetime) -> None:
    """Refuse a last day that is over or too far away.

    Raises:
        QuoteRefused: with the sentence.
    """
    today = company_day(now)
    if day < today:
        raise QuoteRefused(_("Nothing was sent: the last day is over. Choose today or later."))
    if day > today + LONGEST:
        raise QuoteRefused(_("Nothing was sent: a quote holds for a year at most."))


def _fault(line: Drafted, ground: Ground, currency: str) -> str:
    """Return why a line can't be offered like that, "" when it can."""
    item = ground.items.get(line.sku)
    words = {"sku": line.sku}
    if item is None:
        return _("We have no item %(sku)s. Enter the number of an item that we sell.") % words
    if not item.is_active:
        return _("%(sku)s is no longer sold. Offer a substitute, or leave the line out.") % words
    if not rule_of(item).accepts(line.quantity):
        step = formats.quantity(rule_of(item).round_up(line.quantity))
        return _("%(sku)s can't be sold in this quantity; the next one is %(step)s.") % (words | {"step": step})
    if line.net_price <= 0:
        return _("%(sku)s: enter a price above zero.") % words
    return rails.breach(ground.rails, ground.known[line.sku], sku=line.sku, price=line.net_price, currency=currency)


def _offered(lines: Sequence[Drafted], ground: Ground) -> tuple[Offered, ...]:
    return tuple(
        Offered(
            line_no=number,
            sku=line.sku,
            item_erp_id=ground.items[line.sku].erp_id,
            name=item_name(ground.items[line.sku]),
            quantity=line.quantity,
            net_price=line.net_price,
            asked_line_no=line.asked_line_no,
            unit=str(ground.items[line.sku].sales_unit.get("code", "")),
            list_price=ground.known[line.sku].list_price,
            delivery_on=line.delivery_on,
            note=line.note,
        )
        for number, line in enumerate(lines, start=1)
    )


def _refuse_if_overtaken(quote: Quote, base_version: int) -> None:
    if quote.state not in (*states.OPEN, QuoteState.EXPIRED):
        raise QuoteMoved(_("Your answer was not sent. %(what)s") % {"what": decided_sentence(quote)})
    if quote.current_version != base_version:
        latest = quote.versions.select_related("made_by").get(number=quote.current_version)
        raise QuoteMoved(
            _(
                "Your answer was not sent: %(who)s sent version %(number)s at %(when)s while you were writing. "
                "What you typed is still below; compare it and send it again if it should replace that version."
            )
            % {
                "who": latest.made_by or latest.get_source_display(),
                "number": latest.number,
                "when": formats.time_short(latest.made_at),
            }
        )


# --- longer -------------------------------------------------------------------------------------------------------


def extend(*, rep: User, quote: Quote, until: dt.date, now: dt.datetime) -> Quote:
    """Let the current answer hold until another day; an expired one opens again. Logged, and written to the ERP.

    Raises:
        QuoteRefused: the day can't be.
        QuoteMoved: there is no answer, or it was decided.
    """
    check_last_day(until, now)
    with transaction.atomic():
        quote = states.locked(quote)
        if not quote.current_version or quote.state not in (QuoteState.ANSWERED, QuoteState.EXPIRED):
            raise QuoteMoved(decided_sentence(quote))
        was_expired = quote.state == QuoteState.EXPIRED
        message = _("holds until %(new)s instead of %(old)s") % {
            "new": formats.date_short(until),
            "old": formats.date_short(quote.valid_until),
        }
        states.move(quote=quote, to=QuoteState.ANSWERED, now=now, by=str(rep), message=message)
        quote.valid_until, quote.extensions = until, quote.extensions + 1
        quote.decided_at, quote.decided_by = None, None
        quote.save(update_fields=["valid_until", "extensions", "decided_at", "decided_by"])
        _write_extension(quote, now)
        if was_expired:
            facts.decided(quote=quote, now=now)
    return quote


def _write_extension(quote: Quote, now: dt.datetime) -> None:
    version = quote.versions.prefetch_related("lines").get(number=quote.current_version)
    answer = answer_of(version, valid_until=quote.valid_until)
    queue_answer(quote=quote, answer=answer, reference=f"{quote.reference}-E{quote.extensions}", now=now)


def answer_of(version: QuoteVersion, *, valid_until: dt.date | None = None) -> Answer:
    """Return a version as the answer it was made of."""
    return Answer(
        lines=tuple(_as_offered(line) for line in version.lines.all()),
        valid_until=valid_until or version.valid_until,
        terms=version.terms,
        note=version.note,
        source=version.source,
        made_by=version.made_by,
    )


def _as_offered(line: QuoteVersionLine) -> Offered:
    return Offered(
        line_no=line.line_no,
        sku=line.sku,
        item_erp_id=line.item_erp_id,
        name=line.name,
        quantity=line.quantity,
        net_price=line.net_price,
        asked_line_no=line.asked_line_no,
        unit=line.unit,
        list_price=line.list_price,
        delivery_on=line.delivery_on,
        note=line.note,
    )


# --- by itself ------------------------------------------------------------------------------------------------------


def answer_after_hours(*, now: dt.datetime) -> int:
    """Answer what was asked for and nobody is there to answer, at the ERP's own live prices; return how many.

    Only quotes whose every line is an item with a live price inside the rails; the others wait for a person.
    """
    if not settings.QUOTE_AUTOMATIC or not clock.is_after_hours(now):
        return 0
    waiting = Quote.objects.filter(state=QuoteState.REQUESTED, current_version=0).select_related(
        "sold_to", "requested_by"
    )
    return sum(_answer_by_itself(quote, now) for quote in waiting.prefetch_related("lines").order_by("pk")[:50])


def _answer_by_itself(quote: Quote, now: dt.datetime) -> bool:
    asked = list(quote.lines.all())
    if any(not line.sku for line in asked) or len({line.sku for line in asked}) < len(asked):
        return False
    rep = rep_of(quote.sold_to, now=now)
    try:
        ground = ground_for(quote=quote, asks={line.sku: line.quantity for line in asked}, rep=rep, live=True)
    except CompanyNotInErp:
        return False
    if not ground.rails.may_answer_automatically:
        return False
    language = quote.requested_by.language if quote.requested_by else ""
    with translation.override(language or settings.LANGUAGE_CODE), transaction.atomic():
        drafted = _at_erp_prices(asked, ground)
        if not drafted or any(_fault(line, ground, quote.currency) for line in drafted):
            return False
        quote = states.locked(quote)
        if quote.state != QuoteState.REQUESTED or quote.current_version:
            return False
        answer = Answer(
            lines=_offered(drafted, ground),
            valid_until=company_day(now) + dt.timedelta(days=ground.rails.valid_days),
            source=Source.AUTOMATIC,
        )
        write_version(quote=quote, answer=answer, now=now)
    return True


def _at_erp_prices(asked: Sequence[QuoteLine], ground: Ground) -> list[Drafted]:
    """Return the lines at the prices that the ERP gives this customer now; nothing when one has none."""
    drafted = []
    for line in asked:
        known = ground.known.get(line.sku)
        if known is None or known.customer_price is None:
            return []
        drafted.append(
            Drafted(str(line.line_no), line.sku, line.quantity, known.customer_price, asked_line_no=line.line_no)
        )
    return drafted


def rep_of(sold_to: SoldTo, *, now: dt.datetime) -> User | None:
    """Return the rep who looks after the company the longest, None when nobody does (1 query)."""
    mine = sold_to.assignments.filter(covers(company_day(now)), rep__is_active=True)
    first = mine.select_related("rep").order_by("from_on", "pk").first()
    return first.rep if first else None
