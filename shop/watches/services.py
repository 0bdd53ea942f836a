"""Begins and ends watches, and tells who waits when an item is there."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from itertools import groupby

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.errors import AccountsError
from accounts.selectors import price_context
from accounts.signals import announce
from erp_sync import gateway
from erp_sync.mirror import selectors as mirror
from erp_sync.records import Ask
from shop.carts.services import orderable_item
from shop.catalogue.listing import item_url
from shop.catalogue.texts import item_name
from shop.pricing.stock import stock_of
from shop.signals import Told, shop_told
from shop.watches.errors import WatchRefused
from shop.watches.models import StockWatch

MOST = 200
A_CALL = 100


def watch(*, actor: Actor, sku: str, now: dt.datetime) -> StockWatch:
    """Tell the actor once when an item is in stock again; asking twice is one watch.

    Raises:
        ShopError: the item is not sold, or he waits for too many already.
    """
    item = orderable_item(sku)
    if StockWatch.objects.filter(person=actor.user, sold_to=actor.sold_to, told_at=None).count() >= MOST:
        raise WatchRefused(_("You wait for 200 items already. Take some off the list first; nothing was changed."))
    made, _made = StockWatch.objects.get_or_create(
        person=actor.user, sold_to=actor.sold_to, sku=item.sku, told_at=None, defaults={"asked_at": now}
    )
    return made


def stop(*, actor: Actor, sku: str) -> None:
    """Wait for an item no more."""
    StockWatch.objects.filter(person=actor.user, sold_to=actor.sold_to, sku=sku, told_at=None).delete()


def tell_of_stock(*, now: dt.datetime) -> int:
    """Ask the ERP for what is waited for, tell whoever's item is there, and return how many were told.

    One question for each company and hundred items. Without an answer nobody is told: the next round asks again.
    """
    waiting = StockWatch.objects.filter(told_at=None, person__is_active=True).select_related("sold_to")
    told = 0
    for _company, group in groupby(waiting.order_by("sold_to_id", "sku", "pk"), key=lambda one: one.sold_to_id):
        mine = list(group)
        for start in range(0, len(mine), A_CALL):
            part = mine[start : start + A_CALL]
            there = _in_stock(part)
            told += sum(_tell(one, now) for one in part if one.sku in there)
    return told


def _in_stock(watches: Sequence[StockWatch]) -> set[str]:
    items = mirror.items_by_sku({one.sku for one in watches})
    asks = [Ask(sku=item.sku, erp_id=item.erp_id, quantity=Decimal(1)) for item in items.values() if item.is_active]
    try:
        context = price_context(sold_to=watches[0].sold_to)
    except AccountsError:
        return set()
    offers = gateway.offers(context, asks, live=True) if asks else {}
    found = set()
    for sku, stamped in offers.items():
        stock = stock_of(stamped.offer)
        if stamped.offer.is_salable and stock is not None and stock.available > 0:
            found.add(sku)
    return found


@transaction.atomic
def _tell(one: StockWatch, now: dt.datetime) -> bool:
    if not StockWatch.objects.filter(pk=one.pk, told_at=None).update(told_at=now):
        return False
    item = mirror.items_by_sku([one.sku]).get(one.sku)
    announce(
        shop_told,
        Told(
            key=f"stock:{one.pk}",
            event="back_in_stock",
            sold_to_id=one.sold_to_id,
            audience="person",
            person_id=one.person_id,
            occurred_at=now,
            path=item_url(one.sku),
            params={"sku": one.sku, "name": item_name(item) if item else one.sku},
        ),
    )
    return True
