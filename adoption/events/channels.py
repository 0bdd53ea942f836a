"""Decides the channel of every logical order once, when it is first seen, and remembers the rule."""

from __future__ import annotations

import datetime as dt

from django.db.models import Exists, OuterRef, Value
from django.db.models.functions import Coalesce, NullIf

from adoption.events.models import Event, OrderChannel
from adoption.metrics import channel
from erp_sync.mirror.models import Order

SHOP = "shop"
BATCH = 5_000


def decide_new(*, now: dt.datetime, since: dt.datetime | None = None) -> int:
    """Decide the channel of the mirrored orders that have none yet; return how many (4 queries).

    Orders that came before `since` were looked at already.

    What the shop submitted is known by its event; an order that carries our reference without an event (from before
    this count began) was submitted in the shop by a buyer as far as the ERP can tell.
    """
    own_key = Coalesce(NullIf("web_reference", Value("")), "erp_id")
    known = OrderChannel.objects.filter(order_key=OuterRef("key"))
    rows = Order.objects.annotate(key=own_key).filter(~Exists(known))
    if since is not None:
        rows = rows.filter(synced_at__gte=since)
    undecided = list(rows.values_list("web_reference", "erp_id", "channel_hint"))
    if not undecided:
        return 0
    submitted = _submitted([reference for reference, _erp_id, _hint in undecided if reference])
    decided: dict[str, OrderChannel] = {}
    for reference, erp_id, hint in undecided:
        key = reference or erp_id
        if key not in decided:
            decided[key] = _row(key, submitted.get(reference), _by_erp(reference, hint), now)
    OrderChannel.objects.bulk_create(decided.values(), ignore_conflicts=True, batch_size=BATCH)
    return len(decided)


def _row(key: str, submitted: Event | None, by_erp: channel.Decision, now: dt.datetime) -> OrderChannel:
    """Return what is remembered of an order: its channel, and by whom, in which session, out of which quote it came."""
    if submitted is None:
        return OrderChannel(order_key=key, channel=by_erp.channel, rule=by_erp.rule, decided_at=now)
    decision = channel.of_shop_order(
        is_assisted=bool(submitted.impersonator_id),
        submitted_by_buyer=submitted.actor == "buyer",
        via_punchout=submitted.props.get("channel") == "punchout",
    )
    return OrderChannel(
        order_key=key,
        channel=decision.channel,
        rule=decision.rule,
        decided_at=now,
        session_id=submitted.session_id,
        submitted_by=submitted.user_id,
        impersonator_id=submitted.impersonator_id,
        quote_id=str(submitted.props.get("quote", ""))[:64],
    )


def _by_erp(reference: str, hint: str) -> channel.Decision:
    if reference or hint == SHOP:
        # An order with our reference that the ERP calls a rep's was placed by him in the customer's name.
        return channel.of_shop_order(is_assisted=hint == "rep", submitted_by_buyer=hint != "rep")
    return channel.of_erp_order(hint)


def _submitted(references: list[str]) -> dict[str, Event]:
    rows = Event.objects.filter(kind="order_submitted", object_id__in=references)
    return {row.object_id: row for row in rows.order_by("-pk")}
