"""Pages of a person: his profile, his companies, the people of his company, invitations."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import get_adapter
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts import invitations, selectors, services, sessions
from accounts.actors import ActorRequest, PersonRequest
from accounts.adapter import set_language_cookie
from accounts.errors import AccountsError, InvitationRefused
from accounts.forms import InvitePersonForm, ProfileForm
from accounts.models import User
from accounts.permissions import (
    Action,
    denied_while_assisted,
    may,
    require,
    require_actor,
    require_person,
)

PAGE = 50


@require_person
@denied_while_assisted
def profile(request: PersonRequest) -> HttpResponseBase:
    """Show and change one's own name and language."""
    user = request.user
    first = {
        "first_name": user.first_name,
        "last_name": user.last_name,
        "language": user.language or request.LANGUAGE_CODE,
    }
    form = ProfileForm(request.POST or None, initial=first)
    if request.method == "POST" and form.is_valid():
        services.update_profile(user=user, now=timezone.now(), **form.cleaned_data)
        messages.success(request, _("Your profile is saved."))
        response = redirect("profile")
        set_language_cookie(response, user.language)
        return response
    context = {
        "form": form,
        "companies": selectors.memberships_of(user),
        "manages_people": _manages(request),
    }
    return render(request, "accounts/profile.html", context)


def profile_redirect(request: HttpRequest) -> HttpResponseBase:
    """Answer for allauth's page to change the log-in address, which is shut."""
    return redirect("profile")


@require_actor
@denied_while_assisted
def company_switch(request: ActorRequest) -> HttpResponseBase:
    """Choose the company to act for; the basket of the other one stays as it is."""
    memberships = [*selectors.memberships_of(request.user), *selectors.branch_memberships(request.user)]
    if request.method == "POST":
        wanted = request.POST.get("company", "")
        chosen = next((one for one in memberships if one.sold_to.number == wanted), None)
        if chosen is None:
            raise Http404
        messages.success(request, sessions.choose_company(request, chosen))
        there = request.POST.get("next", "")
        is_ours = url_has_allowed_host_and_scheme(there, allowed_hosts=None)
        return redirect(there if there.startswith("/") and is_ours else "/")
    has_branches = any(one.via is not None and one.via.sold_to_id == request.actor.sold_to.pk for one in memberships)
    context = {"memberships": memberships, "has_branches": has_branches}
    return render(request, "accounts/company_switch.html", context)


@require_safe
@require_actor
def acted_for_us(request: ActorRequest) -> HttpResponseBase:
    """Show the buyer who of our reps acted for his company, when, why, and what he ordered."""
    found = selectors.acted_for_us(actor=request.actor)
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    return render(request, "accounts/acted_for_us.html", {"page": page, "now": timezone.now()})


@require_safe
@require_actor
@denied_while_assisted
def people(request: ActorRequest) -> HttpResponseBase:
    """List the people of one's company; its administrator may invite and remove."""
    return _people_page(request, InvitePersonForm(initial={"language": request.LANGUAGE_CODE}))


@require_POST
@require_actor
@denied_while_assisted
def person_invite(request: ActorRequest) -> HttpResponseBase:
    """Invite somebody into one's company."""
    require(request.actor, Action.MANAGE_PEOPLE)
    form = InvitePersonForm(request.POST)
    if form.is_valid():
        try:
            invitations.invite(
                **form.cleaned_data,
                sold_to=request.actor.sold_to,
                by=request.actor,
                now=timezone.now(),
            )
        except InvitationRefused as error:
            form.add_error("email", str(error))
        else:
            messages.success(request, _("The invitation is on its way to %(email)s.") % form.cleaned_data)
            return redirect("people")
    return _people_page(request, form, status=422)


@require_POST
@require_actor
@denied_while_assisted
def person_disable(request: ActorRequest, pk: int) -> HttpResponseBase:
    """Remove somebody from one's company."""
    require(request.actor, Action.MANAGE_PEOPLE)
    membership = selectors.membership_of(actor=request.actor, pk=pk)
    try:
        services.disable_membership(membership=membership, by=request.actor, now=timezone.now())
        messages.success(request, _("%(person)s can no longer order for you.") % {"person": membership.user})
    except AccountsError as error:
        messages.error(request, str(error))
    return redirect("people")


