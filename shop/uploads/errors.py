"""Errors of files that people send."""

from shop.errors import ShopError


class UploadRefused(ShopError):
    """The file is not kept; the sentence names it and says what to do."""
