"""Decides the channel of every logical order once, when it is first seen, and remembers the rule."""

from __future__ import annotations

import datetime as dt

from adoption.events.models import Event, OrderChannel
from adoption.metrics import channel
from erp_sync.mirror.models import Order

SHOP = "shop"


def decide_new(*, now: dt.datetime) -> int:
    """Decide the channel of the mirrored orders that have none yet; return how many (4 queries).

    What the shop submitted is known by its event; an order that carries our reference without an event (from before
    this count began) was submitted in the shop by a buyer as far as the ERP can tell.
    """
    known = OrderChannel.objects.values_list("order_key", flat=True)
    rows = Order.objects.exclude(web_reference__in=known.exclude(order_key="")).exclude(
        web_reference="", erp_id__in=known
    )
    undecided = list(rows.values_list("web_reference", "erp_id", "channel_hint"))
    if not undecided:
        return 0
    submitted = _submitted([reference for reference, _erp_id, _hint in undecided if reference])
    decided: dict[str, channel.Decision] = {}
    for reference, erp_id, hint in undecided:
        key = reference or erp_id
        decided.setdefault(key, submitted.get(reference) or _by_erp(reference, hint))
    OrderChannel.objects.bulk_create(
        [
            OrderChannel(order_key=key, channel=one.channel, rule=one.rule, decided_at=now)
            for key, one in decided.items()
        ],
        ignore_conflicts=True,
    )
    return len(decided)


def _by_erp(reference: str, hint: str) -> channel.Decision:
    if reference or hint == SHOP:
        # An order with our reference that the ERP calls a rep's was placed by him in the customer's name.
        return channel.of_shop_order(is_assisted=hint == "rep", submitted_by_buyer=hint != "rep")
    return channel.of_erp_order(hint)


def _submitted(references: list[str]) -> dict[str, channel.Decision]:
    events = Event.objects.filter(kind="order_submitted", object_id__in=references)
    return {
        reference: channel.of_shop_order(is_assisted=bool(impersonator), submitted_by_buyer=actor == "buyer")
        for reference, actor, impersonator in events.values_list("object_id", "actor", "impersonator_id")
    }
