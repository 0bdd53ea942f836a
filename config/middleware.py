"""Middleware of the whole site: one log line a request, no shared copy of a personal page."""

import re
import time
import uuid
from collections.abc import Callable
from zoneinfo import ZoneInfo

import structlog
from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponseBase, QueryDict
from django.utils import timezone

GetResponse = Callable[[HttpRequest], HttpResponseBase]

log = structlog.get_logger("request")

REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
# Asked every few seconds by machines: no line for a good answer.
QUIET_PATHS = {"/healthz", "/readyz"}
# The short reviewed list: the same bytes for everybody, whoever asks (product pictures by version).
PUBLIC_ROUTES = {"item-image"}


def request_log(get_response: GetResponse) -> GetResponse:
    """Give each request an id (the proxy's X-Request-ID or our own) and write one line at its end.

    Whoever binds more with structlog.contextvars (user_id, sold_to_id, rep_id, erp_call_id) finds
    it in every line of the same request.
    """

    def middleware(request: HttpRequest) -> HttpResponseBase:
        given = request.headers.get("X-Request-ID", "")
        request_id = given if REQUEST_ID.fullmatch(given) else uuid.uuid4().hex
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id)
        started = time.perf_counter()
        response = get_response(request)
        response.headers["X-Request-ID"] = request_id
        if request.path not in QUIET_PATHS or response.status_code >= 500:
            log.info(
                "request",
                method=request.method,
                path=request.path,
                status=response.status_code,
                ms=round((time.perf_counter() - started) * 1000, 1),
            )
        return response

    return middleware


def company_clock(get_response: GetResponse) -> GetResponse:
    """Let the administration show and take times by the company's clock; everything else says its zone itself."""
    zone = ZoneInfo(settings.COMPANY_TZ)

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if not request.path.startswith("/admin/"):
            return get_response(request)
        with timezone.override(zone):
            return get_response(request)

    return middleware


def refuse_nul(get_response: GetResponse) -> GetResponse:
    """Answer 400 to a NUL in an address or a form: no browser sends one, and PostgreSQL keeps none."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        query = request.META.get("QUERY_STRING", "")
        if "\x00" in request.path or "%00" in query or "\x00" in query or _has_nul(request.POST):
            raise SuspiciousOperation("a NUL in the address or the form")
        return get_response(request)

    return middleware


def _has_nul(form: QueryDict) -> bool:
    return any("\x00" in name or any("\x00" in text for text in texts) for name, texts in form.lists())


def private_when_logged_in(get_response: GetResponse) -> GetResponse:
    """Forbid every cache to keep an answer to somebody with a session or a token (A8).

    It decides by what came and what goes, not by asking who it is: that costs no query, and no
    view can forget it.
    """

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        if _is_personal(request, response):
            response.headers["Cache-Control"] = "private, no-store"
        return response

    return middleware


def _is_personal(request: HttpRequest, response: HttpResponseBase) -> bool:
    name = settings.SESSION_COOKIE_NAME
    match = request.resolver_match
    is_public = match is not None and match.url_name in PUBLIC_ROUTES
    if is_public and response.status_code == 200 and not response.cookies:
        return False
    return name in request.COOKIES or name in response.cookies or "Authorization" in request.headers
