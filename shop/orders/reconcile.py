"""The one engine that says, line by line, what has changed since somebody last ordered something.

Reorder, lists and the order pad (typed, pasted, uploaded lines) ask it the same question.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from accounts.actors import Actor
from accounts.selectors import price_context
from erp_sync import gateway
from erp_sync.mirror import selectors as mirror
from erp_sync.mirror.models import Item
from erp_sync.records import Ask, Expected, PriceContext
from shop.carts.quantities import MOST, QuantityRule, rule_of
from shop.catalogue.texts import item_name
from shop.orders.substitutions import Accepted, accepted
from shop.pricing.selectors import BATCH
from shop.pricing.units import unit_words

LONGEST_CHAIN = 5


class Verdict(StrEnum):
    """What became of a wanted line; the first that applies, from worst to best."""

    NOT_IN_RANGE = "not_in_range"
    NOT_AVAILABLE = "not_available"
    REPLACED = "replaced"
    PACK_CHANGED = "pack_changed"
    PRICE_UNKNOWN = "price_unknown"
    PRICE_CHANGED = "price_changed"
    SAME = "same"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A line as it once was: item, quantity in its sales unit, and the price of that day if known.

    `row` is the number a person sees beside it (line of the order, row of the paste).
    """

    row: int
    sku: str
    quantity: Decimal
    name: str = ""
    old_price: Decimal | None = None
    old_currency: str = ""
    old_on: dt.date | None = None


@dataclass(frozen=True, slots=True)
class ReconciledLine:
    """A wanted line beside what can be ordered now.

    Attributes:
        verdict: The worst thing that happened to it; `verdicts` has all of them.
        item: What would be ordered (the replacement, when there is one), None when nothing can be.
        quantity: How much would be ordered, after rounding to the pack.
        offer: The ERP's answer with its stamp; None = no price now.
        price_change: New price / old price - 1, None when it can't be compared.
        is_proposed: Goes into the basket unless the buyer takes it out.
        missing: How much of the quantity isn't available today.
        expected: When the rest may come.
        accepted_on: When the customer accepted this replacement before; None = he is asked now.
    """

    wanted: Wanted
    verdict: Verdict
    verdicts: tuple[Verdict, ...]
    item: Item | None
    quantity: Decimal
    offer: gateway.StampedOffer | None
    price_change: Decimal | None
    is_proposed: bool
    missing: Decimal = Decimal(0)
    expected: Expected | None = None
    accepted_on: dt.datetime | None = None

    @property
    def rule(self) -> QuantityRule:
        """Which quantities can be ordered of it."""
        return rule_of(self.item) if self.item else QuantityRule()

    @property
    def unit(self) -> str:
        """What stands beside its quantity, in the reader's language."""
        return unit_words(self.item.sales_unit) if self.item else ""

    @property
    def name(self) -> str:
        """What it is called, in the reader's language; of a lost item what it was called then."""
        return item_name(self.item) if self.item else self.wanted.name or self.wanted.sku

    @property
    def old_amount(self) -> Decimal | None:
        """What the line cost then, untaxed."""
        return _amount(self.wanted.old_price, self.wanted.quantity)

    @property
    def new_price(self) -> Decimal | None:
        """Net price now, per sales unit."""
        return self.offer.offer.net_price if self.offer else None

    @property
    def new_amount(self) -> Decimal | None:
        """What the line costs now, untaxed."""
        return _amount(self.new_price, self.quantity)


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """All lines and what they come to, untaxed, before and now.

    `old_total` and `new_total` add up the lines that can be ordered and have both prices; None when there is none.
    """

    lines: tuple[ReconciledLine, ...]
    currency: str
    old_total: Decimal | None = None
    new_total: Decimal | None = None
    counts: dict[str, int] = field(default_factory=dict)

    @property
    def is_unchanged(self) -> bool:
        """Every line is as it was."""
        return all(line.verdict is Verdict.SAME for line in self.lines)


def reconcile(*, actor: Actor, wanted: Sequence[Wanted]) -> Reconciliation:
    """Compare wanted lines with what this customer can order now.

    Three queries whatever the number of lines, and one ERP call for each hundred items. Where an item is wanted in
    several rows, its price is that of all of them together, as it will be in the basket; its stock goes to the first.
    """
    context = price_context(sold_to=actor.sold_to)
    found = _items_with_replacements([line.sku for line in wanted])
    chosen = [_choose(line, found) for line in wanted]
    asks: dict[str, Ask] = {}
    before: list[Decimal] = []
    for item, quantity in chosen:
        asked = asks[item.sku].quantity if item and item.sku in asks else Decimal(0)
        before.append(asked)
        if item is not None:
            asks[item.sku] = Ask(sku=item.sku, erp_id=item.erp_id, quantity=asked + quantity)
    offers = _offers(context, list(asks.values()))
    known = _accepted(actor, wanted, chosen)
    lines = tuple(
        _judge(line, item, quantity, offers.get(item.sku) if item else None, earlier=earlier, known=known)
        for line, (item, quantity), earlier in zip(wanted, chosen, before, strict=True)
    )
    return _summed(lines, context.currency)


