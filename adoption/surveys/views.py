"""The panel with one question; it is empty when nothing is asked."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.actors import ActorRequest
from accounts.permissions import require_actor
from adoption.surveys import services
from adoption.surveys.questions import Question


def _is_part(request: ActorRequest) -> bool:
    return request.headers.get("HX-Request") == "true"


def _panel(request: ActorRequest, question: Question | None, about: str) -> HttpResponseBase:
    """Return the panel alone; without script a page with it, or back to the first one."""
    if question is None:
        return HttpResponse("") if _is_part(request) else redirect("/")
    template = "adoption/_survey.html" if _is_part(request) else "adoption/survey.html"
    return render(request, template, {"question": question, "about": about})


@require_GET
@require_actor
def after_purchase(request: ActorRequest, reference: str) -> HttpResponseBase:
    """Ask about an order that was just placed."""
    question = services.after_purchase(actor=request.actor, reference=reference, now=timezone.now())
    return _panel(request, question, reference)


@require_GET
@require_actor
def at_home(request: ActorRequest) -> HttpResponseBase:
    """Ask at the beginning of a visit."""
    found = services.at_home(actor=request.actor, now=timezone.now())
    return _panel(request, *(found or (None, "")))


@require_POST
@require_actor
def answer(request: ActorRequest) -> HttpResponseBase:
    """Take an answer; what was not asked is not counted."""
    given = {name: request.POST.get(name, "")[:64] for name in ("survey", "about", "given")}
    is_kept = services.answer(actor=request.actor, **given, now=timezone.now())
    if _is_part(request):
        return render(request, "adoption/_survey_thanks.html", {"is_kept": is_kept})
    if is_kept:
        messages.success(request, _("Thank you. Your answer is kept."))
    else:
        messages.info(request, _("This question was not open any more. Nothing was kept."))
    return redirect("/")
