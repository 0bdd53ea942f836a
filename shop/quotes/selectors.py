"""Reads quotes: those of the actor's company, and for a rep those of the companies he looks after."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.core.paginator import Page, Paginator
from django.db.models import Case, F, IntegerField, OuterRef, Q, QuerySet, Subquery, Value, When
from django.http import Http404
from django.urls import reverse

from accounts.actors import Actor
from accounts.models import User
from accounts.selectors import company_day, customers_of_rep
from erp_sync.statements import fetch
from shop.catalogue.texts import ItemWords
from shop.messages.selectors import Subject
from shop.orders.references import short_reference
from shop.orders.selectors import UNKNOWN_ITEM, item_names, words_of_items
from shop.quotes import states
from shop.quotes.models import Quote, QuoteLine, QuoteState, QuoteVersion, QuoteVersionLine

PER_PAGE = 25
# Names of items that a row of a list shows.
NAMES = 2
FILTERS = {
    "open": states.OPEN,
    "waiting": states.WAITING_FOR_US,
    "answered": (QuoteState.ANSWERED,),
    "accepted": (QuoteState.ACCEPTED,),
    "closed": (QuoteState.DECLINED, QuoteState.EXPIRED, QuoteState.WITHDRAWN),
}


@dataclass(frozen=True, slots=True)
class QuoteRow:
    """A quote in a list.

    Attributes:
        number: What its page's address takes; `label` what people call it.
        clock: When our answer is due, None when nobody waits for one; `is_late` when that is past.
        days_left: Until the answer ends, None without one that can be accepted.
        untaxed: Of the current answer.
    """

    number: str
    label: str
    requested_at: dt.datetime
    requested_by: str
    company: str
    state: str
    is_automatic: bool
    clock: dt.datetime | None
    is_late: bool
    valid_until: dt.date | None
    days_left: int | None
    untaxed: Decimal | None
    currency: str
    line_count: int
    names: tuple[str, ...]
    customer_reference: str


# --- a buyer's ----------------------------------------------------------------------------------------------------


def quotes_of(actor: Actor) -> QuerySet[Quote]:
    """Return the quotes of the actor's company."""
    return Quote.objects.filter(sold_to=actor.sold_to)


def get_quote(*, actor: Actor, number: str) -> Quote:
    """Return a quote by its reference or the ERP's number.

    Raises:
        Http404: there is none such, or it is another company's: both look the same.
    """
    found = quotes_of(actor).select_related("sold_to", "requested_by", "decided_by", "order")
    quote = found.filter(Q(reference=number) | Q(erp_number=number)).order_by("pk").first() if number else None
    if quote is None:
        raise Http404
    return quote


def quote_page(*, actor: Actor, q: str, state: str, page: str | None, now: dt.datetime) -> tuple[Page, list[QuoteRow]]:
    """Return a page of the company's quotes, latest first: five queries, whatever their number."""
    found = _matching(quotes_of(actor), q, state).order_by("-requested_at", "-pk")
    return _rows(found, page, now)


@dataclass(frozen=True, slots=True)
class ClockedQuote:
    """An open quote in a few words: `clock` is when our answer is due, `days_left` how long the answer holds."""

    number: str
    label: str
    state: str
    clock: dt.datetime | None
    is_late: bool
    valid_until: dt.date | None
    days_left: int | None


_WITH_CLOCK = """
SELECT reference, erp_number, state, answer_by_at, valid_until FROM shop_quote
WHERE sold_to_id = %s AND state IN ('requested', 'change_asked', 'answered')
ORDER BY state = 'answered' DESC, valid_until NULLS LAST, answer_by_at, id DESC LIMIT %s
"""


def quotes_with_clock(*, actor: Actor, now: dt.datetime, most: int = 5) -> tuple[ClockedQuote, ...]:
    """Return the open quotes of the company, those first that end soonest (1 query)."""
    today = company_day(now)
    return tuple(
        ClockedQuote(
            number=reference,
            label=short_reference(number or reference),
            state=state,
            clock=clock,
            is_late=clock is not None and clock < now,
            valid_until=until,
            days_left=(until - today).days if state == QuoteState.ANSWERED and until else None,
        )
        for reference, number, state, clock, until in fetch(_WITH_CLOCK, [actor.sold_to.pk, most])
    )


# --- a rep's ------------------------------------------------------------------------------------------------------


def quotes_of_rep(*, rep: User, now: dt.datetime) -> QuerySet[Quote]:
    """Return the quotes of the companies that the rep looks after today."""
    return Quote.objects.filter(sold_to__in=customers_of_rep(rep=rep, on=company_day(now)))


