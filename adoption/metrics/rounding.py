"""The last step: cents, ratios, and parts that add up to their whole (docs/metrics.md, C5)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

CENT = Decimal("0.01")
SIX = Decimal("0.000001")


def to_cents(amount: Decimal) -> Decimal:
    """Round money half up, away from zero.

    >>> to_cents(Decimal("2.345")), to_cents(Decimal("-2.345"))
    (Decimal('2.35'), Decimal('-2.35'))
    """
    return amount.quantize(CENT, rounding=ROUND_HALF_UP)


def ratio(value: Decimal | None) -> Decimal | None:
    """Round a ratio to 6 decimals; None stays None.

    >>> ratio(Decimal(2) / 3), ratio(None)
    (Decimal('0.666667'), None)
    """
    return None if value is None else value.quantize(SIX, rounding=ROUND_HALF_UP)


def divided(part: Decimal | int, whole: Decimal | int) -> Decimal | None:
    """Divide; None when there is nothing to divide by (C4).

    >>> divided(1, 4), divided(0, 3), divided(0, 0)
    (Decimal('0.25'), Decimal('0'), None)
    """
    return None if whole == 0 else Decimal(part) / Decimal(whole)


def apportioned(total: Decimal, weights: Sequence[Decimal]) -> list[Decimal] | None:
    """Split an amount by weights in whole cents that add up to it: largest remainder, ties to the earlier.

    Returns:
        One amount for each weight; None when no weight is above zero.

    >>> apportioned(Decimal("10.00"), [Decimal(1), Decimal(1), Decimal(1)])
    [Decimal('3.34'), Decimal('3.33'), Decimal('3.33')]
    >>> apportioned(Decimal(1), [Decimal(0)]) is None
    True
    """
    whole = sum((Fraction(weight) for weight in weights), Fraction(0))
    if whole <= 0:
        return None
    cents = Fraction(to_cents(total)) * 100
    return _in_cents([cents * Fraction(weight) / whole for weight in weights], cents)


def adding_up(values: Mapping[str, Decimal]) -> tuple[dict[str, Decimal], Decimal]:
    """Round a column to cents so that it adds up exactly to its own rounded total; ties by name.

    >>> adding_up({"b": Decimal("0.005"), "a": Decimal("0.005")})
    ({'a': Decimal('0.01'), 'b': Decimal('0.00')}, Decimal('0.01'))
    """
    names = sorted(values)
    total = to_cents(sum(values.values(), Decimal(0)))
    parts = _in_cents([Fraction(values[name]) * 100 for name in names], Fraction(total) * 100)
    return dict(zip(names, parts, strict=True)), total


def _in_cents(exact: Sequence[Fraction], total: Fraction) -> list[Decimal]:
    floors = [part.__floor__() for part in exact]
    left = int(total) - sum(floors)
    order = sorted(range(len(exact)), key=lambda place: (floors[place] - exact[place], place))
    for place in order[:left] if left > 0 else ():
        floors[place] += 1
    for place in reversed(order[left:] if left < 0 else ()):
        floors[place] -= 1
    return [Decimal(part).scaleb(-2).quantize(CENT) for part in floors]
