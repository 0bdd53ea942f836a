"""Reads what somebody waits for."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from accounts.actors import Actor
from erp_sync.mirror import selectors as mirror
from shop.catalogue.listing import item_url
from shop.catalogue.selectors import is_on_sale
from shop.catalogue.texts import item_name
from shop.watches.models import StockWatch


@dataclass(frozen=True, slots=True)
class Watched:
    """An item that is waited for; `url` is "" when it is sold no more."""

    sku: str
    name: str
    url: str
    asked_at: dt.datetime


def watched(*, actor: Actor) -> list[Watched]:
    """Return what the actor waits for at this company, latest first (2 queries)."""
    waiting = StockWatch.objects.filter(person=actor.user, sold_to=actor.sold_to, told_at=None)
    rows = list(waiting.values_list("sku", "asked_at"))
    items = mirror.items_by_sku([sku for sku, _at in rows]) if rows else {}
    found = []
    for sku, asked_at in rows:
        item = items.get(sku)
        url = item_url(sku) if item and is_on_sale(item) else ""
        found.append(Watched(sku, item_name(item) if item else sku, url, asked_at))
    return found
