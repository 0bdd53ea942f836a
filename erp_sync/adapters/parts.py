"""A payment of which the ERP keeps several records: REFERENCE#1, REFERENCE#2 and so on."""

from __future__ import annotations

from typing import Any

from erp_sync.adapters.values import line

PART = "#"


def own_reference(value: Any) -> str:
    """Return the reference of a payment without the number of its part."""
    told = line(value, 120)
    head, sign, number = told.rpartition(PART)
    return head if sign and number.isdigit() else told
