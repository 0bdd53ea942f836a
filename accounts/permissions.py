"""Who may pass: the decorators of the views and the question that services ask."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from functools import wraps
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import ResolverMatch
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django_htmx.http import HttpResponseClientRedirect

from accounts import kept_forms
from accounts.actors import Actor, is_ours
from accounts.errors import NotPermitted
from accounts.models import Role, User

View = Callable[..., HttpResponseBase]

# Pages that belong to the person himself; while he acts for a customer they are shut.
OWN_PAGES = ("account_", "mfa_")
ALWAYS_OPEN = {"account_logout"}


class Action(StrEnum):
    """What can be done for a company beyond looking."""

    ORDER = "order"
    REQUEST_QUOTE = "request_quote"
    ACCEPT_QUOTE = "accept_quote"
    CANCEL = "cancel"
    RETURN = "return"
    EXPORT = "export"
    SHARE = "share"
    APPROVE = "approve"
    PAY = "pay"
    MANAGE_PEOPLE = "manage_people"
    MANAGE_RULES = "manage_rules"
    EXPORT_PERSONAL_DATA = "export_personal_data"
    ERASE_PERSONAL_DATA = "erase_personal_data"
    CHANGE_CREDENTIALS = "change_credentials"


EVERYBODY = {
    Action.ORDER,
    Action.REQUEST_QUOTE,
    Action.ACCEPT_QUOTE,
    Action.CANCEL,
    Action.RETURN,
    Action.EXPORT,
    Action.SHARE,
    Action.PAY,
    Action.CHANGE_CREDENTIALS,
    Action.EXPORT_PERSONAL_DATA,
}
ALLOWED: dict[str, set[Action]] = {
    Role.BUYER: EVERYBODY,
    Role.APPROVER: EVERYBODY | {Action.APPROVE},
    Role.ADMIN: set(Action),
}
# A rep who acts for a customer does what is asked for by telephone: orders, and what follows an order (reliability A7).
ALLOWED_ASSISTED = {
    Action.ORDER,
    Action.REQUEST_QUOTE,
    Action.ACCEPT_QUOTE,
    Action.CANCEL,
    Action.RETURN,
    Action.EXPORT,
}
# Who looks at a branch from its head office reads.
ALLOWED_READ_ONLY = {Action.EXPORT}


def may(actor: Actor, action: Action) -> bool:
    """Whether the actor may do it for his company.

    Asked by services, and by templates through their views.
    """
    if actor.is_assisted:
        return action in ALLOWED_ASSISTED
    if actor.is_read_only:
        return action in ALLOWED_READ_ONLY
    return actor.membership is not None and action in ALLOWED[actor.membership.role]


def require(actor: Actor, action: Action) -> None:
    """Pass or refuse.

    Raises:
        NotPermitted: with the sentence for the page.
    """
    if may(actor, action):
        return
    if actor.is_assisted:
        raise NotPermitted(denied_sentence(actor))
    if actor.is_read_only:
        raise NotPermitted(
            _("You may read the documents of %(company)s, not act for it. Ask the administrator of your head office.")
            % {"company": actor.sold_to.name}
        )
    raise NotPermitted(_("Your role in this company does not allow this. Ask its administrator; nothing was changed."))


def require_actor(view: View) -> View:
    """Let only somebody who acts for a company through; everybody else is told where to go."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if getattr(request, "actor", None) is not None:
            return view(request, *args, **kwargs)
        if not request.user.is_authenticated:
            return to_login(request)
        return _without_company(request, request.user)

    guarded.needs_actor = True  # type: ignore[attr-defined] # read by the tests that walk the URLconf
    return guarded


def require_person(view: View) -> View:
    """Let only somebody who is logged in through, with or without a company."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return to_login(request)
        return view(request, *args, **kwargs)

    return guarded


def require_rep(view: View) -> View:
    """Let only our sales reps through; for everybody else the page does not exist (404)."""
    return _ours_only(view, lambda user: user.is_rep)


def denied_while_assisted(view: View) -> View:
    """Refuse the view to a rep who acts for a customer, whatever the method (reliability A7)."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        actor: Actor | None = getattr(request, "actor", None)
        if actor is not None and actor.is_assisted:
            return deny(request, actor)
        return view(request, *args, **kwargs)

    guarded.denied_while_assisted = True  # type: ignore[attr-defined] # read by the tests that walk the URLconf
    return guarded


def is_denied_while_assisted(match: ResolverMatch) -> bool:
    """Whether a route is shut in an assisted session.

    A person's own pages, the admin, and marked views.
    """
    if "admin" in match.namespaces:
        return True
    name = match.url_name or ""
    if name.startswith(OWN_PAGES):
        return name not in ALWAYS_OPEN
    return bool(getattr(match.func, "denied_while_assisted", False))


def deny(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Answer 403 with the reason and the way out."""
    context = {"actor": actor, "sentence": denied_sentence(actor)}
    return render(request, "accounts/denied_while_assisted.html", context, status=403)


def denied_sentence(actor: Actor) -> str:
    """Say why a rep may not do this for the customer."""
    return _(
        "While you are acting for %(company)s, passwords, people, payments, approvals and personal data "
        "stay with the customer. Nothing was changed; end the session to go on as yourself."
    ) % {"company": actor.sold_to.name}


def to_login(request: HttpRequest) -> HttpResponseBase:
    """Send an anonymous visitor to the log-in page and back.

    What he had typed is kept for the page he was on.
    """
    if request.method == "POST":
        kept_forms.keep(request)
    here = _page_of(request)
    answer = redirect_to_login(here)
    if request.headers.get("HX-Request") == "true":
        return HttpResponseClientRedirect(answer.url)
    return answer


def _page_of(request: HttpRequest) -> str:
    """Return the page to come back to.

    A fragment or a POST belongs to the page it was sent from.
    """
    if request.method in {"GET", "HEAD"} and request.headers.get("HX-Request") != "true":
        return request.get_full_path()
    sender = request.headers.get("HX-Current-URL") or request.headers.get("Referer", "")
    if url_has_allowed_host_and_scheme(sender, {request.get_host()}):
        return urlunsplit(("", "", *urlsplit(sender)[2:]))
    return request.get_full_path()


def _without_company(request: HttpRequest, user: User) -> HttpResponseBase:
    if user.is_rep:
        messages.info(request, _("Choose the customer you want to act for."))
        return redirect("rep-desk")
    if user.is_manager:
        return redirect("admin:adoption_adoptionreport_changelist")
    if is_ours(user) and user.is_staff:
        return redirect("admin:index")
    return render(request, "accounts/no_company.html", status=403)


def _ours_only(view: View, passes: Callable[[User], bool]) -> View:
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return to_login(request)
        if not passes(request.user):
            raise Http404
        return view(request, *args, **kwargs)

    return guarded
