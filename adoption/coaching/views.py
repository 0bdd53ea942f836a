"""A rep's own calls of the week."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.actors import PersonRequest
from accounts.models import SoldTo
from accounts.permissions import require_rep
from accounts.selectors import company_day
from adoption.coaching import selectors, services
from adoption.coaching.errors import NotInvited
from adoption.coaching.models import Nudge
from adoption.coaching.words import reason_words
from adoption.company import company


def _own(request: PersonRequest) -> list[Nudge]:
    return selectors.week_of_rep(rep_id=str(request.user.person_key), today=company_day(timezone.now()))


@require_GET
@require_rep
def rep_week(request: PersonRequest) -> HttpResponseBase:
    """Show the rep his five customers of the week."""
    nudges = _own(request)
    named = {one.erp_id: one for one in SoldTo.objects.filter(erp_id__in=[one.account_id for one in nudges])}
    calls = [
        (one, named[one.account_id], reason_words(one.reason, one.facts)) for one in nudges if one.account_id in named
    ]
    return render(request, "adoption/rep_week.html", {"calls": calls, "currency": company().currency})


@require_POST
@require_rep
def rep_week_invite(request: PersonRequest, nudge: int) -> HttpResponseBase:
    """Invite one of them to his usual order."""
    row = next((one for one in _own(request) if one.pk == nudge), None)
    if row is None:
        raise Http404
    try:
        services.invite(nudge=row, by=request.user, now=timezone.now())
    except NotInvited as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("They have a notice that opens their usual order."))
    return redirect("rep-week")
