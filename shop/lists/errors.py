"""Errors of lists whose text may be shown to a buyer."""

from shop.errors import ShopError


class ListRefused(ShopError):
    """It can't be done with this list; nothing was changed."""
