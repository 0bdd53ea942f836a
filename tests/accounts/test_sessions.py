"""Log-in sessions: fixation, cycling, ages, ends, cookies, facts."""

import datetime as dt

import pytest
import time_machine
from django.conf import settings
from django.contrib.sessions.models import Session
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone

from accounts import services, sessions
from accounts.errors import AccountsError
from accounts.models import LiveSession, User
from accounts.signals import Fact
from tests.builders import people

pytestmark = pytest.mark.django_db
LOGIN = "/accounts/login/"


def sign_in(client: Client, user: User, password: str = people.PASSWORD) -> int:
    """Log in through the page and return the status."""
    return client.post(LOGIN, {"login": user.email, "password": password}).status_code


def is_in(client: Client) -> bool:
    """Whether the client's session still belongs to somebody."""
    return client.get(reverse("profile")).status_code == 200


def test_a_session_key_from_before_the_log_in_is_worth_nothing_after_it(client: Client) -> None:
    actor = people.buyer()
    client.get(LOGIN, headers={"referer": "https://www.google.com/"})
    planted = client.session.session_key
    assert sign_in(client, actor.user) == 302
    assert client.session.session_key != planted
    thief = Client()
    thief.cookies[settings.SESSION_COOKIE_NAME] = planted or ""
    assert not is_in(thief)


def test_log_in_is_announced_once_with_the_company(client: Client, facts: list[Fact]) -> None:
    actor = people.buyer()
    sign_in(client, actor.user)
    live = LiveSession.objects.get()
    assert [(fact.event_id, fact.kind) for fact in facts] == [
        (f"session_start:{client.session[sessions.BROWSING]}", "session_start"),
        (f"login:{live.pk}", "login"),
    ]
    assert {(fact.who.account_id, fact.who.actor) for fact in facts} == {(actor.sold_to.erp_id, "buyer")}
    client.get(reverse("profile"))
    assert len(facts) == 2


def test_log_out_removes_session_and_row(client: Client, facts: list[Fact]) -> None:
    actor = people.acting(client)
    live = LiveSession.objects.get()
    client.post(reverse("account_logout"))
    assert not LiveSession.objects.exists()
    assert not is_in(client)
    assert facts[-1].event_id == f"logout:{live.pk}"
    assert facts[-1].who.user_id == str(actor.user.person_key)


def test_disabling_a_person_ends_every_session_of_his_and_no_other(client: Client) -> None:
    actor, colleague = people.buyer(), Client()
    other = people.acting(colleague)
    clients = [client, Client()]
    for one in clients:
        sign_in(one, actor.user)
    assert services.disable_person(person=actor.user, by=other.user, now=timezone.now()) == 2
    assert [is_in(one) for one in [*clients, colleague]] == [False, False, True]
    assert Session.objects.count() == LiveSession.objects.count() == 1
    sign_in(client, actor.user)
    assert not is_in(client)


def test_nobody_disables_himself() -> None:
    actor = people.buyer()
    with pytest.raises(AccountsError, match="yourself"):
        services.disable_person(person=actor.user, by=actor.user, now=timezone.now())
    actor.user.refresh_from_db()
    assert actor.user.is_active


def test_a_new_password_ends_every_session(client: Client) -> None:
    actor, other = people.buyer(), Client()
    for one in (client, other):
        sign_in(one, actor.user)
    new = "another horse battery"
    response = client.post(
        reverse("account_change_password"),
        {"oldpassword": people.PASSWORD, "password1": new, "password2": new},
    )
    assert response.status_code == 302
    assert [is_in(client), is_in(other)] == [False, False]
    assert not LiveSession.objects.exists()
    assert sign_in(client, actor.user, new) == 302


def test_losing_the_last_company_ends_the_sessions(client: Client) -> None:
    boss = people.buyer(role="admin")
    actor = people.acting(client, boss.sold_to)
    assert actor.membership is not None
    services.disable_membership(membership=actor.membership, by=boss, now=timezone.now())
    assert not is_in(client)


@pytest.mark.parametrize(
    ("staff_role", "idle", "absolute"),
    [("", dt.timedelta(hours=8), dt.timedelta(days=7)), ("rep", dt.timedelta(minutes=30), dt.timedelta(hours=12))],
)
def test_session_ends_by_pause_and_by_age(staff_role: str, idle: dt.timedelta, absolute: dt.timedelta) -> None:
    user = people.person(staff_role=staff_role)
    start = dt.datetime(2026, 5, 4, 6, 0, tzinfo=dt.UTC)
    second = dt.timedelta(seconds=1)
    for pause, stays in ((idle - second, True), (idle, False)):
        client = Client()
        with time_machine.travel(start, tick=False):
            client.force_login(user)
        with time_machine.travel(start + pause, tick=False):
            assert is_in(client) is stays
    with time_machine.travel(start, tick=False):
        client = Client()
        client.force_login(user)
    at = start
    while at + idle * 0.9 < start + absolute:
        at += idle * 0.9
        with time_machine.travel(at, tick=False):
            assert is_in(client), at
    with time_machine.travel(start + absolute, tick=False):
        assert not is_in(client)


