"""Mercado Pago Checkout Pro: a preference for each payment. Written from the public reference, tested with a stub."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from shop.payments.door import Door, needed, refuse
from shop.payments.errors import ProviderUnavailable, WebhookRefused
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
    text_of,
)

LIFETIME = dt.timedelta(hours=2)
CURRENCIES = frozenset({"ARS", "BRL", "CLP", "COP", "MXN", "PEN", "UYU"})
STANDINGS = {
    "approved": Standing.CAPTURED,
    "authorized": Standing.PENDING,
    "pending": Standing.PENDING,
    "in_process": Standing.PENDING,
    "in_mediation": Standing.PENDING,
    "rejected": Standing.OPEN,  # he may try another card in the same preference
    "cancelled": Standing.OPEN,
    "refunded": Standing.REFUNDED,
    "charged_back": Standing.REFUNDED,
}
# Of several tries at one preference the one that got furthest counts.
BEST = (Standing.CAPTURED, Standing.REFUNDED, Standing.PENDING, Standing.OPEN)
# Times in signatures are seconds; newer ones milliseconds.
MILLISECONDS = 1000


class MercadoPago:
    """Preferences and payments over Mercado Pago's HTTP API.

    Args:
        options: url, access_token, webhook_secret, collector_id (our account).
    """

    name = "mercado_pago"
    is_online = True

    def __init__(self, options: Mapping[str, str]) -> None:
        self._secret = options["webhook_secret"]
        self._collector = options["collector_id"]
        self._door = Door(options["url"], {"Authorization": f"Bearer {options['access_token']}"})

    def takes(self, currency: str) -> bool:
        """One of the currencies of its countries."""
        return currency in CURRENCIES

    def start(self, ask: Ask) -> Started:
        """Create a preference that lives two hours."""
        body = {
            "items": [
                {
                    "id": ask.reference,
                    "title": ask.description,
                    "quantity": 1,
                    "currency_id": ask.currency,
                    "unit_price": ask.amount,
                }
            ],
            "external_reference": ask.reference,
            "back_urls": {"success": ask.return_url, "pending": ask.return_url, "failure": ask.cancel_url},
            "auto_return": "approved",
            "notification_url": ask.hook_url,
            "expires": True,
            "expiration_date_to": (ask.now + LIFETIME).isoformat(timespec="milliseconds"),
        }
        reply = self._door.json(
            "POST", "/checkout/preferences", body, operation="mercado_pago.start", once=ask.reference
        )
        refuse(reply, "mercado_pago.start")
        return Started(needed(reply.data, "id", str), needed(reply.data, "init_point", str))

    def confirm(self, held: Held, *, has_returned: bool = False) -> Found:
        """Search the payments with our reference."""
        query = urlencode({"external_reference": held.reference, "sort": "date_created", "criteria": "desc"})
        reply = self._door.get(f"/v1/payments/search?{query}", operation="mercado_pago.confirm")
        refuse(reply, "mercado_pago.confirm")
        rows = [self._found(row) for row in needed(reply.data, "results", list) if isinstance(row, dict)]
        return min(rows, key=lambda one: BEST.index(one.standing), default=Found(Standing.OPEN))

    def refund(self, held: Held, back: GiveBack) -> None:
        """Refund so much of the payment."""
        path = f"/v1/payments/{held.charge}/refunds"
        body = {} if back.amount is None else {"amount": back.amount}
        reply = self._door.json("POST", path, body, operation="mercado_pago.refund", once=back.once)
        refuse(reply, "mercado_pago.refund")
        if reply.data.get("status") not in {"approved", "in_process"}:
            raise ProviderUnavailable(f"mercado_pago.refund: status {reply.data.get('status')}")

    def read_webhook(
        self, *, body: bytes, headers: Mapping[str, str], query: Mapping[str, str], now: dt.datetime
    ) -> Message:
        """Prove `x-signature` (ts, v1: HMAC-SHA256 over "id:…;request-id:…;ts:…;") and find which payment it is.

        The signature covers the payment's id, not the body: so nothing of the body is believed, the payment is
        fetched.
        """
        found = dict(pairs(headers.get("x-signature", "")))
        at, request_id = found.get("ts", ""), headers.get("x-request-id", "")
        subject = (query.get("data.id") or _data_id(body)).lower()
        if not subject or not request_id:
            raise WebhookRefused("no payment or no request is named")
        prove(
            secret=self._secret,
            text=f"id:{subject};request-id:{request_id};ts:{at};".encode(),
            signatures=[found.get("v1", "")],
            at=at,
            now=now,
            unit=MILLISECONDS if len(at) > 11 else 1,
        )
        if _kind(body, query) != "payment":
            return Message(event_id=f"{subject}:{request_id}", kind=_kind(body, query))
        if not subject.isascii() or not subject.isdigit():
            raise WebhookRefused("not the id of a payment")
        return self._message(subject, request_id)

    def _message(self, payment_id: str, request_id: str) -> Message:
        reply = self._door.get(f"/v1/payments/{payment_id}", operation="mercado_pago.webhook")
        refuse(reply, "mercado_pago.webhook")
        claimed = self._found(reply.data)
        return Message(f"{payment_id}:{request_id}", "payment", reference=claimed.reference or "", claimed=claimed)

    def _found(self, row: Mapping[str, Any]) -> Found:
        standing = STANDINGS.get(text_of(row.get("status")))
        if standing is None:
            raise ProviderUnavailable(f"mercado_pago: unknown status {row.get('status')!r}")
        amount = needed(row, "transaction_amount", Decimal)
        refunded = row.get("transaction_amount_refunded") or 0
        return Found(
            standing=standing,
            reference=text_of(row.get("external_reference")),
            amount=amount,
            refunded=amount if standing == Standing.REFUNDED else Decimal(refunded),
            currency=needed(row, "currency_id", str),
            is_our_account=str(row.get("collector_id")) == self._collector,
            charge=str(needed(row, "id", int)),
            message=text_of(row.get("status_detail")),
        )


def _data_id(body: bytes) -> str:
    data = json_object(body or b"{}").get("data")
    return str(data.get("id", ""))[:64] if isinstance(data, dict) else ""


def _kind(body: bytes, query: Mapping[str, str]) -> str:
    return query.get("type") or text_of(json_object(body or b"{}").get("type"))
