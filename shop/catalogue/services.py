"""What the catalogue does: facts of a visit for the adoption reports, pictures fetched ahead."""

from __future__ import annotations

import datetime as dt
import time
import uuid

import structlog

from accounts.actors import Actor, who_of
from accounts.signals import Fact, announce
from erp_sync.errors import ErpError
from shop.catalogue.pictures import NoPicture, fetch_picture, missing_pictures, version_of
from shop.signals import shop_fact

log = structlog.get_logger("shop")


def fetch_pictures(*, for_s: float) -> int:
    """Fetch the pictures that are not kept yet, one after the other, for at most so many seconds.

    Return how many came. The first visitor of a page then finds them, and they never queue before a price.
    """
    until = time.monotonic() + for_s
    count = 0
    for item in missing_pictures():
        if time.monotonic() >= until:
            break
        try:
            fetch_picture(item, version_of(item))
        except NoPicture as error:
            log.info("picture_unfit", sku=str(error))
        except ErpError as error:
            log.info("pictures_paused", error=str(error), fetched=count)
            break
        count += 1
    return count


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
