"""What can go wrong with a payment, by what the caller does next."""

from __future__ import annotations

from shop.errors import ShopError


class PaymentRefused(ShopError):
    """It can't be paid like this; `obstacles` says what is to be put right. Nothing was reserved or charged."""

    def __init__(self, *obstacles: str) -> None:
        self.obstacles = obstacles
        super().__init__(" ".join(obstacles))


class AmountChanged(ShopError):
    """What would be charged is not what the payer was shown: he must confirm the new amount."""


class ProviderError(Exception):
    """A provider did not do what was asked; the text is for logs and staff, never for a buyer."""


class ProviderUnavailable(ProviderError):
    """No answer that can be relied on: ask again later. What was asked may have happened."""


class ProviderRefused(ProviderError):
    """The provider said no: asking again changes nothing."""


class WebhookRefused(ProviderError):
    """A message that is not proved to come from the provider, or is too old."""
