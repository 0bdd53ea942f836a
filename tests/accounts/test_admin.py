"""The admin as a manager uses it: every page opens, nothing is deleted, every change leaves its trace."""

import datetime as dt

import pytest
from allauth.mfa.models import Authenticator
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from accounts.models import AssistedSession, AuditEntry, Eligibility, Invitation, SoldTo, User
from erp_sync.mirror.models import Customer
from tests.builders import people

pytestmark = pytest.mark.django_db
MODELS = ["user", "soldto", "invitation", "assistedsession", "auditentry"]


@pytest.fixture
def boss(client: Client) -> User:
    """Log a manager in and return him."""
    user = people.manager()
    client.force_login(user)
    return user


def act(client: Client, model: str, action: str, *pks: int) -> str:
    """Run an action of a list and return the page that follows."""
    path = reverse(f"admin:accounts_{model}_changelist")
    fields = {"action": action, "_selected_action": list(pks)}
    return client.post(path, fields, follow=True).content.decode()


@pytest.mark.parametrize("model", MODELS)
def test_every_list_and_every_row_opens(client: Client, boss: User, model: str) -> None:
    actor = people.assisting()
    people.member(actor.sold_to)
    Invitation.objects.create(
        email="a@example.com",
        sold_to=actor.sold_to,
        invited_by=boss,
        token_hash="x",
        created_at=timezone.now(),
        expires_at=timezone.now(),
    )
    assert client.get(reverse(f"admin:accounts_{model}_changelist"), {"q": "a"}).status_code == 200
    newest = {
        "user": User.objects,
        "soldto": SoldTo.objects,
        "invitation": Invitation.objects,
        "assistedsession": AssistedSession.objects,
        "auditentry": AuditEntry.objects,
    }
    pk = newest[model].order_by("-pk")[0].pk
    assert client.get(reverse(f"admin:accounts_{model}_change", args=[pk])).status_code == 200
    assert client.get(reverse(f"admin:accounts_{model}_delete", args=[pk])).status_code == 403


def test_buyers_reps_and_visitors_do_not_get_in(client: Client) -> None:
    path = reverse("admin:index")
    assert client.get(path, follow=True).redirect_chain[-1][0].startswith("/accounts/login/")
    for user in (people.buyer().user, people.rep()):
        client.force_login(user)
        assert client.get(path).status_code in {302, 403}
        assert client.get(reverse("admin:accounts_user_changelist")).status_code in {302, 403}


def test_disabling_ends_the_sessions(client: Client, boss: User) -> None:
    other = Client()
    actor = people.acting(other)
    page = act(client, "user", "disable", actor.user.pk)
    assert "1 open session was ended" in page
    assert other.get(reverse("profile")).status_code == 302
    assert AuditEntry.objects.get(action="person_disabled").actor_key == boss.person_key


def test_a_manager_touches_neither_himself_nor_other_managers(client: Client, boss: User) -> None:
    other = people.manager()
    act(client, "user", "disable", other.pk, boss.pk)
    act(client, "user", "make_manager", people.rep().pk)
    assert User.objects.filter(is_active=False).count() == 0
    assert User.objects.filter(staff_role="manager").count() == 2


@pytest.mark.usefixtures("boss")
def test_rights_cannot_be_planted_in_the_form_of_a_person(client: Client) -> None:
    actor = people.buyer()
    path = reverse("admin:accounts_user_change", args=[actor.user.pk])
    fields = {"first_name": "Eva", "is_superuser": "on", "staff_role": "manager", "is_staff": "on"}
    fields |= {"memberships-TOTAL_FORMS": "0", "memberships-INITIAL_FORMS": "0"}
    assert client.post(path, fields).status_code == 302
    actor.user.refresh_from_db()
    assert actor.user.first_name == "Eva"
    assert (actor.user.is_superuser, actor.user.is_staff, actor.user.staff_role) == (False, False, "")


@pytest.mark.usefixtures("boss")
def test_a_new_person_gets_a_link_and_no_password(client: Client) -> None:
    fields = {"email": "New@Example.com", "first_name": "Eva", "last_name": "Prieto"}
    assert client.post(reverse("admin:accounts_user_add"), fields).status_code == 302
    person = User.objects.get(email="new@example.com")
    assert not person.has_usable_password()
    assert [message.to for message in mail.outbox] == [["new@example.com"]]
    act(client, "user", "make_rep", person.pk)
    person.refresh_from_db()
    assert person.is_rep


