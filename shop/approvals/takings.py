"""What an order takes of scarce things: its cost centre's budget, and an offer."""

from __future__ import annotations

from uuid import UUID

from shop.approvals import budgets
from shop.offers import services as offers


def give_back(*, sold_to_id: int, order_key: UUID) -> None:
    """Give back what an order that comes to nothing took; doing it again gives nothing back. In a transaction only."""
    budgets.release(sold_to_id=sold_to_id, order_key=order_key)
    offers.release(sold_to_id=sold_to_id, order_key=order_key)
