"""What goes with an item, fetched when the reader gets there."""

from __future__ import annotations

from django.http import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.actors import ActorRequest
from accounts.permissions import require_actor
from shop.related.selectors import together_with


@require_GET
@require_actor
def item_related(request: ActorRequest, sku: str) -> HttpResponseBase:
    """Show what is ordered together with an item: a part of its page, or a page of its own without JavaScript."""
    rows = together_with(actor=request.actor, skus=[sku])
    template = "shop/related/_rows.html" if request.headers.get("HX-Request") else "shop/related/page.html"
    return render(request, template, {"rows": rows, "sku": sku})
