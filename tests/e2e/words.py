"""The words a page must show, looked up in the same catalogue that the shop uses."""

from __future__ import annotations

from decimal import Decimal

from django.utils import translation

from shop.money import formats

EUR = "EUR"


def words(language: str, text: str, /, **values: object) -> str:
    """Return a text of the shop in a language, with its values filled in."""
    with translation.override(language):
        found = translation.gettext(text)
    return found % values if values else found


def money(language: str, amount: Decimal) -> str:
    """Return an amount as the shop writes it."""
    return formats.money(amount, EUR, language)
