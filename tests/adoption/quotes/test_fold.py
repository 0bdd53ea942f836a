"""What the shop announces of quotes becomes one row a quote, in whatever order it arrives."""

from __future__ import annotations

import datetime as dt
from itertools import permutations

import pytest

from accounts.signals import Fact, Who, announce
from adoption import facts
from adoption.quotes.models import QuoteFact
from shop.signals import shop_fact

pytestmark = pytest.mark.django_db
ASKED = dt.datetime(2025, 3, 3, 9, tzinfo=dt.UTC)
BUYER = Who("C1", "u1", "buyer", session_id="s1")
OURS = Who("C1", "r1", "rep")


def fact(kind: str, hours: int, who: Who, what: str = "", **props: str) -> Fact:
    at = ASKED + dt.timedelta(hours=hours)
    return Fact(f"{kind}:WEB-1{what}", kind, at, who, "quote", "WEB-1", props)


STORY = (
    fact("quote_requested", 0, BUYER, lines="2"),
    fact("quote_answered", 1, OURS, ":1", human="no"),
    fact("quote_answered", 5, OURS, ":2", human="yes"),
    fact("quote_answered", 7, OURS, ":3", human="yes"),
    fact("quote_decided", 30, BUYER, ":9", status="won", order="WEB-9"),
)


@pytest.mark.parametrize("order", [(0, 1, 2, 3, 4), *list(permutations(range(5)))[7::29]])
def test_a_quote_is_one_row_whatever_arrives_first(order: tuple[int, ...]) -> None:
    for index in (*order, *order):
        announce(shop_fact, STORY[index])
    row = QuoteFact.objects.get()
    assert (row.quote_id, row.account_id, row.requested_at, row.requested_by) == ("WEB-1", "C1", ASKED, "u1")
    assert row.first_response_at == ASKED + dt.timedelta(hours=5)
    assert (row.status, row.decided_at, row.order_key) == ("won", ASKED + dt.timedelta(hours=30), "WEB-9")


def test_a_decision_taken_back_opens_the_quote_again() -> None:
    for one in (*STORY, fact("quote_decided", 40, BUYER, ":10", status="open", order="")):
        announce(shop_fact, one)
    row = QuoteFact.objects.get()
    assert (row.status, row.decided_at, row.order_key) == ("open", None, "")


def test_a_quote_that_nobody_asked_for_here_is_not_counted() -> None:
    announce(shop_fact, STORY[2])
    assert not QuoteFact.objects.exists()


def test_the_book_holds_the_quote_until_its_instant() -> None:
    for one in STORY:
        announce(shop_fact, one)
    (quote,) = facts.book(as_of=ASKED + dt.timedelta(days=9)).quotes
    assert (quote.quote_id, quote.status, quote.order_id) == ("WEB-1", "won", "WEB-9")
    assert not facts.book(as_of=ASKED).quotes


def test_tests_are_no_quotes() -> None:
    announce(shop_fact, Fact("q", "quote_requested", ASKED, Who("C1", "u1", "buyer", is_test=True), "quote", "Q", {}))
    assert not facts.book(as_of=ASKED + dt.timedelta(days=1)).quotes