@require_POST
@require_actor
@denied_while_assisted
def person_enable(request: ActorRequest, pk: int) -> HttpResponseBase:
    """Bring somebody back into one's company."""
    require(request.actor, Action.MANAGE_PEOPLE)
    membership = selectors.membership_of(actor=request.actor, pk=pk)
    services.enable_membership(membership=membership, by=request.actor, now=timezone.now())
    messages.success(request, _("%(person)s can order for you again.") % {"person": membership.user})
    return redirect("people")


@require_POST
@require_actor
@denied_while_assisted
def invitation_resend(request: ActorRequest, pk: int) -> HttpResponseBase:
    """Send an invitation of one's company again."""
    require(request.actor, Action.MANAGE_PEOPLE)
    found = selectors.invitation_of(actor=request.actor, pk=pk)
    try:
        invitations.resend(invitation=found, by=request.actor, now=timezone.now())
        messages.success(request, _("The invitation is on its way to %(email)s.") % {"email": found.email})
    except InvitationRefused as error:
        messages.error(request, str(error))
    return redirect("people")


@require_POST
@require_actor
@denied_while_assisted
def invitation_revoke(request: ActorRequest, pk: int) -> HttpResponseBase:
    """Take an invitation of one's company back."""
    require(request.actor, Action.MANAGE_PEOPLE)
    found = selectors.invitation_of(actor=request.actor, pk=pk)
    try:
        invitations.revoke(invitation=found, by=request.actor, now=timezone.now())
        messages.success(request, _("The invitation of %(email)s is taken back.") % {"email": found.email})
    except InvitationRefused as error:
        messages.error(request, str(error))
    return redirect("people")


@require_safe
def invitation(request: HttpRequest, token: str) -> HttpResponseBase:
    """Open the link of an invitation.

    The token leaves the address bar, the next page says what is offered.
    """
    found = invitations.find(token=token, now=timezone.now())
    if found is None:
        return _closed(request, invitations.closed_sentence())
    invitations.remember(request, found)
    return redirect("invitation-accept")


def invitation_accept(request: HttpRequest) -> HttpResponseBase:
    """Join the company: a known person with one click after log-in, a new one by signing up."""
    found = invitations.remembered(request, now=timezone.now())
    if found is None:
        return _closed(request, invitations.closed_sentence())
    if not isinstance(request.user, User):
        is_known = User.objects.filter(email=found.email).exists()
        context = {"invitation": found, "is_known": is_known}
        if is_known:
            return render(request, "accounts/invitation.html", context)
        get_adapter(request).stash_verified_email(request, found.email)  # the sign-up page fills it in
        return redirect("account_signup")
    if request.method != "POST":
        return render(request, "accounts/invitation.html", {"invitation": found, "is_known": True})
    try:
        membership = invitations.accept(invitation=found, user=request.user, now=timezone.now())
    except InvitationRefused as error:
        return _closed(request, str(error))
    invitations.forget(request)
    request.session[sessions.COMPANY] = membership.sold_to_id
    sessions.cycle(request)
    messages.success(
        request,
        _("Welcome: you can now order for %(company)s.") % {"company": membership.sold_to.name_at_end},
    )
    return redirect("/")


def _people_page(request: ActorRequest, form: InvitePersonForm, status: int = 200) -> HttpResponse:
    context: dict[str, Any] = {
        "members": selectors.people_of(actor=request.actor),
        "invitations": selectors.open_invitations(actor=request.actor, now=timezone.now()),
        "manages_people": _manages(request),
        "form": form,
    }
    return render(request, "accounts/people.html", context, status=status)


def _manages(request: ActorRequest | PersonRequest) -> bool:
    return request.actor is not None and may(request.actor, Action.MANAGE_PEOPLE)


def _closed(request: HttpRequest, sentence: str) -> HttpResponse:
    return render(request, "accounts/invitation_closed.html", {"sentence": sentence}, status=410)
