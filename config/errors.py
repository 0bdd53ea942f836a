"""The pages for what went wrong outside every app."""

import sys

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import get_template

from accounts.errors import NotPermitted, TooOften

RETRY_AFTER_S = "10"


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 404: the same for what is missing and for what belongs to somebody else."""
    return render(request, "404.html", status=404)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 403: he is known, and this is not his to do; the sentence says why where there is one. 429: too often."""
    if isinstance(exception, TooOften):
        response = render(request, "429.html", {"sentence": str(exception)}, status=429)
        response.headers["Retry-After"] = str(exception.retry_after_s)
        return response
    sentence = str(exception) if isinstance(exception, NotPermitted) else ""
    return render(request, "403.html", {"sentence": sentence}, status=403)


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer 503 while the database is away, else 500."""
    # Django calls this inside its `except`, so the error is still at hand.
    if isinstance(sys.exc_info()[1], OperationalError | InterfaceError):
        response = _without_database(request, "503.html", 503)
        response.headers["Retry-After"] = RETRY_AFTER_S
        return response
    return _without_database(request, "500.html", 500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer 403 for a form that is too old or came from elsewhere; the browser keeps the text."""
    return render(request, "403_csrf.html", status=403)


def _without_database(request: HttpRequest, template: str, status: int) -> HttpResponse:
    """Render a page that asks nobody anything: no session, no context processors."""
    context = {"request": request, "shell": {"company_name": settings.COMPANY_NAME}}
    return HttpResponse(get_template(template).render(context), status=status)
