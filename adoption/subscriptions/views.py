"""Ending a weekly mail from the mail itself."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language, override
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from adoption.reports.sections.registry import BY_KEY
from adoption.subscriptions import selectors, services, tokens


# RFC 8058: the mail program posts on its own, without a session; the signed token is the permission, and all it permits
# is one mail less to one person.
@csrf_exempt
@never_cache
@require_http_methods(["GET", "POST"])
def end(request: HttpRequest, token: str) -> HttpResponse:
    """End a weekly mail: POST does it, GET only asks, so that a mail scanner that follows links ends nothing."""
    named = tokens.read(token)
    if named is None:
        return render(request, "adoption/report_mail_unknown.html", status=404)
    person_key, pk = named
    found = selectors.ended_by(person_key=person_key, pk=pk)
    if found is None:
        return render(request, "adoption/report_mail_end.html", {"is_done": True})
    if request.method == "POST":
        services.end(subscription=found)
    with override(found.reader.language or get_language()):
        title = BY_KEY[found.section].title if found.section in BY_KEY else found.section
        context = {"title": title, "token": token, "is_done": request.method == "POST"}
        return render(request, "adoption/report_mail_end.html", context)
