"""Reads about people and companies."""

import datetime as dt

import pytest
from django.http import Http404
from django.utils import timezone

from accounts import selectors, services
from accounts.errors import CompanyNotInErp
from accounts.models import RepAssignment
from erp_sync.mirror.models import Address, Customer
from erp_sync.records import PriceContext
from tests.builders import people

pytestmark = pytest.mark.django_db
TODAY = dt.date(2026, 5, 4)
NOW = dt.datetime(2026, 5, 4, 9, 0, tzinfo=dt.UTC)


def test_price_context_is_what_the_erp_says_of_the_customer() -> None:
    company = people.sold_to(price_list="gold", currency="USD")
    assert selectors.price_context(sold_to=company) == PriceContext(company.erp_id, "gold", "USD")


def test_price_context_of_a_company_that_the_erp_does_not_know_is_refused() -> None:
    company = people.sold_to()
    Customer.objects.all().delete()
    with pytest.raises(CompanyNotInErp, match=company.name):
        selectors.price_context(sold_to=company)


def test_ship_tos_are_the_delivery_places_of_the_own_company_only() -> None:
    mine, other = people.sold_to(), people.sold_to()
    customer = Customer.objects.get(erp_id=mine.erp_id)
    Address.objects.create(customer=customer, erp_id="bill", name="Only bills", is_delivery=False)
    places = selectors.ship_tos(actor=people.buyer(mine))
    assert [place.customer.erp_id for place in places] == [mine.erp_id]
    assert other.erp_id != mine.erp_id


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        (dt.date(2026, 2, 28), False),
        (dt.date(2026, 3, 1), True),
        (dt.date(2026, 3, 31), True),
        (dt.date(2026, 4, 1), False),
        (dt.date(2026, 5, 1), True),
    ],
)
def test_eligibility_begins_and_ends_with_its_days(on: dt.date, expected: bool) -> None:  # noqa: FBT001
    company = people.sold_to(eligible=False)
    boss = people.person()
    first, last = dt.date(2026, 3, 1), dt.date(2026, 3, 31)
    services.set_eligible(sold_to=company, from_on=first, to_on=last, by=boss, now=NOW)
    services.exclude(
        sold_to=company,
        from_on=dt.date(2026, 4, 1),
        to_on=dt.date(2026, 4, 30),
        reason="Unpaid invoices",
        owner=boss,
        review_on=dt.date(2026, 4, 15),
        by=boss,
        now=NOW,
    )
    services.set_eligible(sold_to=company, from_on=dt.date(2026, 5, 1), by=boss, now=NOW)
    assert selectors.is_eligible(sold_to=company, on=on) is expected


def test_companies_of_a_person_are_the_open_ones() -> None:
    user = people.person()
    kept, left, closed = people.sold_to("A"), people.sold_to("B"), people.sold_to("C")
    people.member(kept, user)
    membership = people.member(left, user)
    membership.is_active = False
    membership.save()
    people.member(closed, user)
    closed.is_active = False
    closed.save()
    assert selectors.companies_for(user=user) == [kept]


def test_customers_of_a_rep_follow_the_days_of_the_assignment() -> None:
    company = people.sold_to()
    rep = people.rep()
    RepAssignment.objects.create(rep=rep, sold_to=company, from_on=dt.date(2026, 5, 1), to_on=dt.date(2026, 5, 4))
    days = [dt.date(2026, 4, 30), dt.date(2026, 5, 1), TODAY, dt.date(2026, 5, 5)]
    found = [selectors.customers_of_rep(rep=rep, on=on).count() for on in days]
    assert found == [0, 1, 1, 0]


def test_a_foreign_customer_looks_like_a_missing_one() -> None:
    foreign, rep = people.sold_to(), people.rep(people.sold_to())
    for number in (foreign.number, "no such number"):
        with pytest.raises(Http404):
            selectors.customer_of_rep(rep=rep, number=number, on=timezone.now().date())


def test_the_company_day_changes_at_midnight_of_the_company(settings: object) -> None:
    late = dt.datetime(2026, 5, 3, 22, 30, tzinfo=dt.UTC)  # half past midnight in Madrid
    assert selectors.company_day(late) == TODAY


def test_one_company_cannot_read_membership_or_invitation_of_another() -> None:
    mine, other = people.buyer(), people.buyer()
    assert other.membership is not None
    with pytest.raises(Http404):
        selectors.membership_of(actor=mine, pk=other.membership.pk)
    assert [one.user for one in selectors.people_of(actor=mine)] == [mine.user]
