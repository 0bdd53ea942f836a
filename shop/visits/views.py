"""The sheet of a visit: to read in the car park, or to print."""

from __future__ import annotations

from django.http import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.actors import PersonRequest
from accounts.permissions import require_rep
from shop.visits.selectors import visit_sheet


@require_safe
@require_rep
def rep_customer(request: PersonRequest, number: str) -> HttpResponseBase:
    """Show a rep one of his customers on one sheet."""
    now = timezone.now()
    return render(
        request, "shop/visits/sheet.html", {"sheet": visit_sheet(rep=request.user, number=number, now=now), "now": now}
    )
