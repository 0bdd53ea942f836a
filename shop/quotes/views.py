"""The buyer's pages of quotes: the list, asking for one, its page, and what he decides."""

from __future__ import annotations

import datetime as dt
from uuid import uuid4

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import kept_forms, permissions
from accounts.actors import ActorRequest
from accounts.errors import NotPermitted
from accounts.permissions import Action, require_actor
from accounts.selectors import company_day, ship_tos
from shop.carts import selectors as carts
from shop.errors import ShopError
from shop.messages import selectors as talk
from shop.messages import services as talking
from shop.messages.forms import typed_message
from shop.quotes import acceptance, clock, comparing, selectors, services
from shop.quotes.errors import QuoteMoved
from shop.quotes.forms import AcceptForm, DeclineForm, QuoteFilterForm, RequestForm, Row, chosen_lines, read_rows
from shop.quotes.models import Quote, QuoteState
from shop.quotes.services import Asked, RequestData

BLANK_ROWS = 4
TYPED = ("note", "customer_reference", "requested_on", "ship_to")


def _today() -> dt.date:
    return company_day(timezone.now())


# --- list ---------------------------------------------------------------------------------------------------------


@require_GET
@require_actor
def quote_list(request: ActorRequest) -> HttpResponse:
    """Show the company's quotes, those made by the ERP's people too."""
    form = QuoteFilterForm(request.GET)
    q, state = form.chosen()
    now = timezone.now()
    page, rows = selectors.quote_page(actor=request.actor, q=q, state=state, page=request.GET.get("page"), now=now)
    context = {
        "form": form,
        "page": page,
        "rows": rows,
        "q": q,
        "state": state,
        "may_ask": permissions.may(request.actor, Action.REQUEST_QUOTE),
    }
    return render(request, "shop/quotes/list.html", context)


# --- asking -------------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
@require_actor
def quote_new(request: ActorRequest) -> HttpResponseBase:
    """Ask for a price: for the basket, an item, or anything in words and files."""
    return _ask(request) if request.method == "POST" else _show_request(request)


def _show_request(request: ActorRequest) -> HttpResponse:
    source = "basket" if request.GET.get("from") == "basket" else "rows"
    kept = kept_forms.take(request)
    typed = {name: kept[name] for name in TYPED if name in kept} if kept else {}
    form = RequestForm(
        places=ship_tos(actor=request.actor),
        today=_today(),
        initial={"key": uuid4(), "source": source, **_first_address(request), **typed},
    )
    first = Row(1, what=request.GET.get("sku", "")[:64], quantity=request.GET.get("quantity", "")[:40])
    rows = [Row(number) for number in range(1, BLANK_ROWS + 1)]
    if source == "rows" and first.what:
        rows[0] = first
    return _request_page(request, form, rows, source)


def _first_address(request: ActorRequest) -> dict[str, str]:
    places = ship_tos(actor=request.actor)
    return {"ship_to": places[0].erp_id} if places else {}


def _ask(request: ActorRequest) -> HttpResponseBase:
    language = get_language() or "en"
    form = RequestForm(request.POST, places=ship_tos(actor=request.actor), today=_today())
    rows, asked = read_rows(request.POST, language=language)
    source = "basket" if request.POST.get("source") == "basket" else "rows"
    if source == "basket":
        asked = [*_from_basket(request), *asked]
    if not form.is_valid() or any(row.error for row in rows):
        return _request_page(request, form, rows, source, status=422)
    typed = form.cleaned_data
    data = RequestData(
        key=typed["key"],
        lines=tuple(asked),
        note=typed["note"],
        customer_reference=typed["customer_reference"],
        ship_to_erp_id=typed["ship_to"],
        requested_on=typed["requested_on"],
    )
    files = request.FILES.getlist("files")
    try:
        quote = services.request_quote(actor=request.actor, data=data, files=files, now=timezone.now())
    except (ShopError, NotPermitted) as error:
        form.add_error(None, str(error))
        return _request_page(request, form, rows, source, status=422)
    messages.success(request, _("Your request is with us. The answer stands here and comes by mail."))
    return redirect("quote-detail", number=quote.reference)


