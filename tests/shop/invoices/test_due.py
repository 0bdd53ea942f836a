"""What falls due and what is late is told once for each step, to companies that are with us."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import SoldTo
from shop.invoices import due
from shop.invoices.selectors import company_today
from shop.signals import Told, shop_told
from tests.builders import invoices, people

pytestmark = pytest.mark.django_db


@pytest.fixture
def told() -> Iterator[list[Told]]:
    """Note what is announced."""
    heard: list[Told] = []

    def hear(event: Told, **_about: object) -> None:
        heard.append(event)

    shop_told.connect(hear)
    yield heard
    shop_told.disconnect(hear)


def invoice_due(company: SoldTo, days: int, **facts: Any) -> None:
    invoices.invoice(company, "10.00", due_on=company_today(timezone.now()) + dt.timedelta(days=days), **facts)


@pytest.mark.parametrize(
    ("days", "what"),
    [
        (4, None), (3, "due"), (0, "due"), (-1, "overdue1"), (-6, "overdue1"), (-7, "overdue7"), (-13, "overdue7"),
        (-14, None), (-29, None), (-30, "overdue30"), (-36, "overdue30"), (-37, None), (-400, None),
    ],
)  # fmt: skip
def test_an_invoice_is_told_on_its_days(told: list[Told], days: int, what: str | None) -> None:
    invoice_due(people.sold_to(), days)
    due.tell_due(now=timezone.now())
    assert [one.key.rsplit(":", 1)[-1] for one in told] == ([what] if what else [])


def test_the_same_step_has_the_same_key_on_every_day(told: list[Told]) -> None:
    invoice_due(people.sold_to(), 3)
    now = timezone.now()
    for day in range(3):
        due.tell_due(now=now + dt.timedelta(days=day))
    assert len({one.key for one in told}) == 1
    assert (told[0].event, told[0].audience, told[0].params["amount"]) == ("invoice_due", "buyers", "10.00")


def test_paid_ones_credit_notes_and_strangers_are_not_told(told: list[Told]) -> None:
    company, gone = people.sold_to(), people.sold_to()
    invoice_due(company, 1, state="paid", amount_due=Decimal(0))
    invoice_due(company, 1, kind="credit")
    SoldTo.objects.filter(pk=gone.pk).update(is_active=False)
    invoice_due(gone, 1)
    assert due.tell_due(now=timezone.now()) == 0
    assert told == []
