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


@pytest.mark.parametrize(("days_ago", "is_told"), [(0, True), (6, True), (7, False)])
def test_a_new_credit_note_is_told_once(told: list[Told], days_ago: int, is_told: bool) -> None:  # noqa: FBT001
    company, now = people.sold_to(), timezone.now()
    written_on = company_today(now) - dt.timedelta(days=days_ago)
    note = invoices.invoice(company, "30.00", kind="credit", invoiced_on=written_on)
    invoices.invoice(company, "30.00", invoiced_on=written_on)
    for _time in range(2):
        due.tell_credit_notes(now=now)
    assert {one.key for one in told} == ({f"credit:{note.erp_id}"} if is_told else set())
    assert all(one.event == "credit_note" and one.params["total"] == "30.00" for one in told)
    # What is days old when we first see it is no news: it says so by its own time.
    assert all((now - one.occurred_at >= dt.timedelta(days=1)) == (days_ago > 1) for one in told)
