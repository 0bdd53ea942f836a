"""Finds out who acts and for whom, once a request, and ends what has grown too old."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable
from typing import Any

import structlog
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import ResolverMatch
from django.utils import timezone
from django.utils.translation import gettext as _
from django_htmx.http import HttpResponseClientRedirect

from accounts import assisted, sessions
from accounts.actors import Actor, is_ours
from accounts.models import AssistedSession, Membership, User
from accounts.permissions import Action, deny, is_denied_while_assisted, require
from accounts.selectors import membership_in, memberships_of
from accounts.session_store import known_person

GetResponse = Callable[[HttpRequest], HttpResponseBase]

MFA_PASSED = "second_factor"
# Routes that somebody without his second factor needs to set it up, or to leave.
OPEN_WITHOUT_MFA = (
    "mfa_",
    "account_logout",
    "account_reauthenticate",
    "set_language",
    "healthz",
    "readyz",
)


class PersonMiddleware(AuthenticationMiddleware):
    """Django's own, which finds the person already known when he came with the session's row."""

    def process_request(self, request: HttpRequest) -> None:
        """See the class."""
        super().process_request(request)
        person = known_person(request.session)
        if person is not None:
            request.user = person


class ActorMiddleware:
    """Sets `request.actor`.

    An `Actor`, or None for a visitor and for our own people without assisted session.

    A buyer's request costs no query here: his memberships with their companies came with the session.
    """

    def __init__(self, get_response: GetResponse) -> None:
        """Take the next in the chain, as Django hands it over."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """See the class."""
        request.actor = None  # type: ignore[attr-defined] # ActorRequest says what it may become
        if SESSION_KEY in request.session and isinstance(request.user, User):
            _admit(request, request.user, now=timezone.now())
        else:
            sessions.note_source(request)
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponseBase | None:
        """Shut own pages to an assisted session, everything to staff without second factor, and a lost company."""
        actor: Actor | None = getattr(request, "actor", None)
        match = request.resolver_match
        if match is None:
            return None
        if actor is not None and actor.is_assisted and is_denied_while_assisted(match):
            return deny(request, actor)
        if actor is not None and actor.is_read_only and _changes_something(request, match):
            require(actor, Action.ORDER)
        if getattr(request, "has_lost_company", False) and _changes_something(request, match):
            messages.warning(request, _("Nothing was sent."))
            is_fragment = request.headers.get("HX-Request") == "true"
            return HttpResponseClientRedirect("/") if is_fragment else redirect("/")
        if _lacks_second_factor(request) and not (match.url_name or "").startswith(OPEN_WITHOUT_MFA):
            messages.info(
                request,
                _("Your work here needs a second factor. Set it up once; it takes a minute."),
            )
            return redirect("mfa_activate_totp")
        return None


def _changes_something(request: HttpRequest, match: ResolverMatch) -> bool:
    """Whether the request would change something of the company, rather than of the person himself."""
    is_companys = getattr(match.func, "needs_actor", False) and match.url_name != "company-switch"
    return is_companys and request.method not in {"GET", "HEAD", "OPTIONS"}


def _admit(request: HttpRequest, user: User, *, now: dt.datetime) -> None:
    if sessions.has_expired(request.session, user, now=now):
        _expire(request, user, now=now)
        return
    noted = sessions.visit(request, user, now=now)
    actor = _assisting(request, user, now=now, noted=noted) if is_ours(user) else _buying(request, user)
    request.actor = actor  # type: ignore[attr-defined] # see ActorRequest
    _bind(request, user, actor)


def _expire(request: HttpRequest, user: User, *, now: dt.datetime) -> None:
    ended = assisted.end_open(rep=user, cause="signed_out", now=now)
    sessions.drop(request, user, acting_for=ended.sold_to if ended else None)
    request.user = AnonymousUser()
    messages.info(
        request,
        _("You were signed out after a long pause. Your basket is kept; sign in again to go on."),
    )


def _buying(request: HttpRequest, user: User) -> Actor | None:
    found = memberships_of(user)
    company = request.session.get(sessions.COMPANY)
    membership = _chosen(user, found, company)
    if membership is None:
        return None
    if company is None and len(found) > 1:
        request.session[sessions.COMPANY] = membership.sold_to_id
    if company is not None and company != membership.sold_to_id:
        _move(request, company, membership)
    return Actor(
        user=user,
        sold_to=membership.sold_to,
        membership=membership,
        session_id=request.session.get(sessions.BROWSING, ""),
        ip=ip_of(request),
        company_count=len(found),
    )


def _move(request: HttpRequest, company: int, membership: Membership) -> None:
    """Say that he is out of the company that he acted for; what he sends now was meant for it, see `process_view`."""
    request.session[sessions.COMPANY] = membership.sold_to_id
    sessions.cycle(request)
    request.has_lost_company = True  # type: ignore[attr-defined] # for `process_view`
    past = Membership.objects.filter(user=membership.user_id, sold_to=company)
    left = past.values_list("sold_to__name", flat=True).first() or _("the company that you had chosen")
    words = _("You can't act for %(left)s any more, so you are now ordering for %(company)s.")
    messages.warning(request, words % {"left": left, "company": membership.sold_to.name_at_end})


def _chosen(user: User, found: list[Membership], company: int | None) -> Membership | None:
    """Return the membership of the chosen company or branch while it holds, else the first."""
    chosen = membership_in(user, sold_to_id=company) if company is not None else None
    return chosen or next(iter(found), None)


def _assisting(request: HttpRequest, user: User, *, now: dt.datetime, noted: bool) -> Actor | None:
    pk = request.session.get(sessions.ASSISTED)
    if pk is None:
        return None
    current = assisted.current(rep=user, pk=pk, now=now, noted=noted)
    if current is None:
        del request.session[sessions.ASSISTED]
        sessions.cycle(request)
        messages.warning(
            request,
            _("The assisted session has ended: it lasts 60 minutes, or 15 without activity. The basket is kept."),
        )
        return None
    return _rep_actor(request, user, current, now=now)


def _rep_actor(request: HttpRequest, user: User, current: AssistedSession, *, now: dt.datetime) -> Actor:
    return Actor(
        user=user,
        sold_to=current.sold_to,
        rep=user,
        assisted=current,
        session_id=request.session.get(sessions.BROWSING, ""),
        ip=ip_of(request),
        minutes_left=math.ceil((current.expires_at - now) / dt.timedelta(minutes=1)),
    )


def _bind(request: HttpRequest, user: User, actor: Actor | None) -> None:
    bound = {
        "user_id": str(user.person_key),
        "session_id": request.session.get(sessions.BROWSING, ""),
    }
    if actor is not None:
        bound["sold_to_id"] = actor.sold_to.erp_id
        if actor.is_assisted:
            bound["rep_id"] = str(user.person_key)
    structlog.contextvars.bind_contextvars(**bound)


def _lacks_second_factor(request: HttpRequest) -> bool:
    """Whether one of ours still has to set up his second factor.

    Asked once a session, then remembered.
    """
    if not settings.STAFF_MFA_REQUIRED or SESSION_KEY not in request.session:
        return False
    user = request.user
    if not isinstance(user, User) or not is_ours(user) or request.session.get(MFA_PASSED):
        return False
    if not is_mfa_enabled(user):
        return True
    request.session[MFA_PASSED] = True
    return False


def ip_of(request: HttpRequest) -> str:
    """Return where the request came from, counting the proxies we trust."""
    from allauth.core.internal.httpkit import get_client_ip

    return get_client_ip(request) or ""
