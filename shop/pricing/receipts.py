"""The receipt of a price: what the ERP answered, when, by which rule."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from erp_sync.gateway import StampedOffer
from erp_sync.records import PriceStep

SHORT, LONG = 64, 120
LIST = "list"


@dataclass(frozen=True, slots=True)
class PriceReceipt:
    """The price fields of shop.orders.models.OrderLine, by the same names (see `asdict`).

    Attributes:
        price_break: The quantity step that applied; None when the ladder was not asked or starts
            at once.
        price_source: live, cache or last_known; list for a price list that the ERP exports.
    """

    unit: str
    net_price: Decimal
    list_price: Decimal | None
    currency: str
    price_list: str
    price_rule: str
    price_break: Decimal | None
    price_as_of: dt.datetime
    price_source: str
    price_request_id: str


def receipt_of(stamped: StampedOffer, quantity: Decimal, *, price_list: str = "") -> PriceReceipt | None:
    """Return the receipt of an offer for an ordered quantity; None when it holds no price.

    The price is the ERP's answer to the quantity it was asked. When that was another quantity and
    the ladder is known, the price is the ladder's.
    """
    offer, stamp = stamped.offer, stamped.stamp
    step = step_at(offer.steps, quantity)
    price = offer.net_price if offer.quantity == quantity or step is None else step.net_price
    if price is None:
        return None
    return PriceReceipt(
        unit=offer.unit,
        net_price=price,
        list_price=offer.list_price,
        currency=offer.currency,
        price_list=price_list[:SHORT],
        price_rule=(stamp.rule or offer.rule)[:LONG],
        price_break=step.quantity if step and step.quantity > 1 else None,
        price_as_of=stamp.as_of,
        price_source=LIST if stamp.is_list else stamp.source,
        price_request_id=stamp.request_id[:SHORT],
    )


def step_at(steps: tuple[PriceStep, ...], quantity: Decimal) -> PriceStep | None:
    """Return the step of a ladder that a quantity reaches, or None when it reaches none."""
    reached = [step for step in steps if step.quantity <= quantity]
    return max(reached, key=lambda step: step.quantity, default=None)
