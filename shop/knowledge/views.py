"""Pages of the knowledge base: for people who are logged in, and for guests where they may look."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from accounts import throttling
from accounts.actors import PersonRequest
from accounts.models import User
from accounts.permissions import require_person
from shop.knowledge import selectors, services
from shop.knowledge.markup import as_html

P = ParamSpec("P")


def for_readers(
    view: Callable[Concatenate[HttpRequest, P], HttpResponseBase],
) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    """Open a page to whoever is logged in, and to guests where they may look; else they log in."""

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if request.user.is_authenticated or selectors.guests_may_read():
            return view(request, *args, **kwargs)
        return redirect_to_login(request.get_full_path())

    return guarded


@require_GET
@for_readers
def index(request: HttpRequest) -> HttpResponseBase:
    """Show all articles by subject, or what a search finds."""
    query = request.GET.get("q", "").replace("\x00", "")[:200].strip()
    is_known, now = request.user.is_authenticated, timezone.now()
    if query:
        throttling.pass_search(request)
        found = selectors.search(query=query, is_known=is_known, now=now)
        return render(request, "shop/knowledge/list.html", {"query": query, "found": found})
    subjects = selectors.by_subject(selectors.articles_for(is_known=is_known, now=now))
    return render(request, "shop/knowledge/list.html", {"query": "", "subjects": subjects})


@require_GET
@for_readers
def article(request: HttpRequest, topic: str) -> HttpResponseBase:
    """Show one article."""
    found = selectors.get_article(topic=topic, is_known=request.user.is_authenticated, now=timezone.now())
    person = request.user if isinstance(request.user, User) else None
    context = {
        "article": found,
        "body": as_html(found.body),
        "opinion": selectors.opinion_of(article=found, person=person),
    }
    return render(request, "shop/knowledge/article.html", context)


@require_POST
@require_person
def vote(request: PersonRequest, topic: str) -> HttpResponseBase:
    """Keep whether it helped."""
    now = timezone.now()
    found = selectors.get_article(topic=topic, is_known=True, now=now)
    services.vote(article=found, person=request.user, is_helpful=request.POST.get("helpful") == "yes", now=now)
    return redirect("help-article", topic=topic)


@require_GET
def suggest(request: HttpRequest) -> HttpResponse:
    """Return articles that may answer what somebody is writing; nothing for guests who may not look."""
    is_known = request.user.is_authenticated
    found = []
    if is_known or selectors.guests_may_read():
        throttling.pass_search(request)
        text = request.GET.get("text", "")
        found = selectors.suggestions(text=text, is_known=is_known, now=timezone.now())
    return render(request, "shop/knowledge/_suggestions.html", {"articles": found})
