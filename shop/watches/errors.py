"""What can go wrong with a watch."""

from shop.errors import ShopError


class WatchRefused(ShopError):
    """It can't be watched; the words say why."""
