"""Surveys: one question about what happened, asked rarely, never of a rep or of test people."""

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.actors import Actor, who_of
from accounts.signals import Fact, announce
from adoption.events.models import Event
from adoption.facts import book
from adoption.metrics.facts import Period
from adoption.metrics.surveys import surveys
from adoption.surveys import services
from shop.signals import shop_fact
from tests.builders import people

pytestmark = pytest.mark.django_db


def ordered(actor: Actor, reference: str = "WEB-1") -> None:
    fact = Fact(f"order_submitted:{reference}", "order_submitted", timezone.now(), who_of(actor), "order", reference)
    announce(shop_fact, fact)


def prompts() -> int:
    return Event.objects.filter(kind="survey_prompted").count()


def test_buyer_is_asked_about_his_purchase_and_the_answer_counts(client: Client) -> None:
    actor = people.acting(client)
    ordered(actor)
    panel = client.get(reverse("survey-purchase", args=["WEB-1"]), headers={"HX-Request": "true"}).content.decode()
    assert "How easy was it" in panel
    given = {"survey": "csat", "about": "WEB-1", "given": "5"}
    assert client.post(reverse("survey-answer"), given).status_code == 302
    event = Event.objects.get(kind="survey_answered")
    assert (event.props, event.object_id) == ({"survey": "csat", "score": "5"}, "WEB-1")
    whole = book(as_of=timezone.now() + dt.timedelta(seconds=1))
    found = surveys(whole, Period(whole.today, whole.today))["csat"]
    assert (found.n, found.prompted, found.share("4", "5")) == (1, 1, 1)


def test_works_without_script(client: Client) -> None:
    ordered(people.acting(client))
    page = client.get(reverse("survey-purchase", args=["WEB-1"])).content.decode()
    assert "<html" in page
    assert "How easy was it" in page


def test_page_after_the_order_names_the_panel(client: Client) -> None:
    people.acting(client)
    assert reverse("survey-visit") in client.get("/").content.decode()


def test_nobody_is_asked_twice_within_thirty_days() -> None:
    actor, now = people.buyer(), timezone.now()
    ordered(actor)
    ordered(actor, "WEB-2")
    assert services.after_purchase(actor=actor, reference="WEB-1", now=now)
    assert services.after_purchase(actor=actor, reference="WEB-1", now=now)
    assert services.after_purchase(actor=actor, reference="WEB-2", now=now) is None
    assert prompts() == 1


@pytest.mark.parametrize("who", ["assisted", "test person", "test company"])
def test_some_are_never_asked(who: str) -> None:
    actor = people.assisting() if who == "assisted" else people.buyer()
    actor.user.is_test = who == "test person"
    actor.sold_to.is_test = who == "test company"
    ordered(actor)
    assert services.after_purchase(actor=actor, reference="WEB-1", now=timezone.now()) is None
    assert services.at_home(actor=actor, now=timezone.now()) is None
    assert prompts() == 0


def test_order_of_somebody_else_asks_nothing(client: Client) -> None:
    ordered(people.buyer())
    people.acting(client)
    answer = client.get(reverse("survey-purchase", args=["WEB-1"]), headers={"HX-Request": "true"})
    assert (answer.status_code, answer.content) == (200, b"")


def looked_around(actor: Actor, *, hours_ago: int, session: str = "before") -> None:
    who = who_of(Actor(user=actor.user, sold_to=actor.sold_to, session_id=session))
    at = timezone.now() - dt.timedelta(hours=hours_ago)
    announce(shop_fact, Fact(f"product_view:{session}", "product_view", at, who, "item", "A"))


def test_visit_without_an_order_is_asked_about_at_the_next_one(client: Client) -> None:
    actor = people.buyer()
    looked_around(actor, hours_ago=20)
    found = services.at_home(actor=actor, now=timezone.now())
    assert found is not None
    assert (found[0].survey, found[1]) == ("exit", "before")
    assert services.answer(actor=actor, survey="exit", about="before", given="partly", now=timezone.now())
    assert Event.objects.get(kind="survey_answered").props == {"survey": "exit", "found": "partly"}
    assert services.at_home(actor=actor, now=timezone.now()) is None


def test_visit_with_an_order_or_long_ago_is_not_asked_about() -> None:
    actor = people.buyer()
    looked_around(actor, hours_ago=24 * 8)
    assert services.at_home(actor=actor, now=timezone.now()) is None
    looked_around(actor, hours_ago=20, session="bought")
    before = Actor(user=actor.user, sold_to=actor.sold_to, session_id="bought")
    ordered(before)
    assert services.at_home(actor=actor, now=timezone.now()) is None


def test_recommending_is_asked_after_three_orders_and_twice_a_year_at_most() -> None:
    actor, now = people.buyer(), timezone.now()
    for number in range(3):
        assert services.at_home(actor=actor, now=now) is None
        ordered(actor, f"WEB-{number}")
    found = services.at_home(actor=actor, now=now)
    assert found is not None
    assert found[0].survey == "nps"
    later = Actor(user=actor.user, sold_to=actor.sold_to, session_id="later")
    assert services.at_home(actor=later, now=now + dt.timedelta(days=40)) is None


@pytest.mark.parametrize(
    "given",
    [
        {"survey": "csat", "about": "WEB-9", "given": "5"},
        {"survey": "csat", "about": "WEB-1", "given": "6"},
        {"survey": "none", "about": "WEB-1", "given": "5"},
        {},
    ],
)
def test_what_was_not_asked_is_not_counted(client: Client, given: dict[str, str]) -> None:
    actor = people.acting(client)
    ordered(actor)
    services.after_purchase(actor=actor, reference="WEB-1", now=timezone.now())
    assert client.post(reverse("survey-answer"), given).status_code == 302
    assert not Event.objects.filter(kind="survey_answered").exists()
