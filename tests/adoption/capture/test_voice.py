"""Enquiries by one key press, and the contact form."""

import datetime as dt

import pytest
import time_machine
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from adoption.voice.models import ContactRequest, Enquiry, Lead
from adoption.voice.telling import tell_due
from tests.builders import people

pytestmark = pytest.mark.django_db
WRITTEN = {"name": "Eva Sanz", "email": "Eva@Example.com", "company": "Sanz S.L.", "text": "Do you sell nails?"}


def test_rep_logs_an_enquiry_with_one_press_and_takes_it_back(client: Client) -> None:
    company = people.sold_to()
    rep = people.rep(company)
    client.force_login(rep)
    page = reverse("log-enquiry", args=[company.number])
    assert page in client.get(reverse("rep-desk")).content.decode()
    shown = client.post(page, {"what": "phone.invoice"}, follow=True).content.decode()
    found = Enquiry.objects.get()
    assert (found.account_id, found.medium, found.topic, found.intent) == (
        company.erp_id,
        "phone",
        "invoice",
        "service",
    )
    assert found.logged_by == str(rep.person_key)
    assert reverse("log-undo", args=[company.number]) in shown
    client.post(reverse("log-undo", args=[company.number]))
    assert not Enquiry.objects.exists()


def test_after_a_minute_it_stays(client: Client) -> None:
    company = people.sold_to()
    client.force_login(people.rep(company))
    client.post(reverse("log-enquiry", args=[company.number]), {"what": "email.price"})
    assert Enquiry.objects.get().intent == "sales"
    Enquiry.objects.update(occurred_at=timezone.now() - dt.timedelta(seconds=61))
    client.post(reverse("log-undo", args=[company.number]))
    assert Enquiry.objects.count() == 1


def test_somebody_elses_customer_looks_like_none(client: Client) -> None:
    theirs = people.sold_to()
    people.rep(theirs)
    client.force_login(people.rep(people.sold_to()))
    for number in (theirs.number, "99999"):
        assert client.post(reverse("log-enquiry", args=[number]), {"what": "phone.invoice"}).status_code == 404
    client.force_login(people.buyer(theirs).user)
    assert client.get(reverse("log-enquiry", args=[theirs.number])).status_code == 404
    assert not Enquiry.objects.exists()


def test_manager_logs_for_any_customer_and_finds_the_button_at_the_company(client: Client) -> None:
    company = people.sold_to()
    client.force_login(people.manager())
    page = reverse("log-enquiry", args=[company.number])
    assert page in client.get(reverse("admin:accounts_soldto_change", args=[company.pk])).content.decode()
    assert client.post(page, {"what": "phone.nonsense"}).status_code == 404
    assert client.post(page, {"what": "visit.return"}).status_code == 302
    assert Enquiry.objects.count() == 1


def test_message_of_a_visitor_is_a_lead_with_its_source(client: Client) -> None:
    client.get("/contact/?src=email")
    assert client.post("/contact/", WRITTEN).status_code == 302
    lead = Lead.objects.get()
    assert (lead.source, lead.identity_key, lead.account_id) == ("email", "eva@example.com", "")
    assert ContactRequest.objects.get().text == "Do you sell nails?"


def test_message_of_a_buyer_names_his_company(client: Client) -> None:
    actor = people.acting(client)
    assert actor.sold_to.name in client.get("/contact/").content.decode()
    client.post("/contact/", WRITTEN)
    assert Lead.objects.get().account_id == actor.sold_to.erp_id
    assert ContactRequest.objects.get().person_key == str(actor.user.person_key)


@pytest.mark.parametrize(
    ("written", "said"),
    [  # Madrid: open on weekdays from 9 to 18, four hours for an answer
        ("2026-11-24T10:10+01:00", "Write now, and you have an answer today by 14:10."),
        ("2026-11-24T16:00+01:00", "Write now, and you have an answer by 25 Nov 2026, 11:00."),
        ("2026-11-28T12:00+01:00", "at the moment. Write now, and you have an answer by 30 Nov 2026, 13:00."),
    ],
)
def test_who_is_about_to_write_reads_by_when_he_has_an_answer(client: Client, written: str, said: str) -> None:
    with time_machine.travel(dt.datetime.fromisoformat(written), tick=False):
        shown = " ".join(client.get("/contact/").content.decode().split())
        refused = " ".join(client.post("/contact/", WRITTEN | {"text": ""}).content.decode().split())
        client.post("/contact/", WRITTEN)
        kept = ContactRequest.objects.get()
        after = client.get("/contact/?sent=1").content.decode()
    assert said in shown
    assert said in refused
    assert kept.answer_by is not None
    assert "Write now" not in after


@pytest.mark.parametrize("wrong", [{"email": "no address"}, {"text": ""}, {"name": ""}, {"text": "x" * 4001}])
def test_incomplete_message_stays_in_the_form(client: Client, wrong: dict[str, str]) -> None:
    answer = client.post("/contact/", WRITTEN | wrong)
    assert answer.status_code == 422
    assert "Sanz S.L." in answer.content.decode()
    assert not Lead.objects.exists()


def test_robot_that_fills_in_everything_is_thanked_and_forgotten(client: Client) -> None:
    assert client.post("/contact/", WRITTEN | {"website": "http://spam.test"}).status_code == 302
    assert not Lead.objects.exists()


def test_flood_is_refused_and_the_text_is_kept_in_the_form(client: Client) -> None:
    cache.clear()
    codes = [client.post("/contact/", WRITTEN).status_code for _time in range(6)]
    assert codes == [302] * 5 + [422]
    assert Lead.objects.count() == 5


def test_managers_and_the_customers_rep_are_told_once_and_answer_by_mail(client: Client) -> None:
    manager, other_rep = people.manager(), people.rep()
    actor = people.acting(client)
    rep = people.rep(actor.sold_to)
    client.post("/contact/", WRITTEN)
    assert tell_due(now=timezone.now()) == 1
    assert tell_due(now=timezone.now() + dt.timedelta(hours=1)) == 0
    assert {message.to[0] for message in mail.outbox} == {manager.email, rep.email}
    assert other_rep.email not in {message.to[0] for message in mail.outbox}
    for message in mail.outbox:
        assert message.extra_headers["Reply-To"] == "Eva@Example.com"
        assert "Do you sell nails?" in message.body
        assert "/rep/requests/" in message.body
