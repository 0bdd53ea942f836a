"""Orders as their buyers place them."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from accounts.actors import Actor
from shop.orders.models import Order
from shop.orders.services import CheckoutData, submit_order


def place_order(*, actor: Actor, key: UUID, data: CheckoutData, now: dt.datetime) -> Order:
    """Send what is in the basket of a company whose orders wait for nobody's approval."""
    done = submit_order(actor=actor, key=key, data=data, now=now)
    assert isinstance(done, Order)
    return done
