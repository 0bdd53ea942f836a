"""Errors whose text may be shown to a buyer: what happened, what was kept, what to do."""


class ShopError(Exception):
    """A sentence for the buyer, already in his language."""


class BadNumber(ShopError):
    """The text is no number that can be read without guessing; the sentence says what to write."""


class BadQuantity(ShopError):
    """The quantity can't be ordered as it is."""


class UnknownItem(ShopError):
    """No such item in this customer's range."""


class BasketChanged(ShopError):
    """Price, stock or range moved since the buyer looked: he must confirm the difference."""


class OrderKeyReused(ShopError):
    """The same checkout was sent twice with different content (409)."""
