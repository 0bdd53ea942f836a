"""Pages on which an order is let go or changed, and the conversation about it."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.actors import ActorRequest
from accounts.permissions import require_actor
from shop.errors import ShopError
from shop.messages import services as conversations
from shop.messages.forms import typed_message
from shop.money import formats
from shop.orders import selectors, wishes
from shop.orders.conversation import subject_of
from shop.orders.shown import OrderView
from shop.orders.views import order_page
from shop.orders.wish_forms import CancelForm, ChangeForm


@require_http_methods(["GET", "POST"])
@require_actor
def order_cancel(request: ActorRequest, number: str) -> HttpResponseBase:
    """Ask whether the order shall really be let go, and pass the wish to the ERP."""
    order = selectors.get_order(actor=request.actor, number=number)
    if wishes.CANCEL not in order.allowed:
        return _no_longer(request, order)
    form = CancelForm(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        return _page(request, "cancel", order, form)
    try:
        wishes.cancel_order(actor=request.actor, order=order, reason=form.cleaned_data["reason"], now=timezone.now())
    except ShopError as error:
        messages.error(request, str(error))
        return redirect("order-detail", number=number)
    messages.success(request, _("We have asked our ERP to cancel the order. You see its answer here."))
    return redirect("order-detail", number=number)


@require_http_methods(["GET", "POST"])
@require_actor
def order_change(request: ActorRequest, number: str) -> HttpResponseBase:
    """Show what may still be changed, and pass what differs to the ERP."""
    order = selectors.get_order(actor=request.actor, number=number)
    if not set(wishes.CHANGES) & set(order.allowed):
        return _no_longer(request, order)
    today = timezone.now().astimezone(formats.company_zone()).date()
    places = selectors.delivery_places(actor=request.actor)
    form = ChangeForm(request.POST if request.method == "POST" else None, order=order, places=places, today=today)
    if not form.is_valid():
        return _page(request, "change", order, form)
    try:
        wishes.change_order(actor=request.actor, order=order, change=form.change(), now=timezone.now())
    except ShopError as error:
        form.add_error(None, str(error))
        return _page(request, "change", order, form)
    messages.success(request, _("We have asked our ERP to change the order. You see its answer here."))
    return redirect("order-detail", number=number)


def _page(request: ActorRequest, name: str, order: OrderView, form: CancelForm | ChangeForm) -> HttpResponse:
    status = 422 if form.is_bound else 200
    return render(request, f"shop/orders/{name}.html", {"order": order, "form": form}, status=status)


def _no_longer(request: ActorRequest, order: OrderView) -> HttpResponseBase:
    messages.info(
        request,
        _("Our ERP no longer allows this for order %(number)s. Nothing was changed: write to us on this page.")
        % {"number": order.number},
    )
    return redirect("order-detail", number=order.number)


@require_POST
@require_actor
def order_message(request: ActorRequest, number: str) -> HttpResponseBase:
    """Send a message about the order to the rep."""
    order = selectors.get_order(actor=request.actor, number=number)
    text, files = typed_message(request)
    try:
        conversations.post(
            actor=request.actor, subject=subject_of(request.actor, order), text=text, files=files, now=timezone.now()
        )
    except ShopError as error:
        return order_page(request, order, typed=text, error=str(error))
    messages.success(request, _("Your message is sent. The answer stands here and comes by mail."))
    return redirect(reverse("order-detail", kwargs={"number": number}) + "#talk")
