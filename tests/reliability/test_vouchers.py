"""An offer that is scarce, wanted by many at once (voucher_once): real threads on PostgreSQL, and a control.

VOUCHER_ROUNDS and VOUCHER_AT_ONCE for more (20 and 50 by night).
"""

from __future__ import annotations

import os
from collections.abc import Callable
from decimal import Decimal
from threading import Barrier
from uuid import uuid4

import pytest
from django.db import transaction
from django.utils import timezone

from accounts.models import SoldTo
from shop.offers import services
from shop.offers.models import Offer, OfferUse
from shop.offers.selectors import Discount
from tests.builders import offers, people
from tests.reliability.rivals import at_once

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

ROUNDS = int(os.environ.get("VOUCHER_ROUNDS", "3"))
AT_ONCE = int(os.environ.get("VOUCHER_AT_ONCE", "8"))
TEN = Decimal("10.00")


def claim_of(company: SoldTo, offer: Offer) -> Callable[[], object]:
    def claim() -> None:
        with transaction.atomic():
            discount = Discount(offer.pk, "Autumn", TEN)
            services.claim(sold_to=company, order_key=uuid4(), discount=discount, now=timezone.now())

    return claim


def test_a_budget_is_never_overspent_and_a_voucher_is_taken_once() -> None:
    companies = [people.sold_to() for _number in range(AT_ONCE)]
    for _round in range(ROUNDS):
        budget, voucher = offers.offer(budget="35.00"), offers.offer(is_once=True)
        assert at_once([claim_of(company, budget) for company in companies]) == {"done": 3, "OfferGone": AT_ONCE - 3}
        budget.refresh_from_db()
        assert budget.used == Decimal("30.00")
        assert at_once([claim_of(companies[0], voucher)] * AT_ONCE) == {"done": 1, "OfferGone": AT_ONCE - 1}
        voucher.refresh_from_db()
        assert (voucher.used, voucher.uses.count()) == (TEN, 1)


def test_control_reading_before_writing_oversells(monkeypatch: pytest.MonkeyPatch) -> None:
    gate = Barrier(AT_ONCE)

    def careless(discount: Discount, _now: object) -> Offer:
        offer = Offer.objects.get(pk=discount.offer_id)
        gate.wait(timeout=30)  # all have read before one writes
        assert offer.used + discount.amount <= (offer.budget or 0)
        return offer

    monkeypatch.setattr(services, "_take", careless)
    offer = offers.offer(budget="35.00")
    companies = [people.sold_to() for _number in range(AT_ONCE)]
    assert at_once([claim_of(company, offer) for company in companies])["done"] == AT_ONCE
    assert OfferUse.objects.filter(offer=offer).count() * TEN > Decimal(35)