def _offers(context: PriceContext, asks: Sequence[Ask]) -> dict[str, gateway.StampedOffer]:
    offers: dict[str, gateway.StampedOffer] = {}
    for part in _batches(asks):
        offers |= gateway.offers(context, part)
    return offers


def _batches(asks: Sequence[Ask]) -> Iterator[Sequence[Ask]]:
    for start in range(0, len(asks), BATCH):
        yield asks[start : start + BATCH]


def _accepted(
    actor: Actor, wanted: Sequence[Wanted], chosen: Sequence[tuple[Item | None, Decimal]]
) -> dict[str, Accepted]:
    """Return what was accepted before, of the numbers that are replaced now (no query when there are none)."""
    pairs = zip(wanted, chosen, strict=True)
    return accepted(actor=actor, numbers=[line.sku for line, (item, _n) in pairs if item and item.sku != line.sku])


def _items_with_replacements(skus: Sequence[str]) -> dict[str, Item]:
    """Return the items with what replaces them, to the end of each chain: a query for each link."""
    found: dict[str, Item] = mirror.items_by_sku(set(skus)) if skus else {}
    for _link in range(LONGEST_CHAIN):
        next_ones = {item.replaced_by for item in found.values() if not item.is_active and item.replaced_by}
        missing = next_ones - found.keys()
        if not missing:
            break
        found |= mirror.items_by_sku(missing)
    return found


def _choose(line: Wanted, found: dict[str, Item]) -> tuple[Item | None, Decimal]:
    """Return the item that would be ordered, following at most `LONGEST_CHAIN` replacements, and how much of it."""
    item = found.get(line.sku)
    for _step in range(LONGEST_CHAIN):
        if item is None or item.is_active:
            break
        item = found.get(item.replaced_by)
    if item is None or not item.is_active:
        return None, line.quantity
    return item, min(rule_of(item).round_up(line.quantity), MOST)


def _judge(
    line: Wanted,
    item: Item | None,
    quantity: Decimal,
    offer: gateway.StampedOffer | None,
    *,
    earlier: Decimal,
    known: dict[str, Accepted],
) -> ReconciledLine:
    if item is None or (offer is not None and not offer.offer.is_salable):
        return ReconciledLine(
            wanted=line, verdict=Verdict.NOT_IN_RANGE, verdicts=(Verdict.NOT_IN_RANGE,), item=None,
            quantity=line.quantity, offer=None, price_change=None, is_proposed=False,
        )  # fmt: skip
    missing = _missing(offer, quantity, earlier)
    before = known.get(line.sku.upper())
    change = _price_change(line, offer)
    happened = {
        Verdict.NOT_AVAILABLE: missing >= quantity > 0,
        Verdict.REPLACED: item.sku != line.sku,
        Verdict.PACK_CHANGED: quantity != line.quantity,
        Verdict.PRICE_UNKNOWN: offer is None or offer.offer.net_price is None,
        Verdict.PRICE_CHANGED: bool(change),
    }
    verdicts = tuple(verdict for verdict, applies in happened.items() if applies) or (Verdict.SAME,)
    return ReconciledLine(
        wanted=line,
        verdict=verdicts[0],
        verdicts=verdicts,
        item=item,
        quantity=quantity,
        offer=offer,
        price_change=change,
        is_proposed=verdicts[0] is not Verdict.NOT_AVAILABLE,
        missing=missing,
        expected=offer.offer.expected[0] if offer and offer.offer.expected else None,
        accepted_on=before.on if before and before.sku == item.sku else None,
    )


def _missing(offer: gateway.StampedOffer | None, quantity: Decimal, earlier: Decimal) -> Decimal:
    """How much isn't there today, after what earlier rows take; zero when the ERP says nothing about stock."""
    if offer is None or offer.offer.stock is None:
        return Decimal(0)
    available = sum((place.available for place in offer.offer.stock), Decimal(0))
    return max(Decimal(0), quantity - max(Decimal(0), available - earlier))


def _price_change(line: Wanted, offer: gateway.StampedOffer | None) -> Decimal | None:
    """New over old minus one; None when there is nothing to compare or the currency is another."""
    if offer is None or offer.offer.net_price is None or not line.old_price:
        return None
    if line.old_currency and line.old_currency != offer.offer.currency:
        return None
    return offer.offer.net_price / line.old_price - 1


def _amount(price: Decimal | None, quantity: Decimal) -> Decimal | None:
    return None if price is None else gateway.line_amount(price, quantity)


def _summed(lines: tuple[ReconciledLine, ...], currency: str) -> Reconciliation:
    pairs = [
        (line.old_amount, line.new_amount)
        for line in lines
        if line.is_proposed and line.old_amount is not None and line.new_amount is not None
    ]
    counts: dict[str, int] = {}
    for line in lines:
        counts[line.verdict.value] = counts.get(line.verdict.value, 0) + 1
    return Reconciliation(
        lines=lines,
        currency=currency,
        old_total=sum((before for before, _now in pairs), Decimal(0)) if pairs else None,
        new_total=sum((now for _before, now in pairs), Decimal(0)) if pairs else None,
        counts=counts,
    )
