"""Sessions as A7 wants them (sessions); what stands in tests/accounts/test_sessions.py is not said again here.

There: fixation, disabling, password change, idle and absolute ages, the log-out. Here: every change of what a session
may do draws a new key, a password reset ends sessions too, ages hold without any request, and the cookies of production
as it really starts.
"""

from __future__ import annotations

import datetime as dt
import os
import re
import subprocess
import sys
from collections.abc import Callable

import pytest
import time_machine
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django.fixtures import Settings

from accounts import mails, services, sessions
from accounts.models import Invitation, LiveSession, Membership, Role, User
from shop.notices import services as notices
from shop.notices.models import Notice
from tests.builders import people
from tests.builders.notices import told

pytestmark = pytest.mark.django_db
LOGIN = "/accounts/login/"


def sign_in(client: Client, user: User) -> None:
    answer = client.post(LOGIN, {"login": user.email, "password": people.PASSWORD})
    assert answer.status_code == 302


def is_in(client: Client) -> bool:
    return client.get(reverse("notices")).status_code == 200


def with_key(key: str) -> Client:
    """Return a browser that holds this session key, as a thief's would."""
    thief = Client()
    thief.cookies[settings.SESSION_COOKIE_NAME] = key
    return thief


# --- cycle --------------------------------------------------------------------------------------------------------


def _start_assisting(client: Client) -> None:
    company = people.sold_to()
    sign_in(client, people.rep(company))
    client.post(reverse("assisted-start", args=[company.number]), {"reason": "Called us"})


def _stop_assisting(client: Client) -> None:
    _start_assisting(client)
    client.post(reverse("assisted-end"))


def _switch_company(client: Client) -> None:
    actor = people.buyer()
    second = people.member(people.sold_to(), actor.user)
    sign_in(client, actor.user)
    client.post(reverse("company-switch"), {"company": second.sold_to.number})


def _open_notice_of_the_other_company(client: Client) -> None:
    actor = people.buyer()
    second = people.member(people.sold_to(), actor.user)
    sign_in(client, actor.user)
    now = timezone.now()
    notices.tell(told=told("order_late", second.sold_to, at=now), now=now)
    client.get(reverse("notice-open", args=[Notice.objects.get().pk]))


@pytest.mark.parametrize(
    "change", [_start_assisting, _stop_assisting, _switch_company, _open_notice_of_the_other_company]
)
def test_a_change_of_what_a_session_may_do_draws_a_new_key(client: Client, change: Callable[[Client], None]) -> None:
    seen: list[str] = []
    real = client.request

    def noting(**request: object) -> object:
        answer = real(**request)
        cookie = client.cookies.get(settings.SESSION_COOKIE_NAME)
        seen.extend([cookie.value] if cookie and cookie.value not in seen else [])
        return answer

    client.request = noting  # type: ignore[method-assign, assignment]
    change(client)
    assert len(seen) >= 2
    assert is_in(client)
    assert [is_in(with_key(key)) for key in seen[:-1]] == [False] * (len(seen) - 1)
    assert LiveSession.objects.get().session_key == seen[-1]


def test_a_session_that_is_ended_while_it_changes_stays_ended(client: Client) -> None:
    actor = people.buyer()
    second = people.member(people.sold_to(), actor.user)
    sign_in(client, actor.user)
    LiveSession.objects.all().delete()  # as `end_sessions` does, once this request has read its session
    client.post(reverse("company-switch"), {"company": second.sold_to.number})
    assert not is_in(client)


def test_log_out_makes_the_key_worthless_for_whoever_copied_it(client: Client) -> None:
    sign_in(client, people.buyer().user)
    copied = with_key(client.cookies[settings.SESSION_COOKIE_NAME].value)
    assert is_in(copied)
    client.post(reverse("account_logout"))
    assert not is_in(copied)


def test_sessions_are_rows_of_the_database() -> None:
    assert settings.SESSION_ENGINE in {"django.contrib.sessions.backends.db", "accounts.session_store"}
    client = Client()
    sign_in(client, people.buyer().user)
    assert Session.objects.filter(session_key=client.session.session_key).exists()


# --- the end ------------------------------------------------------------------------------------------------------


