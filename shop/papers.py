"""The ERP's own documents: handed out as files; one that takes its time is waited for on a page that says so."""

from __future__ import annotations

import re
from collections.abc import Callable

import structlog
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.encoding import escape_uri_path
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from erp_sync.errors import ErpError, ErpUnavailable
from erp_sync.ports import Pdf

PATIENTLY = "fetch"

log = structlog.get_logger(__name__)


def hand_out(
    request: HttpRequest, fetch: Callable[[bool], Pdf], *, title: str, name: str, back: str, is_shown: bool = False
) -> HttpResponseBase:
    """Answer with a document of the ERP; when it does not come within moments, with a page that waits for it.

    Args:
        request: The same address with PATIENTLY in its query is what the waiting page asks.
        fetch: Asks the ERP; it gets whether it may take long.
        title: What the document is called on the waiting page.
        name: Its file name without ending; "" takes the ERP's own name.
        back: The page that it belongs to; there one reads why it could not be had.
        is_shown: Whether the browser may show a PDF instead of keeping it as a file.
    """
    may_wait = PATIENTLY in request.GET
    try:
        file = fetch(may_wait)
    except ErpError as error:
        if isinstance(error, ErpUnavailable) and not may_wait:
            return _waiting(request, title=title, back=back)
        log.info("document_missing", title=title, error=str(error))
        messages.error(
            request,
            _("“%(name)s” could not be fetched: the ERP did not give it. Try again in a minute.") % {"name": title},
        )
        return redirect(back)
    return as_file(file, name=name, is_shown=is_shown)


def _waiting(request: HttpRequest, *, title: str, back: str) -> HttpResponse:
    """Show at once that it is fetched; a browser that then gets a file stays on this page."""
    response = render(request, "shop/paper_waits.html", {"title": title, "back": back})
    response["Refresh"] = f"0; url={escape_uri_path(request.path)}?{PATIENTLY}=1"
    return response


def as_file(file: Pdf, *, name: str, is_shown: bool = False) -> HttpResponse:
    """Answer with a file; whatever else an ERP may send than a PDF is offered as a file, never as a page."""
    is_pdf = file.media_type == "application/pdf" and b"%PDF-" in file.content[:1024]
    response = HttpResponse(file.content, content_type="application/pdf" if is_pdf else "application/octet-stream")
    own = re.sub(r"[^A-Za-z0-9_-]+", "-", name)[:60]
    filename = f"{own}.{'pdf' if is_pdf else 'bin'}" if own else file.filename
    response["Content-Disposition"] = content_disposition_header(not (is_pdf and is_shown), filename) or "attachment"
    return response
