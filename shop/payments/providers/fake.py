"""A provider that takes no money: for the demo, development and tests. It can be told how a payment shall end.

Its memory is a table of its own (FakeCharge), its hosted page `shop.payments.fake_views`. Production refuses it.
"""

from __future__ import annotations

import datetime as dt
import json
import secrets
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from shop.payments.errors import ProviderRefused, ProviderUnavailable, WebhookRefused
from shop.payments.models import FakeCharge
from shop.payments.providers.base import (
    Ask,
    Found,
    GiveBack,
    Held,
    Message,
    Standing,
    Started,
    json_object,
    pairs,
    prove,
    signed,
    text_of,
)

HEADER = "X-Fake-Signature"


class FakeProvider:
    """Behaves like a real provider, with signed messages and a hosted page.

    Args:
        options: webhook_secret; is_down "1" = it answers nothing (tests).
    """

    name = "fake"
    is_online = True

    def __init__(self, options: Mapping[str, str]) -> None:
        if not settings.PAYMENT_FAKE_ALLOWED:
            raise ProviderRefused("the fake provider is for demo, development and tests")
        self._secret = options.get("webhook_secret", "")
        self._is_down = options.get("is_down") == "1"

    def takes(self, currency: str) -> bool:
        """Play money comes in every currency."""
        return bool(currency)

    def start(self, ask: Ask) -> Started:
        """Remember what is to be paid; a second call for the same payment finds the same charge."""
        self._answer()
        charge, _made = FakeCharge.objects.get_or_create(
            reference=ask.reference,
            defaults={
                "token": secrets.token_urlsafe(24),
                "amount": ask.amount,
                "charged": ask.amount,
                "currency": ask.currency,
                "return_url": ask.return_url,
                "cancel_url": ask.cancel_url,
            },
        )
        return Started(charge.token, reverse("fake-payment", kwargs={"token": charge.token}))

    def confirm(self, held: Held, *, has_returned: bool = False) -> Found:
        """Say how the charge stands; a delayed one is captured when its time has come."""
        self._answer()
        charge = FakeCharge.objects.filter(token=held.provider_reference).first()
        if charge is None:
            raise ProviderRefused("no such charge")
        return _found(charge)

    def refund(self, held: Held, back: GiveBack) -> None:
        """Give it back, once; more than is left is refused."""
        self._answer()
        with transaction.atomic():
            rows = FakeCharge.objects.select_for_update().filter(token=held.provider_reference)
            charge = rows.filter(state__in=("captured", "pending", "refunded")).first()
            if charge is None:
                raise ProviderRefused("nothing was captured")
            if back.once in charge.refunds:
                return
            left = charge.charged - refunded_of(charge)
            amount = left if back.amount is None else back.amount
            if amount > left:
                raise ProviderRefused("more than is left")
            charge.refunds[back.once] = str(amount)
            if refunded_of(charge) == charge.charged:
                charge.state = Standing.REFUNDED
            charge.save(update_fields=["refunds", "state"])

    def read_webhook(
        self, *, body: bytes, headers: Mapping[str, str], query: Mapping[str, str], now: dt.datetime
    ) -> Message:
        """Prove the signature (t, v1: HMAC-SHA256 over "t.body") and read the event."""
        found = dict(pairs(headers.get(HEADER, "")))
        at = found.get("t", "")
        text = at.encode() + b"." + body
        prove(secret=self._secret, text=text, signatures=[found.get("v1", "")], at=at, now=now)
        return _message(json_object(body))

    def message(self, charge: FakeCharge, *, event_id: str, now: dt.datetime) -> tuple[bytes, dict[str, str]]:
        """Return the body and headers of the message that this provider sends about a charge."""
        found = _found(charge)
        body = json.dumps(
            {
                "id": event_id,
                "type": f"charge.{found.standing}",
                "token": charge.token,
                "reference": charge.reference,
                "standing": found.standing,
                "amount": str(charge.charged),
                "currency": charge.currency,
                "account": "ours",
            }
        ).encode()
        at = str(int(now.timestamp()))
        return body, {HEADER: f"t={at},v1={signed(self._secret, at.encode() + b'.' + body)}"}

    def _answer(self) -> None:
        if self._is_down:
            raise ProviderUnavailable("the fake provider was told to be down")


def _found(charge: FakeCharge) -> Found:
    standing = Standing(charge.state)
    if standing == Standing.PENDING and charge.settles_at is not None and charge.settles_at <= timezone.now():
        standing = Standing.CAPTURED
    return Found(
        standing,
        charge.reference,
        charge.charged,
        charge.currency,
        charge=f"charge-{charge.pk}",
        refunded=refunded_of(charge),
    )


def refunded_of(charge: FakeCharge) -> Decimal:
    """Return how much of a charge was given back."""
    return sum((Decimal(one) for one in charge.refunds.values()), Decimal(0))


def _message(event: Mapping[str, Any]) -> Message:
    amount = text_of(event.get("amount"))
    try:
        claimed = Found(
            standing=Standing(text_of(event.get("standing"))),
            reference=text_of(event.get("reference")),
            amount=_decimal(amount),
            currency=text_of(event.get("currency")),
            is_our_account=event.get("account") == "ours",
        )
    except ValueError as error:
        raise WebhookRefused("an unknown standing or amount") from error
    return Message(
        event_id=text_of(event.get("id")),
        kind=text_of(event.get("type")),
        reference=text_of(event.get("reference")),
        provider_reference=text_of(event.get("token")),
        claimed=claimed,
    )


def _decimal(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation as error:
        raise ValueError(text) from error
