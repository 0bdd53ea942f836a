"""The pages around the log-in: ours to the eye, silent about who exists, in the person's language."""

import re
from typing import Any

import pytest
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from accounts.models import LiveSession, User
from config.hashers import Argon2idHasher
from tests.builders import people

pytestmark = pytest.mark.django_db
LOGIN, RESET = "/accounts/login/", "/accounts/password/reset/"
# What may differ between two answers: the form's token and the address that was typed.
OF_THE_ANSWER = re.compile(rb"[A-Za-z0-9]{64}|[A-Za-z0-9]+@example\.com")


@pytest.mark.parametrize(
    "name",
    [
        "account_login",
        "account_reset_password",
        "account_reset_password_done",
        "account_reset_password_from_key_done",
        "account_signup",
        "account_inactive",
    ],
)
def test_pages_before_the_log_in_wear_the_frame_of_the_shop(client: Client, name: str) -> None:
    page = client.get(reverse(name)).content.decode()
    assert page.count("<h1") == 1
    assert "css/tokens.css" in page


@pytest.mark.parametrize("name", ["account_change_password", "account_logout", "account_reauthenticate", "mfa_index"])
def test_pages_after_the_log_in_wear_the_frame_of_the_shop(client: Client, name: str) -> None:
    people.acting(client)
    page = client.get(reverse(name)).content.decode()
    assert page.count("<h1") == 1
    assert "css/tokens.css" in page


def test_a_dead_link_to_a_new_password_says_what_to_do(client: Client) -> None:
    page = client.get("/accounts/password/reset/key/1-dead-beef/", follow=True).content.decode()
    assert "Ask for a new link" in page


def test_the_page_to_change_the_address_is_shut(client: Client) -> None:
    actor = people.acting(client)
    response = client.post("/accounts/email/", {"action_add": "", "email": "thief@example.com"})
    assert response.headers["Location"] == reverse("profile")
    assert User.objects.get(pk=actor.user.pk).email == actor.user.email


def test_a_new_password_comes_by_mail_and_ends_the_sessions(client: Client) -> None:
    other = Client()
    actor = people.acting(other)
    client.post(RESET, {"email": actor.user.email})
    [link] = re.findall(r"/accounts/password/reset/key/\S+", str(mail.outbox[0].body))
    page = client.get(link, follow=True)
    new = "another horse battery"
    client.post(page.request["PATH_INFO"], {"password1": new, "password2": new})
    actor.user.refresh_from_db()
    assert actor.user.check_password(new)
    assert other.get(reverse("profile")).status_code == 302


@pytest.mark.parametrize("kind", ["login", "reset", "signup"])
def test_an_address_that_exists_gets_the_same_answer_as_one_that_does_not(client: Client, kind: str) -> None:
    """Enumeration: also written otherwise, and of somebody who was disabled."""
    people.person("known@example.com")
    people.person("gone@example.com", is_active=False)
    asked = ("known@example.com", "KNOWN@example.com", "gone@example.com", "unknown@example.com")
    answers = {ask(client, kind, email) for email in asked}
    assert len(answers) == 1


def test_control_pages_that_tell_who_is_known_are_caught(client: Client, settings: Settings) -> None:
    settings.ACCOUNT_PREVENT_ENUMERATION = False
    settings.ACCOUNT_FORMS = {}
    people.person("known@example.com")
    assert ask(client, "reset", "known@example.com") != ask(client, "reset", "unknown@example.com")


def test_an_address_without_log_in_is_told_by_mail_only(client: Client) -> None:
    client.post(RESET, {"email": "Unknown@example.com"})
    [message] = mail.outbox
    assert message.to == ["unknown@example.com"]
    assert "no log-in" in str(message.body)


def test_and_it_costs_as_much(client: Client, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Hashing is what takes the time: an unknown address must cost one as a known one does; and each is one mail."""
    settings.PASSWORD_HASHERS = ["config.hashers.Argon2idHasher"]
    known = people.person("known@example.com").email
    hashed: list[str] = []
    for name in ("encode", "verify"):
        original = getattr(Argon2idHasher, name)

        def counted(self: Argon2idHasher, *args: Any, _original: Any = original, _name: str = name) -> Any:
            hashed.append(_name)
            return _original(self, *args)

        monkeypatch.setattr(Argon2idHasher, name, counted)
    costs = []
    for email in (known, "unknown@example.com"):
        hashed.clear()
        ask(client, "login", email)
        costs.append(len(hashed))
    assert costs == [1, 1]
    for email in (known, "unknown@example.com"):
        ask(client, "reset", email)
    assert [message.to for message in mail.outbox] == [[known], ["unknown@example.com"]]


def ask(client: Client, kind: str, email: str) -> tuple[int, str, bytes]:
    """Try to log in or ask for a new password, with fresh limits; return what can be seen of the answer."""
    cache.clear()
    if kind == "login":
        response = client.post(LOGIN, {"login": email, "password": "wrong"})
    elif kind == "signup":
        typed = {"email": email, "password1": people.PASSWORD, "password2": people.PASSWORD}
        response = client.post("/accounts/signup/", typed)
    else:
        response = client.post(RESET, {"email": email})
    return response.status_code, response.headers.get("Location", ""), OF_THE_ANSWER.sub(b"", response.content)


def test_too_many_wrong_passwords_are_stopped(client: Client) -> None:
    user = people.person()
    for _ in range(20):
        client.post(LOGIN, {"login": user.email, "password": "wrong"})
    client.post(LOGIN, {"login": user.email, "password": people.PASSWORD})
    assert client.get(reverse("profile")).status_code == 302


def test_the_log_in_brings_the_language_of_the_person_unless_he_chose_another(client: Client) -> None:
    user = people.person(language="es")
    fields = {"login": user.email, "password": people.PASSWORD}
    assert client.post(LOGIN, fields).cookies["django_language"].value == "es"
    other = Client()
    other.cookies["django_language"] = "en"
    assert "django_language" not in other.post(LOGIN, fields).cookies


def test_reps_begin_at_their_desk_and_managers_with_adoption() -> None:
    adoption = "admin:adoption_adoptionreport_changelist"
    for user, page in ((people.rep(), "rep-desk"), (people.manager(), adoption)):
        response = Client().post(LOGIN, {"login": user.email, "password": people.PASSWORD})
        assert response.headers["Location"] == reverse(page)


def test_with_a_second_factor_the_password_alone_opens_nothing(client: Client) -> None:
    rep = people.rep()
    secret = generate_totp_secret()
    TOTP.activate(rep, secret)
    response = client.post(LOGIN, {"login": rep.email, "password": people.PASSWORD})
    assert response.headers["Location"] == reverse("mfa_authenticate")
    page = client.get(reverse("mfa_authenticate")).content.decode()
    assert "css/tokens.css" in page
    assert page.count("<h1") == 1
    assert not LiveSession.objects.exists()
    assert client.get(reverse("rep-desk")).status_code == 302
    code = format_hotp_value(hotp_value(secret, next(yield_hotp_counters_from_time())))
    client.post(reverse("mfa_authenticate"), {"code": code})
    assert client.get(reverse("rep-desk")).status_code == 200
    assert LiveSession.objects.get().user == rep


def test_a_fragment_sends_the_whole_page_to_the_log_in(client: Client) -> None:
    headers = {"hx-request": "true", "hx-current-url": "http://testserver/account/people/?page=2"}
    response = client.get(reverse("people"), headers=headers)
    assert response.headers["HX-Redirect"] == "/accounts/login/?next=/account/people/%3Fpage%3D2"
