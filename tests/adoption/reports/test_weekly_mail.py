"""Report pages by mail: who gets what, when, in which language, and how it ends."""

import datetime as dt
from smtplib import SMTPServerDisconnected

import pytest
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from adoption.reports.sections.registry import SECTIONS
from adoption.subscriptions import services
from adoption.subscriptions.errors import NotSubscribed
from adoption.subscriptions.models import Subscription
from adoption.subscriptions.sending import send_due
from adoption.subscriptions.times import next_due
from tests.adoption.reports.test_report import erp_order, submitted
from tests.builders import people

pytestmark = pytest.mark.django_db


def begun(reader: User, section: str = "today", query: str = "period=year") -> dt.datetime:
    """Subscribe somebody a week ago; return an instant at which the mail is due."""
    before = timezone.now() - dt.timedelta(days=7)
    weekday = timezone.localtime().isoweekday()
    row = services.subscribe(reader=reader, section=section, query=query, weekday=weekday, now=before)
    assert row.due_at is not None
    return max(row.due_at, timezone.now())


def sent(reader: User, section: str, query: str = "period=year") -> EmailMultiAlternatives:
    assert send_due(now=begun(reader, section, query)) == 1
    found = mail.outbox[-1]
    assert isinstance(found, EmailMultiAlternatives)
    return found


def html_of(message: EmailMultiAlternatives) -> str:
    return str(message.alternatives[0][0])


def test_manager_subscribes_at_the_foot_of_the_page_with_its_filters(client: Client) -> None:
    manager = people.manager()
    client.force_login(manager)
    page = reverse("admin:adoption_section", kwargs={"section": "channels"})
    assert "This page by mail every week" in client.get(page).content.decode()
    asked = {
        "section": "channels",
        "query": "period=last_month&segment=strategic",
        "reader": manager.pk,
        "weekday": "1",
    }
    answer = client.post(reverse("admin:adoption_subscription_begin"), asked, follow=True)
    assert "gets this page every week" in answer.content.decode()
    row = Subscription.objects.get()
    assert (row.section, row.query, row.weekday) == ("channels", "period=last_month&segment=strategic", 1)
    client.post(reverse("admin:adoption_subscription_begin"), asked | {"weekday": "5"})
    assert Subscription.objects.get().weekday == 5


def test_mail_has_text_and_html_with_the_pages_figures_once_a_week() -> None:
    company = people.sold_to("Ferretería Sol")
    submitted(company, "WEB-1")
    erp_order(company, hint="shop", reference="WEB-1")
    manager = people.manager()
    due = begun(manager)
    assert send_due(now=due) == 1
    assert send_due(now=due) == 0
    message = mail.outbox[0]
    assert isinstance(message, EmailMultiAlternatives)
    assert message.to == [manager.email]
    for body in (message.body, html_of(message)):
        assert "Customer adoption" in body
        assert "100.0%" in body
        assert "/admin/adoption/adoptionreport/today/?period=year" in body.replace("&amp;", "&")
    row = Subscription.objects.get()
    assert row.due_at == next_due(weekday=row.weekday, now=due)
    assert send_due(now=row.due_at) == 1
    assert message.extra_headers["Message-ID"] != mail.outbox[1].extra_headers["Message-ID"]


@pytest.mark.parametrize(("language", "word"), [("en", "Customer adoption"), ("es", "Adopción por clientes")])
def test_mail_is_in_the_readers_language(language: str, word: str) -> None:
    manager = people.manager()
    User.objects.filter(pk=manager.pk).update(language=language)
    assert word in sent(User.objects.get(pk=manager.pk), "adoption").body


@pytest.mark.parametrize("section", [one.key for one in SECTIONS if one.key != "money"])
def test_rep_gets_his_own_customers_and_no_amount(section: str) -> None:
    mine, other = people.sold_to("Mine S.L."), people.sold_to("Other S.L.")
    rep = people.rep(mine)
    people.rep(other)
    for number, company in enumerate((mine, other)):
        submitted(company, f"WEB-{number}")
        erp_order(company, hint="shop", reference=f"WEB-{number}", net="1234.56")
    message = sent(rep, section, "period=year&rep=somebody")
    for body in (message.body, html_of(message)):
        assert "€" not in body
        assert "EUR" not in body
        assert "Other S.L." not in body
        assert "/admin/" not in body


def test_amounts_are_in_a_managers_mail() -> None:
    company = people.sold_to()
    submitted(company, "WEB-1")
    erp_order(company, hint="shop", reference="WEB-1", net="1234.56")
    assert "€1,234.56" in sent(people.manager(), "channels").body


def test_money_page_is_refused_for_a_rep_and_fixed_days_for_everybody() -> None:
    with pytest.raises(NotSubscribed, match="amounts"):
        begun(people.rep(), "money")
    with pytest.raises(NotSubscribed, match="fixed days"):
        begun(people.manager(), query="period=custom&first=2026-01-01&last=2026-01-31")
    assert not Subscription.objects.exists()


def test_one_click_ends_it_and_looking_at_the_link_ends_nothing(client: Client) -> None:
    message = sent(people.manager(), "today")
    assert message.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    link = message.extra_headers["List-Unsubscribe"].strip("<>")
    path = "/" + link.split("/", 3)[3]
    assert link in message.body
    assert client.get(path).status_code == 200
    assert Subscription.objects.exists()
    assert client.post(path, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert not Subscription.objects.exists()
    assert client.get(path).status_code == 200
    assert client.get(path[:-6] + "x/end/").status_code == 404


def test_who_may_not_see_the_page_any_more_gets_nothing() -> None:
    manager = people.manager()
    due = begun(manager)
    User.objects.filter(pk=manager.pk).update(staff_role="")
    assert send_due(now=due) == 0
    assert Subscription.objects.get().due_at is None


def test_a_mail_server_that_is_down_costs_time_and_no_mail(monkeypatch: pytest.MonkeyPatch) -> None:
    due = begun(people.manager())

    def down(_mail: EmailMultiAlternatives) -> int:
        raise SMTPServerDisconnected("down")

    with monkeypatch.context() as broken:
        broken.setattr(EmailMultiAlternatives, "send", down)
        assert send_due(now=due) == 0
    row = Subscription.objects.get()
    assert row.error == "down"
    assert row.due_at == due + dt.timedelta(minutes=1)
    assert send_due(now=row.due_at) == 1


@pytest.mark.parametrize("who", ["buyer", "rep"])
def test_others_subscribe_nobody(client: Client, who: str) -> None:
    person = people.rep() if who == "rep" else people.buyer().user
    client.force_login(person)
    asked = {"section": "today", "query": "", "reader": person.pk, "weekday": "1"}
    client.post(reverse("admin:adoption_subscription_begin"), asked)
    assert not Subscription.objects.exists()
