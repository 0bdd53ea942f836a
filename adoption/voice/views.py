"""Enquiries logged with one key press, the contact form, and its answers."""

from __future__ import annotations

import datetime as dt

from allauth.core.internal.httpkit import get_client_ip
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.actors import PersonRequest
from accounts.models import User
from accounts.permissions import require_person
from adoption.events.models import Event
from adoption.voice import clock, selectors, services
from adoption.voice.errors import AnsweredAlready, TooMany
from adoption.voice.forms import AnswerForm, ContactForm
from adoption.voice.models import ContactRequest, Medium, Topic

SOURCE = "source"
PROMISED = "contact_promised"


@require_http_methods(["GET", "POST"])
@require_person
def log_enquiry(request: PersonRequest, number: str) -> HttpResponseBase:
    """Show one button for each way and topic; a press writes it down."""
    now = timezone.now()
    sold_to = selectors.customer(user=request.user, number=number, now=now)
    if request.method == "POST":
        medium, _dot, topic = request.POST.get("what", "").partition(".")
        if medium not in Medium.values or topic not in Topic.values:
            raise Http404
        services.log(by=request.user, sold_to=sold_to, medium=Medium(medium), topic=Topic(topic), now=now)
        messages.success(request, _("Written down."))
        return redirect("log-enquiry", number=number)
    context = {
        "company": sold_to,
        "media": [(medium, [(f"{medium.value}.{topic.value}", topic.label) for topic in Topic]) for medium in Medium],
        "topics": [topic.label for topic in Topic],
        "latest": selectors.latest(sold_to=sold_to),
        "undo": selectors.to_undo(user=request.user, sold_to=sold_to, now=now),
    }
    return render(request, "adoption/log.html", context)


@require_POST
@require_person
def undo_enquiry(request: PersonRequest, number: str) -> HttpResponseBase:
    """Take the last one back, within a minute."""
    now = timezone.now()
    sold_to = selectors.customer(user=request.user, number=number, now=now)
    if services.undo(by=request.user, sold_to=sold_to, now=now):
        messages.success(request, _("Taken back."))
    else:
        messages.info(request, _("The minute is over: it stays. Ask your manager to correct it under Enquiries."))
    return redirect("log-enquiry", number=number)


@require_http_methods(["GET", "POST"])
def contact(request: HttpRequest) -> HttpResponseBase:
    """Take a message from anybody."""
    form = ContactForm(request.POST or None, initial=_initial(request))
    if request.method != "POST":
        return _contact_page(request, form, promised=_promised(request))
    if form.is_trapped:
        return redirect("/contact/?sent=1")
    if form.is_valid():
        try:
            services.refuse_flood(who=get_client_ip(request) or "")
        except TooMany as error:
            form.add_error(None, str(error))
        else:
            kept = _keep(request, form)
            request.session[PROMISED] = kept.answer_by.isoformat() if kept.answer_by else ""
            return redirect("/contact/?sent=1")
    return _contact_page(request, form, status=422)


def _contact_page(
    request: HttpRequest, form: ContactForm, *, promised: dt.datetime | None = None, status: int = 200
) -> HttpResponseBase:
    """Show the form with the promise that who writes now would get."""
    now = timezone.now()
    by = clock.answer_by(now)
    is_today = by is not None and timezone.localdate(by) == timezone.localdate(now)
    context = {"form": form, "promised": promised, "by": by, "is_today": is_today, "is_open": clock.is_open(now)}
    return render(request, "adoption/contact.html", context, status=status)


def _initial(request: HttpRequest) -> dict[str, str]:
    if not isinstance(request.user, User):
        return {}
    actor = getattr(request, "actor", None)
    company = actor.sold_to.name if actor else ""
    return {"name": request.user.get_full_name(), "email": request.user.email, "company": company}


def _promised(request: HttpRequest) -> dt.datetime | None:
    """Return until when who has just written will have an answer."""
    told = str(request.session.get(PROMISED, "")) if "sent" in request.GET else ""
    return dt.datetime.fromisoformat(told) if told else None


@require_GET
@require_person
def rep_requests(request: PersonRequest) -> HttpResponseBase:
    """Show what waits for an answer, the most pressing first."""
    now = timezone.now()
    _refuse_buyers(request)
    rows = selectors.waiting(user=request.user, now=now)
    return render(request, "adoption/requests.html", {"rows": rows, "now": now})


@require_http_methods(["GET", "POST"])
@require_person
def rep_request(request: PersonRequest, pk: int) -> HttpResponseBase:
    """Show what somebody wrote and take the answer."""
    now = timezone.now()
    _refuse_buyers(request)
    row = selectors.request_for(user=request.user, pk=pk, now=now)
    form = AnswerForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.answer(by=request.user, request=row, text=form.cleaned_data["text"], now=now)
        except AnsweredAlready as error:
            form.add_error(None, str(error))
        else:
            done = _("Your answer is on its way.") if form.cleaned_data["text"] else _("Noted as answered.")
            messages.success(request, done)
            return redirect("rep-requests")
    context = {"row": row, "form": form, "now": now}
    return render(request, "adoption/request.html", context, status=422 if form.errors else 200)


def _refuse_buyers(request: PersonRequest) -> None:
    if not (request.user.is_rep or request.user.is_manager or request.user.is_superuser):
        raise Http404


def _keep(request: HttpRequest, form: ContactForm) -> ContactRequest:
    actor = getattr(request, "actor", None)
    said = {name: form.cleaned_data[name] for name in ("name", "email", "company", "text")}
    return services.contact(
        **said,
        source=_source(request),
        person=request.user if isinstance(request.user, User) else None,
        account_id=actor.sold_to.erp_id if actor else "",
        now=timezone.now(),
    )


def _source(request: HttpRequest) -> str:
    """Return where the visit came from, as its first event or the visitor's session says; nothing else is looked at."""
    actor = getattr(request, "actor", None)
    if actor is not None:
        start = Event.objects.filter(event_id=f"session_start:{actor.session_id}").first()
        return str(start.props.get(SOURCE, "direct")) if start else "direct"
    return str(request.session.get(SOURCE, "direct"))
