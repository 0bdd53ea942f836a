"""M16 basket: value and pieces of an order, by channel."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from adoption.metrics.adoption import value_of
from adoption.metrics.book import Book
from adoption.metrics.orders import Order
from adoption.metrics.period import Period
from adoption.metrics.rounding import divided

REP = "rep"


@dataclass(frozen=True, slots=True)
class Basket:
    """M16 of a channel. `aov` is money an order, `upt` pieces an order; `rows`: keys of the orders that have a rate."""

    orders: int
    value: Decimal
    units: Decimal
    unconverted: int
    rows: tuple[str, ...] = ()

    @property
    def aov(self) -> Decimal | None:
        """Average order value in the company's currency."""
        return divided(self.value, self.orders)

    @property
    def upt(self) -> Decimal | None:
        """Units per transaction."""
        return divided(self.units, self.orders)


@dataclass(frozen=True, slots=True)
class Baskets:
    """M16 by channel and for all of ONLINE."""

    channels: dict[str, Basket]
    online: Basket

    @property
    def rep_vs_online_aov(self) -> Decimal | None:
        """(aov of reps - aov online) / aov online; None when either has no orders."""
        rep = self.channels.get(REP)
        if rep is None or rep.aov is None or not self.online.aov:
            return None
        return (rep.aov - self.online.aov) / self.online.aov


def basket(book: Book, period: Period) -> Baskets:
    """Return M16 over counted orders placed in the period by all accounts."""
    by_channel: dict[str, list[Order]] = {}
    for order in book.orders_in(period):
        by_channel.setdefault(order.channel, []).append(order)
    online = [order for channel, own in by_channel.items() if channel in book.settings.online for order in own]
    return Baskets(
        channels={channel: basket_of(own) for channel, own in sorted(by_channel.items())}, online=basket_of(online)
    )


def together(baskets: Iterable[Basket]) -> Basket:
    """Return M16 of several channels."""
    found = tuple(baskets)
    return Basket(
        orders=sum(one.orders for one in found),
        value=sum((one.value for one in found), Decimal(0)),
        units=sum((one.units for one in found), Decimal(0)),
        unconverted=sum(one.unconverted for one in found),
        rows=tuple(key for one in found for key in one.rows),
    )


def basket_of(orders: Sequence[Order]) -> Basket:
    """Return M16 of some orders; those without a rate leave both sides of AOV and UPT (C6)."""
    valued = [order for order in orders if order.value is not None]
    return Basket(
        orders=len(valued),
        value=value_of(valued),
        units=sum((order.units for order in valued), Decimal(0)),
        unconverted=len(orders) - len(valued),
        rows=tuple(order.key for order in valued),
    )
