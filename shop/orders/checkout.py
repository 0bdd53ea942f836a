"""What stands between a basket and an order: live prices, the ERP's totals, credit, and what must be put right."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from dataclasses import dataclass, replace
from decimal import Decimal
from uuid import UUID

from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.models import CostCentre
from accounts.selectors import is_eligible, price_context, ship_tos
from erp_sync import gateway
from erp_sync.errors import ErpBroken, ErpRejected, ErpUnavailable
from erp_sync.mirror.models import Address
from erp_sync.records import NewOrder, NewOrderLine, Totals
from shop.approvals import selectors as approvals
from shop.approvals.budgets import shortage
from shop.approvals.deciding import Needed, Purchase, needed
from shop.carts import selectors as carts
from shop.money import formats

NO_KEY = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What a buyer was shown, as two hashes: lines with prices and discount, and the total ("" when unknown)."""

    lines: str
    total: str

    def __str__(self) -> str:
        return f"{self.lines}.{self.total}"

    @classmethod
    def read(cls, text: str) -> Fingerprint:
        """Read what a form sent back; anything else simply matches nothing."""
        lines, _dot, total = text.partition(".")
        return cls(lines=lines[:64], total=total[:64])

    def agrees_with(self, other: Fingerprint) -> bool:
        """Say whether both show the same. A total that one of them didn't know says nothing."""
        totals_agree = not self.total or not other.total or self.total == other.total
        return self.lines == other.lines and totals_agree


@dataclass(frozen=True, slots=True)
class Checkout:
    """Everything that the checkout page shows.

    Attributes:
        totals: The ERP's own totals, asked now; None when it did not answer.
        credit: None when nobody knows.
        obstacles: Sentences that say what must be put right; empty = the order can be placed.
        is_offline: The ERP doesn't answer: the order would wait for its confirmation.
        needed: Who must approve it first, and why; None = nobody.
        cost_centres: What the buyer may choose from; `cost_centre` is what the page was worked out with.
    """

    basket: carts.Basket
    totals: Totals | None
    credit: gateway.StampedCredit | None
    places: tuple[Address, ...]
    obstacles: tuple[str, ...]
    is_offline: bool
    fingerprint: Fingerprint
    needed: Needed | None = None
    cost_centres: tuple[CostCentre, ...] = ()
    cost_centre: CostCentre | None = None

    @property
    def untaxed(self) -> Decimal:
        """What rules and budgets count: the ERP's untaxed total, or the goods while it does not answer."""
        return self.totals.untaxed if self.totals else self.basket.untaxed or Decimal(0)

    @property
    def approval(self) -> str:
        """What the buyer was told about approval, as a hash; "" when none is needed."""
        return self.needed.digest if self.needed else ""

    def purchase(self) -> Purchase:
        """Return the order as rules see it."""
        parts = [(frozenset(line.item.category_ids), line.amount) for line in self.basket.lines if line.item]
        cart, centre = self.basket.cart, self.cost_centre
        return Purchase(
            amount=self.untaxed,
            currency=self.basket.currency,
            parts=tuple((groups, amount or Decimal(0)) for groups, amount in parts),
            cost_centre_id=centre.pk if centre else None,
            cost_centre=str(centre or ""),
            order_key=cart.order_key if cart else None,
        )

    @property
    def has_freight(self) -> bool:
        """The ERP charges freight."""
        return bool(self.totals and self.totals.freight)

    @property
    def credit_left_after(self) -> Decimal | None:
        """What may still be ordered on account after this order; None = no limit, or unknown."""
        if self.credit is None or self.credit.credit.left is None or self.totals is None:
            return None
        return self.credit.credit.left - self.totals.total


def checkout(*, actor: Actor, now: dt.datetime, cost_centre: str | None = None) -> Checkout:
    """Ask the ERP for prices, totals and credit of the actor's basket: at most three calls, none when it is empty.

    `cost_centre` is the code that the buyer chose; None = his usual one. A company without rules pays nothing for them.
    """
    basket = carts.basket(actor=actor, live=True)
    places = tuple(ship_tos(actor=actor))
    totals, refusal = _totals(actor, basket) if basket.is_live and not basket.problems else (None, "")
    credit = gateway.credit(actor.sold_to.erp_id) if not basket.is_empty else None
    obstacles = [line.problem for line in basket.problems]
    obstacles += _price_obstacles(basket)
    obstacles += [refusal] if refusal else []
    obstacles += company_obstacles(actor, totals, credit, now)
    found = Checkout(
        basket=basket,
        totals=totals,
        credit=credit,
        places=places,
        obstacles=tuple(obstacles),
        is_offline=not basket.is_live or totals is None,
        fingerprint=_fingerprint(basket, totals),
    )
    return _under_rules(actor, found, cost_centre, now) if actor.is_under_rules and not basket.is_empty else found


