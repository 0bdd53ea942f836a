"""What the technical facts of items are called: by the ERP in the reader's language, else by the shop."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from shop.pricing.units import for_reader

LABELS = {
    "barcode": _("Barcode"),
    "brand": _("Brand"),
    "coating": _("Coating"),
    "colour": _("Colour"),
    "current_a": _("Current (A)"),
    "diameter": _("Diameter"),
    "finish": _("Finish"),
    "handle": _("Handle"),
    "length": _("Length"),
    "lens": _("Lens"),
    "light": _("Light"),
    "material": _("Material"),
    "model": _("Model"),
    "power_w": _("Power (W)"),
    "scent": _("Scent"),
    "size": _("Size"),
    "standard": _("Standard"),
    "use": _("Use"),
    "voltage_v": _("Voltage (V)"),
    "volume_l": _("Volume (l)"),
    "weight": _("Weight"),
}


def label_of(key: str, labels: Mapping[str, str] | None = None) -> str:
    """Return the name of a fact in the reader's language: `power_w` -> Power (W).

    `labels` are the ERP's words by language; one in another language comes after the shop's own word.
    """
    labels = labels or {}
    reader = (get_language() or "en").lower()
    if said := labels.get(reader) or labels.get(reader.split("-")[0]):
        return said
    known = LABELS.get(key)
    if known is not None:
        return str(known)
    return for_reader(labels) or key.replace("_", " ").strip().capitalize()
