"""The demo's past: facts that belong to the ERP's web orders, the same each time."""

import datetime as dt

import pytest
from django.utils import timezone

from adoption.events.models import Event
from adoption.plans.models import Cost, Goal, Plan
from adoption.quotes.models import QuoteFact
from adoption.voice.models import Enquiry, Lead
from config import demo_business, demo_history
from erp_sync.mirror.models import Order
from tests.builders import people

pytestmark = pytest.mark.django_db


def web_order(customer: str, number: int, *, hint: str = "shop") -> None:
    Order.objects.create(
        erp_id=f"o{number}",
        version=timezone.now(),
        synced_at=timezone.now(),
        number=f"H{number}",
        customer_erp_id=customer,
        status="completed",
        placed_at=timezone.now() - dt.timedelta(days=30, minutes=number),
        currency="EUR",
        channel_hint=hint,
        web_reference=f"WEB-{number}",
    )


def test_every_web_order_has_its_submit_and_log_in_once() -> None:
    company = people.sold_to()
    people.member(company)
    for number in range(10):
        web_order(company.erp_id, number)
    first = demo_history.write(now=timezone.now())
    assert demo_history.write(now=timezone.now()) == 0
    assert Event.objects.count() == first
    assert Event.objects.filter(kind="order_submitted", actor="buyer").count() == 10
    assert Event.objects.filter(kind="login").count() >= 10


def test_a_reps_order_is_no_buyer_activity() -> None:
    company = people.sold_to()
    people.member(company)
    people.rep(company)
    web_order(company.erp_id, 1, hint="rep")
    demo_history.write(now=timezone.now())
    assert not Event.objects.filter(actor="buyer").exists()
    assert Event.objects.get(kind="order_submitted").impersonator_id


def test_what_a_manager_would_have_written_down_is_there_once() -> None:
    company = people.sold_to()
    people.member(company)
    people.manager()
    for number in range(40):
        web_order(company.erp_id, number)
    for _again in range(2):
        demo_business.write(now=timezone.now())
    tables = (Cost, Plan, Goal, Enquiry, QuoteFact, Lead)
    first = [table.objects.count() for table in tables]
    assert all(first)
    demo_business.write(now=timezone.now())
    assert [table.objects.count() for table in tables] == first
    assert not Goal.objects.filter(owner=None).exists()
    assert QuoteFact.objects.filter(status="won").exclude(order_key="").exists()
