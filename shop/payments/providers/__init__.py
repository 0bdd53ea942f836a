"""The providers that the settings name, each behind the same interface (`base.Provider`)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

from django.conf import settings
from django.core.cache import cache
from django.utils.translation import gettext as _

from shop.payments.errors import ProviderRefused
from shop.payments.providers.bank_transfer import BankTransfer
from shop.payments.providers.base import Provider
from shop.payments.providers.fake import FakeProvider
from shop.payments.providers.mercado_pago import MercadoPago
from shop.payments.providers.stripe import Stripe
from shop.payments.providers.webpay_plus import WebpayPlus

MAKERS: dict[str, Callable[[Mapping[str, str]], Provider]] = {
    "fake": FakeProvider,
    "bank_transfer": BankTransfer,
    "stripe": Stripe,
    "mercado_pago": MercadoPago,
    "webpay_plus": WebpayPlus,
}
# After a provider did not answer nobody is sent there for a while.
DOWN_S = 30


def provider(name: str) -> Provider:
    """Return a provider that is switched on.

    Raises:
        ProviderRefused: it is not.
    """
    if name not in settings.PAYMENTS:
        raise ProviderRefused(f"{name[:30]} is not switched on")
    return MAKERS[name](settings.PAYMENTS[name])


def switched_on() -> list[Provider]:
    """Return all providers that are switched on, in the order of the settings."""
    return [provider(name) for name in settings.PAYMENTS]


def label(name: str) -> str:
    """Return what a provider is called on pages."""
    words = {
        "fake": _("Test payment (no real money)"),
        "bank_transfer": _("Bank transfer"),
        "stripe": _("Card (Stripe)"),
        "mercado_pago": _("Mercado Pago"),
        "webpay_plus": _("Webpay Plus"),
    }
    return words.get(name, name)


def note_down(name: str) -> None:
    """Remember that a provider did not answer."""
    cache.set(_key(name), 1, DOWN_S)


def note_up(name: str) -> None:
    """Remember that it answers."""
    cache.delete(_key(name))


def is_down(name: str) -> bool:
    """Whether it did not answer a moment ago."""
    return bool(cache.get(_key(name)))


def _key(name: str) -> str:
    return f"payments:down:{name}"


def is_checkout_address(name: str, url: str) -> bool:
    """Say whether a provider's answer may send a payer there: our own pages, or one of its hosts by TLS.

    The same hosts stand in the page's form-action.
    """
    if url.startswith("/") and not url.startswith("//"):
        return name == "fake"
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}" in settings.PAYMENTS[name].get("checkout", "").split()
