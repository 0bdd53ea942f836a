"""The rep's pages of quotes: his queue by urgency, and the answer line by line."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.actors import PersonRequest
from accounts.permissions import require_rep
from accounts.selectors import company_day
from shop.errors import ShopError
from shop.messages import selectors as talk
from shop.messages import services as talking
from shop.messages.forms import typed_message
from shop.money import formats
from shop.orders.selectors import UNKNOWN_ITEM, words_of_items
from shop.quotes import answering, clock, selectors
from shop.quotes.errors import AnswerRefused, QuoteMoved, QuoteRefused
from shop.quotes.forms import AnswerForm, ExtendForm, OfferRow, QuoteFilterForm, draft_of, offer_rows, read_offers
from shop.quotes.models import Quote, QuoteLine, QuoteState, QuoteVersionLine
from shop.quotes.rails import Known, Rails, lowest_price, rails_for
from shop.quotes.states import OPEN

NEW_ROWS = 2


@require_GET
@require_rep
def rep_quote_list(request: PersonRequest) -> HttpResponse:
    """Show the quotes of the rep's customers, the most urgent first."""
    form = QuoteFilterForm(request.GET)
    q, state = form.chosen()
    now = timezone.now()
    page, rows = selectors.rep_queue(rep=request.user, q=q, state=state, page=request.GET.get("page"), now=now)
    context = {
        "form": form,
        "page": page,
        "rows": rows,
        "q": q,
        "state": state,
        "median": clock.median_minutes(now=now),
        "waiting": selectors.waiting_for_rep(rep=request.user, now=now),
    }
    return render(request, "shop/quotes/rep_list.html", context)


@dataclass(frozen=True, slots=True)
class Desk:
    """A row of the rep's answer: what was asked, what he may know about it, and what he typed.

    Attributes:
        floor: The lowest price that the rails allow; None when nothing limits it.
    """

    row: OfferRow
    asked: QuoteLine | None
    name: str
    unit: str
    list_price: Decimal | None
    customer_price: Decimal | None
    floor: Decimal | None
    error: str


@require_http_methods(["GET", "POST"])
@require_rep
def rep_quote(request: PersonRequest, number: str) -> HttpResponseBase:
    """Answer a quote line by line."""
    quote = selectors.get_quote_of_rep(rep=request.user, number=number, now=timezone.now())
    return _answer(request, quote) if request.method == "POST" else _show(request, quote)


def _answer(request: PersonRequest, quote: Quote) -> HttpResponseBase:
    form = AnswerForm(request.POST)
    rows = offer_rows(request.POST)
    lines, wrong = read_offers(rows, language=get_language() or "en")
    if not form.is_valid() or wrong:
        return _page(request, quote, form, rows, wrong=wrong, status=422)
    try:
        version = answering.send_answer(rep=request.user, quote=quote, draft=draft_of(form, lines), now=timezone.now())
    except AnswerRefused as error:
        form.add_error(None, str(error))
        return _page(request, quote, form, rows, wrong=error.rows, status=422)
    except QuoteRefused as error:
        form.add_error(None, str(error))
        return _page(request, quote, form, rows, status=422)
    except QuoteMoved as error:
        return _overtaken(request, quote, rows, str(error))
    messages.success(
        request,
        _("Version %(number)s is sent, and %(company)s is told.")
        % {"number": version.number, "company": quote.sold_to.name},
    )
    return redirect("rep-quote", number=quote.reference)


def _overtaken(request: PersonRequest, quote: Quote, rows: dict[str, OfferRow], sentence: str) -> HttpResponse:
    """Show the form again with what was typed, now on top of what came in between."""
    quote = selectors.get_quote_of_rep(rep=request.user, number=quote.reference, now=timezone.now())
    fresh = request.POST.copy()
    fresh["base_version"] = str(quote.current_version)
    form = AnswerForm(fresh)
    form.add_error(None, sentence)
    return _page(request, quote, form, rows, status=409)


def _show(request: PersonRequest, quote: Quote) -> HttpResponse:
    now = timezone.now()
    current = quote.versions.prefetch_related("lines").filter(number=quote.current_version).first()
    offered = list(current.lines.all()) if current else []
    rails = rails_for(sold_to=quote.sold_to, rep=request.user)
    form = AnswerForm(
        initial={
            "valid_until": _last_day(quote, rails, now),
            "terms": current.terms if current else "",
            "base_version": quote.current_version,
        }
    )
    answer = _page(request, quote, form, _rows(quote, offered))
    thread = talk.find(selectors.subject_of(quote))
    if thread is not None:
        talking.mark_read_by_staff(person=request.user, thread=thread, now=now)
    return answer


def _last_day(quote: Quote, rails: Rails, now: dt.datetime) -> dt.date:
    usual = company_day(now) + dt.timedelta(days=rails.valid_days)
    return max(usual, quote.valid_until) if quote.valid_until else usual