def _from_basket(request: ActorRequest) -> list[Asked]:
    cart = carts.find_cart(actor=request.actor)
    lines = cart.lines.all() if cart else []
    return [Asked(quantity=line.quantity, sku=line.sku, note=line.note) for line in lines]


def _request_page(
    request: ActorRequest, form: RequestForm, rows: list[Row], source: str, *, status: int = 200
) -> HttpResponse:
    now = timezone.now()
    blank = [Row(max((row.number for row in rows), default=0) + number) for number in range(1, 3)]
    context = {
        "form": form,
        "rows": rows or blank,
        "source": source,
        "basket": carts.basket(actor=request.actor, wait=False) if source == "basket" else None,
        "answer_by": clock.answer_by(now),
        "median": clock.median_minutes(now=now),
        "is_after_hours": clock.is_after_hours(now),
    }
    return render(request, "shop/quotes/new.html", context, status=status)


# --- one quote ----------------------------------------------------------------------------------------------------


@require_GET
@require_actor
def quote_detail(request: ActorRequest, number: str) -> HttpResponse:
    """Show a quote: the conversation, the lines, its versions and its clock. Opening it reads the messages."""
    quote = selectors.get_quote(actor=request.actor, number=number)
    answer = _page(request, quote)
    talking.mark_read(actor=request.actor, subject=selectors.subject_of(quote), now=timezone.now())
    return answer


def _page(
    request: ActorRequest,
    quote: Quote,
    *,
    status: int = 200,
    accepting: AcceptForm | None = None,
    declining: DeclineForm | None = None,
    refused: str = "",
    typed: str = "",
    talk_error: str = "",
) -> HttpResponse:
    now = timezone.now()
    view = selectors.quote_view(quote, now=now)
    taken = chosen_lines(request.POST) if accepting is not None and accepting.is_bound else None
    context = {
        "view": view,
        "quote": quote,
        "thread": talk.thread(actor=request.actor, subject=selectors.subject_of(quote)),
        "form": _again(accepting, view) or _accept_form(request, view),
        "taken": taken,
        "decline_form": declining or DeclineForm(),
        "refused": refused,
        "typed": typed,
        "talk_error": talk_error,
        "median": clock.median_minutes(now=now) if quote.answer_by_at else None,
        "is_late": quote.answer_by_at is not None and quote.answer_by_at < now,
        "gone": acceptance.withdrawn(view.version, view.version.lines.all())
        if view.version and view.can_accept
        else [],
        "may_accept": permissions.may(request.actor, Action.ACCEPT_QUOTE),
        "may_ask": permissions.may(request.actor, Action.REQUEST_QUOTE),
    }
    return render(request, "shop/quotes/detail.html", context, status=status)


def _accept_form(request: ActorRequest, view: selectors.QuoteView) -> AcceptForm | None:
    if view.version is None or not view.can_accept:
        return None
    initial = {
        "shown": acceptance.fingerprint(view.version),
        "customer_reference": view.quote.customer_reference,
        "requested_on": view.quote.requested_on,
        **_first_address(request),
    }
    if view.quote.ship_to_erp_id:
        initial["ship_to"] = view.quote.ship_to_erp_id
    return AcceptForm(places=ship_tos(actor=request.actor), today=_today(), initial=initial)


def _again(form: AcceptForm | None, view: selectors.QuoteView) -> AcceptForm | None:
    """Return what was typed, bound to the version that holds now: the next yes is to what he sees now."""
    if form is None or view.version is None or not view.can_accept:
        return None
    form.data = {**{name: form.data.get(name) for name in form.data}, "shown": acceptance.fingerprint(view.version)}
    return form


@require_POST
@require_actor
def quote_accept(request: ActorRequest, number: str) -> HttpResponseBase:
    """Place the order of the ticked lines at exactly the quoted prices."""
    quote = selectors.get_quote(actor=request.actor, number=number)
    form = AcceptForm(request.POST, places=ship_tos(actor=request.actor), today=_today())
    if not form.is_valid():
        return _page(request, quote, status=422, accepting=form)
    try:
        order = acceptance.accept_quote(
            actor=request.actor,
            quote=quote,
            acceptance=form.acceptance(chosen_lines(request.POST)),
            now=timezone.now(),
        )
    except (ShopError, NotPermitted) as error:
        status = 409 if isinstance(error, QuoteMoved) else 422
        quote = selectors.get_quote(actor=request.actor, number=number)
        return _page(request, quote, status=status, accepting=form, refused=str(error))
    return redirect("checkout-done", number=order.reference)


