"""The cells of prices and stock that a page fetches after it has been shown."""

from __future__ import annotations

from decimal import Decimal

from django.http import HttpResponse, HttpResponseBadRequest
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from accounts.actors import Actor, ActorRequest
from accounts.permissions import require_actor
from erp_sync.mirror import selectors as mirror
from shop.pricing.price_view import PriceView
from shop.pricing.selectors import price_in_full, price_lines

MOST_ITEMS = 100


@require_GET
@require_actor
def item_prices(request: ActorRequest) -> HttpResponse:
    """Answer with the price and stock cells of up to 100 items (`?sku=..&sku=..`), out of band.

    With `full` it is the panel of one item's page: price breaks and stock per warehouse.
    """
    skus = list(dict.fromkeys(sku for sku in request.GET.getlist("sku") if sku))
    if len(skus) > MOST_ITEMS:
        return HttpResponseBadRequest(
            _("At most %(most)s items at once: ask in smaller portions.") % {"most": MOST_ITEMS}
        )
    if "full" in request.GET and len(skus) == 1:
        return render(request, "shop/pricing/_offer_oob.html", {"prices": _in_full(request.actor, skus[0])})
    prices = price_lines(actor=request.actor, asks=[(sku, Decimal(1)) for sku in skus])
    return render(request, "shop/pricing/_cells.html", {"prices": prices.values()})


def _in_full(actor: Actor, sku: str) -> list[PriceView]:
    item = mirror.item(sku)
    price = price_in_full(actor=actor, item=item, wait=True) if item else None
    return [price] if price else []
