"""Mails of notices: each once, in the reader's language, whatever the mail server does; and the day's mail."""

import datetime as dt
from collections.abc import Iterator, Sequence
from smtplib import SMTPException, SMTPRecipientsRefused
from typing import Any

import pytest
from django.conf import LazySettings, settings
from django.core import mail
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.message import EmailMessage
from django.utils import timezone

from accounts.models import Membership, SoldTo, User
from shop.notices import sending, services
from shop.notices.events import EVENTS
from shop.notices.models import Notice
from shop.notices.times import LEASE, next_morning
from tests.builders import people
from tests.builders.notices import told, told_all

pytestmark = pytest.mark.django_db
NOW = timezone.now()
MINUTE = dt.timedelta(minutes=1)


class Trouble:
    """A mail server that is down, or refuses some."""

    is_down = False
    refused: set[str] = set()


class TroubledBackend(BaseEmailBackend):
    """Delivers into the usual outbox, unless there is trouble."""

    def open(self) -> bool:
        """Refuse while it is down."""
        if Trouble.is_down:
            raise ConnectionRefusedError("nobody there")
        return True

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Deliver, or refuse the first that is refused."""
        for message in email_messages:
            if Trouble.refused & set(message.to):
                raise SMTPRecipientsRefused({message.to[0]: (550, b"no such mailbox")})
            mail.outbox.append(message)
        return len(email_messages)


@pytest.fixture
def trouble(settings: LazySettings) -> Iterator[type[Trouble]]:
    settings.EMAIL_BACKEND = f"{__name__}.TroubledBackend"
    yield Trouble
    Trouble.is_down, Trouble.refused = False, set()


def html_of(message: Any) -> str:
    ((content, kind),) = message.alternatives
    assert kind == "text/html"
    return str(content)


def late(company: SoldTo, *, now: dt.datetime = NOW) -> None:
    services.tell(told=told("order_late", company, at=now), now=now)


@pytest.mark.parametrize("language", [code for code, _name in settings.LANGUAGES])
def test_every_event_is_a_mail_in_text_and_html_in_the_readers_language(language: str) -> None:
    actor = people.buyer()
    User.objects.filter(pk=actor.user.pk).update(language=language)
    told_all(actor.sold_to, at=NOW)
    services.choose(person=actor.user, chosen={"quote_expired": "mail"}, now=NOW)
    while sending.send_due(now=NOW):
        pass
    shown = 1  # what is only in the shop by default
    assert len(mail.outbox) == len(EVENTS) - shown
    for message in mail.outbox:
        html = html_of(message)
        assert f'<html lang="{language}">' in html
        for text in (message.subject, message.body, html):
            assert "%(" not in text
            assert "{{" not in text
            assert "{%" not in text
        assert message.to == [actor.user.email]
        assert settings.SHOP_URL + "/notices/" in message.body
        assert "?src=email" in message.body
        assert "<img" not in html
        assert settings.COMPANY_ADDRESS in html
        assert settings.COMPANY_ADDRESS in str(message.body)


def test_a_mail_says_how_to_end_such_mails_and_a_mail_program_can_do_it() -> None:
    actor = people.buyer()
    late(actor.sold_to)
    sending.send_due(now=NOW)
    headers = mail.outbox[0].extra_headers
    link = headers["List-Unsubscribe"].strip("<>")
    assert link.startswith(f"{settings.SHOP_URL}/unsubscribe/")
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert headers["Auto-Submitted"] == "auto-generated"
    assert link in str(mail.outbox[0].body)
    assert link in html_of(mail.outbox[0])


def test_a_text_from_outside_is_escaped_in_html() -> None:
    actor = people.buyer()
    fact = told("order_rejected", actor.sold_to, at=NOW)
    fact.params["reason"] = "<script>alert(1)</script>"  # a fact is frozen, its params are ours to change here
    try:
        services.tell(told=fact, now=NOW)
        sending.send_due(now=NOW)
    finally:
        fact.params["reason"] = "The customer is blocked in accounting."
    assert "<script>" not in html_of(mail.outbox[0])
    assert "&lt;script&gt;" in html_of(mail.outbox[0])


def test_a_mail_goes_once_however_often_it_is_swept() -> None:
    actor = people.buyer()
    late(actor.sold_to)
    assert [sending.send_due(now=NOW + minutes * MINUTE) for minutes in range(4)] == [1, 0, 0, 0]
    assert len(mail.outbox) == 1
    assert Notice.objects.get().mailed_at == NOW


def test_what_somebody_else_is_sending_is_left_to_him_until_his_lease_ends() -> None:
    actor = people.buyer()
    late(actor.sold_to)
    taken = sending._claim(now=NOW)  # noqa: SLF001 (as a worker that dies right after)
    assert len(taken) == 1
    assert sending.send_due(now=NOW + LEASE - MINUTE) == 0
    assert sending.send_due(now=NOW + LEASE + MINUTE) == 1
    assert len(mail.outbox) == 1


def test_a_mail_that_goes_twice_after_a_crash_has_the_same_id() -> None:
    actor = people.buyer()
    late(actor.sold_to)
    sending.send_due(now=NOW)
    Notice.objects.update(mailed_at=None, mail_due_at=NOW)  # sent, and died before it was written down
    sending.send_due(now=NOW)
    one, two = (message.extra_headers["Message-ID"] for message in mail.outbox)
    assert one == two


def test_a_mail_server_that_is_down_delays_every_mail_and_loses_none(trouble: type[Trouble]) -> None:
    actor = people.buyer()
    for _number in range(3):
        late(actor.sold_to)
    trouble.is_down = True
    assert sending.send_due(now=NOW) == 0
    assert set(Notice.objects.values_list("mail_error", flat=True)) == {"nobody there"}
    assert sending.send_due(now=NOW + dt.timedelta(seconds=10)) == 0
    trouble.is_down = False
    assert sending.send_due(now=NOW + dt.timedelta(seconds=31)) == 3
    assert len(mail.outbox) == 3
    assert set(Notice.objects.values_list("mail_error", "mail_due_at")) == {("", None)}


def test_one_address_that_is_refused_holds_nobody_else_up_and_is_given_up_after_two_days(
    trouble: type[Trouble],
) -> None:
    actor = people.buyer()
    colleague = people.member(actor.sold_to).user
    late(actor.sold_to)
    trouble.refused = {actor.user.email}
    assert sending.send_due(now=NOW) == 1
    assert mail.outbox[0].to == [colleague.email]
    now = NOW
    for _try in range(80):
        now += dt.timedelta(hours=1, minutes=1)
        sending.send_due(now=now)
    lost = Notice.objects.get(person=actor.user)
    assert (lost.mail_due_at, lost.mailed_at) == (None, None)
    assert "550" in lost.mail_error
    assert 48 <= lost.mail_attempts < 60


def test_trouble_that_is_ours_is_not_swallowed(trouble: type[Trouble], monkeypatch: pytest.MonkeyPatch) -> None:
    late(people.buyer().sold_to)
    monkeypatch.setattr("shop.notices.mails.single", lambda notice: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        sending.send_due(now=NOW)
    assert not issubclass(ZeroDivisionError, SMTPException)


@pytest.mark.parametrize("how", ["disabled", "left", "closed"])
def test_nobody_who_is_gone_gets_a_mail(how: str) -> None:
    actor = people.buyer()
    late(actor.sold_to)
    if how == "disabled":
        User.objects.filter(pk=actor.user.pk).update(is_active=False)
    elif how == "left":
        Membership.objects.filter(user=actor.user).update(is_active=False)
    else:
        SoldTo.objects.filter(pk=actor.sold_to.pk).update(is_active=False)
    assert sending.send_due(now=NOW) == 0
    assert mail.outbox == []
    assert Notice.objects.get().mail_due_at is None


def test_the_days_mail_holds_everything_of_a_person_and_goes_in_the_morning() -> None:
    actor, other = people.buyer(), people.buyer()
    for person in (actor.user, other.user):
        services.choose(person=person, chosen={"order_late": "digest", "order_shipped": "digest"}, now=NOW)
    late(actor.sold_to)
    services.tell(told=told("order_shipped", actor.sold_to, at=NOW), now=NOW)
    late(other.sold_to)
    morning = next_morning(NOW)
    assert sending.send_due(now=morning - MINUTE) == 0
    assert sending.send_due(now=morning) == 2
    assert sending.send_due(now=morning + MINUTE) == 0
    his = next(message for message in mail.outbox if message.to == [actor.user.email])
    assert his.subject == "Goods of order P00049 are on their way, and 1 more"
    assert "Order P00049 comes later than promised" in str(his.body)
    assert html_of(his).count("?src=email") >= 3


def test_the_days_mail_of_nothing_is_not_sent() -> None:
    actor = people.buyer()
    services.choose(person=actor.user, chosen={"order_late": "digest"}, now=NOW)
    assert sending.send_due(now=next_morning(NOW)) == 0


def test_the_days_mail_waits_for_the_mail_server_and_goes_once(trouble: type[Trouble]) -> None:
    actor = people.buyer()
    services.choose(person=actor.user, chosen={"order_late": "digest"}, now=NOW)
    late(actor.sold_to)
    late(actor.sold_to)
    morning = next_morning(NOW)
    trouble.is_down = True
    assert sending.send_due(now=morning) == 0
    trouble.is_down = False
    assert sending.send_due(now=morning + MINUTE) == 1
    assert sending.send_due(now=morning + 2 * MINUTE) == 0
    assert len(mail.outbox) == 1
