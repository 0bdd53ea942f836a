"""The canary: a sample of what customers really buy, priced as the shop does and, afresh, by the ERP."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils import timezone

from erp_sync import gateway
from erp_sync.conf import limits
from erp_sync.errors import ErpBroken, ErpRejected
from erp_sync.gateway import StampedOffer
from erp_sync.mirror.models import Customer, Item, OrderLine
from erp_sync.ports import Erp
from erp_sync.records import Ask, Offer, PriceContext
from erp_sync.settling import rounds
from erp_sync.settling.comparing import Found
from erp_sync.settling.models import Comparison, Kind, Round, Subject

SAMPLE = 120
RECENT = dt.timedelta(days=120)
LINES_READ = 5_000
PER_CUSTOMER = 6


@dataclass(frozen=True, slots=True)
class Case:
    """What is priced: for whom, what, how much."""

    customer: str
    context: PriceContext
    ask: Ask

    @property
    def reference(self) -> str:
        """Names it in the list of differences."""
        return f"{self.customer} · {self.ask.sku} x {self.ask.quantity.normalize():f}"


def compare_prices(*, now: dt.datetime, size: int = SAMPLE) -> Comparison:
    """Price a sample both ways and keep what differs; the share of equal prices is the parity rate."""

    def work(erp: Erp, comparison: Comparison) -> None:
        cases = sample(now=now, size=size)
        found: list[Found] = []
        asked: list[str] = []
        for context, mine in _by_context(cases).items():
            shop = gateway.offers(context, [case.ask for case in mine])
            for case in mine:
                fresh = _fresh(erp, case)
                told = shop.get(case.ask.sku)
                if fresh is None or told is None:
                    comparison.unanswered += 1
                    continue
                asked.append(case.reference)
                if told.offer.net_price != fresh.net_price:
                    found.append(_found(case, told, fresh))
        comparison.compared, comparison.different = len(asked), len(found)
        rounds.keep(Subject.PRICE, found, looked_at=asked, now=now)

    return rounds.run(round=Round.PRICES, now=now, work=work)


def sample(*, now: dt.datetime, size: int = SAMPLE) -> list[Case]:
    """Return customer x item x quantity as they were ordered lately, each customer a few, the same all day.

    Half of the quantities are as ordered, half ten times as much, where the price steps are.
    """
    dice = random.Random(now.date().toordinal())  # noqa: S311 (a sample, no secret)
    lines = list(
        OrderLine.objects.filter(order__placed_at__gte=now - RECENT, order__gone_at=None, item_type="goods")
        .filter(quantity__gt=0)
        .order_by("-order__placed_at", "pk")
        .values_list("order__customer_erp_id", "sku", "quantity")[:LINES_READ]
    )
    dice.shuffle(lines)
    customers = {one.erp_id: one for one in Customer.objects.filter(is_active=True, gone_at=None)}
    skus = {sku for _customer, sku, _quantity in lines}
    items = dict(Item.objects.filter(sku__in=skus, is_active=True, gone_at=None).values_list("sku", "erp_id"))
    cases: dict[tuple[str, str], Case] = {}
    for customer_erp_id, sku, quantity in lines:
        key = customer_erp_id, sku
        if len(cases) >= size:
            break
        if customer_erp_id not in customers or sku not in items or key in cases or _has_enough(customer_erp_id, cases):
            continue
        ask = Ask(sku, items[sku], quantity * dice.choice((1, 10)))
        cases[key] = _case(customers[customer_erp_id], ask)
    return list(cases.values())


def _has_enough(customer_erp_id: str, cases: Mapping[tuple[str, str], Case]) -> bool:
    return sum(1 for customer, _sku in cases if customer == customer_erp_id) >= PER_CUSTOMER


def _case(customer: Customer, ask: Ask) -> Case:
    return Case(customer.number, PriceContext(customer.erp_id, customer.price_list, customer.currency), ask)


def _by_context(cases: Sequence[Case]) -> Mapping[PriceContext, list[Case]]:
    found: dict[PriceContext, list[Case]] = {}
    for case in cases:
        found.setdefault(case.context, []).append(case)
    return found


def _fresh(erp: Erp, case: Case) -> Offer | None:
    """Ask the ERP itself for this one thing; None when its answer makes no sense.

    Raises:
        ErpUnavailable, ErpMisconfigured: nobody answers, so there is nothing to compare with.
    """
    try:
        return erp.offers(case.context, [case.ask], deadline_s=limits().read_deadline_s)[0]
    except (ErpBroken, ErpRejected, LookupError):
        return None


def _found(case: Case, told: StampedOffer, fresh: Offer) -> Found:
    return Found(
        Kind.PRICE,
        case.reference,
        case.context.customer_erp_id,
        _side(told.offer.net_price, told.offer.rule, told.stamp.as_of),
        _side(fresh.net_price, fresh.rule, timezone.now()),
    )


def _side(price: Decimal | None, rule: str, at: dt.datetime) -> dict[str, object]:
    return {"net_price": None if price is None else str(price), "rule": rule, "as_of": at.isoformat()}
