"""The first page. A rep without a customer goes to his desk, a manager to the admin (`require_actor`)."""

from __future__ import annotations

import uuid

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.actors import ActorRequest
from accounts.permissions import require_actor
from accounts.selectors import company_day
from shop.approvals.selectors import approvals_at_home
from shop.home import selectors
from shop.invoices.selectors import money_owed
from shop.lists.selectors import due_lists
from shop.quotes.selectors import quotes_with_clock


@require_GET
@require_actor
def home(request: ActorRequest) -> HttpResponse:
    """Show what to order again, what needs attention, which quotes have a clock, and what is owed."""
    now = timezone.now()
    orders = selectors.orders_at_home(actor=request.actor, now=now)
    context = {
        "approvals": approvals_at_home(actor=request.actor),
        "baskets": orders.baskets,
        "open_orders": orders.open_orders,
        "quotes": quotes_with_clock(actor=request.actor, now=now),
        "owed": money_owed(actor=request.actor, now=now),
        "due_lists": due_lists(actor=request.actor, today=company_day(now)),
        "list_key": uuid.uuid4(),
    }
    return render(request, "shop/home/home.html", context)
