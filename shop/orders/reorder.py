"""One-click reorder: what was ordered then becomes what is wanted now; the buyer confirms line by line."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from django.utils.translation import gettext as _

from accounts.actors import Actor, who_of
from accounts.signals import Fact, announce
from shop.carts import services as carts
from shop.carts.quantities import QuantityRule, parse_quantity, rule_of
from shop.carts.services import Adding, SeenPrice
from shop.errors import ShopError
from shop.money.formats import company_zone
from shop.orders import substitutions
from shop.orders.reconcile import ReconciledLine, Reconciliation, Wanted, reconcile
from shop.orders.shown import OrderView
from shop.signals import shop_fact


@dataclass(frozen=True, slots=True)
class Choice:
    """What the buyer decided for a row: take it or not, and the quantity as he typed it."""

    is_taken: bool
    quantity: str


@dataclass(frozen=True, slots=True)
class Refused:
    """A row that could not be taken over, with the reason."""

    row: int
    sku: str
    reason: str


@dataclass(frozen=True, slots=True)
class Count:
    """What the ticked rows come to, untaxed, in the quantities typed: then, now, and each row's amount now.

    A row counts when its quantity can be ordered and its price is known; no total when none does.
    """

    amounts: Mapping[int, Decimal | None]
    old_total: Decimal | None
    new_total: Decimal | None
    currency: str


def wanted_of(order: OrderView) -> list[Wanted]:
    """Return the goods of an order as wanted lines; the same item twice becomes one line."""
    merged: dict[str, Wanted] = {}
    on = order.placed_at.astimezone(company_zone()).date()
    for line in order.lines:
        if line.item_type != "goods" or not line.sku or line.quantity <= 0:
            continue
        before = merged.get(line.sku)
        merged[line.sku] = Wanted(
            row=before.row if before else len(merged) + 1,
            sku=line.sku,
            quantity=line.quantity + (before.quantity if before else Decimal(0)),
            name=line.name,
            old_price=line.net_price,
            old_currency=order.currency,
            old_on=on,
        )
    return list(merged.values())


def compare(*, actor: Actor, order: OrderView) -> Reconciliation:
    """Say line by line what ordering this order again would mean today."""
    return reconcile(actor=actor, wanted=wanted_of(order))


def count(*, actor: Actor, order: OrderView, choices: Mapping[int, Choice], language: str) -> Count:
    """Say what the ticked rows come to in the quantities typed; nothing is put anywhere."""
    ticked = [line for line in wanted_of(order) if line.row in choices]
    typed = [(line, _typed(choices[line.row].quantity, language)) for line in ticked]
    wanted = [replace(line, quantity=quantity) for line, quantity in typed if quantity is not None]
    compared = reconcile(actor=actor, wanted=wanted)
    as_typed = [line for line in compared.lines if line.quantity == line.wanted.quantity]
    pairs = [(line.old_amount, line.new_amount) for line in as_typed]
    both = [(then, now) for then, now in pairs if then is not None and now is not None]
    return Count(
        amounts={line.row: None for line in ticked} | {line.wanted.row: line.new_amount for line in as_typed},
        old_total=sum((then for then, _now in both), Decimal(0)) if both else None,
        new_total=sum((now for _then, now in both), Decimal(0)) if both else None,
        currency=compared.currency,
    )


def _typed(text: str, language: str) -> Decimal | None:
    """Return a quantity that may be asked for, else None: what is wrong with it is said when it is taken."""
    try:
        return parse_quantity(text, rule=QuantityRule(digits=6), language=language)
    except ShopError:
        return None


def order_again(
    *, actor: Actor, order: OrderView, choices: Mapping[int, Choice], language: str, now: dt.datetime
) -> tuple[int, tuple[Refused, ...]]:
    """Put the chosen rows into the basket; return how many went in and which could not.

    The items and prices are read anew: the browser only says which rows, and how much of each.
    """
    compared = compare(actor=actor, order=order)
    adding: list[Adding] = []
    refused: list[Refused] = []
    replaced: dict[str, str] = {}
    for line in _taken(compared.lines, choices):
        try:
            adding.append(_checked(line, choices[line.wanted.row].quantity, language))
        except ShopError as error:
            refused.append(Refused(line.wanted.row, line.wanted.sku, str(error)))
        else:
            replaced[line.wanted.sku] = adding[-1].sku
    if adding:
        carts.add_lines(actor=actor, adding=adding, now=now)
        substitutions.remember(actor=actor, taken=replaced, now=now)
        _announce(actor=actor, order=order, rows=len(adding), now=now)
    return len(adding), tuple(refused)


def _taken(lines: Iterable[ReconciledLine], choices: Mapping[int, Choice]) -> list[ReconciledLine]:
    return [line for line in lines if line.wanted.row in choices and choices[line.wanted.row].is_taken]


def _checked(line: ReconciledLine, typed: str, language: str) -> Adding:
    if line.item is None:
        raise ShopError(_("%(sku)s can't be ordered any more.") % {"sku": line.wanted.sku})
    quantity = parse_quantity(typed, rule=rule_of(line.item), language=language)
    seen = None
    if line.offer is not None and line.new_price is not None:
        seen = SeenPrice(line.new_price, line.offer.offer.currency, line.offer.stamp.as_of)
    # The price of another quantity may lie on another step of the ladder: then he has not seen it yet.
    return Adding(sku=line.item.sku, quantity=quantity, seen=seen if quantity == line.quantity else None)


def _announce(*, actor: Actor, order: OrderView, rows: int, now: dt.datetime) -> None:
    announce(
        shop_fact,
        Fact(
            event_id=f"reorder_clicked:{order.number}:{actor.user.pk}:{now:%Y%m%d%H%M%S%f}",
            kind="reorder_clicked",
            occurred_at=now,
            who=who_of(actor),
            object_type="order",
            object_id=order.erp_id or order.reference,
            props={"lines": str(rows)},
        ),
    )
