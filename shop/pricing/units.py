"""Units as the reader calls them; kept as {code, names, factor, digits} (records.PackUnit)."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import get_language, pgettext

from erp_sync.mirror.models import in_language

Unit = Mapping[str, Any]
# Codes up to this length are symbols that every reader knows.
SYMBOL = 2
# The ERPs' code of a piece is a symbol that no reader knows.
PIECE = "u"


def unit_name(unit: Unit, language: str | None = None) -> str:
    """Return the unit's name in a language (default: the reader's), else its code."""
    return for_reader(unit.get("names") or {}, language) or str(unit.get("code", ""))


def unit_words(unit: Unit) -> str:
    """Return what stands beside a quantity: pieces, a symbol (m, kg) as it is, else the unit's name (Caja de 100)."""
    code = str(unit.get("code", ""))
    if code == PIECE:
        return pgettext("unit of measure", "pcs")
    return code if 0 < len(code) <= SYMBOL else unit_name(unit)


def unit_factor(unit: Unit) -> Decimal:
    """Return how many base units make one of it."""
    return Decimal(str(unit.get("factor") or 1))


def unit_digits(unit: Unit) -> int:
    """Return how many decimals a quantity in this unit may have."""
    return int(unit.get("digits") or 0)


def for_reader(texts: Mapping[str, str], language: str | None = None) -> str:
    """Return the text of a language (default: the reader's), else of English, else any, else ""."""
    return in_language(texts, (language or get_language() or "en").lower())
