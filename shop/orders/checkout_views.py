"""The checkout: one page, one order, nothing typed is ever lost."""

from __future__ import annotations

import hashlib
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts import kept_forms
from accounts.actors import ActorRequest, who_of
from accounts.permissions import require_actor
from accounts.signals import announce
from shop.approvals.errors import BudgetSpent
from shop.approvals.models import Approval
from shop.approvals.selectors import cost_centres_of
from shop.carts import services as carts
from shop.carts.services import SeenPrice
from shop.errors import BasketChanged, OrderKeyReused
from shop.money import formats
from shop.orders import selectors, services
from shop.orders.checkout import Checkout
from shop.orders.checkout import checkout as prepare
from shop.orders.forms import CheckoutForm
from shop.signals import friction, shop_fact

TYPED = ("ship_to", "customer_reference", "requested_on", "note", "cost_centre")


@require_http_methods(["GET", "POST"])
@require_actor
def checkout(request: ActorRequest) -> HttpResponseBase:
    """Show the checkout, or place the order."""
    return _place(request) if request.method == "POST" else _show(request)


def _show(request: ActorRequest) -> HttpResponseBase:
    # Another cost centre may need another approval: the page is worked out with the one that was chosen.
    chosen = request.GET.get("cost_centre")
    current = prepare(actor=request.actor, now=timezone.now(), cost_centre=chosen)
    if current.basket.is_empty:
        messages.info(request, _("Your basket is empty. Put something into it first."))
        return redirect("basket")
    # Who was logged out while typing finds his words again.
    kept = kept_forms.take(request)
    typed = {name: kept[name] for name in TYPED if name in kept} if kept else {}
    return _page(request, current, _form(current, initial=_initial(request, current) | typed))


def _initial(request: ActorRequest, current: Checkout) -> dict[str, object]:
    cart = current.basket.cart
    if cart is None:
        return {}
    known = [place.erp_id for place in current.places]
    usual = request.actor.membership.ship_to_erp_id if request.actor.membership else ""
    first = usual if usual in known else next(iter(known), "")
    return {
        "ship_to": cart.ship_to_erp_id or first,
        "customer_reference": cart.customer_reference,
        "requested_on": cart.requested_on,
        "note": cart.note,
        "order_key": cart.order_key,
        "shown": str(current.fingerprint),
        "approval": current.approval,
        "cost_centre": current.cost_centre.code if current.cost_centre else "",
    }


def _form(current: Checkout, **kwargs: object) -> CheckoutForm:
    today = timezone.now().astimezone(formats.company_zone()).date()
    return CheckoutForm(places=current.places, cost_centres=current.cost_centres, today=today, **kwargs)


def _place(request: ActorRequest) -> HttpResponseBase:
    form = CheckoutForm(
        request.POST,
        places=selectors.delivery_places(actor=request.actor),
        cost_centres=cost_centres_of(actor=request.actor),
        today=timezone.now().astimezone(formats.company_zone()).date(),
    )
    if not form.is_valid():
        return _again(request, form, status=422)
    data = form.data_of_order()
    done = None
    try:
        done = services.submit_order(
            actor=request.actor, key=form.cleaned_data["order_key"], data=data, now=timezone.now()
        )
    except BasketChanged as error:
        return _again(request, form, status=409, changed=str(error))
    except services.CheckoutBlocked:
        return _again(request, form, status=409)
    except BudgetSpent as error:  # somebody else took it in the meantime
        messages.error(request, str(error))
        return _again(request, form, status=409)
    except OrderKeyReused as error:
        messages.error(request, str(error))
        return _again(request, form, status=409)
    finally:
        if done is None:  # whatever stood in the way
            _keep_draft(request, form.cleaned_data["order_key"], data)
    if isinstance(done, Approval):
        return redirect("approval-detail", number=done.reference)
    return redirect("checkout-done", number=done.reference)


def _note_difference(request: ActorRequest, current: Checkout) -> None:
    """Announce that he met other prices than he had seen: once for what he had seen."""
    actor, shown = request.actor, request.POST.get("shown", "")
    key = hashlib.sha256(f"{actor.user.pk}:{actor.sold_to.pk}:{shown}".encode()).hexdigest()[:32]
    about = ", ".join(line.sku for line in current.basket.lines[:3])
    fact = friction(cause="price_difference", about=about, key=key, who=who_of(actor), now=timezone.now())
    announce(shop_fact, fact)


def _keep_draft(request: ActorRequest, order_key: UUID, data: services.CheckoutData) -> None:
    carts.keep_draft(
        actor=request.actor,
        order_key=order_key,
        customer_reference=data.customer_reference,
        note=data.note,
        ship_to_erp_id=data.ship_to_erp_id,
        requested_on=data.requested_on,
        now=timezone.now(),
    )


def _again(request: ActorRequest, form: CheckoutForm, *, status: int, changed: str = "") -> HttpResponseBase:
    """Show the page again with what was typed, the live prices, and what they are compared with."""
    typed = request.POST.get("cost_centre")
    current = prepare(actor=request.actor, now=timezone.now(), cost_centre=typed)
    if current.basket.is_empty:
        messages.info(request, _("Your basket is empty. If you have just ordered, your order is in this list."))
        return redirect("order-list")
    if changed:
        _note_difference(request, current)
    fresh = request.POST.copy()
    fresh["shown"], fresh["approval"] = str(current.fingerprint), current.approval
    cart = current.basket.cart
    fresh["order_key"] = str(cart.order_key if cart else uuid4())
    shown_again = _form(current, data=fresh)
    shown_again.is_valid()
    response = _page(request, current, shown_again, changed=changed)
    response.status_code = status
    return response


def _page(request: ActorRequest, current: Checkout, form: CheckoutForm, *, changed: str = "") -> HttpResponse:
    response = render(request, "shop/orders/checkout.html", {"checkout": current, "form": form, "changed": changed})
    # What he sees now is what the next change is measured against.
    seen = {
        line.sku: SeenPrice(line.net_price, current.basket.currency, line.offer.stamp.as_of)
        for line in current.basket.lines
        if line.net_price is not None and line.offer is not None and not line.was_seen
    }
    if seen:
        carts.remember_prices(actor=request.actor, seen=seen)
    return response


@require_GET
@require_actor
def placed(request: ActorRequest, number: str) -> HttpResponse:
    """Thank the buyer and say what happens next; the state refreshes by itself."""
    order = selectors.get_shop_order(actor=request.actor, number=number)
    return render(request, "shop/orders/placed.html", {"order": order, "is_moving": selectors.is_moving(order)})


@require_GET
@require_actor
def placed_state(request: ActorRequest, number: str) -> HttpResponse:
    """Return the state of a placed order alone."""
    order = selectors.get_shop_order(actor=request.actor, number=number)
    return render(request, "shop/orders/_placed_state.html", {"order": order, "is_moving": selectors.is_moving(order)})
