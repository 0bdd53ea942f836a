"""The page of what somebody waits for."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.actors import ActorRequest
from accounts.permissions import require_actor
from shop.errors import ShopError
from shop.watches import services
from shop.watches.selectors import watched


@require_http_methods(["GET", "POST"])
@require_actor
def watch_list(request: ActorRequest) -> HttpResponseBase:
    """Show what the actor waits for; `?sku=` asks whether to wait for one more. A POST begins or ends a watch."""
    error = ""
    if request.method == "POST":
        sku = request.POST.get("sku", "")[:64]
        if request.POST.get("do") == "stop":
            services.stop(actor=request.actor, sku=sku)
            return redirect("watch-list")
        try:
            services.watch(actor=request.actor, sku=sku, now=timezone.now())
        except ShopError as refused:
            error = str(refused)
        else:
            messages.success(request, _("We tell you once %(sku)s is in stock.") % {"sku": sku})
            return redirect("watch-list")
    rows = watched(actor=request.actor)
    asked = request.GET.get("sku", "")[:64]
    context = {"rows": rows, "asked": asked if asked not in {row.sku for row in rows} else "", "error": error}
    return render(request, "shop/watches/list.html", context, status=422 if error else 200)
