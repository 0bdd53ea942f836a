"""The page of a head office."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.actors import ActorRequest
from accounts.permissions import require_actor
from accounts.selectors import company_day
from shop.branches import selectors


@require_GET
@require_actor
def together(request: ActorRequest) -> HttpResponse:
    """Show orders, open invoices or missing goods of all branches."""
    what = request.GET.get("what", "")
    what = what if what in selectors.WHAT else selectors.ORDERS
    found = selectors.together(
        actor=request.actor,
        what=what,
        branch=request.GET.get("branch", "")[:64].replace("\x00", ""),
        page=request.GET.get("page", "")[:9],
    )
    context = {"found": found, "what": what, "today": company_day(timezone.now())}
    return render(request, "shop/branches/together.html", context)
