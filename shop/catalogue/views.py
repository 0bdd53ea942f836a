"""Pages of the catalogue: the list, an item, its picture and its documents."""

from __future__ import annotations

import structlog
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_safe

from accounts import throttling
from accounts.actors import ActorRequest
from accounts.permissions import require_actor
from erp_sync import gateway
from erp_sync.errors import ErpError
from shop.catalogue import pictures, selectors, services
from shop.catalogue.forms import item_query
from shop.catalogue.query import VIEWS
from shop.knowledge.selectors import articles_beside
from shop.offers.selectors import offers_for, offers_on
from shop.offers.words import words_of
from shop.papers import hand_out
from shop.pricing import friction

VIEW_COOKIE = "items_view"
YEAR_S = 365 * 24 * 3600
PICTURE_CACHE = f"public, max-age={YEAR_S}, immutable"

log = structlog.get_logger("shop")


@require_GET
@require_actor
def item_list(request: ActorRequest) -> HttpResponse:
    """Show the items of a search or category; prices not known yet arrive in their places.

    `?prices=wait` asks for all of them at once, for readers without JavaScript.
    """
    query = item_query(request.GET, view=request.COOKIES.get(VIEW_COOKIE, ""))
    if query.query:
        throttling.pass_search(request)
    wait = request.GET.get("prices") == "wait"
    found = selectors.search_items(actor=request.actor, query=query, wait=wait)
    # The search box sends its words alone; filters, sorting and further pages of the same search send more.
    if query.query and set(request.GET) == {"q"}:
        services.note_search(actor=request.actor, query=query.query, hits=found.total, now=timezone.now())
    offers = words_of(offers_for(actor=request.actor, now=timezone.now()))
    response = render(request, "shop/catalogue/item_list.html", {"found": found, "query": query, "offers": offers})
    if request.GET.get("view") in VIEWS:
        response.set_cookie(VIEW_COOKIE, query.view, max_age=YEAR_S, samesite="Lax", httponly=True)
    return response


@require_GET
@require_actor
def item_detail(request: ActorRequest, sku: str) -> HttpResponse:
    """Show one item, or that it is no longer sold and what is sold instead."""
    wait = request.GET.get("prices") == "wait"
    item = selectors.get_item(actor=request.actor, sku=sku, wait=wait)
    if not wait:
        services.note_product_view(actor=request.actor, sku=item.sku, now=timezone.now())
    if item.price is not None and not item.is_withdrawn:
        friction.note(actor=request.actor, price=item.price, now=timezone.now())
    offers = words_of(offers_on(actor=request.actor, item=item.item, now=timezone.now()))
    articles = articles_beside(item=item.item, now=timezone.now())
    return render(request, "shop/catalogue/item_detail.html", {"item": item, "offers": offers, "articles": articles})


@require_safe
def item_image(request: HttpRequest, sku: str, version: str) -> HttpResponseBase:
    """Answer with an item's picture; the version in the address makes it the same for everybody.

    It needs no log-in: only somebody who was shown the address knows the version.
    """
    try:
        picture = pictures.kept_picture(version) or _fetched(sku, version)
    except (pictures.NoPicture, ErpError) as error:
        log.info("picture_missing", sku=sku, error=str(error))
        return redirect(static("img/items/placeholder.svg"))
    response = HttpResponse(picture.content, content_type=picture.media_type)
    response.headers["Cache-Control"] = PICTURE_CACHE
    return response


def _fetched(sku: str, version: str) -> pictures.Picture:
    item = selectors.item_with_picture(sku)
    if item is None:
        raise Http404
    try:
        return pictures.fetch_picture(item, version)
    except pictures.WrongVersion as error:
        raise Http404 from error


@require_GET
@require_actor
def item_document(request: ActorRequest, sku: str, document: str) -> HttpResponseBase:
    """Hand out a file of an item as the ERP gives it; it is not kept here."""
    wanted = selectors.find_document(actor=request.actor, sku=sku, document=document)
    return hand_out(
        request,
        lambda may_wait: gateway.item_document(wanted.id, may_wait=may_wait),
        title=wanted.name,
        name="",
        back=reverse("item-detail", args=[sku]),
        is_shown=True,
    )
