"""A customer on one sheet: only for his rep; what he stopped, what is missing, what others order."""

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import SoldTo
from erp_sync.mirror.models import Item
from shop.visits.selectors import visit_sheet
from tests.builders import catalogue, deliveries, people

pytestmark = pytest.mark.django_db
NOW = timezone.now()


def ordered(company: SoldTo, sku: str, *days_ago: int) -> None:
    for days in days_ago:
        order = deliveries.order(company, placed_at=NOW - dt.timedelta(days=days))
        deliveries.line(order, sku, 4, delivered=4)


@pytest.fixture
def company() -> SoldTo:
    for sku, name in (("A-1", "Bolt"), ("B-2", "Nut"), ("C-3", "Washer"), ("D-4", "Glue")):
        catalogue.item(sku, name)
    return people.sold_to("Alfa")


def sheet_of(company: SoldTo) -> dict[str, list[str]]:
    sheet = visit_sheet(rep=people.rep(company), number=company.number, now=NOW)
    return {part: [one.item.sku for one in getattr(sheet, part)] for part in ("usual", "stopped", "suggested")}


def test_a_habit_that_ended_is_told_apart_from_one_that_goes_on(company: SoldTo) -> None:
    ordered(company, "A-1", 100, 70, 40, 10)  # monthly, still
    ordered(company, "B-2", 300, 270, 240)  # monthly, eight months ago
    ordered(company, "C-3", 300, 290)  # twice is no habit
    assert sheet_of(company) == {"usual": ["A-1", "C-3"], "stopped": ["B-2"], "suggested": []}


def test_a_slow_habit_is_given_its_time(company: SoldTo) -> None:
    ordered(company, "A-1", 500, 300, 120)  # about twice a year: 120 days are no silence
    assert sheet_of(company)["stopped"] == []


def test_what_similar_customers_order_is_suggested_unless_he_does_or_it_is_withdrawn(company: SoldTo) -> None:
    ordered(company, "A-1", 10)
    for name in ("Beta", "Gamma"):
        other = people.sold_to(name)
        for sku in ("A-1", "B-2", "D-4"):
            ordered(other, sku, 20)
    ordered(people.sold_to("Delta"), "C-3", 20)  # nothing in common
    Item.objects.filter(sku="D-4").update(is_active=False)
    assert sheet_of(company)["suggested"] == ["B-2"]


def test_only_his_own_rep_opens_it_and_a_foreign_one_looks_like_a_missing_one(client: Client, company: SoldTo) -> None:
    foreign = people.sold_to("Beta")
    people.log_in(client, people.rep(company))
    assert client.get(reverse("rep-customer", args=[company.number])).status_code == 200
    answers = [client.get(reverse("rep-customer", args=[number])) for number in (foreign.number, "NOBODY")]
    assert [answer.status_code for answer in answers] == [404, 404]


def test_the_sheet_costs_the_same_whatever_was_ordered(
    client: Client, company: SoldTo, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    ordered(company, "A-1", *range(10, 200, 10))
    ordered(company, "B-2", 400, 390, 380)
    rep = people.rep(company)
    with django_assert_num_queries(13):
        visit_sheet(rep=rep, number=company.number, now=NOW)
