"""The page on which a rep hands a basket over."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.actors import ActorRequest
from accounts.permissions import require_actor
from shop.carts.selectors import line_count
from shop.lists.errors import ListRefused
from shop.lists.handover import MAX_NOTE, hand_over, receivers_of


@require_http_methods(["GET", "POST"])
@require_actor
def basket_hand_over(request: ActorRequest) -> HttpResponseBase:
    """Ask whom the basket is for (GET) and hand it over (POST)."""
    people = receivers_of(actor=request.actor)
    error = ""
    if request.method == "POST":
        try:
            made = hand_over(
                actor=request.actor,
                to=request.POST.get("to", ""),
                note=request.POST.get("note", ""),
                now=timezone.now(),
            )
        except ListRefused as refused:
            error = str(refused)
        else:
            messages.success(request, _("%(person)s has the basket and is told of it.") % {"person": made.owner})
            return redirect("basket")
    context = {
        "people": people,
        "count": line_count(actor=request.actor),
        "error": error,
        "typed": request.POST,
        "max_note": MAX_NOTE,
    }
    return render(request, "shop/lists/hand_over.html", context, status=422 if error else 200)
