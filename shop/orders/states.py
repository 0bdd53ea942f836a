"""How an order moves: placed -> pending_confirmation -> confirmed | needs_review | rejected."""

from __future__ import annotations

import datetime as dt

from erp_sync.statements import fetch, insert
from shop.orders.models import Order, OrderMove, OrderState

ALLOWED: dict[str, frozenset[str]] = {
    OrderState.PLACED: frozenset(
        {OrderState.PENDING_CONFIRMATION, OrderState.CONFIRMED, OrderState.NEEDS_REVIEW, OrderState.REJECTED}
    ),
    OrderState.PENDING_CONFIRMATION: frozenset({OrderState.CONFIRMED, OrderState.NEEDS_REVIEW, OrderState.REJECTED}),
    OrderState.NEEDS_REVIEW: frozenset({OrderState.CONFIRMED, OrderState.REJECTED, OrderState.CANCELLED}),
    OrderState.CONFIRMED: frozenset({OrderState.CANCELLED}),
    # Staff may put right what the ERP refused and send it again.
    OrderState.REJECTED: frozenset({OrderState.CONFIRMED, OrderState.NEEDS_REVIEW}),
    OrderState.CANCELLED: frozenset(),
}
MOVING = (OrderState.PLACED, OrderState.PENDING_CONFIRMATION)


def move(*, order: Order, to: str, now: dt.datetime, by: str = "", message: str = "") -> bool:
    """Move the order if its state allows it; write who and why. Return False when it had moved already.

    The update is conditional in the database, so of two movers one wins. Call inside a transaction.
    """
    came_from = [str(state) for state, targets in ALLOWED.items() if to in targets]
    before = order.state
    if not fetch(_MOVE, [to, order.pk, came_from]):
        return False
    order.state = to
    insert(OrderMove(order=order, from_state=before, to_state=to, at=now, by=by[:120], message=message[:500]))
    return True


_MOVE = "UPDATE shop_order SET state = %s WHERE id = %s AND state = ANY(%s::varchar[]) RETURNING id"
