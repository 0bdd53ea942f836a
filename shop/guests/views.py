"""The catalogue for people without a log-in."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts import throttling
from shop.catalogue.forms import item_query
from shop.guests.selectors import are_welcome, guest_item, guest_items

P = ParamSpec("P")


def for_guests(
    view: Callable[Concatenate[HttpRequest, P], HttpResponseBase],
) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    """Open a page to guests only where the owner allows it, else they log in; who buys here gets his own page instead.

    Nobody who is logged in may be sent to the log-in page: it would send him back, for ever.
    """

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        is_buying = getattr(request, "actor", None) is not None
        if is_buying or (request.user.is_authenticated and not are_welcome()):
            return redirect(reverse("item-detail", kwargs=kwargs) if kwargs else reverse("item-list"))
        if are_welcome():
            return view(request, *args, **kwargs)
        return redirect_to_login(request.get_full_path())

    return guarded


@require_safe
@for_guests
def guest_catalogue(request: HttpRequest) -> HttpResponseBase:
    """Show a search or category."""
    throttling.pass_search(request)
    query = item_query(request.GET, view="cards")
    context = {"found": guest_items(query), "query": query, "currency": settings.COMPANY_CURRENCY}
    return render(request, "shop/guests/list.html", context)


@require_safe
@for_guests
def guest_item_page(request: HttpRequest, sku: str) -> HttpResponseBase:
    """Show one item."""
    context = {"item": guest_item(sku), "currency": settings.COMPANY_CURRENCY}
    return render(request, "shop/guests/item.html", context)
