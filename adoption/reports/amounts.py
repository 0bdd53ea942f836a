"""Amounts that a manager types into a report's address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

HIGHEST = Decimal(1_000_000)
MOST_SIGNS = 20


@dataclass(frozen=True, slots=True)
class Given:
    """An amount of the address. `is_wrong`: there is one, but it can't be read; `kept`: the rest of the address."""

    amount: Decimal | None
    is_wrong: bool
    kept: Mapping[str, str]


def amount_given(given: Mapping[str, str], name: str) -> Given:
    """Return an amount between 0 and a million; None when none is given or it makes no sense.

    >>> amount_given({"cost": "12,50", "period": "year"}, "cost")
    Given(amount=Decimal('12.50'), is_wrong=False, kept={'period': 'year'})
    >>> amount_given({"cost": "1e9"}, "cost").is_wrong
    True
    """
    kept = {key: value for key, value in given.items() if key != name}
    text = given.get(name, "").strip()[:MOST_SIGNS].replace(",", ".")
    if not text:
        return Given(None, is_wrong=False, kept=kept)
    amount = _read(text)
    return Given(amount, amount is None, kept)


def _read(text: str) -> Decimal | None:
    try:
        amount = Decimal(text)
    except InvalidOperation:
        return None
    return amount if amount.is_finite() and 0 <= amount <= HIGHEST else None
