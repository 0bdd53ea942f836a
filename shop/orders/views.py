"""Pages of orders: the list of all channels, one order, ordering it again."""

from __future__ import annotations

import re

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.actors import Actor, ActorRequest, who_of
from accounts.permissions import require_actor
from accounts.signals import Fact, announce
from erp_sync import gateway
from shop.errors import ShopError
from shop.messages import selectors as conversations
from shop.messages.services import mark_read
from shop.orders import listing, reorder, selectors, wishes
from shop.orders.conversation import subject_of
from shop.orders.forms import OrderFilterForm
from shop.orders.shown import OrderView
from shop.papers import hand_out
from shop.signals import shop_fact

ROW = re.compile(r"take-(\d{1,4})")


@require_GET
@require_actor
def order_list(request: ActorRequest) -> HttpResponse:
    """Show the orders of all channels, with search and filter."""
    form = OrderFilterForm(request.GET)
    q, state = form.chosen()
    page = _page_number(request.GET.get("page", ""))
    found = listing.orders_for(actor=request.actor, q=q, state=state, page=page)
    return render(
        request, "shop/orders/list.html", {"found": found, "q": q, "state": state, "is_narrowed": bool(q or state)}
    )


def _page_number(text: str) -> int:
    return min(max(int(text), 1), 10_000) if text.isascii() and text.isdigit() and len(text) < 6 else 1


@require_GET
@require_actor
def order_detail(request: ActorRequest, number: str) -> HttpResponse:
    """Show one order: where it stands, what came and what is still to come, its price proof. Opening it is tracking."""
    order = selectors.get_order(actor=request.actor, number=number)
    if not order.is_return:
        _announce_tracked(request.actor, order)
    return order_page(request, order)


def order_page(request: ActorRequest, order: OrderView, *, typed: str = "", error: str = "") -> HttpResponse:
    """Return the page of an order; with `error`, what was typed as a message and why it was not sent."""
    subject = subject_of(request.actor, order)
    thread = conversations.thread(actor=request.actor, subject=subject)
    context = {
        "order": order,
        "wishes": wishes.wishes_of(actor=request.actor, order=order),
        "thread": thread,
        "typed": typed,
        "error": error,
    }
    template = "shop/orders/return.html" if order.is_return else "shop/orders/detail.html"
    answer = render(request, template, context, status=422 if error else 200)
    if thread.unread:
        mark_read(actor=request.actor, subject=subject, now=timezone.now())
    return answer


def _announce_tracked(actor: Actor, order: OrderView) -> None:
    now = timezone.now()
    announce(
        shop_fact,
        Fact(
            event_id=f"order_tracked:{order.erp_id or order.reference}:{actor.user.pk}:{now:%Y%m%d%H%M%S%f}",
            kind="order_tracked",
            occurred_at=now,
            who=who_of(actor),
            object_type="order",
            object_id=order.erp_id or order.reference,
        ),
    )


@require_GET
@require_actor
def order_pdf(request: ActorRequest, number: str) -> HttpResponseBase:
    """Stream the ERP's own document of an order."""
    order = selectors.get_order(actor=request.actor, number=number)
    if not order.erp_id:
        messages.error(request, _("The document can't be had from the ERP at the moment. Try again in a few minutes."))
        return redirect("order-detail", number=number)
    return hand_out(
        request,
        lambda may_wait: gateway.order_pdf(order.erp_id, may_wait=may_wait),
        title=order.number,
        name=order.number,
        back=reverse("order-detail", args=[number]),
    )


@require_http_methods(["GET", "POST"])
@require_actor
def order_reorder(request: ActorRequest, number: str) -> HttpResponseBase:
    """Say line by line what has changed; put the chosen lines into the basket."""
    order = selectors.get_order(actor=request.actor, number=number)
    if not order.can_be_repeated:
        messages.info(request, _("There is nothing in this order that could be ordered again."))
        return redirect("order-detail", number=number)
    if request.POST.get("do") == "count":
        return _recounted(request, order)
    if request.method == "POST":
        return _order_again(request, order)
    return _reorder_page(request, order)


def _recounted(request: ActorRequest, order: OrderView) -> HttpResponse:
    """Return the bar and the amounts anew, for what is ticked and typed so far."""
    language = get_language() or "en"
    found = reorder.count(actor=request.actor, order=order, choices=_choices(request), language=language)
    return render(request, "shop/orders/_reorder_bar.html", {"compared": found})


def _reorder_page(
    request: ActorRequest,
    order: OrderView,
    choices: dict[int, reorder.Choice] | None = None,
    refused: tuple[reorder.Refused, ...] = (),
) -> HttpResponse:
    compared = reorder.compare(actor=request.actor, order=order)
    reasons = {one.row: one.reason for one in refused}
    rows = [
        {
            "line": line,
            "typed": choices[line.wanted.row].quantity if choices and line.wanted.row in choices else None,
            "is_taken": line.wanted.row in choices if choices is not None else line.is_proposed,
            "reason": reasons.get(line.wanted.row, ""),
        }
        for line in compared.lines
    ]
    context = {"order": order, "compared": compared, "rows": rows}
    return render(request, "shop/orders/reorder.html", context, status=422 if refused else 200)


def _order_again(request: ActorRequest, order: OrderView) -> HttpResponseBase:
    choices = _choices(request)
    if not choices:
        messages.error(request, _("Tick at least one line. Nothing was put into the basket."))
        return _reorder_page(request, order)
    try:
        added, refused = reorder.order_again(
            actor=request.actor, order=order, choices=choices, language=get_language() or "en", now=timezone.now()
        )
    except ShopError as error:
        messages.error(request, str(error))
        return _reorder_page(request, order, choices)
    if added:
        words = ngettext("%(n)s line is in your basket.", "%(n)s lines are in your basket.", added)
        messages.success(request, words % {"n": added})
    if refused:
        # What went in is in the basket; only what could not is shown again.
        left = {row: choice for row, choice in choices.items() if row in {one.row for one in refused}}
        return _reorder_page(request, order, left, refused)
    return redirect("basket")


def _choices(request: ActorRequest) -> dict[int, reorder.Choice]:
    """Read which rows are ticked and what was typed beside them; at most 1,000 rows."""
    choices = {}
    for name in list(request.POST)[:3_000]:
        found = ROW.fullmatch(name)
        if found:
            row = int(found[1])
            choices[row] = reorder.Choice(is_taken=True, quantity=request.POST.get(f"quantity-{row}", "")[:40])
    return choices
