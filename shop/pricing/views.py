"""The cells of prices and stock that a page fetches after it has been shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from urllib.parse import urlencode

from django.http import HttpResponse, HttpResponseBadRequest
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from accounts.actors import Actor, ActorRequest
from accounts.permissions import require_actor
from erp_sync.mirror import selectors as mirror
from shop.pricing import friction
from shop.pricing.price_view import PriceView
from shop.pricing.selectors import price_in_full, price_lines

MOST_ITEMS = 100
# A page asks so often by itself for what an ERP that is late did not tell.
MOST_TRIES = 3


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
        prices = _in_full(request.actor, skus[0])
        for price in prices:
            friction.note(actor=request.actor, price=price, now=timezone.now())
        return render(request, "shop/pricing/_offer_oob.html", _answered(request, prices))
    prices = list(price_lines(actor=request.actor, asks=[(sku, Decimal(1)) for sku in skus]).values())
    return render(request, "shop/pricing/_cells.html", _answered(request, prices))


def _answered(request: ActorRequest, prices: Sequence[PriceView]) -> dict[str, object]:
    """Return what the cells show: a price that is asked once more is not called "on request" meanwhile."""
    silent = [price.sku for price in prices if price.answer is None]
    again_url = _again_url(request, [price.sku for price in prices if price.answer is None or price.is_partial])
    if again_url:
        prices = [replace(price, state="pending") if price.answer is None else price for price in prices]
    return {"prices": prices, "is_silent": bool(silent), "again_url": again_url}


def _again_url(request: ActorRequest, unanswered: Sequence[str]) -> str:
    """Return where the page asks once more for the SKUs that the ERP did not answer in time; "" when it need not."""
    tried = request.GET.get("tried", "0")
    times = int(tried) + 1 if tried in {"0", "1", "2"} else MOST_TRIES
    if not unanswered or times >= MOST_TRIES:
        return ""
    asked: dict[str, list[str]] = {"sku": list(unanswered), "tried": [str(times)]}
    if "full" in request.GET:
        asked["full"] = [""]
    return f"{request.path}?{urlencode(asked, doseq=True)}"


def _in_full(actor: Actor, sku: str) -> list[PriceView]:
    item = mirror.item(sku)
    price = price_in_full(actor=actor, item=item, wait=True) if item else None
    return [price] if price else []
