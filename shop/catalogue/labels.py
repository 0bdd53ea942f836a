"""What the technical facts of items are called; the ERP names them by key."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

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


def label_of(key: str) -> str:
    """Return the name of a fact in the reader's language: `power_w` -> Power (W)."""
    known = LABELS.get(key)
    if known is not None:
        return str(known)
    return key.replace("_", " ").strip().capitalize()
