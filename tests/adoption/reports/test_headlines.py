"""The administration's first page tells a manager the report's own figures, at the cost of a few statements."""

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.html import escape
from pytest_django.fixtures import DjangoAssertNumQueries

from accounts.models import Eligibility
from adoption.books import rollups
from adoption.company import company
from adoption.definitions.selectors import current
from adoption.plans.models import Plan
from adoption.reports import headlines
from config.templatetags.headlines import headlines as cards
from erp_sync.mirror.models import Order
from tests.adoption.reports.test_report import erp_order, submitted
from tests.builders import people

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 5, 20, 10, tzinfo=dt.UTC)


def one_of_three_online() -> rollups.Frame:
    """A month with an order from the shop and two by phone, summed."""
    buyer = people.sold_to()
    Eligibility.objects.update(from_on=dt.date(2026, 1, 1))
    for reference in ("", "WEB-1", ""):
        if reference:
            submitted(buyer, reference)
        erp_order(buyer, hint="shop" if reference else "phone", reference=reference, net="30")
    Order.objects.update(placed_at=NOW - dt.timedelta(days=5))
    frame = rollups.Frame(company(), current(), NOW)
    rollups.rebuild(frame=frame, now=NOW)
    return frame


def test_first_page_says_the_reports_figures_in_four_statements(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    Plan.objects.create(year=2026, metric="orders", amount=1000)
    headlines.keep(frame=one_of_three_online(), now=NOW)
    with django_assert_num_queries(4):
        found = cards()
    told = {str(one.title): one.value for one in found["cards"]}
    assert told["Orders placed online this month"].replace("\xa0", "").replace(" ", "") == "33.3%"
    assert told["Customers back on the phone"] == told["Differences to the ERP"] == "0"
    assert told["Of the year's plan so far"].endswith("%")
    assert found["as_of"]


def test_only_managers_see_them_and_each_leads_somewhere(client: Client) -> None:
    people.log_in(client, people.manager())
    page = client.get(reverse("admin:index")).content.decode()
    assert all(f'href="{escape(card.link)}"' in page for card in cards()["cards"])
    assert "The first figures come within five minutes." in page
    people.log_in(client, people.person(is_staff=True))
    assert 'class="headlines' not in client.get(reverse("admin:index")).content.decode()
