"""What all rows of the mirror share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypedDict

from django.db import models


class _Digits(TypedDict):
    max_digits: int
    decimal_places: int


MONEY: _Digits = {"max_digits": 16, "decimal_places": 2}
PRICE: _Digits = {"max_digits": 16, "decimal_places": 4}
# A unit price as it follows from an amount and a quantity: rounding it to 4 decimals would change the amount.
EXACT: _Digits = {"max_digits": 22, "decimal_places": 10}
QUANTITY: _Digits = {"max_digits": 16, "decimal_places": 4}


def in_language(texts: Mapping[str, str], language: str) -> str:
    """Return the text in `language` ("es-mx": also "es"), else in English, else in any, else ""."""
    for wanted in (language, language.split("-", 1)[0], "en"):
        text = texts.get(wanted)
        if text:
            return text
    return next((text for text in texts.values() if text), "")


class MirrorRow(models.Model):
    """What every mirrored record has: the ERP's id, its version there, and when we copied it.

    `gone_at` is set when the nightly comparison of keys no longer finds the record; rows are never
    deleted. `fingerprint` is a digest of what the ERP sent: a record that comes again unchanged is
    not written again.
    """

    erp_id = models.CharField(max_length=64, unique=True)
    version = models.DateTimeField()
    fingerprint = models.CharField(max_length=32, blank=True, editable=False)
    synced_at = models.DateTimeField()
    gone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True