def test_an_expired_session_leaves_no_row_and_says_what_was_kept(client: Client) -> None:
    start = timezone.now()
    people.acting(client)
    with time_machine.travel(start + dt.timedelta(hours=9), tick=False):
        response = client.get(reverse("profile"), follow=True)
    assert b"basket is kept" in response.content
    assert not LiveSession.objects.exists()


def test_a_new_browsing_session_begins_after_thirty_idle_minutes(client: Client, facts: list[Fact]) -> None:
    start = timezone.now()
    with time_machine.travel(start, tick=False):
        people.acting(client)
    for minutes in (29, 58, 88):
        with time_machine.travel(start + dt.timedelta(minutes=minutes), tick=False):
            client.get(reverse("profile") + "?src=email")
    starts = [fact for fact in facts if fact.kind == "session_start"]
    assert [fact.props["source"] for fact in starts] == ["direct", "email"]
    assert len({fact.event_id for fact in starts}) == 2
    assert sum(fact.kind == "login" for fact in facts) == 1


@pytest.mark.parametrize(
    ("path", "referer", "source"),
    [
        ("/", "", "direct"),
        ("/?src=rep_link", "https://www.google.com/", "rep_link"),
        ("/?src=nonsense", "", "direct"),
        ("/?utm_medium=cpc&utm_source=x", "", "paid_search"),
        ("/?utm_medium=banner", "", "referral"),
        ("/accounts/login/?next=%2Fitems%2F%3Fsrc%3Demail", "", "email"),
        ("/", "https://duckduckgo.com/?q=screws", "organic_search"),
        ("/", "https://www.linkedin.com/feed", "social"),
        ("/", "https://partner.example/", "referral"),
        ("/", "http://testserver/items/", "direct"),
    ],
)
def test_entry_source(path: str, referer: str, source: str) -> None:
    headers = {"referer": referer} if referer else {}
    request = RequestFactory().get(path, headers=headers, HTTP_HOST="testserver")
    assert sessions.source_of(request) == source


def test_the_source_of_the_first_page_survives_the_log_in(client: Client, facts: list[Fact]) -> None:
    actor = people.buyer()
    client.get(LOGIN, {"next": "/items/?utm_medium=email"})
    sign_in(client, actor.user)
    assert facts[0].props == {"source": "email"}


def test_a_direct_visitor_gets_no_session(client: Client) -> None:
    client.get(LOGIN)
    assert not Session.objects.exists()


def test_failed_log_ins_are_announced_but_not_without_end(client: Client, facts: list[Fact]) -> None:
    actor = people.buyer()
    for _ in range(8):
        sessions.note_failure(email=actor.user.email.upper(), now=timezone.now())
    sessions.note_failure(email="nobody@example.com", now=timezone.now())
    assert [fact.kind for fact in facts] == ["login_failed"] * 6
    assert [fact.who.user_id for fact in facts] == [str(actor.user.person_key)] * 5 + [""]
    assert len({fact.event_id for fact in facts}) == 6


def test_a_wrong_password_announces_a_failure_and_no_log_in(client: Client, facts: list[Fact]) -> None:
    actor = people.buyer()
    assert sign_in(client, actor.user, "wrong") == 200
    assert [fact.kind for fact in facts] == ["login_failed"]


def test_cookies_are_for_the_server_only(client: Client) -> None:
    sign_in(client, people.buyer().user)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"


def test_production_cookies_are_secure_and_bound_to_the_host() -> None:
    text = (settings.BASE_DIR / "config/settings/production.py").read_text(encoding="utf-8")
    for line in ("SESSION_COOKIE_SECURE = True", '"__Host-sessionid"', "CSRF_COOKIE_SECURE = True"):
        assert line in text


def test_the_activity_note_is_written_once_a_minute_only(client: Client, django_assert_num_queries: object) -> None:
    start = timezone.now()
    with time_machine.travel(start, tick=False):
        people.acting(client)
    with time_machine.travel(start + dt.timedelta(seconds=59), tick=False):
        client.get(reverse("profile"))
    assert LiveSession.objects.get().last_seen_at == start
    with time_machine.travel(start + dt.timedelta(seconds=61), tick=False):
        client.get(reverse("profile"))
    assert LiveSession.objects.get().last_seen_at == start + dt.timedelta(seconds=61)


def test_sessions_whose_time_is_over_are_forgotten(client: Client) -> None:
    now = timezone.now()
    with time_machine.travel(now - dt.timedelta(days=8), tick=False):
        people.acting(Client())
    people.acting(client)
    assert sessions.forget_expired(now=now) == 2
    assert is_in(client)
    assert Session.objects.count() == LiveSession.objects.count() == 1
