"""Numbers of items as staff type them into a form, one below the other."""

from __future__ import annotations

from django.forms import ValidationError
from django.utils.translation import gettext as _

from erp_sync.mirror import selectors as mirror


def typed_skus(text: str, *, most: int) -> list[str]:
    """Return the numbers as the ERP writes them, each once, whatever the capitals.

    Raises:
        ValidationError: there are more than `most`, or no item has one of them.
    """
    words = list(dict.fromkeys(text.replace("\x00", "").split()))
    if len(words) > most:
        raise ValidationError(_("At most %(most)s items; choose a category.") % {"most": most})
    known = mirror.items_by_sku({form for word in words for form in _forms(word)}) if words else {}
    found = {word: next((form for form in _forms(word) if form in known), "") for word in words}
    unknown = [word for word, sku in found.items() if not sku]
    if unknown:
        raise ValidationError(_("No item has the number %(n)s.") % {"n": ", ".join(unknown[:10])})
    return list(dict.fromkeys(found.values()))


def _forms(word: str) -> tuple[str, str, str]:
    return word, word.upper(), word.lower()