def get_quote_of_rep(*, rep: User, number: str, now: dt.datetime) -> Quote:
    """Return a quote of one of the rep's companies.

    Raises:
        Http404: there is none such, or the company is not his: both look the same.
    """
    found = quotes_of_rep(rep=rep, now=now).select_related("sold_to", "requested_by", "decided_by", "order")
    quote = found.filter(Q(reference=number) | Q(erp_number=number)).order_by("pk").first() if number else None
    if quote is None:
        raise Http404
    return quote


def rep_queue(*, rep: User, q: str, state: str, page: str | None, now: dt.datetime) -> tuple[Page, list[QuoteRow]]:
    """Return a page of the rep's quotes, the most urgent first: five queries, whatever their number.

    Waiting for an answer by their clock, then answered only automatically, then answered by their end, then decided.
    """
    rank = Case(
        When(state__in=states.WAITING_FOR_US, then=Value(0)),
        When(state=QuoteState.ANSWERED, first_response_at=None, then=Value(1)),
        When(state=QuoteState.ANSWERED, then=Value(2)),
        default=Value(3),
        output_field=IntegerField(),
    )
    found = _matching(quotes_of_rep(rep=rep, now=now), q, state).annotate(rank=rank)
    return _rows(found.order_by("rank", F("answer_by_at").asc(nulls_last=True), "valid_until", "-pk"), page, now)


def waiting_for_rep(*, rep: User, now: dt.datetime) -> int:
    """Return how many quotes wait for the rep's own answer (1 query)."""
    mine = quotes_of_rep(rep=rep, now=now)
    by_himself = Q(state=QuoteState.ANSWERED, first_response_at=None)
    return mine.filter(Q(state__in=states.WAITING_FOR_US) | by_himself).count()


# --- rows ---------------------------------------------------------------------------------------------------------


def _matching(found: QuerySet[Quote], q: str, state: str) -> QuerySet[Quote]:
    if state in FILTERS:
        found = found.filter(state__in=FILTERS[state])
    q = q.strip()
    if not q:
        return found
    wanted = (
        Q(reference__iendswith=q.rpartition("…")[2] or q)
        | Q(erp_number__istartswith=q)
        | Q(customer_reference__icontains=q)
        | Q(sold_to__name__icontains=q)
        | Q(lines__sku__istartswith=q)
        | Q(versions__lines__sku__istartswith=q)
    )
    return found.filter(pk__in=found.filter(wanted).values("pk"))


def _facts(found: QuerySet[Quote]) -> QuerySet[Quote]:
    """Add what a row shows of the current answer."""
    current = QuoteVersion.objects.filter(quote=OuterRef("pk"), number=OuterRef("current_version"))
    return found.select_related("sold_to", "requested_by").annotate(
        untaxed=Subquery(current.values("untaxed_total")[:1]),
        source=Subquery(current.values("source")[:1]),
    )


def _rows(found: QuerySet[Quote], page: str | None, now: dt.datetime) -> tuple[Page, list[QuoteRow]]:
    shown = Paginator(_facts(found), PER_PAGE).get_page(page)
    quotes = list(shown.object_list)
    lines: dict[int, list[tuple[str, str]]] = {}
    asked = QuoteLine.objects.filter(quote__in=[one.pk for one in quotes]).only("quote_id", "sku", "name", "text")
    for line in asked:
        lines.setdefault(line.quote_id, []).append((line.sku, line.name or line.text))
    # What began in the ERP was not asked for line by line: its names are those of the answer.
    offered = QuoteVersionLine.objects.filter(
        version__quote__in=[one.pk for one in quotes if one.pk not in lines],
        version__number=F("version__quote__current_version"),
    )
    for quote_id, sku, name in offered.order_by("line_no").values_list("version__quote_id", "sku", "name"):
        lines.setdefault(quote_id, []).append((sku, name))
    words = item_names(sku for of_quote in lines.values() for sku, _name in of_quote[:NAMES])
    return shown, [_row(quote, lines.get(quote.pk, ()), words, now) for quote in quotes]


