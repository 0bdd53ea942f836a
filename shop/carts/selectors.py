"""Reads a basket with its prices, and tells what stands in the way of ordering it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actors import Actor
from erp_sync import gateway
from erp_sync.mirror import selectors as mirror
from erp_sync.mirror.models import Item
from erp_sync.statements import columns, fetch, from_row, put_related, width
from shop.carts.models import Cart, CartLine
from shop.carts.quantities import QuantityRule, rule_of
from shop.catalogue.texts import item_name
from shop.offers.selectors import Discount, OfferLine, deal_of
from shop.offers.words import OfferWords, words_of
from shop.pricing.price_view import PriceView
from shop.pricing.selectors import price_lines
from shop.pricing.units import unit_words


@dataclass(frozen=True, slots=True)
class LineFace:
    """How a line looks, in plain values: the same line is rendered once."""

    sku: str
    name: str
    quantity: Decimal
    least: Decimal
    step: Decimal
    is_active: bool
    replaced_by: str
    problem: str
    price_change: Decimal | None
    seen_price: Decimal | None
    amount: Decimal | None
    view: PriceView | None


@dataclass(frozen=True, slots=True)
class BasketLine:
    """One line as the buyer sees it.

    Attributes:
        item: None when the SKU is unknown now.
        view: Price, stock and stamp ready to show; None when the item can't be asked for.
        problem: A sentence that says why it can't be ordered, "" when it can.
        price_change: New price over the one seen before, minus 1; None when equal or never seen.
    """

    line: CartLine
    item: Item | None
    view: PriceView | None
    problem: str
    price_change: Decimal | None

    @property
    def sku(self) -> str:
        """The SKU in the basket."""
        return self.line.sku

    @property
    def name(self) -> str:
        """The item's name in the reader's language; its SKU when nobody knows it."""
        return item_name(self.item) if self.item else self.line.sku

    @property
    def quantity(self) -> Decimal:
        """In the item's sales unit."""
        return self.line.quantity

    @property
    def unit(self) -> str:
        """What stands beside its quantity, in the reader's language."""
        return unit_words(self.item.sales_unit) if self.item else ""

    @property
    def rule(self) -> QuantityRule:
        """Which quantities can be ordered."""
        return rule_of(self.item) if self.item else QuantityRule()

    @property
    def offer(self) -> gateway.StampedOffer | None:
        """The ERP's answer itself; None = not known yet, or price on request."""
        return self.view.answer if self.view else None

    @property
    def net_price(self) -> Decimal | None:
        """Untaxed, per sales unit."""
        return self.view.net_price if self.view else None

    @property
    def has_price(self) -> bool:
        """There is a price to show."""
        return self.net_price is not None

    @property
    def has_view(self) -> bool:
        """The ERP could be asked for it."""
        return self.view is not None

    @property
    def has_moved(self) -> bool:
        """The price is another one than the buyer saw."""
        return self.price_change is not None

    @property
    def was_seen(self) -> bool:
        """The price is the one that the buyer saw before."""
        return self.view is not None and (self.line.seen_price, self.line.seen_currency) == (
            self.net_price, self.view.currency,
        )  # fmt: skip

    @property
    def amount(self) -> Decimal | None:
        """Untaxed amount of the line, rounded as the ERP rounds it."""
        return None if self.net_price is None else gateway.line_amount(self.net_price, self.quantity)

    @property
    def face(self) -> LineFace:
        """The line as it looks, without the age of its price."""
        rule = self.rule
        return LineFace(
            sku=self.sku,
            name=self.name,
            quantity=self.quantity,
            least=rule.least,
            step=rule.step,
            is_active=self.item is not None and self.item.is_active,
            replaced_by=self.item.replaced_by if self.item else "",
            problem=self.problem,
            price_change=self.price_change,
            seen_price=self.line.seen_price if self.price_change is not None else None,
            amount=self.amount,
            view=self.view.face if self.view else None,
        )


@dataclass(frozen=True, slots=True)
class Basket:
    """The basket of an actor, priced as far as the ERP answered.

    `goods_total` is the untaxed sum of the priced lines; tax and freight are the ERP's and come at checkout.
    `discount` is what an offer takes off it; `offers` are those that take nothing off as it is.
    """

    cart: Cart | None
    lines: tuple[BasketLine, ...]
    currency: str
    goods_total: Decimal | None
    discount: Discount | None = None
    offers: tuple[OfferWords, ...] = ()

    @property
    def has_discount(self) -> bool:
        """An offer takes something off."""
        return self.discount is not None

    @property
    def less(self) -> Decimal | None:
        """What it takes off, below nothing; None without one."""
        return self.discount.less if self.discount else None

    @property
    def untaxed(self) -> Decimal | None:
        """The goods less what an offer takes off."""
        if self.goods_total is None or self.discount is None:
            return self.goods_total
        return self.goods_total - self.discount.amount

    @property
    def is_empty(self) -> bool:
        """Nothing in it."""
        return not self.lines

    @property
    def is_priced(self) -> bool:
        """Every line has a price."""
        return bool(self.lines) and all(line.net_price is not None for line in self.lines)

    @property
    def is_live(self) -> bool:
        """Every price was answered by the ERP just now."""
        return self.is_priced and all(
            line.offer is not None and line.offer.stamp.source == gateway.LIVE for line in self.lines
        )

    @property
    def problems(self) -> tuple[BasketLine, ...]:
        """Lines that stand in the way of ordering."""
        return tuple(line for line in self.lines if line.problem)

    @property
    def unpriced(self) -> tuple[BasketLine, ...]:
        """Lines that can be ordered and are in no sum: their price is not known now."""
        return tuple(line for line in self.lines if line.net_price is None and not line.problem)

    @property
    def changes(self) -> tuple[BasketLine, ...]:
        """Lines whose price moved since the buyer saw it."""
        return tuple(line for line in self.lines if line.price_change is not None)

    @property
    def stamp(self) -> gateway.Stamp | None:
        """The oldest stamp among the prices."""
        stamps = [line.offer.stamp for line in self.lines if line.offer]
        return min(stamps, key=lambda stamp: stamp.as_of, default=None)


