"""What a visit to the catalogue leaves behind: a fact for the adoption reports."""

from __future__ import annotations

import datetime as dt
import uuid

from accounts.actors import Actor, who_of
from accounts.signals import Fact, announce
from shop.signals import shop_fact


def note_search(*, actor: Actor, query: str, hits: int, now: dt.datetime) -> None:
    """Announce that the actor searched and how much was found."""
    fact = Fact(
        event_id=f"search:{uuid.uuid4().hex}",
        kind="search",
        occurred_at=now,
        who=who_of(actor),
        props={"query": query, "hits": str(hits)},
    )
    announce(shop_fact, fact)


def note_product_view(*, actor: Actor, sku: str, now: dt.datetime) -> None:
    """Announce that the actor looked at an item."""
    fact = Fact(
        event_id=f"product_view:{uuid.uuid4().hex}",
        kind="product_view",
        occurred_at=now,
        who=who_of(actor),
        object_type="item",
        object_id=sku,
    )
    announce(shop_fact, fact)
