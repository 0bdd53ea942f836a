"""Compares an export with a reference: ratios to 0.000002, money to 0.02, everything else exactly."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

RATIO = 2e-6
CENTS = Decimal("0.02")


def differences(expected: Any, found: Any, path: str = "") -> list[str]:
    """Every place where the export says something else, or nothing."""
    if isinstance(expected, dict):
        if not isinstance(found, dict):
            return [f"{path}: {found!r} is no object"]
        missing = [f"{path}/{key}: missing" for key in expected if key not in found]
        return missing + [
            one for key in expected if key in found for one in differences(expected[key], found[key], f"{path}/{key}")
        ]
    if isinstance(expected, list):
        if not isinstance(found, list) or len(found) != len(expected):
            return [f"{path}: expected {expected!r}, got {found!r}"]
        pairs = zip(expected, found, strict=True)
        return [one for place, (want, have) in enumerate(pairs) for one in differences(want, have, f"{path}[{place}]")]
    return [] if _is_same(expected, found) else [f"{path}: expected {expected!r}, got {found!r}"]


def count(expected: Any) -> int:
    """How many values a reference holds."""
    if isinstance(expected, dict):
        return sum(map(count, expected.values()))
    return sum(map(count, expected)) if isinstance(expected, list) else 1


def _is_same(expected: Any, found: Any) -> bool:
    if isinstance(expected, bool) or expected is None:
        return expected is found
    if isinstance(expected, int | float):
        is_number = isinstance(found, int | float) and not isinstance(found, bool)
        return is_number and abs(expected - found) <= RATIO
    try:
        return abs(Decimal(expected) - Decimal(found)) <= CENTS
    except (InvalidOperation, TypeError):
        return bool(expected == found)
