"""Notes what a buyer could not get: nothing in stock, or no price because the ERP is away."""

from __future__ import annotations

import datetime as dt

from accounts.actors import Actor, who_of
from accounts.signals import announce
from shop.pricing.price_view import PriceView
from shop.signals import friction, shop_fact


def note(*, actor: Actor, price: PriceView, now: dt.datetime) -> None:
    """Announce what went wrong on an item's page, at most once for each visit and item."""
    cause = cause_of(price)
    if not cause:
        return
    key = f"{actor.session_id or actor.user.pk}:{price.sku}"
    announce(shop_fact, friction(cause=cause, about=price.sku, key=key, who=who_of(actor), now=now))


def cause_of(price: PriceView) -> str:
    """Return why the item can't be had as one would like; "" when nothing is wrong."""
    if price.state == "on_request" and price.answer is None:
        return "erp_away"
    if price.is_priced and price.stock is not None and price.stock.available <= 0:
        return "out_of_stock"
    return ""