@pytest.mark.usefixtures("boss")
def test_inviting_goes_through_the_service(client: Client) -> None:
    company = people.sold_to()
    fields = {"email": "eva@example.com", "sold_to": company.pk, "role": "buyer", "language": "es"}
    assert client.post(reverse("admin:accounts_invitation_add"), fields).status_code == 302
    invitation = Invitation.objects.get()
    assert len(invitation.token_hash) == 64
    again = client.post(reverse("admin:accounts_invitation_add"), fields)
    assert b"open invitation" in again.content
    act(client, "invitation", "take_back", invitation.pk)
    act(client, "invitation", "send_again", invitation.pk)
    invitation.refresh_from_db()
    assert invitation.revoked_at is not None
    assert Invitation.objects.count() == 1


@pytest.mark.usefixtures("boss")
def test_overlapping_entries_of_the_ledger_are_refused_with_a_sentence(client: Client) -> None:
    company = people.sold_to(eligible=False)
    first = Eligibility.objects.create(sold_to=company, from_on=dt.date(2026, 1, 1))
    path = reverse("admin:accounts_soldto_change", args=[company.pk])
    fields = {
        "is_active": "on",
        "memberships-TOTAL_FORMS": "0",
        "memberships-INITIAL_FORMS": "0",
        "assignments-TOTAL_FORMS": "0",
        "assignments-INITIAL_FORMS": "0",
        "eligibility-TOTAL_FORMS": "2",
        "eligibility-INITIAL_FORMS": "1",
        "eligibility-0-id": str(first.pk),
        "eligibility-0-sold_to": str(company.pk),
        "eligibility-0-can_buy": "on",
        "eligibility-0-from_on": "2026-01-01",
        "eligibility-1-sold_to": str(company.pk),
        "eligibility-1-can_buy": "on",
        "eligibility-1-from_on": "2026-06-01",
    }
    response = client.post(path, fields)
    assert response.status_code == 200
    assert b"Two entries overlap" in response.content
    assert Eligibility.objects.count() == 1
    ended = client.post(path, fields | {"eligibility-0-to_on": "2026-05-31"})
    assert ended.status_code == 302
    assert Eligibility.objects.count() == 2
    assert AuditEntry.objects.filter(action="admin_changed", sold_to=company).exists()


@pytest.mark.usefixtures("boss")
def test_companies_are_taken_over_from_the_erp(client: Client) -> None:
    known = people.sold_to("Known")
    new = Customer.objects.create(
        erp_id="E-1", version=timezone.now(), synced_at=timezone.now(), number="77", name="Newcomer"
    )
    path = reverse("admin:accounts_soldto_from_erp")
    page = client.get(path).content.decode()
    assert "Newcomer" in page
    assert known.name not in page
    client.post(path, {"customer": [new.erp_id, "forged"]})
    assert SoldTo.objects.get(erp_id="E-1").name == "Newcomer"
    assert SoldTo.objects.count() == 2


def test_the_list_of_companies_does_not_ask_more_for_more_rows(client: Client, boss: User) -> None:
    path = reverse("admin:accounts_soldto_changelist")
    counts = []
    for _ in range(2):
        for _more in range(4):
            people.rep(people.sold_to())
        with CaptureQueriesContext(
            connection,
        ) as queries:
            client.get(path)
        counts.append(len(queries))
    assert counts[0] == counts[1]


@pytest.mark.parametrize("with_factor", [False, True])
def test_staff_without_second_factor_are_led_to_set_it_up(
    client: Client,
    boss: User,
    settings: Settings,
    with_factor: bool,  # noqa: FBT001
) -> None:
    settings.STAFF_MFA_REQUIRED = True
    if with_factor:
        Authenticator.objects.create(user=boss, type=Authenticator.Type.TOTP, data={"secret": "x"})
    response = client.get(reverse("admin:index"))
    assert response.status_code == (200 if with_factor else 302)
    if not with_factor:
        assert response.headers["Location"] == reverse("mfa_activate_totp")
        assert client.get(reverse("account_reauthenticate")).status_code == 200
        buyer = Client()
        people.acting(buyer)
        assert buyer.get(reverse("profile")).status_code == 200
