"""The answer clock of the contact form: promised, answered once, escalated when it runs out."""

import datetime as dt
from smtplib import SMTPException

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import SoldTo
from adoption.voice import clock, selectors, services
from adoption.voice.models import ContactRequest
from adoption.voice.telling import send_replies, tell_due
from tests.builders import people

pytestmark = pytest.mark.django_db

FRIDAY_17 = dt.datetime(2026, 11, 20, 16, tzinfo=dt.UTC)  # 17:00 in Madrid; the shop closes at 18:00
MONDAY_12 = dt.datetime(2026, 11, 23, 11, tzinfo=dt.UTC)


def asked(company: SoldTo | None = None, *, name: str = "Eva Sanz", now: dt.datetime = FRIDAY_17) -> ContactRequest:
    return services.contact(
        name=name, email="eva@example.com", company="Sanz S.L.", text="Do you sell nails?", source="direct",
        person=None, account_id=company.erp_id if company else "", now=now,
    )  # fmt: skip


def test_the_promise_counts_business_minutes() -> None:
    assert asked().answer_by == MONDAY_12
    assert clock.business_minutes(FRIDAY_17, MONDAY_12) == 240


def test_who_wrote_reads_until_when_he_has_an_answer(client: Client) -> None:
    written = {"name": "Eva Sanz", "email": "eva@example.com", "text": "Do you sell nails?"}
    page = client.post("/contact/", written, follow=True).content.decode()
    assert "at the latest." in page
    assert "at the latest." not in Client().get("/contact/?sent=1").content.decode()


def test_a_rep_sees_his_customers_messages_and_nobodys_the_most_pressing_first(client: Client) -> None:
    mine, other = people.sold_to(), people.sold_to()
    late = asked(name="Late Lola")
    own = asked(mine, name="Own Olga", now=FRIDAY_17 + dt.timedelta(minutes=5))
    foreign = asked(other, name="Foreign Fina")
    rep = people.rep(mine)
    assert selectors.waiting(user=rep, now=timezone.now()) == [late, own]
    assert selectors.waiting(user=people.manager(), now=timezone.now()) == [late, foreign, own]
    client.force_login(rep)
    page = client.get(reverse("rep-requests")).content.decode()
    assert ("Late Lola" in page, "Own Olga" in page, "Foreign Fina" in page) == (True, True, False)
    assert client.get(reverse("rep-request", args=[foreign.pk])).status_code == 404


def test_a_buyer_sees_no_messages(client: Client) -> None:
    row = asked()
    people.acting(client)
    assert client.get(reverse("rep-requests")).status_code == 404
    assert client.get(reverse("rep-request", args=[row.pk])).status_code == 404


def test_the_desk_names_who_wrote(client: Client) -> None:
    company = people.sold_to()
    row = asked(company)
    client.force_login(people.rep(company))
    page = client.get(reverse("rep-desk")).content.decode()
    assert "Eva Sanz wrote to us" in page
    assert reverse("rep-request", args=[row.pk]) in page


def test_the_first_answer_is_kept_with_its_time_and_goes_by_mail_once(client: Client) -> None:
    row = asked()
    rep = people.rep(people.sold_to())
    client.force_login(rep)
    page = reverse("rep-request", args=[row.pk])
    assert client.post(page, {"text": "Yes, twelve kinds."}).status_code == 302
    again = client.post(page, {"text": "No."})
    assert again.status_code == 422
    assert "has answered already" in again.content.decode()
    row.refresh_from_db()
    assert (row.answer, row.answered_by) == ("Yes, twelve kinds.", str(rep))
    assert row.response_minutes is not None
    assert send_replies(now=timezone.now()) == 1
    assert send_replies(now=timezone.now() + dt.timedelta(hours=1)) == 0
    assert [one.to for one in mail.outbox] == [["eva@example.com"]]
    assert "Yes, twelve kinds." in str(mail.outbox[0].body)


def test_an_answer_that_nobody_takes_for_days_waits_for_a_person_again(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    row, manager = asked(), people.manager()
    services.answer(by=manager, request=row, text="Yes, twelve kinds.", now=MONDAY_12)

    def refuse(*_messages: object) -> int:
        raise SMTPException("no such mailbox")

    monkeypatch.setattr(EmailBackend, "send_messages", refuse)
    for days, is_open in ((0, False), (3, False), (4, True)):
        assert send_replies(now=MONDAY_12 + dt.timedelta(days=days)) == 0
        row.refresh_from_db()
        assert (row.answered_at is None) == is_open, days
    assert selectors.waiting(user=manager, now=timezone.now()) == [row]
    client.force_login(manager)
    page = client.get(reverse("rep-request", args=[row.pk])).content.decode()
    assert "could not be delivered" in page
    assert "Yes, twelve kinds." in page


def test_noting_an_answer_sends_nothing() -> None:
    row = asked()
    services.answer(by=people.manager(), request=row, text="  ", now=MONDAY_12)
    row.refresh_from_db()
    assert (row.answered_at, row.response_minutes, row.reply_due_at) == (MONDAY_12, 240, None)


def test_a_broken_promise_is_told_once_more_and_only_while_nobody_answered() -> None:
    people.manager()
    late, answered = asked(name="Late Lola"), asked(name="Quick Quim")
    tell_due(now=FRIDAY_17)
    services.answer(by=people.manager(), request=answered, text="", now=FRIDAY_17)
    mail.outbox.clear()
    tell_due(now=MONDAY_12 - dt.timedelta(minutes=1))
    assert mail.outbox == []
    tell_due(now=MONDAY_12)
    tell_due(now=MONDAY_12 + dt.timedelta(hours=1))
    subjects = [one.subject for one in mail.outbox]
    assert set(subjects) == {"Late Lola (Sanz S.L.) still waits for an answer"}
    assert len(subjects) == 2  # both managers, once
    late.refresh_from_db()
    assert late.escalated_at == MONDAY_12