def _rows(quote: Quote, offered: list[QuoteVersionLine]) -> dict[str, OfferRow]:
    """Return the rows of a fresh form: what was asked for, as it was last offered, and lines we added."""
    answered = {line.asked_line_no: line for line in offered if line.asked_line_no is not None}
    rows = {}
    for line in quote.lines.all():
        last = answered.get(line.line_no)
        is_taken = last is not None or not offered
        rows[str(line.line_no)] = _filled(str(line.line_no), last, line, is_taken=is_taken)
    for number, added in enumerate((line for line in offered if line.asked_line_no is None), start=1):
        rows[f"new-{number}"] = _filled(f"new-{number}", added, None, is_taken=True)
    return rows


def _filled(key: str, last: QuoteVersionLine | None, asked: QuoteLine | None, *, is_taken: bool) -> OfferRow:
    source = last or asked
    price = last.net_price if last else None
    return OfferRow(
        key=key,
        is_taken=is_taken,
        sku=source.sku if source else "",
        quantity=formats.plain_quantity(source.quantity) if source else "",
        price=formats.plain_quantity(price) if price is not None else "",
        delivery=last.delivery_on.isoformat() if last and last.delivery_on else "",
        note=last.note if last else "",
    )


def _page(
    request: PersonRequest,
    quote: Quote,
    form: AnswerForm,
    rows: dict[str, OfferRow],
    *,
    wrong: dict[str, str] | None = None,
    status: int = 200,
) -> HttpResponse:
    now = timezone.now()
    view = selectors.quote_view(quote, now=now)
    desk, rails = _desk(request, quote, rows, wrong or {})
    subject = selectors.subject_of(quote)
    thread = talk.find(subject)
    context = {
        "view": view,
        "quote": quote,
        "form": form,
        "desk": desk,
        "rails": rails,
        "is_open": quote.state in (*OPEN, QuoteState.EXPIRED),
        "can_extend": quote.current_version and quote.state in (QuoteState.ANSWERED, QuoteState.EXPIRED),
        "extend_form": ExtendForm(initial={"until": quote.valid_until}),
        "is_late": quote.answer_by_at is not None and quote.answer_by_at < now,
        "thread": talk.view_of(thread, person=request.user, is_staff=True) if thread else talk.ThreadView((), 0),
    }
    return render(request, "shop/quotes/rep_detail.html", context, status=status)


def _desk(
    request: PersonRequest, quote: Quote, rows: dict[str, OfferRow], wrong: dict[str, str]
) -> tuple[list[Desk], Rails]:
    """Return the rows with what the rep may know: list price, the customer's ERP price, the lowest allowed."""
    asked = {str(line.line_no): line for line in quote.lines.all()}
    asks = {row.sku: asked[key].quantity if key in asked else Decimal(1) for key, row in rows.items() if row.sku}
    ground = answering.ground_for(quote=quote, asks=asks, rep=request.user)
    words = words_of_items(asks)
    last = max((int(key[4:]) for key in rows if key.startswith("new-")), default=0)
    blank = [OfferRow(f"new-{last + n}", is_taken=True, sku="", quantity="", price="") for n in range(1, NEW_ROWS + 1)]
    desk = []
    for row in (*rows.values(), *blank):
        known = ground.known.get(row.sku, Known())
        item = words.get(row.sku, UNKNOWN_ITEM)
        proposed = row.price or (formats.plain_quantity(known.customer_price) if known.customer_price else "")
        desk.append(
            Desk(
                row=OfferRow(row.key, row.is_taken, row.sku, row.quantity, proposed, row.delivery, row.note),
                asked=asked.get(row.key),
                name=item.name,
                unit=item.unit("") if row.sku else "",
                list_price=known.list_price,
                customer_price=known.customer_price,
                floor=lowest_price(ground.rails, known),
                error=wrong.get(row.key, ""),
            )
        )
    return desk, ground.rails


@require_POST
@require_rep
def rep_quote_extend(request: PersonRequest, number: str) -> HttpResponseBase:
    """Let the current answer hold longer; an expired one opens again."""
    quote = selectors.get_quote_of_rep(rep=request.user, number=number, now=timezone.now())
    form = ExtendForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Nothing was changed: choose the new last day."))
        return redirect("rep-quote", number=quote.reference)
    try:
        answering.extend(rep=request.user, quote=quote, until=form.cleaned_data["until"], now=timezone.now())
    except ShopError as error:
        messages.error(request, str(error))
    else:
        day = formats.date_short(form.cleaned_data["until"])
        messages.success(request, _("The quote holds until %(day)s; the buyer sees it at once.") % {"day": day})
    return redirect("rep-quote", number=quote.reference)


@require_POST
@require_rep
def rep_quote_message(request: PersonRequest, number: str) -> HttpResponseBase:
    """Write to the buyer."""
    quote = selectors.get_quote_of_rep(rep=request.user, number=number, now=timezone.now())
    text, files = typed_message(request)
    try:
        talking.post_as_staff(
            person=request.user, subject=selectors.subject_of(quote), text=text, files=files, now=timezone.now()
        )
    except ShopError as error:
        messages.error(request, str(error))
    return redirect("rep-quote", number=quote.reference)
