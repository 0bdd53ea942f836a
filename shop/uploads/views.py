"""Hands a stored file to whoever may have it."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET

from accounts.actors import PersonRequest
from accounts.permissions import require_person
from shop.uploads import selectors


@require_GET
@require_person
def stored_file(request: PersonRequest, key: UUID) -> HttpResponse:
    """Download a file of one's own company, or of a customer of the rep; never shown as a page."""
    file = selectors.get_file(actor=request.actor, user=request.user, key=key, now=timezone.now())
    response = HttpResponse(selectors.path_of(file.key).read_bytes(), content_type=file.media_type)
    response.headers["Content-Disposition"] = content_disposition_header(True, file.name) or "attachment"  # noqa: FBT003
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