def _row(quote: Quote, lines: Sequence[tuple[str, str]], words: Mapping[str, str], now: dt.datetime) -> QuoteRow:
    can_end = quote.state == QuoteState.ANSWERED and quote.valid_until is not None
    return QuoteRow(
        number=quote.reference,
        label=short_reference(quote.number),
        requested_at=quote.requested_at,
        requested_by=str(quote.requested_by or ""),
        company=quote.sold_to.name,
        state=quote.state,
        is_automatic=getattr(quote, "source", "") == "automatic",
        clock=quote.answer_by_at,
        is_late=quote.answer_by_at is not None and quote.answer_by_at < now,
        valid_until=quote.valid_until,
        days_left=(quote.valid_until - company_day(now)).days if can_end and quote.valid_until else None,
        untaxed=getattr(quote, "untaxed", None),
        currency=quote.currency,
        line_count=len(lines),
        names=tuple(words.get(sku) or name for sku, name in lines[:NAMES]),
        customer_reference=quote.customer_reference,
    )


# --- one quote ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class LineView:
    """A line of an answer beside what was asked for.

    Attributes:
        unit: In the reader's language.
        is_substitute: Another item than the one asked for; `asked` says which.
        off_list: Share below list price, None when there is none.
    """

    line: QuoteVersionLine
    name: str
    unit: str
    asked: QuoteLine | None
    is_substitute: bool
    is_other_quantity: bool
    off_list: Decimal | None


@dataclass(frozen=True, slots=True)
class AskedView:
    """A line asked for; `unit` in the reader's language."""

    line: QuoteLine
    name: str
    unit: str
    is_offered: bool


@dataclass(frozen=True, slots=True)
class QuoteView:
    """Everything that the page of a quote shows.

    Attributes:
        version: The answer that holds; None before the first.
        can_accept: It can be accepted now, by its state and its last day.
    """

    quote: Quote
    asked: tuple[AskedView, ...]
    version: QuoteVersion | None
    lines: tuple[LineView, ...]
    versions: tuple[QuoteVersion, ...]
    is_over: bool

    @property
    def can_accept(self) -> bool:
        """It can be accepted now, by its state and its last day."""
        return self.quote.state == QuoteState.ANSWERED and not self.is_over

    @property
    def is_decided(self) -> bool:
        """Nothing more happens to it."""
        return self.quote.state not in states.OPEN

    @property
    def not_offered(self) -> tuple[AskedView, ...]:
        """Lines asked for that the answer leaves out."""
        return tuple(one for one in self.asked if not one.is_offered) if self.version else ()


def quote_view(quote: Quote, *, now: dt.datetime, number: int | None = None) -> QuoteView:
    """Return a quote with its lines and versions: five queries, whatever their number.

    Args:
        quote: Of a selector that asked who looks.
        now: For its last day.
        number: Show this version instead of the current one.
    """
    asked = list(quote.lines.all())
    versions = list(quote.versions.select_related("made_by").prefetch_related("lines"))
    wanted = number if number is not None else quote.current_version
    version = next((one for one in versions if one.number == wanted), None)
    offered = list(version.lines.all()) if version else []
    words = words_of_items({line.sku for line in asked} | {line.sku for line in offered})
    answered = {line.asked_line_no for line in offered}
    by_no = {line.line_no: line for line in asked}
    return QuoteView(
        quote=quote,
        asked=tuple(
            AskedView(
                line=line,
                name=words.get(line.sku, UNKNOWN_ITEM).name or line.name or line.text,
                unit=words.get(line.sku, UNKNOWN_ITEM).unit(line.unit),
                is_offered=line.line_no in answered,
            )
            for line in asked
        ),
        version=version,
        lines=tuple(_line_view(line, by_no, words) for line in offered),
        versions=tuple(versions),
        is_over=quote.valid_until is not None and company_day(now) > quote.valid_until,
    )


def _line_view(line: QuoteVersionLine, asked: Mapping[int, QuoteLine], words: Mapping[str, ItemWords]) -> LineView:
    wanted = asked.get(line.asked_line_no) if line.asked_line_no is not None else None
    item = words.get(line.sku, UNKNOWN_ITEM)
    off = None
    if line.list_price and line.net_price < line.list_price:
        off = line.net_price / line.list_price - 1
    return LineView(
        line=line,
        name=item.name or line.name,
        unit=item.unit(line.unit),
        asked=wanted,
        is_substitute=wanted is not None and wanted.sku not in ("", line.sku),
        is_other_quantity=wanted is not None and wanted.quantity != line.quantity,
        off_list=off,
    )


def subject_of(quote: Quote) -> Subject:
    """Return the quote as the subject of its conversation."""
    return Subject(
        kind="quote",
        key=quote.reference,
        sold_to=quote.sold_to,
        path=reverse("quote-detail", kwargs={"number": quote.reference}),
        title=short_reference(quote.number),
    )
