"""Which offers a company has now, and what the best of them takes off its basket: one function for every page."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from uuid import UUID

from babel.numbers import get_currency_precision
from django.conf import settings
from django.db.models import Min, prefetch_related_objects
from django.utils.translation import get_language

from accounts.actors import Actor
from accounts.models import Membership
from accounts.selectors import company_day, price_context
from erp_sync import gateway
from erp_sync.mirror.limits import recheck_s
from erp_sync.mirror.models import Item
from erp_sync.records import NewDiscount
from erp_sync.statements import columns, fetch, from_row
from shop.offers.models import Audience, Gives, Offer, OfferUse

HUNDRED = Decimal(100)


@dataclass(frozen=True, slots=True)
class OfferLine:
    """A line as offers see it; `amount` is untaxed, None while there is no price."""

    line_no: int
    sku: str
    category_ids: Collection[str]
    amount: Decimal | None


@dataclass(frozen=True, slots=True)
class Discount:
    """What an offer takes off an order.

    Attributes:
        words: The offer's name in the reader's language.
        ends_on: Its last day; None of one that is kept with an order.
    """

    offer_id: int
    words: str
    amount: Decimal
    line_nos: tuple[int, ...] = ()
    ends_on: dt.date | None = None

    @property
    def less(self) -> Decimal:
        """The amount as it stands on the order: below nothing."""
        return -self.amount

    @property
    def key(self) -> list[str]:
        """What a buyer confirms, for the fingerprint of a checkout."""
        return [str(self.offer_id), str(self.amount)]

    def as_sent(self) -> NewDiscount:
        """Return it as the ERP takes it."""
        return NewDiscount(self.amount, self.words, self.line_nos)


@dataclass(frozen=True, slots=True)
class Deal:
    """What a basket has of offers: the discount, and those that take nothing off it as it is."""

    discount: Discount | None
    others: tuple[Offer, ...]


@dataclass(slots=True)
class _Kept:
    offers: tuple[Offer, ...] = ()
    read_at: float | None = None


_kept = _Kept()


def forget() -> None:
    """Read the offers anew at the next question of this process."""
    _kept.read_at = None


def can_be_given() -> bool:
    """Say whether this ERP takes a discount as a line of an order; without it no offer is made."""
    return gateway.takes_discounts()


def offers_for(*, actor: Actor, now: dt.datetime) -> tuple[Offer, ...]:
    """Return the offers that the actor's company has today and has not used up, those that run longest first.

    No question to the database while no offer runs; the list is kept for MIRROR_RECHECK_S.
    """
    day = company_day(now)
    running = [one for one in _active() if one.runs_on(day) and not (one.is_self_service and actor.is_assisted)]
    if not running or price_context(sold_to=actor.sold_to).currency != settings.COMPANY_CURRENCY or not can_be_given():
        return ()
    used = _used_once(actor, running)
    return tuple(one for one in running if one.pk not in used and _is_for(one, actor))


def deal_of(
    *, actor: Actor, lines: Sequence[OfferLine], currency: str, now: dt.datetime, is_fresh: bool = False
) -> Deal:
    """Return what the best offer takes off these lines, and the others that the company has.

    Offers are not added up. While a price is missing nothing is taken off: it would be too little. With `is_fresh` they
    are read anew: what a buyer is about to confirm must not begin or end from process to process.
    """
    if is_fresh:
        forget()
    offers = offers_for(actor=actor, now=now) if currency == settings.COMPANY_CURRENCY else ()
    is_priced = all(line.amount is not None for line in lines)
    found = [_taken_off(one, lines) for one in offers] if is_priced else []
    best = max((one for one in found if one is not None), key=lambda one: (one.amount, -one.offer_id), default=None)
    return Deal(best, tuple(one for one in offers if best is None or one.pk != best.offer_id))


def offers_on(*, actor: Actor, item: Item, now: dt.datetime) -> tuple[Offer, ...]:
    """Return the offers that count for an item."""
    line = OfferLine(1, item.sku, item.category_ids, None)
    return tuple(one for one in offers_for(actor=actor, now=now) if _reaches(one, line))


def taken_by(*, sold_to_id: int, order_key: UUID) -> Discount | None:
    """Return what an order, or one that waits for approval, took; None when nothing, or it was given back."""
    use = OfferUse.objects.filter(sold_to_id=sold_to_id, order_key=order_key, is_released=False).first()
    return Discount(use.offer_id, use.words, use.amount, tuple(use.line_nos)) if use else None


def _taken_off(offer: Offer, lines: Iterable[OfferLine]) -> Discount | None:
    reached = [line for line in lines if line.amount is not None and _reaches(offer, line)]
    base = sum((line.amount for line in reached if line.amount), Decimal(0))
    if base <= 0 or (offer.minimum is not None and base < offer.minimum):
        return None
    amount = base * offer.value / HUNDRED if offer.gives == Gives.PERCENT else offer.value
    amount = min(amount, base).quantize(_smallest_coin(), rounding=ROUND_HALF_UP)
    if amount <= 0 or (offer.budget is not None and offer.used + amount > offer.budget):
        return None
    numbers = tuple(line.line_no for line in reached) if offer.skus or offer.category_erp_id else ()
    words = offer.name_in(get_language() or settings.LANGUAGE_CODE)
    return Discount(offer.pk, words, amount, numbers, offer.ends_on)


def _smallest_coin() -> Decimal:
    """Return what amounts are rounded to: the currency's decimals, of which two are kept at most."""
    return Decimal(1).scaleb(-min(get_currency_precision(settings.COMPANY_CURRENCY), 2))


def _reaches(offer: Offer, line: OfferLine) -> bool:
    if offer.skus and line.sku not in offer.skus:
        return False
    return not offer.category_erp_id or offer.category_erp_id in line.category_ids


def _active() -> tuple[Offer, ...]:
    if _kept.read_at is None or time.monotonic() - _kept.read_at >= recheck_s():
        yesterday = dt.datetime.now(dt.UTC).date() - dt.timedelta(days=1)
        found = [from_row(Offer, row) for row in fetch(_active_statement(), [yesterday])]
        prefetch_related_objects(found, "companies")
        _kept.offers, _kept.read_at = tuple(found), time.monotonic()
    return _kept.offers


@cache
def _active_statement() -> str:
    return (
        f"SELECT {columns(Offer, 'o')} FROM shop_offer o"  # noqa: S608 (names)
        " WHERE o.is_active AND o.ends_on >= %s ORDER BY o.ends_on DESC, o.id DESC"
    )


def _used_once(actor: Actor, offers: Iterable[Offer]) -> set[int]:
    once = [one.pk for one in offers if one.is_once]
    if not once:
        return set()
    uses = OfferUse.objects.filter(offer__in=once, sold_to=actor.sold_to, is_released=False)
    return set(uses.values_list("offer_id", flat=True))


def _is_for(offer: Offer, actor: Actor) -> bool:
    if offer.audience == Audience.PRICE_LIST:
        return price_context(sold_to=actor.sold_to).price_list == offer.price_list
    if offer.audience == Audience.CHOSEN:
        return actor.sold_to.pk in {one.pk for one in offer.companies.all()}
    if offer.audience == Audience.NEW:
        joined_at = Membership.objects.filter(sold_to=actor.sold_to).aggregate(at=Min("created_at"))["at"]
        return joined_at is not None and offer.starts_on <= company_day(joined_at) <= offer.ends_on
    return True
