"""Messages of providers: proved, taken in once, and believed only as far as the provider says so when asked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from enum import StrEnum

import structlog
from django.db import transaction

from shop.payments import providers, settling
from shop.payments.errors import WebhookRefused
from shop.payments.models import Payment, ProviderEvent
from shop.payments.providers.base import Message

log = structlog.get_logger(__name__)


class Outcome(StrEnum):
    """What a proved message led to."""

    TAKEN = "taken"
    KNOWN = "known"
    NOT_OURS = "not_ours"


def receive(
    *, name: str, body: bytes, headers: Mapping[str, str], query: Mapping[str, str], now: dt.datetime
) -> Outcome:
    """Take a provider's message in: the note that it came and its effect are one transaction.

    The order of messages does not matter: the provider is asked how the payment stands now.

    Raises:
        WebhookRefused: it is not proved to be the provider's, or too old.
        ProviderRefused: this provider is not switched on, or does not know the payment.
        ProviderUnavailable: the provider could not be asked: it shall send again.
    """
    provider = providers.provider(name)
    message = provider.read_webhook(body=body, headers=headers, query=query, now=now)
    if not message.event_id:
        raise WebhookRefused("the message has no id")
    payment = _payment(name, message)
    if payment is None:
        return Outcome.NOT_OURS
    if ProviderEvent.objects.filter(provider=name, event_id=message.event_id).exists():
        return Outcome.KNOWN
    found = provider.confirm(settling.held(payment))
    with transaction.atomic():
        _event, is_new = ProviderEvent.objects.get_or_create(
            provider=name,
            event_id=message.event_id[:200],
            defaults={"payment": payment, "kind": message.kind[:100], "received_at": now},
        )
        if not is_new:
            return Outcome.KNOWN
        settling.apply(payment=payment, found=found, claimed=message.claimed, now=now)
    return Outcome.TAKEN


def _payment(name: str, message: Message) -> Payment | None:
    """Return the payment that the message is about; by the provider's own key before ours."""
    rows = Payment.objects.filter(provider=name)
    if message.provider_reference:
        return rows.filter(provider_reference=message.provider_reference).first()
    if message.reference:
        return rows.filter(reference=message.reference).first()
    return rows.filter(charge=message.charge).first() if message.charge else None
