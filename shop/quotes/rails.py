"""The guard rails: how far below list price a rep may go, and how much margin must be left."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from decimal import ROUND_UP, Decimal

from django.conf import settings
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.models import SoldTo, User
from erp_sync.mirror.models import OrderLine as ErpOrderLine
from shop.money import formats
from shop.quotes.models import GuardRails

PIECE = Decimal("0.0001")
HUNDRED = Decimal(100)


@dataclass(frozen=True, slots=True)
class Rails:
    """The rails that hold for one rep and one company; shares in percent."""

    max_discount: Decimal
    min_margin: Decimal
    valid_days: int
    may_answer_automatically: bool


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of an item's price; each None when nobody knows.

    Attributes:
        customer_price: What the ERP asks of this customer anyway.
        cost: What we paid, per sales unit, in the quote's currency.
    """

    list_price: Decimal | None = None
    customer_price: Decimal | None = None
    cost: Decimal | None = None


def rails_for(*, sold_to: SoldTo, rep: User | None) -> Rails:
    """Return the rails: the company's, else the rep's, else everybody's, else the settings' (1 query)."""
    everybody = Q(sold_to__isnull=True, rep__isnull=True)
    of_rep = Q(rep=rep) if rep is not None else Q(pk__in=())
    found = list(GuardRails.objects.filter(everybody | Q(sold_to=sold_to) | of_rep))
    found.sort(key=lambda one: (one.sold_to_id is None, one.rep_id is None))
    if not found:
        return Rails(settings.QUOTE_MAX_DISCOUNT, settings.QUOTE_MIN_MARGIN, settings.QUOTE_VALID_DAYS, True)  # noqa: FBT003
    first = found[0]
    return Rails(first.max_discount, first.min_margin, first.valid_days, first.may_answer_automatically)


def costs_of(skus: Collection[str], *, currency: str) -> dict[str, Decimal]:
    """Return what items cost us when they were last sold, by SKU, as far as the ERP says so (1 query)."""
    sold = ErpOrderLine.objects.filter(sku__in=skus, unit_cost__isnull=False, order__currency=currency)
    latest = sold.order_by("sku", "-order__placed_at").distinct("sku")
    return {sku: cost for sku, cost in latest.values_list("sku", "unit_cost") if cost is not None}


def lowest_price(rails: Rails, known: Known) -> Decimal | None:
    """Return the lowest price that the rails allow, None when nothing limits it."""
    floors = [floor for floor in (_discount_floor(rails, known), _margin_floor(rails, known)) if floor is not None]
    return max(floors, default=None)


def breach(rails: Rails, known: Known, *, sku: str, price: Decimal, currency: str) -> str:
    """Return the sentence that says why this price is not allowed, "" when it is."""
    words = {"sku": sku, "price": formats.unit_price(price, currency)}
    floor = _margin_floor(rails, known)
    if floor is not None and price < floor:
        return _(
            "%(sku)s: %(price)s leaves less than %(percent)s margin. The lowest price you may give is %(floor)s."
        ) % (words | {"percent": _percent(rails.min_margin), "floor": formats.unit_price(floor, currency)})
    floor = _discount_floor(rails, known)
    if floor is not None and price < floor:
        return _(
            "%(sku)s: %(price)s is more than %(percent)s below the list price of %(list)s. "
            "The lowest price you may give is %(floor)s."
        ) % (
            words
            | {
                "percent": _percent(rails.max_discount),
                "list": formats.unit_price(known.list_price, currency),
                "floor": formats.unit_price(floor, currency),
            }
        )
    return ""


def _discount_floor(rails: Rails, known: Known) -> Decimal | None:
    """The customer's own ERP price is allowed however low it is: he has it without asking."""
    if known.list_price is None:
        return None
    floor = _up(known.list_price * (HUNDRED - rails.max_discount) / HUNDRED)
    return floor if known.customer_price is None else min(floor, known.customer_price)


def _margin_floor(rails: Rails, known: Known) -> Decimal | None:
    if known.cost is None or known.cost <= 0:
        return None
    left = HUNDRED - rails.min_margin
    return _up(known.cost * HUNDRED / left) if left > 0 else None


def _up(price: Decimal) -> Decimal:
    return price.quantize(PIECE, rounding=ROUND_UP)


def _percent(number: Decimal) -> str:
    return formats.percent(number / HUNDRED)
