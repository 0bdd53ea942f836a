"""The list, the bell, the settings, and the link that ends mails."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import sessions
from accounts.models import Membership, SoldTo, User
from shop.messages import services as talks
from shop.messages.selectors import Subject
from shop.notices import services, tokens
from shop.notices.models import Channel, Notice, Preference
from tests.builders import people
from tests.builders.notices import told

pytestmark = pytest.mark.django_db


def tell(event: str, actor: Any, **how: Any) -> Notice:
    now = timezone.now()
    services.tell(told=told(event, actor.sold_to, at=now, **how), now=now)
    return Notice.objects.filter(event=event).latest("pk")


def link_of(person: User, event: str) -> str:
    return tokens.path_of(tokens.token_for(person=person, event=event))


def channel(person: User, event: str) -> str:
    return Preference.objects.get(person=person, event=event).channel


def test_the_bell_counts_what_is_new_and_opening_it_leads_to_the_page(client: Client) -> None:
    actor = people.acting(client)
    notice = tell("order_late", actor, path="/orders/")
    page = client.get(reverse("notices")).content.decode()
    assert "Order P00049 comes later than promised" in page
    assert '<span class="count">1<span class="sr"> new</span>' in page
    opened = client.get(reverse("notice-open", kwargs={"pk": notice.pk}))
    assert (opened.status_code, opened["Location"]) == (302, "/orders/")
    assert '<span class="count none">0<span class="sr"> new</span>' in client.get(reverse("notices")).content.decode()


def test_all_are_marked_as_read_with_one_button(client: Client) -> None:
    actor = people.acting(client)
    colleague = people.member(actor.sold_to).user
    tell("order_late", actor)
    client.post(reverse("notices-read"))
    assert set(Notice.objects.filter(read_at__isnull=False).values_list("person", flat=True)) == {actor.user.pk}
    assert Notice.objects.get(person=colleague).read_at is None


def test_the_list_costs_the_same_for_one_and_for_many(client: Client, django_assert_max_num_queries: Any) -> None:
    actor = people.acting(client)
    for _number in range(20):
        tell("order_late", actor)
    client.get(reverse("notices"))
    with django_assert_max_num_queries(6):
        client.get(reverse("notices"))


def test_nobody_opens_anothers_notice_nor_his_own_of_a_company_he_left(client: Client) -> None:
    actor = people.acting(client)
    mine, foreign = tell("order_late", actor), tell("order_late", people.buyer())
    missing = client.get(reverse("notice-open", kwargs={"pk": 999_999}))
    assert client.get(reverse("notice-open", kwargs={"pk": foreign.pk})).status_code == missing.status_code == 404
    assert Notice.objects.get(pk=foreign.pk).read_at is None
    people.member(people.sold_to(), actor.user)
    Membership.objects.filter(user=actor.user, sold_to=actor.sold_to).update(is_active=False)
    assert client.get(reverse("notice-open", kwargs={"pk": mine.pk})).status_code == 404
    assert "P00049" not in client.get(reverse("notices")).content.decode()


def test_a_notice_of_the_other_company_opens_that_companys_page(client: Client) -> None:
    actor = people.acting(client)
    second = people.member(people.sold_to("Segunda"), actor.user)
    now = timezone.now()
    services.tell(told=told("order_late", second.sold_to, at=now), now=now)
    before = client.session.session_key
    client.get(reverse("notice-open", kwargs={"pk": Notice.objects.get().pk}))
    assert client.session[sessions.COMPANY] == second.sold_to.pk
    assert client.session.session_key != before


def test_a_notice_of_a_branch_that_he_only_reads_does_not_speak_of_ordering(client: Client) -> None:
    actor = people.acting(client)
    branch = people.sold_to("Sucursal")
    SoldTo.objects.filter(pk=branch.pk).update(parent=actor.sold_to)
    Membership.objects.filter(user=actor.user).update(branches="read")
    services.tell(told=told("order_late", people.member(branch).sold_to, at=timezone.now()), now=timezone.now())
    notice = Notice.objects.get()
    Notice.objects.update(person=actor.user)
    page = client.get(reverse("notice-open", kwargs={"pk": notice.pk}), follow=True).content.decode()
    assert "You now read Sucursal" in page


@pytest.mark.parametrize(
    "path", ["//evil.example/x", "https://evil.example/", "javascript:alert(1)", "\\\\evil.example"]
)
def test_a_notice_never_leads_out_of_the_shop(client: Client, path: str) -> None:
    actor = people.acting(client)
    notice = tell("order_late", actor, path=path)
    assert client.get(reverse("notice-open", kwargs={"pk": notice.pk}))["Location"] == reverse("notices")


def test_reading_the_conversation_reads_its_notice(client: Client) -> None:
    actor = people.acting(client)
    rep = people.rep(actor.sold_to)
    subject = Subject("order", "o-1", actor.sold_to, "/orders/SO-1/", "SO-1")
    talks.post_as_staff(person=rep, subject=subject, text="Hello", files=[], now=timezone.now())
    assert Notice.objects.get().read_at is None
    talks.mark_read(actor=actor, subject=subject, now=timezone.now())
    assert Notice.objects.get().read_at is not None


def test_settings_show_what_holds_and_keep_what_is_chosen(client: Client) -> None:
    actor = people.acting(client)
    page = client.get(reverse("notice-settings"))
    form = page.context["form"]
    assert "quote_asked" not in form.fields
    assert [value for value, _label in form.fields["payment_booked"].choices] == ["mail", "digest"]
    chosen = {name: field.initial for name, field in form.fields.items()} | {"order_late": "digest"}
    assert client.post(reverse("notice-settings"), chosen).status_code == 302
    assert channel(actor.user, "order_late") == "digest"
    assert channel(actor.user, "order_shipped") == "mail"


def test_money_cannot_be_switched_off_by_a_forged_form(client: Client) -> None:
    actor = people.acting(client)
    form = client.get(reverse("notice-settings")).context["form"]
    chosen = {name: field.initial for name, field in form.fields.items()}
    answer = client.post(reverse("notice-settings"), chosen | {"payment_booked": "off"})
    assert answer.status_code == 422
    assert not Preference.objects.filter(person=actor.user).exists()


def test_a_rep_sees_his_events_and_acting_for_a_customer_shuts_his_settings(client: Client) -> None:
    actor = people.assisting()
    people.log_in(client, actor)
    assert client.get(reverse("notice-settings")).status_code == 403
    rep = people.log_in(Client(), people.rep())
    assert "quote_asked" in rep.get(reverse("notice-settings")).context["form"].fields


# --- the link at the foot of a mail ------------------------------------------------------------------------------


def test_looking_at_the_link_ends_nothing_and_posting_does(client: Client) -> None:
    person = people.buyer().user
    link = link_of(person, "order_late")
    pages = [client.get(link).content.decode() for _scanner in range(3)]
    assert "No more mails of this kind" in pages[0]
    assert not Preference.objects.exists()
    assert client.post(link).status_code == 200
    assert channel(person, "order_late") == Channel.IN_APP


def test_a_mail_program_ends_mails_with_one_post_without_session_or_token_of_a_form() -> None:
    person = people.buyer().user
    strict = Client(enforce_csrf_checks=True)
    answer = strict.post(link_of(person, "order_late"), {"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    assert channel(person, "order_late") == Channel.IN_APP
    assert "sessionid" not in "".join(answer.cookies)


def test_doing_it_again_changes_nothing_and_it_touches_one_person_and_one_event(client: Client) -> None:
    actor = people.buyer()
    colleague = people.member(actor.sold_to).user
    link = link_of(actor.user, "order_late")
    assert [client.post(link).status_code for _time in range(3)] == [200, 200, 200]
    assert list(Preference.objects.values_list("person", "event", "channel")) == [
        (actor.user.pk, "order_late", "in_app")
    ]
    assert not Preference.objects.filter(person=colleague).exists()


def test_of_money_it_becomes_the_days_mail_and_says_so(client: Client) -> None:
    person = people.buyer().user
    page = client.post(link_of(person, "payment_booked")).content.decode()
    assert channel(person, "payment_booked") == Channel.DIGEST
    assert "cannot be switched off altogether" in page


def test_no_more_daily_mail_leaves_only_money_in_it(client: Client) -> None:
    person = people.buyer().user
    wishes = {"order_late": "digest", "payment_booked": "digest", "order_shipped": "mail"}
    services.choose(person=person, chosen=wishes, now=timezone.now())
    client.post(link_of(person, tokens.DIGEST))
    assert {event: channel(person, event) for event in wishes} == {
        "order_late": "in_app",
        "payment_booked": "digest",
        "order_shipped": "mail",
    }


def test_a_changed_or_foreign_token_ends_nothing(client: Client) -> None:
    one, two = people.buyer().user, people.buyer().user
    token, other = tokens.token_for(person=one, event="order_late"), tokens.token_for(person=two, event="order_late")
    payload, rest = token.split(":", 1)
    mixed = f"{other.split(':', 1)[0]}:{rest}"
    for wrong in (mixed, token[:-1], payload, "none", "x" * 300):
        assert client.post(tokens.path_of(wrong)).status_code == 404
    assert not Preference.objects.exists()


def test_the_link_of_somebody_who_is_gone_ends_nothing(client: Client) -> None:
    person = people.person()
    link = link_of(person, "order_late")
    person.delete()
    assert client.post(link).status_code == 404


def test_the_page_speaks_the_language_of_the_mail(client: Client) -> None:
    person = people.person(language="es")
    assert '<html lang="es">' in client.get(link_of(person, "order_late")).content.decode()


def test_the_page_is_kept_by_no_cache(client: Client) -> None:
    answer = client.get(link_of(people.person(), "order_late"))
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.parametrize("way_out", ["", "//evil.example/", "https://evil.example/"])
def test_a_notice_of_a_customers_page_lets_the_rep_act_for_him_and_leads_there(client: Client, way_out: str) -> None:
    company = people.sold_to()
    rep = people.rep(company)
    people.log_in(client, rep)
    actor = people.buyer(company)
    path = reverse("return-list")
    opened = client.get(
        reverse("notice-open", kwargs={"pk": tell("return_asked", actor, audience="rep", path=path).pk})
    )
    start = opened["Location"]
    assert start == f"{reverse('assisted-start', args=[company.number])}?next=%2Freturns%2F"
    start = start.replace("%2Freturns%2F", way_out) if way_out else start
    begun = client.post(start, {"reason": "A return"})
    assert begun["Location"] == ("/" if way_out else path)
    again = client.get(reverse("notice-open", kwargs={"pk": tell("return_asked", actor, audience="rep", path=path).pk}))
    assert again["Location"] == path