_COUNT = """
SELECT count(*) FROM shop_cart c JOIN shop_cartline l ON l.cart_id = c.id WHERE c.user_id = %s AND c.sold_to_id = %s
"""


def find_cart(*, actor: Actor) -> Cart | None:
    """Return the actor's basket for the company he acts for with its lines (1 query), or None when he never had one."""
    sql = _cart_statement()
    rows = fetch(sql, [actor.user.pk, actor.sold_to.pk])
    if not rows:
        return None
    split = width(Cart)
    cart = from_row(Cart, rows[0][:split])
    cart.user, cart.sold_to = actor.user, actor.sold_to
    lines = [from_row(CartLine, row[split:]) for row in rows if row[split] is not None]
    put_related([cart], "lines", {cart.pk: lines}, back="cart")
    return cart


@cache
def _cart_statement() -> str:
    return f"""
SELECT {columns(Cart, "c")}, {columns(CartLine, "l")} FROM shop_cart c LEFT JOIN shop_cartline l ON l.cart_id = c.id
WHERE c.user_id = %s AND c.sold_to_id = %s ORDER BY l.position, l.id
"""  # noqa: S608 (names of our own tables)


def line_count(*, actor: Actor) -> int:
    """Return the number of lines in the actor's basket (the figure at the top of every page)."""
    return int(fetch(_COUNT, [actor.user.pk, actor.sold_to.pk])[0][0])


def basket(*, actor: Actor, live: bool = False, wait: bool = True) -> Basket:
    """Return the priced basket: two queries and at most one ERP call, whatever the number of lines.

    Args:
        actor: Whose basket.
        live: Ask the ERP for every line, and read the offers, now (checkout).
        wait: Without it nothing is asked: only what is known and fresh is filled in.
    """
    cart = find_cart(actor=actor)
    rows = list(cart.lines.all()) if cart else []
    items = mirror.items_by_sku([row.sku for row in rows]) if rows else {}
    views = price_lines(actor=actor, asks=[(row.sku, row.quantity) for row in rows], live=live, wait=wait, items=items)
    lines = tuple(_line(row, items.get(row.sku), views.get(row.sku)) for row in rows)
    amounts = [line.amount for line in lines if line.amount is not None]
    currency = next((view.currency for view in views.values()), settings.COMPANY_CURRENCY)
    deal = deal_of(actor=actor, lines=_for_offers(lines), currency=currency, now=timezone.now(), is_fresh=live)
    return Basket(
        cart=cart,
        lines=lines,
        currency=currency,
        goods_total=sum(amounts, Decimal(0)) if amounts else None,
        discount=deal.discount,
        offers=words_of(deal.others),
    )


def _for_offers(lines: tuple[BasketLine, ...]) -> list[OfferLine]:
    return [
        OfferLine(number, line.sku, line.item.category_ids, line.amount)
        for number, line in enumerate(lines, start=1)
        if line.item is not None and not line.problem
    ]


def _line(row: CartLine, item: Item | None, view: PriceView | None) -> BasketLine:
    return BasketLine(
        line=row, item=item, view=view, problem=_problem(row, item, view), price_change=_change(row, view)
    )


def _problem(row: CartLine, item: Item | None, view: PriceView | None) -> str:
    """Return what must be put right before this line can be ordered."""
    names = {"sku": row.sku, "new": item.replaced_by if item else ""}
    if item is None or (view is not None and view.state == "not_sold"):
        return _("%(sku)s is not in your range any more. Take it out to go on.") % names
    if not item.is_active and item.replaced_by:
        return _("%(sku)s is no longer sold. Replace it by %(new)s or take it out.") % names
    if not item.is_active:
        return _("%(sku)s is no longer sold. Take it out to go on.") % names
    if not rule_of(item).accepts(row.quantity):
        return _("The pack of %(sku)s has changed: correct the quantity to go on.") % names
    return ""


def _change(row: CartLine, view: PriceView | None) -> Decimal | None:
    """Return how the price moved since the buyer saw it; None when it didn't, or nothing can be compared."""
    if view is None or view.net_price is None or not row.seen_price:
        return None
    if row.seen_currency != view.currency or row.seen_price == view.net_price:
        return None
    return view.net_price / row.seen_price - 1
