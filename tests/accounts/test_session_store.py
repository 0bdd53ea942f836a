"""The person who comes with the session's row is taken only when all holds that Django itself asks for."""

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import LiveSession, SoldTo, User
from accounts.session_store import SessionStore, known_person
from tests.builders import people

pytestmark = pytest.mark.django_db


def store_of(client: Client) -> SessionStore:
    """Return the client's session, read anew."""
    return SessionStore(client.session.session_key)


def test_the_person_comes_with_his_open_companies_and_their_price_terms(client: Client) -> None:
    actor = people.acting(client, people.sold_to("Alfa", price_list="LIST-A"))
    other = people.member(people.sold_to("Beta", price_list="LIST-B"), actor.user)
    people.member(people.sold_to("Gone"), actor.user)
    SoldTo.objects.filter(name="Gone").update(is_active=False)
    person = known_person(store_of(client))
    assert person == actor.user
    assert person.open_memberships is not None
    assert [one.sold_to.name for one in person.open_memberships] == ["Alfa", "Beta"]
    assert [one.sold_to.price_terms for one in person.open_memberships] == [("LIST-A", "EUR"), ("LIST-B", "EUR")]
    assert person.open_memberships[1] == other


def test_a_row_that_names_somebody_else_logs_nobody_in(client: Client) -> None:
    actor = people.acting(client)
    LiveSession.objects.update(user=people.buyer().user)
    assert known_person(store_of(client)) is None
    assert client.get(reverse("profile")).context["request"].user == actor.user  # Django's own answer, by the session


def test_a_changed_password_ends_the_session_whatever_the_row_says(client: Client) -> None:
    actor = people.acting(client)
    User.objects.filter(pk=actor.user.pk).update(password="another")
    assert known_person(store_of(client)) is None
    assert client.get(reverse("profile")).status_code == 302


def test_a_disabled_person_is_nobody(client: Client) -> None:
    actor = people.acting(client)
    User.objects.filter(pk=actor.user.pk).update(is_active=False)
    assert known_person(store_of(client)) is None
    assert client.get(reverse("profile")).status_code == 302


def test_a_session_whose_time_is_over_is_empty(client: Client) -> None:
    people.acting(client)
    Session.objects.update(expire_date=timezone.now())
    assert dict(store_of(client).items()) == {}
    assert known_person(store_of(client)) is None