def test_a_password_that_is_reset_by_mail_ends_every_session(client: Client) -> None:
    user = people.buyer().user
    sign_in(client, user)
    mails.send_password_link(email=user.email, language="en")
    found = re.search(r"http\S+", str(mail.outbox[0].body))
    assert found
    stranger = Client()
    form = stranger.get(found[0].removeprefix(settings.SHOP_URL), follow=True)
    new = "another horse battery"
    stranger.post(form.redirect_chain[-1][0], {"password1": new, "password2": new})
    user.refresh_from_db()
    assert user.check_password(new)
    assert not is_in(client)


def test_a_person_who_is_disabled_is_out_at_his_next_click_even_if_his_rows_were_left(client: Client) -> None:
    user = people.buyer().user
    sign_in(client, user)
    User.objects.filter(pk=user.pk).update(is_active=False)  # by a way that forgets the sessions
    assert not is_in(client)


def test_a_role_that_is_taken_away_is_gone_at_the_next_click(client: Client) -> None:
    actor = people.buyer(role=Role.ADMIN)
    sign_in(client, actor.user)
    wanted = {"email": "one@example.com", "role": "buyer", "language": "en"}
    client.post(reverse("person-invite"), wanted)
    Membership.objects.filter(user=actor.user).update(role=Role.BUYER)
    client.post(reverse("person-invite"), wanted | {"email": "two@example.com"})
    assert list(Invitation.objects.values_list("email", flat=True)) == ["one@example.com"]


@pytest.mark.parametrize("staff_role", ["", "rep", "manager"])
def test_an_old_session_that_nobody_came_back_to_is_worthless_and_its_rows_go(client: Client, staff_role: str) -> None:
    user = people.person(staff_role=staff_role)
    start = timezone.now()
    client.force_login(user)
    later = start + settings.SESSION_ABSOLUTE + dt.timedelta(minutes=1)
    sessions.forget_expired(now=later)
    assert not LiveSession.objects.exists()
    with time_machine.travel(later, tick=False):
        assert not is_in(client)


# --- cookies ------------------------------------------------------------------------------------------------------

SHOW = """
from django.conf import settings as s
print(s.SESSION_COOKIE_NAME, s.SESSION_COOKIE_SECURE, s.SESSION_COOKIE_HTTPONLY, s.SESSION_COOKIE_SAMESITE,
      s.SESSION_COOKIE_PATH, s.SESSION_COOKIE_DOMAIN, s.CSRF_COOKIE_SECURE, s.CSRF_COOKIE_SAMESITE, s.SESSION_ENGINE)
"""


def test_the_cookies_of_production_as_it_really_starts(tmp_path: object) -> None:
    """A `__Host-` cookie is kept by browsers only when it is secure, of the whole host and of no domain."""
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "config.settings.production",
        "SECRET_KEY": "x" * 25 + "abcdefghijklmnopqrstuvwxyz",
        "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none",
        "ALLOWED_HOSTS": "shop.example.com",
        "SHOP_URL": "https://shop.example.com",
        "EMAIL_HOST": "mail.example.com",
        "ERP_ADAPTER": "erp_sync.adapters.tryton.adapter.TrytonErp",
        "VAR_DIR": str(tmp_path),
    }
    said = subprocess.run(  # noqa: S603 (our own interpreter)
        [sys.executable, "-c", SHOW], capture_output=True, text=True, check=True, env=environment, cwd=settings.BASE_DIR
    ).stdout.split()
    assert said[:8] == ["__Host-sessionid", "True", "True", "Lax", "/", "None", "True", "Lax"]


# --- controls -----------------------------------------------------------------------------------------------------


def test_control_a_shop_that_keeps_the_key_is_caught(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sessions, "cycle", lambda request: None)
    with pytest.raises(AssertionError):
        test_a_change_of_what_a_session_may_do_draws_a_new_key(client, _start_assisting)


def test_control_sessions_outside_the_database_outlive_the_person(client: Client, settings: Settings) -> None:
    settings.SESSION_ENGINE = "django.contrib.sessions.backends.cache"
    user = people.buyer().user
    sign_in(client, user)
    assert not Session.objects.exists()
    services.disable_person(person=user, by=people.buyer().user, now=timezone.now())
    assert client.session.get("_auth_user_id") == str(user.pk)
