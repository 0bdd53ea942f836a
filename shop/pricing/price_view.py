"""A price ready for a template: per unit and pack, with breaks, stock, freshness and proof."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass, field, replace
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

from erp_sync.gateway import LAST_KNOWN, StampedOffer
from erp_sync.mirror.models import Item
from erp_sync.records import Offer, PriceStep
from shop.money.formats import company_zone
from shop.pricing.receipts import step_at
from shop.pricing.stock import StockView, stock_of
from shop.pricing.units import unit_digits, unit_factor, unit_name

FRESH_S = 60
# An export of last night is as it should be, one of the night before is not.
LIST_FRESH_S = 36 * 3600
CENT, PIECE = Decimal("0.01"), Decimal("0.0001")
MOST_STEPS = 8


@dataclass(frozen=True, slots=True)
class StampView:
    """How old a figure is and what proves it.

    Attributes:
        tone: fresh, late (older than a minute; a price list: than LIST_FRESH_S) or offline (last known, the ERP did not
            answer).
        is_list: Of a price list that the ERP exports: confirmed with the order.
        is_today: `as_of` lies on today's date in the company's zone.
    """

    as_of: dt.datetime
    source: str
    tone: str
    is_today: bool
    rule: str = ""
    valid_until: dt.date | None = None
    request_id: str = ""
    is_list: bool = False


@dataclass(frozen=True, slots=True)
class PackPrice:
    """What one pack (or one piece of the sales unit) costs.

    `factor` is in sales units, below 1 for a piece. The price of a pack is the one that so many
    units have, rounded to cents; that of a piece keeps 4 decimals; None while it is asked.
    """

    name: str
    factor: Decimal
    price: Decimal | None


@dataclass(frozen=True, slots=True)
class PriceView:
    """What the ERP says about one item for one customer and quantity.

    Two are equal when they look the same: age and proof, which every answer of the ERP has anew, do not count.

    Attributes:
        state: priced; pending (not asked yet, the page fetches it); on_request (the ERP gives no
            price or no answer); not_sold (the ERP does not sell it to this customer).
        cell: Id of the item's cells in a page, safe whatever the SKU is.
        unit: Name of the sales unit in the reader's language; price and quantities are per this
            unit.
        list_price: Only when it is above the net price, to be struck.
        step, minimum: How a quantity box counts.
        is_partial: Breaks and warehouses are still to be asked.
        answer: The ERP's answer itself, for receipts; None when there is none.
    """

    sku: str
    quantity: Decimal
    state: str
    cell: str
    unit: str
    currency: str
    net_price: Decimal | None = None
    list_price: Decimal | None = None
    packs: tuple[PackPrice, ...] = ()
    steps: tuple[PriceStep, ...] = ()
    next_step: PriceStep | None = None
    stock: StockView | None = None
    minimum: Decimal = Decimal(1)
    step: Decimal = Decimal(1)
    stamp: StampView | None = field(default=None, compare=False)
    is_partial: bool = False
    answer: StampedOffer | None = field(default=None, compare=False)

    @property
    def is_priced(self) -> bool:
        """There is a price to show."""
        return self.state == "priced"

    @property
    def is_pending(self) -> bool:
        """The page still has to ask."""
        return self.state == "pending"

    @property
    def face(self) -> PriceView:
        """The same without its age and its proof; equal to it."""
        return replace(self, stamp=None, answer=None)


def price_view(
    item: Item,
    quantity: Decimal,
    stamped: StampedOffer | None,
    *,
    currency: str,
    pending: bool,
    now: dt.datetime,
    language: str | None = None,
) -> PriceView:
    """Return the view of an item's price.

    A price of zero or less, or in another currency than the customer's, is not shown as a price.

    Args:
        item: The mirrored item (units and packs).
        quantity: Asked quantity, in the sales unit.
        stamped: The ERP's answer, or None.
        currency: The customer's currency.
        pending: Without an answer the price is still to be asked, not on request.
        now: For the age of the answer.
        language: In which units are named, when the caller knows the reader's already.
    """
    offer = stamped.offer if stamped else None
    price = _price(offer, currency)
    steps = offer.steps[:MOST_STEPS] if offer and price is not None else ()
    state = _state(offer, price, pending=pending)
    box_step = item.multiple or Decimal(1).scaleb(-unit_digits(item.sales_unit))
    return PriceView(
        sku=item.sku,
        quantity=quantity,
        state=state,
        cell=cell_of(item.sku),
        unit=unit_name(item.sales_unit, language),
        currency=currency,
        net_price=price,
        list_price=_struck(offer, price),
        packs=_packs(item, price, steps, language) if state in {"priced", "pending"} else (),
        steps=steps if len(steps) > 1 else (),
        next_step=next((step for step in steps if step.quantity > quantity), None),
        stock=stock_of(offer) if offer else None,
        minimum=item.minimum or box_step,
        step=box_step,
        stamp=stamp_view(stamped, now) if stamped else None,
        answer=stamped,
    )


def stamp_view(stamped: StampedOffer, now: dt.datetime) -> StampView:
    """Return the freshness of an answer and what proves it."""
    stamp = stamped.stamp
    late = (now - stamp.as_of).total_seconds() > (LIST_FRESH_S if stamp.is_list else FRESH_S)
    return StampView(
        as_of=stamp.as_of,
        source=stamp.source,
        tone="offline" if stamp.source == LAST_KNOWN else "late" if late else "fresh",
        is_today=_is_today(stamp.as_of, now),
        rule=stamp.rule or stamped.offer.rule,
        valid_until=stamped.offer.valid_until,
        request_id=stamp.request_id,
        is_list=stamp.is_list,
    )


@lru_cache(maxsize=64)  # the rows of a page share both
def _is_today(instant: dt.datetime, now: dt.datetime) -> bool:
    zone = company_zone()
    return instant.astimezone(zone).date() == now.astimezone(zone).date()


def cell_of(sku: str) -> str:
    """Return the id that an item's cells have in a page; any SKU gives letters and digits."""
    return "i" + hashlib.blake2s(sku.encode(), digest_size=6).hexdigest()


def _price(offer: Offer | None, currency: str) -> Decimal | None:
    if offer is None or offer.net_price is None or not offer.is_salable:
        return None
    if offer.net_price <= 0 or (currency and offer.currency != currency):
        return None
    return offer.net_price


def _state(offer: Offer | None, price: Decimal | None, *, pending: bool) -> str:
    if price is not None:
        return "priced"
    if offer is not None and not offer.is_salable:
        return "not_sold"
    return "pending" if offer is None and pending else "on_request"


def _struck(offer: Offer | None, price: Decimal | None) -> Decimal | None:
    if offer is None or price is None or offer.list_price is None or offer.list_price <= price:
        return None
    return offer.list_price


def _packs(
    item: Item, price: Decimal | None, steps: tuple[PriceStep, ...], language: str | None
) -> tuple[PackPrice, ...]:
    factors = [(unit_name(pack, language), unit_factor(pack)) for pack in item.packs]
    return tuple(
        PackPrice(name=name, factor=factor, price=_pack_price(factor, price, steps))
        for name, factor in factors
        if factor not in {0, 1}
    )


def _pack_price(factor: Decimal, price: Decimal | None, steps: tuple[PriceStep, ...]) -> Decimal | None:
    if price is None:
        return None
    reached = step_at(steps, factor)
    each = reached.net_price if reached else price
    return (each * factor).quantize(CENT if factor > 1 else PIECE, rounding=ROUND_HALF_UP)
