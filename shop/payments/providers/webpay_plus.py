"""Transbank Webpay Plus (Chile): create, let pay, commit. Written from the public reference, tested with a stub."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from shop.payments.door import Door, needed, refuse
from shop.payments.errors import ProviderUnavailable, WebhookRefused
from shop.payments.providers.base import Ask, Found, GiveBack, Held, Message, Standing, Started, text_of, to_minor

PATH = "/rswebpaytransaction/api/webpay/v1.2/transactions"
APPROVED = 0
STANDINGS = {
    "INITIALIZED": Standing.OPEN,
    "AUTHORIZED": Standing.CAPTURED,
    "CAPTURED": Standing.CAPTURED,
    "FAILED": Standing.FAILED,
    "REVERSED": Standing.REFUNDED,
    "NULLIFIED": Standing.REFUNDED,
    "PARTIALLY_NULLIFIED": Standing.CAPTURED,
}


class WebpayPlus:
    """Webpay Plus over Transbank's REST API v1.2.

    Args:
        options: url, commerce_code, api_key.
    """

    name = "webpay_plus"
    is_online = True

    def __init__(self, options: Mapping[str, str]) -> None:
        headers = {"Tbk-Api-Key-Id": options["commerce_code"], "Tbk-Api-Key-Secret": options["api_key"]}
        self._door = Door(options["url"], headers)

    def takes(self, currency: str) -> bool:
        """Chilean pesos only."""
        return currency == "CLP"

    def start(self, ask: Ask) -> Started:
        """Create a transaction; the payer posts its token."""
        body = {
            "buy_order": _order(ask.reference),
            "session_id": ask.reference,
            "amount": to_minor(ask.amount, ask.currency),
            "return_url": ask.return_url,
        }
        reply = self._door.json("POST", PATH, body, operation="webpay_plus.start")
        refuse(reply, "webpay_plus.start")
        token = needed(reply.data, "token", str)
        return Started(token, needed(reply.data, "url", str), {"token_ws": token})

    def confirm(self, held: Held, *, has_returned: bool = False) -> Found:
        """Commit when the payer is back (else Transbank gives the money back by itself); otherwise ask how it stands.

        A transaction that was committed already, or given up, refuses the commit: then its state tells.
        """
        path = f"{PATH}/{held.provider_reference}"
        if has_returned:
            reply = self._door.json("PUT", path, None, operation="webpay_plus.commit")
            if reply.is_ok:
                return _found(reply.data)
        reply = self._door.get(path, operation="webpay_plus.confirm")
        refuse(reply, "webpay_plus.confirm")
        return _found(reply.data)

    def refund(self, held: Held, back: GiveBack) -> None:
        """Give it back, unless it was: Transbank knows no idempotency key, so what is left is asked first."""
        path = f"{PATH}/{held.provider_reference}"
        before = self._door.get(path, operation="webpay_plus.before_refund")
        refuse(before, "webpay_plus.before_refund")
        captured = _found(before.data)
        amount = (captured.amount or held.amount) if back.amount is None else back.amount
        if (captured.refunded or 0) >= back.before + amount:
            return
        body = {"amount": to_minor(amount, held.currency)}
        reply = self._door.json("POST", f"{path}/refunds", body, operation="webpay_plus.refund")
        refuse(reply, "webpay_plus.refund")
        if text_of(reply.data.get("type")) not in {"REVERSED", "NULLIFIED"}:
            raise ProviderUnavailable(f"webpay_plus.refund: {reply.data.get('type')!r}")

    def read_webhook(
        self, *, body: bytes, headers: Mapping[str, str], query: Mapping[str, str], now: dt.datetime
    ) -> Message:
        """Webpay Plus sends no messages."""
        raise WebhookRefused("Webpay Plus sends no messages")


def _order(reference: str) -> str:
    """Return our reference without its beginning: Webpay allows 26 characters, the ULID has them."""
    return reference.removeprefix("WEB-")


def _found(data: Mapping[str, Any]) -> Found:
    standing = STANDINGS.get(text_of(data.get("status")))
    if standing is None:
        raise ProviderUnavailable(f"webpay_plus: unknown status {data.get('status')!r}")
    if standing == Standing.CAPTURED and data.get("response_code") != APPROVED:
        standing = Standing.FAILED
    amount = needed(data, "amount", Decimal)
    return Found(
        standing=standing,
        reference=f"WEB-{needed(data, 'buy_order', str)}",
        amount=amount,
        currency="CLP",
        refunded=_refunded(data, amount, standing),
        charge=text_of(data.get("authorization_code")),
        message=f"response code {data.get('response_code')}" if standing == Standing.FAILED else "",
    )


def _refunded(data: Mapping[str, Any], amount: Decimal, standing: Standing) -> Decimal:
    """Return what was given back: all, or what the balance lacks."""
    if standing == Standing.REFUNDED:
        return amount
    return amount - needed(data, "balance", Decimal) if data.get("status") == "PARTIALLY_NULLIFIED" else Decimal(0)
