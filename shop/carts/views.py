"""Pages of the basket. Each works without JavaScript; htmx only saves the reload."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.actors import ActorRequest
from accounts.permissions import require_actor
from accounts.selectors import price_context
from erp_sync import gateway
from erp_sync.records import Ask
from shop.carts import selectors, services
from shop.carts.quantities import parse_quantity, rule_of
from shop.carts.services import SeenPrice
from shop.errors import BadNumber, ShopError
from shop.money import formats
from shop.money.parsing import parse_decimal


def _language() -> str:
    return get_language() or "en"


@require_GET
@require_actor
def basket(request: ActorRequest) -> HttpResponse:
    """Show the basket; prices that aren't known yet arrive in their places (`?prices=wait`: all at once)."""
    wait = request.GET.get("prices") == "wait"
    return render(request, "shop/carts/basket.html", _context(request, wait=wait) | _just_removed(request))


def _just_removed(request: ActorRequest) -> dict[str, object]:
    """Return what was taken out a moment ago without JavaScript, to be put back; it is only words until it is."""
    sku = request.GET.get("removed", "")[:64]
    if not sku or "\x00" in sku:
        return {}
    try:
        quantity = parse_decimal(request.GET.get("quantity", "")[:40], language=_language())
    except BadNumber:
        return {}
    return {"removed": services.Adding(sku=sku, quantity=quantity)}


@require_GET
@require_actor
def basket_table(request: ActorRequest) -> HttpResponse:
    """Return the table alone, with prices asked of the ERP where they aren't fresh."""
    return render(request, "shop/carts/_table.html", _context(request, wait=True))


def _context(request: ActorRequest, *, wait: bool) -> dict[str, object]:
    basket = selectors.basket(actor=request.actor, wait=wait)
    _note_first_prices(request, basket)
    return {
        "basket": basket,
        "is_waiting": not wait and not basket.is_priced and not basket.is_empty,
        "needs_refresh": not wait and basket.stamp is not None and basket.stamp.refresh,
    }


def _note_first_prices(request: ActorRequest, basket: selectors.Basket) -> None:
    """The first price a buyer sees is the one that later changes are shown against."""
    seen = {
        line.sku: SeenPrice(line.net_price, basket.currency, line.offer.stamp.as_of)
        for line in basket.lines
        if line.offer is not None and line.net_price is not None and line.line.seen_price is None
    }
    if seen:
        services.remember_prices(actor=request.actor, seen=seen)


@require_POST
@require_actor
def basket_add(request: ActorRequest) -> HttpResponseBase:
    """Put an item into the basket (`sku`, `quantity`), and say so where the buyer is."""
    sku = request.POST.get("sku", "").strip()[:64]
    try:
        item = services.orderable_item(sku)
        quantity = parse_quantity(request.POST.get("quantity", ""), rule=rule_of(item), language=_language())
        known = gateway.known_offers(
            price_context(sold_to=request.actor.sold_to), [Ask(item.sku, item.erp_id, quantity)]
        ).get(item.sku)
        line = services.add_line(
            actor=request.actor,
            sku=item.sku,
            quantity=quantity,
            language=_language(),
            now=timezone.now(),
            seen=_seen(known),
            item=item,
        )
    except ShopError as error:
        return _answer(request, error=str(error), sku=sku)
    words = _("%(quantity)s of %(sku)s in your basket.") % {
        "quantity": formats.quantity(quantity),
        "sku": line.sku,
    }
    count: int = line.cart.line_count  # type: ignore[attr-defined] # add_line tells it
    return _answer(request, done=words, sku=line.sku, count=count)


def _seen(known: gateway.StampedOffer | None) -> SeenPrice | None:
    if known is None or known.offer.net_price is None:
        return None
    return SeenPrice(known.offer.net_price, known.offer.currency, known.stamp.as_of)


def _answer(
    request: ActorRequest, *, done: str = "", error: str = "", sku: str = "", count: int | None = None
) -> HttpResponseBase:
    if request.htmx:  # type: ignore[attr-defined]
        context = {
            "done": done,
            "error": error,
            "sku": sku,
            "basket_count": selectors.line_count(actor=request.actor) if count is None else count,
        }
        return render(request, "shop/carts/_added.html", context)
    if error:
        messages.error(request, error)
    else:
        messages.success(request, done)
    return redirect(_back(request))


def _back(request: ActorRequest) -> str:
    """Return where the buyer was, if that is a page of ours."""
    came_from = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(
        came_from, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return came_from if is_ours else reverse("basket")


@require_POST
@require_actor
def basket_line(request: ActorRequest) -> HttpResponseBase:
    """Change one line: `do` is set, remove, put_back or swap (take the replacement instead)."""
    sku = request.POST.get("sku", "").strip()[:64]
    context: dict[str, object] = {}
    try:
        context = _change_line(request, sku, request.POST.get("do", "set"))
    except ShopError as error:
        context = {"error": str(error), "error_sku": sku, "typed": request.POST.get("quantity", "")[:40]}
    if request.htmx:  # type: ignore[attr-defined]
        context |= _context(request, wait=True)
        context["basket_count"] = len(context["basket"].lines)  # type: ignore[attr-defined]
        return render(request, "shop/carts/_table.html", context)
    if "error" in context:
        messages.error(request, str(context["error"]))
    removed = context.get("removed")
    if isinstance(removed, services.Adding):
        gone = urlencode({"removed": removed.sku, "quantity": formats.plain_quantity(removed.quantity)})
        return redirect(f"{reverse('basket')}?{gone}")
    return redirect("basket")


def _change_line(request: ActorRequest, sku: str, what: str) -> dict[str, object]:
    now = timezone.now()
    if what == "remove":
        return {"removed": services.remove_line(actor=request.actor, sku=sku, now=now)}
    if what == "swap":
        return _swap(request, sku)
    item = services.orderable_item(sku)
    quantity = parse_quantity(request.POST.get("quantity", ""), rule=rule_of(item), language=_language())
    if what == "put_back":
        services.put_back(actor=request.actor, sku=sku, quantity=quantity, language=_language(), now=now)
    else:
        services.set_quantity(actor=request.actor, sku=sku, quantity=quantity, language=_language(), now=now)
    return {}


def _swap(request: ActorRequest, sku: str) -> dict[str, object]:
    services.swap_for_replacement(actor=request.actor, sku=sku, language=_language(), now=timezone.now())
    return {}
