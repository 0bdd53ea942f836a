"""The pages of a person and his company: right actor, wrong company, anonymous; queries do not grow."""

import datetime as dt
import re
import uuid
from decimal import Decimal
from typing import cast

import pytest
from django.http import HttpResponseBase, QueryDict
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts import desk, kept_forms, sessions
from accounts.actors import Actor, ActorRequest
from accounts.models import Invitation, Membership, SoldTo, User
from erp_sync.mirror.models import Invoice, Order
from shop.quotes.models import Quote
from tests.builders import people

pytestmark = pytest.mark.django_db

# What differs from page to page: the form's token and the page's own address.
OF_THE_PAGE = re.compile(rb"[A-Za-z0-9]{64}|/account/[a-z]+/[0-9]+/")
OWN = ["profile", "company-switch", "acted-for-us", "people"]


@pytest.mark.parametrize("name", [*OWN, "rep-desk"])
def test_anonymous_goes_to_the_log_in_and_back(client: Client, name: str) -> None:
    response = client.get(reverse(name))
    assert response.status_code == 302
    assert response.headers["Location"] == f"/accounts/login/?next={reverse(name)}"


@pytest.mark.parametrize("name", OWN)
def test_a_buyer_sees_his_pages(client: Client, name: str) -> None:
    people.acting(client)
    assert client.get(reverse(name)).status_code == 200


def test_somebody_without_company_is_told_what_to_do(client: Client) -> None:
    client.force_login(people.person())
    response = client.get(reverse("people"))
    assert response.status_code == 403
    assert b"No company yet" in response.content


def test_a_rep_without_assisted_session_is_led_to_his_desk(client: Client) -> None:
    client.force_login(people.rep())
    assert client.get(reverse("people")).headers["Location"] == reverse("rep-desk")


