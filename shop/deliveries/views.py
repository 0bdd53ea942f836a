"""Pages of what is on its way, and of what is missing."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import throttling
from accounts.actors import ActorRequest
from accounts.permissions import Action, denied_while_assisted, may, require, require_actor
from sheets.responses import table_response
from shop.deliveries import report, selectors, services
from shop.deliveries.forms import DeliveryFilterForm, LinkForm, MissingFilterForm
from shop.deliveries.report import ReportQuery
from shop.errors import ShopError
from shop.money.formats import company_zone
from shop.orders.selectors import delivery_places


@require_GET
@require_actor
def delivery_list(request: ActorRequest) -> HttpResponse:
    """Show what is on its way over all orders, with search and filter."""
    form = DeliveryFilterForm(request.GET)
    q, state = form.chosen()
    found = selectors.deliveries_for(actor=request.actor, q=q, state=state, page=_page_number(request))
    return render(request, "shop/deliveries/list.html", {"form": form, "found": found, "q": q, "state": state})


@require_GET
@require_actor
def delivery_detail(request: ActorRequest, number: str) -> HttpResponse:
    """Show one delivery: what is in it, where it is, and what of its lines is still to come."""
    one = selectors.get_delivery(actor=request.actor, number=number)
    return render(request, "shop/deliveries/detail.html", {"one": one})


def _page_number(request: ActorRequest) -> int:
    typed = request.GET.get("page", "")
    return min(max(int(typed), 1), 10_000) if typed.isascii() and typed.isdigit() and len(typed) < 6 else 1


# --- what is missing ----------------------------------------------------------------------------------------------


@require_GET
@require_actor
def missing(request: ActorRequest) -> HttpResponse:
    """Show what was ordered and has not come, over all orders and channels."""
    form = _filter_form(request)
    query = form.query()
    found = report.report_for(actor=request.actor, query=query, now=timezone.now(), page=_page_number(request))
    context = {
        "form": form,
        "found": found,
        "query": query,
        "may_share": may(request.actor, Action.SHARE),
        "is_weekly": services.is_told_weekly(actor=request.actor),
    }
    return render(request, "shop/deliveries/missing.html", context)


def _filter_form(request: ActorRequest) -> MissingFilterForm:
    return MissingFilterForm(request.GET, places=delivery_places(actor=request.actor))


@require_GET
@require_actor
def missing_print(request: ActorRequest) -> HttpResponse:
    """Show the report for paper: up to a thousand rows on one page."""
    query = _filter_form(request).query()
    found = report.report_for(actor=request.actor, query=query, now=timezone.now(), per_page=report.MOST_PRINTED)
    context = {"found": found, "query": query, "now": timezone.now()}
    return render(request, "shop/deliveries/missing_print.html", context)


@require_GET
@require_actor
def missing_export(request: ActorRequest) -> HttpResponseBase:
    """Send the report as CSV or XLSX; there are no prices in it."""
    require(request.actor, Action.EXPORT)
    throttling.pass_export(request.user)
    query, now = _filter_form(request).query(), timezone.now()
    title = _("missing goods")
    return table_response(
        request.GET.get("format", ""),
        name=f"{title} {now.astimezone(company_zone()):%Y-%m-%d}",
        columns=report.export_columns(query),
        rows=report.export_rows(sold_to=request.actor.sold_to, query=query, now=now),
    )


@require_POST
@require_actor
@denied_while_assisted
def missing_weekly(request: ActorRequest) -> HttpResponseBase:
    """Begin or end the weekly mail."""
    wanted = request.POST.get("wanted") == "yes"
    services.tell_weekly(actor=request.actor, wanted=wanted, now=timezone.now())
    if wanted:
        messages.success(request, _("Every Monday morning we tell you what is missing, if anything is."))
    else:
        messages.success(request, _("You get no weekly mail about missing goods any more."))
    return redirect("missing-goods")


@require_http_methods(["GET", "POST"])
@require_actor
@denied_while_assisted
def missing_links(request: ActorRequest) -> HttpResponseBase:
    """Show the links to the report that work, and make a new one: its address is shown this once."""
    query = _filter_form(request).query()
    form = LinkForm(request.POST if request.method == "POST" else None)
    address = ""
    if form.is_bound and form.is_valid():
        address = _new_link(request, form, query)
    context = {
        "form": form if form.errors else LinkForm(),
        "query": query,
        "address": address,
        "links": services.links_of(actor=request.actor, now=timezone.now()),
    }
    return render(request, "shop/deliveries/links.html", context, status=422 if form.errors else 200)


def _new_link(request: ActorRequest, form: LinkForm, query: ReportQuery) -> str:
    """Return the address of a new link, "" when it was refused and the form says why."""
    typed = form.cleaned_data
    try:
        _link, token = services.make_link(
            actor=request.actor, query=query, label=typed["label"], days=typed["days"], now=timezone.now()
        )
    except ShopError as error:
        form.add_error(None, str(error))
        return ""
    return services.address_of(token)


@require_POST
@require_actor
@denied_while_assisted
def missing_link_end(request: ActorRequest, pk: int) -> HttpResponseBase:
    """End a link at once."""
    services.end_link(actor=request.actor, pk=pk, now=timezone.now())
    messages.success(request, _("The link no longer works."))
    return redirect("missing-goods-links")
