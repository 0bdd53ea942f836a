"""Stripe Checkout: a hosted page for each payment. Written from the public API reference, tested against a stub."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from shop.payments.door import Door, needed, refuse
from shop.payments.errors import ProviderUnavailable
from shop.payments.providers.base import (
    Ask,
    Found,
    GiveBack,
    Held,
    Message,
    Standing,
    Started,
    from_minor,
    json_object,
    pairs,
    prove,
    text_of,
    to_minor,
)

VERSION = "2024-06-20"
LANGUAGES = {"en": "en", "es": "es", "pt-br": "pt-BR"}
LIFETIME = dt.timedelta(hours=2)


class Stripe:
    """Checkout Sessions over Stripe's HTTP API.

    Args:
        options: url, secret_key, webhook_secret, and account (of Stripe Connect, else "").
    """

    name = "stripe"
    is_online = True

    def __init__(self, options: Mapping[str, str]) -> None:
        self._secret = options["webhook_secret"]
        self._account = options.get("account", "")
        self._is_live = "_live_" in options["secret_key"]
        headers = {"Authorization": f"Bearer {options['secret_key']}", "Stripe-Version": VERSION}
        if self._account:
            headers["Stripe-Account"] = self._account
        self._door = Door(options["url"], headers)

    def takes(self, currency: str) -> bool:
        """Stripe takes nearly every currency; those of three decimals want rounding that we do not do."""
        return currency not in {"BHD", "JOD", "KWD", "OMR", "TND"}

    def start(self, ask: Ask) -> Started:
        """Create a Checkout Session; the idempotency key makes a second call give the same one."""
        fields = {
            "mode": "payment",
            "client_reference_id": ask.reference,
            "success_url": ask.return_url,
            "cancel_url": ask.cancel_url,
            "locale": LANGUAGES.get(ask.language, "auto"),
            "expires_at": str(int((ask.now + LIFETIME).timestamp())),
            "line_items[0][quantity]": "1",
            "line_items[0][price_data][currency]": ask.currency.lower(),
            "line_items[0][price_data][unit_amount]": str(to_minor(ask.amount, ask.currency)),
            "line_items[0][price_data][product_data][name]": ask.description,
            "payment_intent_data[metadata][reference]": ask.reference,
        }
        reply = self._door.form("/v1/checkout/sessions", fields, operation="stripe.start", once=ask.reference)
        refuse(reply, "stripe.start")
        return Started(needed(reply.data, "id", str), needed(reply.data, "url", str))

    def confirm(self, held: Held, *, has_returned: bool = False) -> Found:
        """Retrieve the session, with the charge behind it: that knows what was given back."""
        query = urlencode({"expand[]": "payment_intent.latest_charge"})
        path = f"/v1/checkout/sessions/{held.provider_reference}?{query}"
        reply = self._door.get(path, operation="stripe.confirm")
        refuse(reply, "stripe.confirm")
        return self._found(reply.data)

    def refund(self, held: Held, back: GiveBack) -> None:
        """Refund so much of the payment intent."""
        fields = {"payment_intent": held.charge, "metadata[reference]": back.once}
        if back.amount is not None:
            fields["amount"] = str(to_minor(back.amount, held.currency))
        reply = self._door.form("/v1/refunds", fields, operation="stripe.refund", once=back.once)
        if reply.data.get("error", {}).get("code") == "charge_already_refunded":
            return
        refuse(reply, "stripe.refund")
        if reply.data.get("status") not in {"succeeded", "pending"}:
            raise ProviderUnavailable(f"stripe.refund: status {reply.data.get('status')}")

    def read_webhook(
        self, *, body: bytes, headers: Mapping[str, str], query: Mapping[str, str], now: dt.datetime
    ) -> Message:
        """Prove `Stripe-Signature` (t, v1: HMAC-SHA256 over "t.body") and read the event."""
        found = pairs(headers.get("Stripe-Signature", ""))
        at = next((value for name, value in found if name == "t"), "")
        signatures = [value for name, value in found if name == "v1"]
        prove(secret=self._secret, text=at.encode() + b"." + body, signatures=signatures, at=at, now=now)
        event = json_object(body)
        subject = event.get("data", {}).get("object") if isinstance(event.get("data"), dict) else None
        if isinstance(subject, dict) and subject.get("object") == "charge":
            return self._of_charge(event, subject)
        if not isinstance(subject, dict) or subject.get("object") != "checkout.session":
            return Message(text_of(event.get("id")), text_of(event.get("type")))
        return Message(
            event_id=text_of(event.get("id")),
            kind=text_of(event.get("type")),
            reference=text_of(subject.get("client_reference_id")),
            provider_reference=text_of(subject.get("id")),
            claimed=self._found(subject, account=text_of(event.get("account"))),
        )

    @staticmethod
    def _of_charge(event: Mapping[str, Any], charge: Mapping[str, Any]) -> Message:
        """A charge was refunded: nothing of what it says is believed, the session is asked."""
        intent = charge.get("payment_intent")
        return Message(
            event_id=text_of(event.get("id")),
            kind=text_of(event.get("type")),
            charge=text_of(intent.get("id") if isinstance(intent, dict) else intent),
        )

    def _found(self, session: Mapping[str, Any], *, account: str = "") -> Found:
        currency = needed(session, "currency", str).upper()
        charge = session.get("payment_intent")
        latest = charge.get("latest_charge") if isinstance(charge, dict) else None
        refunded = latest.get("amount_refunded") if isinstance(latest, dict) else None
        return Found(
            standing=_standing(session),
            reference=text_of(session.get("client_reference_id")),
            amount=from_minor(needed(session, "amount_total", int), currency),
            currency=currency,
            is_our_account=session.get("livemode") is self._is_live and account in {"", self._account},
            charge=text_of(charge.get("id") if isinstance(charge, dict) else charge),
            refunded=from_minor(refunded, currency) if isinstance(refunded, int) else None,
        )


def _standing(session: Mapping[str, Any]) -> Standing:
    if session.get("payment_status") == "paid":
        return Standing.CAPTURED
    states = {"open": Standing.OPEN, "complete": Standing.PENDING, "expired": Standing.EXPIRED}
    state = states.get(text_of(session.get("status")))
    if state is None:
        raise ProviderUnavailable(f"stripe: unknown status {session.get('status')!r}")
    return state
