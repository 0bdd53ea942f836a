"""The hosted page of the fake provider: whoever pays says how it shall end. There is none where money is real."""

from __future__ import annotations

import datetime as dt
import secrets
from decimal import Decimal

from django.conf import settings
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.actors import ActorRequest
from accounts.permissions import denied_while_assisted, require_actor
from shop.payments import providers, selectors, webhooks
from shop.payments.models import FakeCharge
from shop.payments.providers.fake import FakeProvider

DELAY = dt.timedelta(seconds=20)
WRONG_BY = Decimal("0.01")
# Choice on the page -> the charge's state.
STATES = {
    "pay": "captured",
    "twice": "captured",
    "wrong": "captured",
    "later": "pending",
    "refuse": "failed",
    "leave": "open",
}


@require_http_methods(["GET", "POST"])
@require_actor
@denied_while_assisted
def fake_payment(request: ActorRequest, token: str) -> HttpResponseBase:
    """Show the page; on POST do what was chosen, send the message a provider would send, and send the payer back."""
    charge = _charge(request, token)
    if request.method == "POST" and charge.state == "open":
        choice = request.POST.get("do", "")
        if choice not in STATES:
            return _page(request, charge)
        _act(charge, choice)
        return redirect("payment-return", reference=charge.reference)
    if charge.state != "open":
        return redirect("payment-return", reference=charge.reference)
    return _page(request, charge)


def _charge(request: ActorRequest, token: str) -> FakeCharge:
    charge = FakeCharge.objects.filter(token=token).first() if settings.PAYMENT_FAKE_ALLOWED else None
    if charge is None:
        raise Http404
    selectors.get_payment(actor=request.actor, reference=charge.reference)
    return charge


def _page(request: ActorRequest, charge: FakeCharge) -> HttpResponse:
    return render(request, "shop/payments/fake.html", {"charge": charge})


def _act(charge: FakeCharge, choice: str) -> None:
    now = timezone.now()
    charge.state = STATES[choice]
    charge.settles_at = now + DELAY if choice == "later" else None
    if choice == "wrong":
        charge.charged = charge.amount - WRONG_BY
    charge.save()
    if choice == "leave":
        return
    event_id = f"evt_{secrets.token_hex(8)}"
    for _time in range(2 if choice == "twice" else 1):
        _send(charge, event_id, now)


def _send(charge: FakeCharge, event_id: str, now: dt.datetime) -> None:
    """Send the message through the same door as any provider's."""
    provider = providers.provider("fake")
    if isinstance(provider, FakeProvider):
        body, headers = provider.message(charge, event_id=event_id, now=now)
        webhooks.receive(name="fake", body=body, headers=headers, query={}, now=now)
