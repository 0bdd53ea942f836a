"""Errors of conversations."""

from shop.errors import ShopError


class MessageRefused(ShopError):
    """The message was not sent; the sentence says what to do."""