@require_POST
@require_actor
def quote_change(request: ActorRequest, number: str) -> HttpResponseBase:
    """Ask for a change: the words go into the conversation, and a new clock starts."""
    quote = selectors.get_quote(actor=request.actor, number=number)
    text, files = typed_message(request)
    now = timezone.now()
    try:
        with transaction.atomic():
            services.ask_for_change(actor=request.actor, quote=quote, now=now)
            talking.post(actor=request.actor, subject=selectors.subject_of(quote), text=text, files=files, now=now)
    except (ShopError, NotPermitted) as error:
        status = 409 if isinstance(error, QuoteMoved) else 422
        quote = selectors.get_quote(actor=request.actor, number=number)
        return _page(request, quote, status=status, refused=str(error), typed=text)
    messages.success(request, _("Your sales rep has what you want changed. The new answer stands here."))
    return redirect("quote-detail", number=quote.reference)


@require_POST
@require_actor
def quote_decline(request: ActorRequest, number: str) -> HttpResponseBase:
    """Say no with a reason, or take back a request that has no answer yet."""
    quote = selectors.get_quote(actor=request.actor, number=number)
    form = DeclineForm(request.POST)
    if not form.is_valid():
        return _page(request, quote, status=422, declining=form)
    try:
        quote = services.decline_quote(actor=request.actor, quote=quote, reason=form.words(), now=timezone.now())
    except (ShopError, NotPermitted) as error:
        quote = selectors.get_quote(actor=request.actor, number=number)
        return _page(request, quote, status=409, refused=str(error))
    was_declined = quote.state == QuoteState.DECLINED
    messages.success(
        request, _("Declined. Thank you for saying why.") if was_declined else _("Your request was taken back.")
    )
    return redirect("quote-detail", number=quote.reference)


@require_POST
@require_actor
def quote_message(request: ActorRequest, number: str) -> HttpResponseBase:
    """Write into the conversation."""
    quote = selectors.get_quote(actor=request.actor, number=number)
    text, files = typed_message(request)
    try:
        talking.post(
            actor=request.actor, subject=selectors.subject_of(quote), text=text, files=files, now=timezone.now()
        )
    except ShopError as error:
        return _page(request, quote, status=422, typed=text, talk_error=str(error))
    return redirect("quote-detail", number=quote.reference)


@require_GET
@require_actor
def quote_versions(request: ActorRequest, number: str) -> HttpResponse:
    """Show two versions side by side with their differences marked; by default the last two."""
    quote = selectors.get_quote(actor=request.actor, number=number)
    return versions_page(request, quote)


def versions_page(request: ActorRequest, quote: Quote) -> HttpResponse:
    """Render two versions of a quote side by side."""
    newer = _number(request.GET.get("new", "")) or quote.current_version
    older = _number(request.GET.get("old", "")) or newer - 1
    new = comparing.version_of(quote, newer)
    old = comparing.version_of(quote, older) if older else new
    context = {
        "quote": quote,
        "old": old,
        "new": new,
        "rows": comparing.compare(old, new),
        "versions": list(quote.versions.all()),
    }
    return render(request, "shop/quotes/versions.html", context)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 5 else 0


@require_GET
@require_actor
def quote_pdf(request: ActorRequest, number: str) -> HttpResponseBase:
    """Send the current answer as a PDF of our own, in the reader's language."""
    from shop.quotes.pdf import quote_as_pdf  # 25 MiB that only this page needs

    quote = selectors.get_quote(actor=request.actor, number=number)
    wanted = _number(request.GET.get("version", "")) or quote.current_version
    if not wanted:
        messages.info(request, _("There is no answer to print yet. It stands here as soon as it is given."))
        return redirect("quote-detail", number=quote.reference)
    comparing.version_of(quote, wanted)
    view = selectors.quote_view(quote, now=timezone.now(), number=wanted)
    response = HttpResponse(quote_as_pdf(view), content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="{quote.reference}-V{wanted}.pdf"'
    return response
