"""What every adapter refuses in the same words."""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal

from erp_sync.errors import ErpRejected


def refuse_dearer(total: Decimal, expected: Decimal | None) -> None:
    """Refuse a total above what the buyer accepted.

    Raises:
        ErpRejected: with both totals.
    """
    if expected is not None and total > expected:
        raise ErpRejected(f"The ERP's total is {total}, not {expected}.")


def refuse_late(number: str, wishes: Collection[str], allowed: Collection[str]) -> None:
    """Refuse a change of an order that the ERP does not let a buyer make (any more).

    Args:
        number: Of the order.
        wishes: What is to be changed, as `OrderChange.wishes` names it, or cancel.
        allowed: As `OrderRecord.allowed`.

    Raises:
        ErpRejected: one of them is not allowed.
    """
    if set(wishes) - set(allowed):
        what = "cancelled" if set(wishes) == {"cancel"} else "changed like this"
        raise ErpRejected(f"Order {number} is on its way and cannot be {what} any more.")
