"""What orders take of offers, and give back: once each, by conditional updates in the order's transaction."""

from __future__ import annotations

import datetime as dt
from functools import cache
from uuid import UUID

from django.db.models import F, Q
from django.utils.translation import gettext as _

from accounts.models import SoldTo
from accounts.selectors import company_day
from erp_sync.statements import columns, fetch, from_row
from shop.offers import selectors
from shop.offers.errors import OfferGone
from shop.offers.models import Offer, OfferUse
from shop.offers.selectors import Discount


def claim(*, sold_to: SoldTo, order_key: UUID, discount: Discount | None, now: dt.datetime) -> None:
    """Take a discount for an order; what the same order had taken before is given back first.

    Call inside a transaction.

    Raises:
        OfferGone: the offer ended, its budget is used up, or the company has had it.
    """
    release(sold_to_id=sold_to.pk, order_key=order_key)
    if discount is None:
        return
    offer = _take(discount, now)
    if offer is None or (offer.is_once and _has_had(offer, sold_to)):
        selectors.forget()
        raise OfferGone(
            _("The offer “%(offer)s” has ended or is used up. Please check the new total and confirm.")
            % {"offer": discount.words}
        )
    OfferUse.objects.update_or_create(
        sold_to=sold_to,
        order_key=order_key,
        defaults={
            "offer": offer,
            "amount": discount.amount,
            "words": discount.words[:200],
            "line_nos": list(discount.line_nos),
            "rule": _rule(offer),
            "is_once": offer.is_once,
            "is_released": False,
            "at": now,
        },
    )


def release(*, sold_to_id: int, order_key: UUID) -> None:
    """Give back what an order has taken; doing it again gives nothing back. Call inside a transaction."""
    for use in (from_row(OfferUse, row) for row in fetch(_taken_statement(), [sold_to_id, order_key])):
        use.is_released = True
        use.save(update_fields=["is_released"])
        Offer.objects.filter(pk=use.offer_id).update(used=F("used") - use.amount)


@cache
def _taken_statement() -> str:
    return (
        f"SELECT {columns(OfferUse, 'u')} FROM shop_offeruse u"  # noqa: S608 (names)
        " WHERE u.sold_to_id = %s AND u.order_key = %s AND NOT u.is_released FOR UPDATE"
    )


def _take(discount: Discount, now: dt.datetime) -> Offer | None:
    """Count the amount if the offer still runs and its budget holds; of two at once the second waits for the first."""
    day = company_day(now)
    running = Offer.objects.filter(pk=discount.offer_id, is_active=True, starts_on__lte=day, ends_on__gte=day)
    enough = running.filter(Q(budget=None) | Q(budget__gte=F("used") + discount.amount))
    if not enough.update(used=F("used") + discount.amount):
        return None
    return Offer.objects.get(pk=discount.offer_id)


def _has_had(offer: Offer, sold_to: SoldTo) -> bool:
    return OfferUse.objects.filter(offer=offer, sold_to=sold_to, is_released=False).exists()


def _rule(offer: Offer) -> dict[str, str]:
    return {
        "gives": f"{offer.value} {offer.gives}",
        "from": offer.starts_on.isoformat(),
        "until": offer.ends_on.isoformat(),
        "minimum": str(offer.minimum or ""),
        "category": offer.category_erp_id,
        "items": ", ".join(offer.skus)[:500],
    }
