"""Keeps the ERP's prices of a whole catalogue for each agreement that somebody sorts by; workers do it, bit by bit."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Sequence
from decimal import Decimal

import structlog
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from erp_sync import adapters
from erp_sync.errors import ErpError
from erp_sync.mirror import limits
from erp_sync.mirror.locks import alone
from erp_sync.mirror.models import Item, KeptPrice, PriceAgreement
from erp_sync.ports import Erp
from erp_sync.records import Ask, Offer, PriceContext

log = structlog.get_logger("mirror")

WANTED_FOR = dt.timedelta(days=30)
NOTED_EVERY = dt.timedelta(hours=1)


def too_old_after() -> dt.timedelta:
    """Return how old kept prices may be before a list says so (MIRROR_PRICES_FRESH: timedelta, 12 hours)."""
    given: dt.timedelta = getattr(settings, "MIRROR_PRICES_FRESH", dt.timedelta(hours=12))
    return given


def want(context: PriceContext, *, now: dt.datetime) -> PriceAgreement:
    """Note that somebody sorts by these prices, so that workers keep them; return what there is."""
    found, _made = PriceAgreement.objects.get_or_create(
        key=_key(context),
        defaults={
            "customer_erp_id": context.customer_erp_id,
            "price_list": context.price_list,
            "currency": context.currency,
            "wanted_at": now,
        },
    )
    if now - found.wanted_at > NOTED_EVERY:
        PriceAgreement.objects.filter(pk=found.pk).update(wanted_at=now)
    return found


def _key(context: PriceContext) -> str:
    """Return what prices depend on: the list, and the customer where the ERP has prices of his own."""
    customer = "" if adapters.load().capabilities.prices_follow_list else context.customer_erp_id
    return "|".join((context.price_list, context.currency, customer))


def keep_prices(*, now: dt.datetime, for_s: float) -> int:
    """Go on asking for prices for at most so many seconds; return how many were written.

    Every agreement gets its turn, the one whose last round is oldest first. What was asked is kept with each batch,
    so a round that is cut goes on where it was. An ERP that does not answer ends the turn.
    """
    until = time.monotonic() + for_s
    written = 0
    with alone("prices") as is_ours:
        if not is_ours:
            return 0
        _forget(now)
        try:
            for agreement in _due(now):
                written += _go_on(agreement, adapters.load(), until=until)
        except ErpError as error:
            log.info("prices_paused", error=str(error), written=written)
    return written


def _forget(now: dt.datetime) -> None:
    PriceAgreement.objects.filter(wanted_at__lt=now - WANTED_FOR).delete()


def _due(now: dt.datetime) -> list[PriceAgreement]:
    """Return the agreements with a round under way, or whose last one is half as old as it may be."""
    before = now - too_old_after() / 2
    found = PriceAgreement.objects.order_by("complete_as_of", "pk")
    return [one for one in found if one.round_started_at or not one.complete_as_of or one.complete_as_of < before]


def _go_on(agreement: PriceAgreement, erp: Erp, *, until: float) -> int:
    written = 0
    while time.monotonic() < until:
        items = list(
            Item.objects.filter(is_active=True, gone_at=None, pk__gt=agreement.round_item_id)
            .only("pk", "sku", "erp_id", "minimum", "multiple")
            .order_by("pk")[: erp.capabilities.batch_size]
        )
        now = timezone.now()
        agreement.round_started_at = agreement.round_started_at or now
        if not items:
            _complete(agreement)
            break
        offers = erp.offers(
            PriceContext(agreement.customer_erp_id, agreement.price_list, agreement.currency),
            [Ask(item.sku, item.erp_id, item.minimum or item.multiple or Decimal(1)) for item in items],
            deadline_s=limits.pull_deadline_s(),
        )
        agreement.round_item_id = items[-1].pk
        _write(agreement, items, offers, now)
        written += len(items)
    return written


@transaction.atomic
def _write(agreement: PriceAgreement, items: Sequence[Item], offers: Sequence[Offer], now: dt.datetime) -> None:
    prices = {offer.sku: _price(offer, agreement.currency) for offer in offers}
    KeptPrice.objects.bulk_create(
        (KeptPrice(agreement=agreement, item=item, net_price=prices.get(item.sku), as_of=now) for item in items),
        update_conflicts=True,
        unique_fields=["agreement", "item"],
        update_fields=["net_price", "as_of"],
    )
    agreement.save(update_fields=["round_item_id", "round_started_at"])


def _price(offer: Offer, currency: str) -> Decimal | None:
    price = offer.net_price
    is_price = price is not None and price.is_finite() and price > 0 and offer.is_salable
    return price if is_price and offer.currency == currency else None


def _complete(agreement: PriceAgreement) -> None:
    """End a round: its beginning is how old the whole is; what it did not meet is no longer on sale."""
    agreement.prices.filter(as_of__lt=agreement.round_started_at).delete()
    agreement.complete_as_of, agreement.round_started_at, agreement.round_item_id = agreement.round_started_at, None, 0
    agreement.save(update_fields=["complete_as_of", "round_started_at", "round_item_id"])
