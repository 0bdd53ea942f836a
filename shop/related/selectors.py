"""Reads what goes with an item, for an actor: only what is in his range, at his prices."""

from __future__ import annotations

from collections.abc import Sequence

from accounts.actors import Actor
from shop.catalogue.selectors import ItemRow, item_cards
from shop.related.models import BoughtTogether

SHOWN = 6
# Some of the best may be withdrawn or not sold to this customer.
TRIED = 12


def together_with(*, actor: Actor, skus: Sequence[str]) -> list[ItemRow]:
    """Return what is ordered together with these items, best first, without them (4 queries, at most one ERP call).

    What the ERP does not sell to the actor's company is left out.
    """
    found = BoughtTogether.objects.filter(sku__in=list(skus)).exclude(other__in=list(skus))
    ranked = found.order_by("-likeness", "place", "other").values_list("other", flat=True)
    others = list(dict.fromkeys(ranked))[:TRIED]
    cards = item_cards(actor=actor, skus=others, wait=True) if others else []
    return [card for card in cards if card.price is None or card.price.state != "not_sold"][:SHOWN]
