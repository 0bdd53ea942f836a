"""A form that was sent after the session had ended: kept, and shown again after the log-in."""

from __future__ import annotations

import time
from urllib.parse import urlsplit

from django.http import HttpRequest, QueryDict

KEY = "kept_form"
LIFE_S = 3600
MAX_LENGTH = 8_000
SECRET_FIELDS = {"csrfmiddlewaretoken", "password", "password1", "password2", "oldpassword", "code"}


def keep(request: HttpRequest) -> None:
    """Keep what was typed in the visitor's session for an hour, unless it is secret or too long."""
    fields = request.POST.copy()
    for name in SECRET_FIELDS:
        fields.pop(name, None)
    text = fields.urlencode()
    if text and len(text) <= MAX_LENGTH:
        request.session[KEY] = {"path": request.path, "fields": text, "at": int(time.time())}


def take(request: HttpRequest) -> QueryDict | None:
    """Return what was typed on this page before the log-in, once; None when there is nothing.

    A page that shows a form calls it on GET and uses the values as the form's first values: they
    are untrusted
    input and go through the form like any other. The form must post to the address it is shown at.
    """
    kept = request.session.get(KEY)
    if not kept or urlsplit(kept["path"]).path != request.path:
        return None
    del request.session[KEY]
    if time.time() - kept["at"] > LIFE_S:
        return None
    return QueryDict(kept["fields"])
