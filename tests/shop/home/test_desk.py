"""The rep's desk: those first who need him soonest, with what they need and where it is done."""

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.desk import desk
from accounts.models import SoldTo
from accounts.needs import Urgency
from adoption.coaching.models import AccountScore
from erp_sync.adapters.fake import FakeErp
from shop.messages import services as messages
from shop.messages.selectors import Subject
from shop.quotes.models import Quote
from tests.builders import catalogue, people, quotes

pytestmark = pytest.mark.django_db


@pytest.fixture
def companies(erp: FakeErp) -> list[SoldTo]:
    found = [people.sold_to(name) for name in ("Alfa", "Beta", "Gamma", "Delta")]
    for company in found:
        erp.add_customer(company.erp_id)
    catalogue.item("A-1", "Bolt", price="10.00")
    return found


def ask_for_a_price(company: SoldTo) -> Quote:
    return quotes.asked(people.buyer(company), ("A-1", "500"))


def write_to_us(company: SoldTo) -> None:
    about = Subject(kind="order", key="o-1", sold_to=company, path="/orders/SO-1/", title="SO-1")
    messages.post(actor=people.buyer(company), subject=about, text="Is it coming?", files=[], now=timezone.now())


def test_who_waits_longest_comes_first_and_who_needs_nothing_last(companies: list[SoldTo]) -> None:
    alfa, beta, gamma, delta = companies
    rep, now = people.rep(*companies), timezone.now()
    write_to_us(beta)
    late = ask_for_a_price(delta)
    Quote.objects.filter(pk=late.pk).update(answer_by_at=now - dt.timedelta(hours=1))
    soon = ask_for_a_price(gamma)
    Quote.objects.filter(pk=soon.pk).update(answer_by_at=now + dt.timedelta(hours=2))
    _page, rows = desk(rep=rep, query="", page=None, now=now)
    assert [row.sold_to for row in rows] == [delta, gamma, beta, alfa]
    (first,) = rows[0].needs
    assert first.urgency == Urgency.LATE
    assert first.path == reverse("rep-quote", args=[late.reference])
    assert rows[3].needs == ()


def test_what_another_reps_customers_need_is_not_told(companies: list[SoldTo]) -> None:
    alfa, beta, *_others = companies
    write_to_us(beta)
    ask_for_a_price(beta)
    _page, rows = desk(rep=people.rep(alfa), query="", page=None, now=timezone.now())
    assert [(row.sold_to, row.needs) for row in rows] == [(alfa, ())]


def test_the_desk_costs_the_same_for_one_customer_and_for_four(
    companies: list[SoldTo], django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    one, four = people.rep(companies[0]), people.rep(*companies, first_name="Luis")
    for company in companies:
        write_to_us(company)
        ask_for_a_price(company)
    for rep in (one, four):
        with django_assert_num_queries(10):
            desk(rep=rep, query="", page=None, now=timezone.now())


def test_the_page_shows_the_band_and_leads_to_what_waits(client: Client, companies: list[SoldTo]) -> None:
    alfa = companies[0]
    quote = ask_for_a_price(alfa)
    AccountScore.objects.create(account_id=alfa.erp_id, score="18.5", band="dormant", as_of=timezone.now())
    people.log_in(client, people.rep(alfa))
    shown = client.get(reverse("rep-desk")).content.decode()
    assert "dormant" in shown
    assert "18 of 100" in shown
    assert "1 quote to answer" in shown
    assert reverse("rep-quote", args=[quote.reference]) in shown