def test_the_middleware_costs_a_buyer_one_query(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    people.acting(client)
    with django_assert_num_queries(1):  # session with log-in and memberships with companies
        client.get(reverse("account_logout"))


def test_the_middleware_costs_a_rep_who_acts_two_queries(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    people.log_in(client, people.assisting())
    with django_assert_num_queries(2):  # session with log-in, assisted session with company
        client.get(reverse("account_logout"))


def test_a_visitor_without_cookie_costs_nothing(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(0):
        client.get("/accounts/login/")


def test_the_chosen_company_is_kept_and_a_lost_one_is_left(client: Client) -> None:
    actor = people.acting(client, people.sold_to("Alfa"))
    second = people.sold_to("Beta")
    membership = people.member(second, actor.user)
    key = client.session.session_key
    client.post(reverse("company-switch"), {"company": second.number})
    assert client.session.session_key != key
    assert acting_for(client) == "Beta"
    membership.is_active = False
    membership.save()
    assert acting_for(client) == "Alfa"


def acting_for(client: Client) -> str:
    """Return the name of the company that the client's requests act for."""
    response = client.get(reverse("profile"))
    return str(response.wsgi_request.actor.sold_to.name)  # type: ignore[attr-defined] # set by the middleware


def test_a_foreign_company_cannot_be_chosen(client: Client) -> None:
    foreign = people.sold_to()
    actor = people.acting(client)
    answers = [
        client.post(reverse("company-switch"), {"company": number}).status_code
        for number in (foreign.number, "missing")
    ]
    assert answers == [404, 404]
    assert client.session[sessions.COMPANY] == actor.sold_to.pk


def test_a_company_planted_in_the_session_gives_nothing(client: Client) -> None:
    foreign = people.sold_to()
    actor = people.acting(client)
    store = client.session
    store[sessions.COMPANY] = foreign.pk
    store.save()
    assert acting_for(client) == actor.sold_to.name


def test_the_profile_changes_name_and_language_and_nothing_else(client: Client) -> None:
    actor = people.acting(client)
    response = client.post(
        reverse("profile"),
        {
            "first_name": "Eva",
            "last_name": "Prieto",
            "language": "es",
            "email": "thief@example.com",
            "is_staff": "1",
            "staff_role": "manager",
        },
    )
    assert response.cookies["django_language"].value == "es"
    user = User.objects.get(pk=actor.user.pk)
    assert (user.first_name, user.language) == ("Eva", "es")
    assert (user.email, user.is_staff, user.staff_role) == (actor.user.email, False, "")


@pytest.mark.parametrize("role", ["buyer", "approver"])
def test_only_the_company_administrator_manages_people(client: Client, role: str) -> None:
    actor = people.acting(client, role=role)
    colleague = people.member(actor.sold_to)
    answers = [
        client.post(reverse("person-invite"), {"email": "a@example.com", "role": "buyer", "language": "en"}),
        client.post(reverse("person-disable", args=[colleague.pk])),
    ]
    assert [answer.status_code for answer in answers] == [403, 403]
    colleague.refresh_from_db()
    assert colleague.is_active
    assert not Invitation.objects.exists()


def test_the_administrator_invites_removes_and_brings_back(client: Client) -> None:
    actor = people.acting(client, role="admin")
    colleague = people.member(actor.sold_to)
    fields = {"email": "a@example.com", "role": "approver", "language": "es"}
    assert client.post(reverse("person-invite"), fields).status_code == 302
    invitation = Invitation.objects.get()
    assert (invitation.sold_to, invitation.role) == (actor.sold_to, "approver")
    client.post(reverse("person-disable", args=[colleague.pk]))
    assert not Membership.objects.get(pk=colleague.pk).is_active
    client.post(reverse("person-enable", args=[colleague.pk]))
    assert Membership.objects.get(pk=colleague.pk).is_active
    assert b"a@example.com" in client.get(reverse("people")).content


def test_the_administrator_cannot_remove_himself(client: Client) -> None:
    actor = people.acting(client, role="admin")
    assert actor.membership is not None
    response = client.post(reverse("person-disable", args=[actor.membership.pk]), follow=True)
    assert b"cannot remove yourself" in response.content
    assert Membership.objects.get(pk=actor.membership.pk).is_active


def test_people_and_invitations_of_another_company_look_missing(client: Client) -> None:
    other = people.buyer(role="admin")
    assert other.membership is not None
    invitation = Invitation.objects.create(
        email="a@example.com",
        sold_to=other.sold_to,
        invited_by=other.user,
        token_hash="x",
        created_at=timezone.now(),
        expires_at=timezone.now(),
    )
    people.acting(client, role="admin")
    for name, foreign in (
        ("person-disable", other.membership.pk),
        ("person-enable", other.membership.pk),
        ("invitation-resend", invitation.pk),
        ("invitation-revoke", invitation.pk),
    ):
        answers = [client.post(reverse(name, args=[pk])) for pk in (foreign, 999_999)]
        assert [answer.status_code for answer in answers] == [404, 404], name
        assert len({OF_THE_PAGE.sub(b"", answer.content) for answer in answers}) == 1
    invitation.refresh_from_db()
    assert invitation.revoked_at is None


def test_the_buyer_sees_who_acted_for_him_and_nobody_elses(client: Client) -> None:
    actor = people.acting(client)
    people.assisting(actor.sold_to, people.rep(actor.sold_to, last_name="Ruiz"))
    people.assisting(rep_user=None)
    page = client.get(reverse("acted-for-us")).content.decode()
    assert page.count("Called us") == 1
    assert "Ana Ruiz" in page


def test_the_desk_costs_the_same_for_two_customers_and_for_twelve(
    client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    client.force_login(people.rep(*[people.sold_to() for _ in range(12)]))
    with django_assert_max_num_queries(14):
        response = client.get(reverse("rep-desk"))
    assert response.content.count(b"reason-") == 24  # a label and a field for each


def test_the_desk_finds_by_name_number_and_city_and_only_own_customers(client: Client) -> None:
    mine, other = people.sold_to("Tornillos Duero"), people.sold_to("Tornillos Ebro")
    client.force_login(people.rep(mine))
    for query in ("duero", mine.number, "madrid", "tornillos"):
        page = client.get(reverse("rep-desk"), {"q": query}).content.decode()
        assert mine.name in page, query
        assert other.name not in page, query
    assert "No customer of yours" in client.get(reverse("rep-desk"), {"q": other.number}).content.decode()


def test_the_banner_says_for_whom_who_why_and_how_long(client: Client) -> None:
    company = people.sold_to("Ferretería Sol")
    people.log_in(client, people.assisting(company, people.rep(company)))
    page = client.get(reverse("rep-desk")).content.decode()
    banner = page[page.index('class="assisted"') :][:800]
    for words in ("Ferretería Sol", "Ana Ruiz", "Called us", "60 min left"):
        assert words in banner


def _typed_too_late(client: Client, actor: Actor) -> HttpResponseBase:
    """Send a form after the session has ended by itself."""
    people.log_in(client, actor)
    session = client.session
    session[sessions.SEEN_AT] = 0
    session.save()
    return client.post(reverse("profile"), {"reference": "PO 4711", "password": "secret"})


def _taken(client: Client) -> QueryDict | None:
    request = client.get(reverse("profile")).wsgi_request
    found = kept_forms.take(cast(ActorRequest, request))
    request.session.save()
    return found


def test_what_was_typed_survives_a_log_in_once(client: Client) -> None:
    actor = people.buyer()
    _typed_too_late(client, actor)
    assert "secret" not in str(dict(client.session))
    people.log_in(client, actor)
    found = _taken(client)
    assert found is not None
    assert found.dict() == {"reference": "PO 4711"}
    assert _taken(client) is None


def test_what_was_typed_is_for_the_same_person_and_company_only(client: Client) -> None:
    actor = people.buyer()
    colleague, elsewhere = people.buyer(actor.sold_to), people.sold_to()
    Membership.objects.create(user=actor.user, sold_to=elsewhere, role="buyer")
    _typed_too_late(client, actor)
    before = dict(client.session)
    for who, company in ((colleague, actor.sold_to), (actor, elsewhere)):
        other = people.log_in(Client(), who)
        session = other.session
        session.update(before | {sessions.COMPANY: company.pk})
        session.save()
        assert _taken(other) is None


def test_the_desk_shows_last_order_open_orders_and_what_is_overdue(client: Client) -> None:
    company = people.sold_to()
    on = timezone.now()
    for number, status, channel, delivered, days in (
        ("P1", "open", "phone", "2", 9),
        ("P2", "open", "email", "5", 5),
        ("P3", "quotation", "fax", "0", 1),
    ):
        order = mirror_order(company, number, status=status, channel=channel, at=on - dt.timedelta(days=days))
        order.lines.create(line_no=1, erp_id=number, quantity=5, quantity_delivered=delivered, net_price=1)
    for number, days, due in (("F1", -3, "10.50"), ("F2", -1, "2.00"), ("F3", 3, "99.00")):
        mirror_invoice(company, number, due_on=on.date() + dt.timedelta(days=days), due=due)
    _page, rows = desk.desk(rep=people.rep(company), query="", page=None, now=on)
    [row] = rows
    assert row.last_order is not None
    assert (row.last_order.number, row.open_orders, row.city) == ("P2", 1, "Madrid")
    row.last_order.channel_hint, row.last_order.web_reference = "rep", "WEB-1"
    assert row.last_order.channel == "web_assisted"
    assert row.overdue == (desk.Owed(amount=Decimal("12.50"), currency="EUR", count=2),)


def mirror_order(company: SoldTo, number: str, *, status: str, channel: str, at: dt.datetime) -> Order:
    """Return an order of the company in the mirror."""
    return Order.objects.create(
        erp_id=number,
        version=at,
        synced_at=at,
        number=number,
        customer_erp_id=company.erp_id,
        status=status,
        placed_at=at,
        currency="EUR",
        channel_hint=channel,
    )


def mirror_invoice(company: SoldTo, number: str, *, due_on: dt.date, due: str) -> Invoice:
    """Return an open invoice of the company in the mirror."""
    return Invoice.objects.create(
        erp_id=number,
        version=timezone.now(),
        synced_at=timezone.now(),
        number=number,
        customer_erp_id=company.erp_id,
        kind="invoice",
        state="open",
        invoiced_on=due_on,
        due_on=due_on,
        currency="EUR",
        untaxed_total=due,
        tax_total=0,
        total=due,
        amount_due=due,
    )


@pytest.mark.parametrize("chosen", ["the first", ""])
def test_who_is_taken_out_of_a_company_sends_nothing_in_the_name_of_another(client: Client, chosen: str) -> None:
    first = people.buyer()
    second = people.member(people.sold_to(), first.user)
    client.force_login(first.user)
    if chosen:
        client.post(reverse("company-switch"), {"company": first.sold_to.number})
    client.get(reverse("quote-new"))
    Membership.objects.filter(user=first.user, sold_to=first.sold_to).update(is_active=False)
    typed = {"what-1": "Hex bolts", "quantity-1": "5", "key": str(uuid.uuid4()), "source": "rows"}
    answer = client.post(reverse("quote-new"), typed, follow=True)
    assert answer.redirect_chain == [("/", 302)]
    assert first.sold_to.name in answer.text
    assert "Nothing was sent." in answer.text
    assert not Quote.objects.exists()
    client.post(reverse("quote-new"), typed)
    assert [one.sold_to for one in Quote.objects.all()] == [second.sold_to]