def _under_rules(actor: Actor, found: Checkout, cost_centre: str | None, now: dt.datetime) -> Checkout:
    """Hold the order against the company's rules and budgets."""
    centres = tuple(approvals.cost_centres_of(actor=actor))
    usual = actor.membership.cost_centre_id if actor.membership else None
    chosen = next(
        (one for one in centres if (one.pk == usual if cost_centre is None else one.code == cost_centre)), None
    )
    found = replace(found, cost_centres=centres, cost_centre=chosen)
    purchase = found.purchase()
    key = purchase.order_key or NO_KEY
    short = shortage(chosen, found.untaxed, purchase.currency, now, key) if chosen else ""
    return replace(
        found,
        needed=needed(actor=actor, purchase=purchase, now=now),
        obstacles=(*found.obstacles, short) if short else found.obstacles,
    )


def _totals(actor: Actor, basket: carts.Basket) -> tuple[Totals | None, str]:
    """Return the ERP's totals, or its refusal in its own words."""
    context = price_context(sold_to=actor.sold_to)
    order = NewOrder(
        reference="",
        customer_erp_id=context.customer_erp_id,
        price_list=context.price_list,
        currency=context.currency,
        lines=new_lines(basket),
        discount=basket.discount.as_sent() if basket.discount else None,
    )
    try:
        return gateway.totals(order), ""
    except ErpRejected as error:
        return None, _("The ERP refuses this order: %(words)s Your basket is kept.") % {"words": error.message}
    except (ErpUnavailable, ErpBroken):
        return None, ""


def new_lines(basket: carts.Basket) -> tuple[NewOrderLine, ...]:
    """Return the basket's lines as the ERP takes them; every line must have a price."""
    return tuple(
        NewOrderLine(
            line_no=number,
            sku=line.sku,
            item_erp_id=line.item.erp_id,
            quantity=line.quantity,
            net_price=line.net_price,
            note=line.line.note,
        )
        for number, line in enumerate(basket.lines, start=1)
        if line.item is not None and line.net_price is not None
    )


def _price_obstacles(basket: carts.Basket) -> list[str]:
    unpriced = [line.sku for line in basket.lines if line.net_price is None and not line.problem]
    if not unpriced:
        return []
    return [
        _(
            "There is no price for %(skus)s at the moment. Your basket is kept: "
            "try again in a few minutes, or take these lines out."
        )
        % {"skus": ", ".join(unpriced[:10])}
    ]


def company_obstacles(
    actor: Actor, totals: Totals | None, credit: gateway.StampedCredit | None, now: dt.datetime
) -> list[str]:
    """Return why the company can't order now, whatever it orders: the ledger, a block, its credit."""
    today = now.astimezone(formats.company_zone()).date()
    if not is_eligible(sold_to=actor.sold_to, on=today):
        return [
            _("%(company)s can't order online at the moment. Your basket is kept; please call your sales rep.")
            % {"company": actor.sold_to.name}
        ]
    if actor.sold_to.credit_is_blocked:
        return [_("Your credit is blocked. Your basket is kept; please settle the open invoices or call us.")]
    # ERPs differ in whether tax counts; what is above the limit without it is refused by all of them.
    if totals and credit and credit.credit.left is not None and totals.untaxed > credit.credit.left:
        return [
            _(
                "This order of %(total)s, untaxed, is above the %(left)s that are left of your credit. "
                "Your basket is kept: take lines out, pay an open invoice, or call your sales rep."
            )
            % {
                "total": formats.money(totals.untaxed, totals.currency),
                "left": formats.money(max(credit.credit.left, Decimal(0)), credit.credit.currency),
            }
        ]
    return []


def _fingerprint(basket: carts.Basket, totals: Totals | None) -> Fingerprint:
    lines = [[line.sku, _plain(line.quantity), _plain(line.net_price), basket.currency] for line in basket.lines]
    if basket.discount is not None:
        lines.append(["", *basket.discount.key])
    total = "" if totals is None else _digest([_plain(totals.total), totals.currency])
    return Fingerprint(lines=_digest(lines), total=total)


def _digest(value: object) -> str:
    return hashlib.sha256(json.dumps(value, separators=(",", ":")).encode()).hexdigest()[:32]


def _plain(number: Decimal | None) -> str:
    """Return one text per value: 10, 10.0 and 1E+1 are the same quantity."""
    return "" if number is None else format(number.normalize(), "f")
