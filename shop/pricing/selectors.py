"""Prices and stock of items for whoever acts, in one question to the ERP."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from django.utils import timezone
from django.utils.translation import get_language

from accounts.actors import Actor
from accounts.selectors import price_context
from erp_sync import gateway
from erp_sync.mirror import selectors as mirror
from erp_sync.mirror.models import Item
from erp_sync.records import Ask, PriceContext
from shop.pricing.price_view import PriceView, price_view

QUICK_S = 0.3
# So many items go into one question: a slow ERP answers part of a long basket in time, the next look asks the rest.
BATCH = 100


def price_lines(
    *,
    actor: Actor,
    asks: Sequence[tuple[str, Decimal]],
    live: bool = False,
    ladders: bool = False,
    warehouses: bool = False,
    wait: bool = True,
    items: Mapping[str, Item] | None = None,
    context: PriceContext | None = None,
) -> dict[str, PriceView]:
    """Return the actor's price and stock of each item, by SKU, in one ERP round trip for each hundred.

    Items that the mirror does not know, or that were withdrawn, are missing from the result. Never
    raises because of
    the ERP: without an answer a view is `on_request`, or `last_known` with its stamp.

    Args:
        actor: Whose prices.
        asks: (SKU, quantity in the sales unit), each SKU once.
        live: Ask every line now (basket, checkout).
        ladders: With the price breaks.
        warehouses: With stock per warehouse.
        wait: False takes only what is known and fresh, never waits; the rest is `pending`.
        items: The mirrored items when the caller has them already.
        context: For whom prices are asked, when the caller has it already.
    """
    if not asks:
        return {}
    known = items if items is not None else mirror.items_by_sku([sku for sku, _ in asks])
    wanted = [(known[sku], quantity) for sku, quantity in asks if sku in known and known[sku].is_active]
    questions = [Ask(sku=item.sku, erp_id=item.erp_id, quantity=quantity) for item, quantity in wanted]
    context = context or price_context(sold_to=actor.sold_to)
    if wait:
        offers: dict[str, gateway.StampedOffer] = {}
        for start in range(0, len(questions), BATCH):
            part = questions[start : start + BATCH]
            offers |= gateway.offers(context, part, live=live, ladders=ladders, warehouses=warehouses)
    else:
        offers = gateway.known_offers(context, questions, ladders=ladders, warehouses=warehouses)
    now, language = timezone.now(), get_language()
    return {
        item.sku: price_view(
            item,
            quantity,
            offers.get(item.sku),
            currency=context.currency,
            pending=not wait,
            now=now,
            language=language,
        )
        for item, quantity in wanted
    }


def price_in_full(*, actor: Actor, item: Item, wait: bool) -> PriceView | None:
    """Return the actor's price of one item with its breaks and its stock per warehouse.

    Where only the plain price is known (from a list, say) that is returned, `is_partial`: better now than nothing.
    None when the item was withdrawn.
    """
    started = time.monotonic()
    asks, items = [(item.sku, Decimal(1))], {item.sku: item}
    full = price_lines(actor=actor, asks=asks, items=items, ladders=True, warehouses=True, wait=wait).get(item.sku)
    if full is None or full.answer is not None:
        return full
    # An ERP that let us wait once is not waited for again.
    may_ask = wait and time.monotonic() - started < QUICK_S
    plain = price_lines(actor=actor, asks=asks, items=items, wait=may_ask)[item.sku]
    return replace(plain, is_partial=True) if plain.answer is not None else full
