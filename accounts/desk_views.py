"""The rep's desk, and the way into and out of an assisted session."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import assisted, selectors, sessions
from accounts.actors import PersonRequest
from accounts.desk import desk
from accounts.errors import AssistedDenied
from accounts.forms import AssistForm
from accounts.middleware import ip_of
from accounts.permissions import require_rep


@require_safe
@require_rep
def rep_desk(request: PersonRequest) -> HttpResponseBase:
    """Show the rep his customers and let him act for one with a click and a reason."""
    query = request.GET.get("q", "")[:120]
    now = timezone.now()
    page, rows = desk(rep=request.user, query=query, page=request.GET.get("page"), now=now)
    context = {
        "page": page,
        "rows": rows,
        "query": query,
        "open": selectors.open_assisted(rep=request.user),
    }
    return render(request, "accounts/rep_desk.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@require_rep
def assisted_start(request: PersonRequest, number: str) -> HttpResponseBase:
    """Ask for the reason (GET) and start an assisted session (POST); it begins on the page named by `next`."""
    now = timezone.now()
    on = selectors.company_day(now)
    sold_to = selectors.customer_of_rep(rep=request.user, number=number, on=on)
    form = AssistForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            session = assisted.start(
                rep=request.user,
                sold_to=sold_to,
                reason=form.cleaned_data["reason"],
                now=now,
                session_id=request.session.get(sessions.BROWSING, ""),
                ip=ip_of(request),
            )
        except AssistedDenied as error:
            form.add_error(None, str(error))
        else:
            request.session[sessions.ASSISTED] = session.pk
            sessions.cycle(request)
            return redirect(_next(request))
    return _start_page(request, form, sold_to.name)


@require_POST
@require_rep
def assisted_end(request: PersonRequest) -> HttpResponseBase:
    """End the rep's open assisted session, in whatever browser it began."""
    session = selectors.open_assisted(rep=request.user)
    if session is not None:
        key = request.session.get(sessions.BROWSING, "")
        assisted.end(assisted=session, cause="ended", now=timezone.now(), session_id=key, ip=ip_of(request))
        messages.success(
            request,
            _("You no longer act for %(company)s. The basket you filled there is kept.")
            % {"company": session.sold_to.name_at_end},
        )
    if request.session.pop(sessions.ASSISTED, None) is not None:
        sessions.cycle(request)
    return redirect("rep-desk")


def _next(request: PersonRequest) -> str:
    path = request.GET.get("next", "")
    return path if path.startswith("/") and url_has_allowed_host_and_scheme(path, allowed_hosts=None) else "/"


def _start_page(request: PersonRequest, form: AssistForm, company: str) -> HttpResponse:
    context = {"form": form, "company": company, "open": selectors.open_assisted(rep=request.user)}
    return render(request, "accounts/assisted_start.html", context, status=422 if form.errors else 200)
