"""A form that was sent after the session had ended: kept, and shown again after the log-in."""

from __future__ import annotations

import time

from django.http import HttpRequest, QueryDict

from accounts.actors import ActorRequest

KEY = "kept_form"
# Whose session has ended in this browser, and the company he worked for.
OF = "kept_form_of"
LIFE_S = 3600
MAX_LENGTH = 8_000
SECRET_FIELDS = {"csrfmiddlewaretoken", "password", "password1", "password2", "oldpassword", "code"}


def keep(request: HttpRequest) -> None:
    """Keep what was typed in the visitor's session for an hour, unless it is secret, too long or nobody knows whose."""
    fields = request.POST.copy()
    for name in SECRET_FIELDS:
        fields.pop(name, None)
    text = fields.urlencode()
    of = request.session.get(OF)
    if of and text and len(text) <= MAX_LENGTH:
        request.session[KEY] = {"path": request.path, "fields": text, "at": int(time.time()), "of": of}


def take(request: ActorRequest) -> QueryDict | None:
    """Return what the same person typed on this page for the same company before the log-in, once, else None.

    A page that shows a form calls it on GET and uses the values as the form's first values: they are untrusted
    input and go through the form like any other. The form must post to the address it is shown at.
    """
    kept = request.session.get(KEY)
    if not kept or kept["path"] != request.path or kept["of"] != [request.user.pk, request.actor.sold_to.pk]:
        return None
    del request.session[KEY]
    if time.time() - kept["at"] > LIFE_S:
        return None
    return QueryDict(kept["fields"])
