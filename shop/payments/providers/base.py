"""What every provider can do: `start`, `confirm`, `refund`, `read_webhook`."""

from __future__ import annotations

import datetime as dt
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from hashlib import sha256
from typing import Any, Protocol

from babel.numbers import get_currency_precision

from shop.payments.errors import WebhookRefused

TOLERANCE_S = 300


class Standing(StrEnum):
    """How a payment stands at its provider."""

    OPEN = "open"  # the payer has done nothing yet
    PENDING = "pending"  # he has; the money is on its way
    CAPTURED = "captured"
    FAILED = "failed"
    EXPIRED = "expired"
    REFUNDED = "refunded"


@dataclass(frozen=True, slots=True)
class Ask:
    """What a payer shall be asked to pay, and where he comes back to."""

    reference: str
    amount: Decimal
    currency: str
    description: str
    return_url: str
    cancel_url: str
    hook_url: str
    language: str
    now: dt.datetime


@dataclass(frozen=True, slots=True)
class Started:
    """Where the payer goes. With `go_fields` it is a form to post; without `go_url` there is nowhere to go."""

    provider_reference: str
    go_url: str = ""
    go_fields: dict[str, str] = field(default_factory=dict)
    standing: Standing = Standing.OPEN


@dataclass(frozen=True, slots=True)
class Held:
    """What we know of a payment that was started."""

    reference: str
    provider_reference: str
    charge: str
    amount: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class Found:
    """What the provider says about a payment.

    Attributes:
        reference, amount, currency: As the provider has them, None where it does not say.
        is_our_account: The money went to us, not to another account of the provider.
        charge: Key of the money, for a refund.
        refunded: How much of it was given back so far, by whomever; None where it does not say.
    """

    standing: Standing
    reference: str | None = None
    amount: Decimal | None = None
    currency: str | None = None
    is_our_account: bool = True
    charge: str = ""
    message: str = ""
    refunded: Decimal | None = None


@dataclass(frozen=True, slots=True)
class GiveBack:
    """Money to be given back.

    Attributes:
        amount: None = all that was captured, whatever that is.
        once: The key that makes it happen one time.
        before: What of the payment was given back earlier; for providers that know no such key.
    """

    amount: Decimal | None
    once: str
    before: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Message:
    """A proved message of a provider: which payment it is about. What it claims is compared, never believed alone.

    Attributes:
        reference, provider_reference: Ours and theirs; one of them is enough. Both "" = about nothing of ours.
        charge: Key of the money, where the message names nothing else.
        claimed: What the message itself says, where it says it.
    """

    event_id: str
    kind: str
    reference: str = ""
    provider_reference: str = ""
    charge: str = ""
    claimed: Found | None = None


class Provider(Protocol):
    """A way to pay. Raises ProviderUnavailable (ask again) and ProviderRefused (asking again changes nothing)."""

    name: str
    is_online: bool
    """Whether money is captured at once: then discounts and credit notes can be counted in."""

    def takes(self, currency: str) -> bool:
        """Say whether it can charge in this currency."""

    def start(self, ask: Ask) -> Started:
        """Prepare a payment at the provider; the same reference prepares the same one."""

    def confirm(self, held: Held, *, has_returned: bool = False) -> Found:
        """Ask how it stands.

        `has_returned`: the payer is back; now is the time to take the money where that is ours to do.
        """

    def refund(self, held: Held, back: GiveBack) -> None:
        """Give a part of it back, or all."""

    def read_webhook(
        self, *, body: bytes, headers: Mapping[str, str], query: Mapping[str, str], now: dt.datetime
    ) -> Message:
        """Return a proved message.

        Raises:
            WebhookRefused: not proved, too old, or no secret is set.
        """


def digits(currency: str) -> int:
    """Return how many decimals a currency has."""
    return int(get_currency_precision(currency))


def to_minor(amount: Decimal, currency: str) -> int:
    """Return an amount in the smallest unit.

    >>> to_minor(Decimal("12.40"), "EUR"), to_minor(Decimal(9990), "CLP")
    (1240, 9990)
    """
    minor = amount.scaleb(digits(currency))
    if minor != minor.to_integral_value():
        raise ValueError(f"{amount} {currency} has parts of the smallest unit")
    return int(minor)


def from_minor(minor: int, currency: str) -> Decimal:
    """Return an amount from its smallest unit.

    >>> from_minor(1240, "EUR"), from_minor(9990, "CLP")
    (Decimal('12.40'), Decimal('9990'))
    """
    return Decimal(minor).scaleb(-digits(currency))


def signed(secret: str, text: bytes) -> str:
    """Return the HMAC-SHA256 of a text, in hexadecimal."""
    return hmac.new(secret.encode(), text, sha256).hexdigest()


def prove(*, secret: str, text: bytes, signatures: list[str], at: str, now: dt.datetime, unit: int = 1) -> None:
    """Prove that a message is the provider's and fresh; all comparisons take the same time.

    Args:
        secret: Shared with the provider; unset refuses everything.
        text: What was signed.
        signatures: Those of the message; one must fit.
        at: Its time, in seconds since 1970 (or `unit` parts of a second).
        now: The current time.
        unit: Parts of a second in `at`.

    Raises:
        WebhookRefused: with the reason, for the log.
    """
    if not secret:
        raise WebhookRefused("no secret is set: set it, then let the provider send again")
    if not at.isascii() or not at.isdigit() or len(at) > 16:
        raise WebhookRefused("no usable time")
    if abs(now.timestamp() - int(at) / unit) > TOLERANCE_S:
        raise WebhookRefused("too old, or from the future")
    expected = signed(secret, text)
    if not any(hmac.compare_digest(expected.encode(), one.encode()) for one in signatures):
        raise WebhookRefused("the signature does not fit")


def pairs(header: str) -> list[tuple[str, str]]:
    """Return the parts of a signature header such as `t=1,v1=ab`."""
    found = [part.strip().partition("=") for part in header.split(",")[:20]]
    return [(name.strip(), value.strip()) for name, _mark, value in found]


def json_object(body: bytes) -> dict[str, Any]:
    """Return a message's JSON object.

    Raises:
        WebhookRefused: it is none.
    """
    try:
        data = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise WebhookRefused("not JSON") from error
    if not isinstance(data, dict):
        raise WebhookRefused("no object")
    return data


def text_of(value: Any) -> str:
    """Return a text field of a message, "" for anything else."""
    return value if isinstance(value, str) else ""
